//! A run of `capuchin complete`.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::kept::Kept;
use super::own::{Program, Typed};
use super::written::written;
use crate::cli::args::{self, Args, Asked};
use crate::cli::at::At;
use crate::cli::clock;
use crate::cli::config::Config;
use crate::cli::server;
use crate::cli::settings::{EMBEDDED, Profile};
use crate::cli::store::Embedded;
use crate::cli::target::{Target, Variable, config_file, target};
use crate::shell::out::Out;
use crate::shell::{Around, File, Lookups, PATIENCE, Question, Reply, Status, folder};
use crate::transport::Transport;

/// How long the process waits that nobody waits for.
const LATER: Duration = Duration::from_secs(5);

/// Prints the candidates for the line; a store is asked, but none is made.
pub(crate) fn run(args: Args, mut asked: Asked, variable: Variable<'_>) -> Status {
    if asked.line == "-" {
        asked.line.clear();
        // A line that cannot be read has no candidates.
        let _ = io::stdin().read_to_string(&mut asked.line);
        asked.line.truncate(asked.line.trim_end_matches(['\r', '\n']).len());
    }
    let Some(typed) = Typed::new(&asked.line) else { return Status::Done };
    let options = typed.options().into_iter().map(OsString::from);
    let args = args::read(["capuchin".into()].into_iter().chain(options)).unwrap_or(args);
    let run = Run { typed: &typed, asked: &asked, args: &args, variable };
    match target(&args, variable) {
        Ok(Target::Store(at, _)) => {
            let store = Embedded::new(at, false, false);
            run.of_store(&store)
        }
        Ok(Target::Server(profile)) => run.of_server(&profile),
        // Whoever is to be asked, profiles and options can be named.
        Err(_) => {
            run.of_store(&Embedded::new(Some(Box::new(At::file(PathBuf::new()))), false, false))
        }
    }
}

struct Run<'r> {
    typed: &'r Typed<'r>,
    asked: &'r Asked,
    args: &'r Args,
    variable: Variable<'r>,
}

impl Program for Run<'_> {
    fn profiles(&self) -> Vec<String> {
        let config = config_file(self.args, self.variable).and_then(|file| Config::load(&file));
        let mut names = config.map(|config| config.names()).unwrap_or_default();
        names.push(EMBEDDED.to_owned());
        names
    }
}

impl Run<'_> {
    fn of_store(&self, store: &Embedded) -> Status {
        let lookups = Lookups::new(store, clock::ticks);
        let mut within = lookups.within(PATIENCE);
        let mut around = OfStore { within: &mut within, is_there: store.exists() };
        self.print(store, &mut around)
    }

    fn of_server(&self, profile: &Profile) -> Status {
        let kept = Kept::open(server::kept(profile, "values"));
        let quick = Profile { request_seconds: LATER.as_secs(), ..profile.clone() };
        let remote = server::connect(&quick, self.args.get, true);
        let lookups = Lookups::new(&remote, clock::ticks);
        let mut within = lookups.within(if self.asked.later { LATER } else { PATIENCE });
        let mut around = OfServer { within: &mut within, kept, late: false, asked: self.asked };
        let status = self.print(&remote, &mut around);
        let OfServer { kept, late, .. } = around;
        kept.save();
        if late && !self.asked.later {
            later(&self.asked.line);
        }
        status
    }

    fn print(&self, transport: &dyn Transport, around: &mut dyn Around) -> Status {
        let found = self.typed.complete(transport.catalogue(), around, self);
        let text = written(&found, &self.asked.line, self.asked);
        // Whoever closed the pipe does not want to know.
        let _ = Out::std().result(|to: &mut dyn Write| to.write_all(text.as_bytes()));
        Status::Done
    }
}

/// Has another process wait for the answer, so that it is there at the next Tab.
fn later(line: &str) {
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command.args(["complete", "--later", "--", line]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Without it there are no candidates next time either, which is said then.
    let _ = command.spawn();
}

/// A store, which is asked only if it is there.
struct OfStore<'o> {
    within: &'o mut dyn Around,
    is_there: bool,
}

impl Around for OfStore<'_> {
    fn ask(&mut self, question: &Question) -> Reply {
        if self.is_there { self.within.ask(question) } else { Reply::Nothing(None) }
    }

    fn files(&mut self, directory: &str) -> Vec<File> {
        folder(directory)
    }
}

/// A server, whose answers are kept.
struct OfServer<'o> {
    within: &'o mut dyn Around,
    kept: Kept,
    late: bool,
    asked: &'o Asked,
}

impl Around for OfServer<'_> {
    fn ask(&mut self, question: &Question) -> Reply {
        match self.kept.reply(question) {
            Some(Reply::Late) if self.asked.later => {}
            Some(reply) => return reply,
            None => {}
        }
        let reply = self.within.ask(question);
        self.late |= reply == Reply::Late;
        self.kept.put(question, &reply);
        reply
    }

    fn files(&mut self, directory: &str) -> Vec<File> {
        folder(directory)
    }
}
