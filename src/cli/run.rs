//! The run of the program: arguments, store, session, exit code.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use crate::cli::args::{self, Args, Command};
use crate::cli::log::Wanted;
use crate::cli::store::{Embedded, data_dir, make_private};
use crate::cli::{completions, keys, log, passwd, serve};
use crate::shell::man::man;
use crate::shell::out::Out;
use crate::shell::{Look, Repl, Row, Session, Status, listed, repl};
use crate::transport::server::Listen;
use crate::transport::{Failure, Transport, catalogue};

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let args = match args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(unread) => {
            if unread.code == 0 {
                return print(&unread.text).into();
            }
            let text = unread.text.trim_end();
            let text = text.strip_prefix("error: ").unwrap_or(text);
            Out::std().error(format_args!("{text}"));
            return unread.code.into();
        }
    };
    let wanted = match args.command {
        _ if args.debug => Wanted::Everything,
        Some(Command::Serve { .. }) => Wanted::Requests,
        _ => Wanted::Warnings,
    };
    log::start(wanted, data_dir().map(|dir| dir.join("capuchin.log")));
    status(args).into()
}

fn status(mut args: Args) -> Status {
    let line = match args.command.take() {
        _ if args.version => vec!["version".to_owned()],
        None if args.help => return print(&args::usage()),
        Some(Command::Serve { listen, integration_port, .. }) => {
            let integration = Some(integration_port).filter(|port| *port != 0);
            return serve::serve(&embedded(args), Listen { address: listen, integration });
        }
        Some(Command::Keys(what)) => return keys::run(&embedded(args), what),
        Some(Command::Passwd { user }) => return passwd::run(&embedded(args), &user),
        Some(Command::Completions { shell }) => return print(completions::script(shell)),
        Some(Command::Man) => {
            return print(&man(&catalogue(), &args::items(), env!("CARGO_PKG_VERSION")));
        }
        Some(Command::Complete { line }) => return complete(args, &line),
        Some(Command::Line(line)) => line,
        None => Vec::new(),
    };
    let line = if args.help { ["help".to_owned()].into_iter().chain(line).collect() } else { line };
    let look = look(&args);
    let store = embedded(args);
    let mut session = Session::new(&store, Out::std(), look);
    if !line.is_empty() {
        session.argv(&line)
    } else if io::stdin().is_terminal() {
        converse(&mut session, &store, look)
    } else {
        session.script(io::stdin().lock())
    }
}

fn embedded(args: Args) -> Embedded {
    Embedded::new(args.store, args.empty, io::stderr().is_terminal())
}

/// The shell at a terminal.
fn converse(session: &mut Session<'_>, store: &Embedded, look: Look) -> Status {
    if let Err(Failure::Unavailable { why }) = store.open().map(drop) {
        session.out.error(format_args!("{why}"));
        return Status::Unavailable;
    }
    let version = env!("CARGO_PKG_VERSION");
    session.out.message(format_args!(
        "capuchin {version}: Tab completes, `help` lists the commands, Ctrl-D leaves."
    ));
    let prompt = format!("capuchin {}> ", store.name());
    // With a store elsewhere the directory may not be there. What cannot be kept is not kept.
    let dir = data_dir().filter(|dir| make_private(dir).is_ok());
    let history = dir.map(|dir| dir.join("history"));
    repl(session, Repl { prompt: &prompt, history: history.as_deref(), colour: look.colour })
}

/// Candidates for a shell's completion; a store is asked, but none is made.
fn complete(args: Args, line: &str) -> Status {
    let store = Embedded::new(args.store, false, false);
    let lookup = |api: &str| -> Vec<Row> {
        let list = store.catalogue().find(api).filter(|_| store.exists());
        list.and_then(|list| listed(&store, list, &[]).ok()).unwrap_or_default()
    };
    print(&completions::candidates(store.catalogue(), line, lookup))
}

fn look(args: &Args) -> Look {
    let terminal = io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_none_or(|term| term == "dumb");
    Look {
        format: args.output,
        terminal,
        colour: terminal && !dumb && set("NO_COLOR").is_none(),
        no_wait: args.no_wait,
    }
}

fn print(text: &str) -> Status {
    // Whoever closed the pipe has seen enough.
    let _ = Out::std().result(|to| to.write_all(text.as_bytes()));
    Status::Done
}
