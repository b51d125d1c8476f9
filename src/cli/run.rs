//! The run of the program: arguments, whom to ask, session, exit code.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::args::{self, Args, Command, LogFormat};
use crate::cli::console::Console;
use crate::cli::log::Wanted;
use crate::cli::settings::Profile;
use crate::cli::store::{Embedded, data_dir, make_private};
use crate::cli::target::{Target, at, config_file, target};
use crate::cli::{
    clock, cmk, completions, descriptors, doctor, gc, keys, log, manual, passwd, profile, serve,
    server, upkeep,
};
use crate::shell::ask::Person;
use crate::shell::out::{Broken, Out};
use crate::shell::render::Format;
use crate::shell::set::Keys;
use crate::shell::{
    AtTerminal, Clock, Look, Pager, Repl, Session, Status, Tty, pause, query, repl,
};

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    run_as(std::env::args_os().collect())
}

/// The same with these arguments, its own name first.
pub(crate) fn run_as(all: Vec<OsString>) -> ExitCode {
    let read = match cmk::wanted(&all) {
        Some(words) => cmk::read(words),
        None => args::read(all),
    };
    let args = match read {
        Ok(args) => args,
        Err(unread) => {
            let text = unread.text.trim_end();
            // Help that was asked for is a result.
            if unread.code == 0 {
                return print(&format!("{text}\n")).into();
            }
            let text = text.strip_prefix("error: ").unwrap_or(text);
            Out::std().error(format_args!("{text}"));
            return unread.code.into();
        }
    };
    let wanted = match &args.command {
        Some(Command::Serve(how)) if args.debug => Wanted::All(how.log_format),
        _ if args.debug => Wanted::All(LogFormat::Text),
        Some(Command::Serve(how)) => Wanted::Requests(how.log_format),
        _ => Wanted::Warnings,
    };
    log::start(wanted, data_dir().map(|dir| dir.join("capuchin.log")));
    status(args).into()
}

fn status(args: Args) -> Status {
    match aside(args) {
        ControlFlow::Break(status) => status,
        ControlFlow::Continue((args, line)) => attend(args, line),
    }
}

/// Does what only the program does, and no session; else it hands on the line of a session, which
/// is empty for a shell or a script.
fn aside(mut args: Args) -> ControlFlow<Status, (Args, Vec<String>)> {
    let line = match args.command.take() {
        _ if args.version => vec!["version".to_owned()],
        None if args.help => return Break(print(&args::usage())),
        Some(Command::Serve(how)) => {
            return Break(of_store(args, |store| serve::serve(store, *how)));
        }
        Some(Command::Keys { what, .. }) => {
            return Break(of_store(args, |store| keys::run(store, what)));
        }
        Some(Command::Passwd { user, domain, .. }) => {
            let run = |store: &Embedded| passwd::run(store, &user, domain.as_deref());
            return Break(of_store(args, run));
        }
        Some(Command::Store { what, store, .. }) => return Break(upkeep::run(args, what, store)),
        Some(Command::Gc { what, .. }) => return Break(gc::run(args, what)),
        Some(Command::Completions { shell, .. }) => {
            return Break(print(completions::script(shell)));
        }
        Some(Command::Man { page, .. }) => return Break(manual::page(page.as_deref())),
        Some(Command::Docs { file, .. }) => return Break(manual::docs(file.as_deref())),
        Some(Command::Doctor { output, .. }) => {
            args.output = output.or(args.output);
            return Break(doctor::run(&args));
        }
        Some(Command::RunQuery { raw, visible, query }) => {
            return Break(answer(&query, raw, visible));
        }
        Some(Command::Complete(asked)) => return Break(completions::run(args, asked, &variable)),
        Some(Command::Profile { what: command, .. }) => {
            return Break(match config_file(&args, &variable) {
                Ok(file) => profile::run(command, &file, look(&args, None)),
                Err(why) => misused(&why),
            });
        }
        Some(Command::Sync { words }) => ["sync".to_owned()].into_iter().chain(words).collect(),
        Some(Command::Line(line)) if args::explained(&line).is_some() => {
            return Break(print(&args::explained(&line).unwrap_or_default()));
        }
        Some(Command::Line(line) | Command::Cmk { words: line }) => line,
        None => Vec::new(),
    };
    Continue((args, line))
}

/// Carries out a line, a script or what a person types.
fn attend(args: Args, line: Vec<String>) -> Status {
    let piped = cmk::piped(&line).filter(|_| args.cmk);
    let line = if args.help { ["help".to_owned()].into_iter().chain(line).collect() } else { line };
    let found = target(&args, &variable);
    let lasts = line.is_empty();
    let somebody = AtTerminal { unseen: passwd::asked };
    let person = is_attended(&args).then_some(&somebody as &dyn Person);
    match found {
        Ok(Target::Store(at, profile)) => {
            let look = look(&args, Some(&profile));
            let store = Embedded::new(at, args.empty, io::stderr().is_terminal());
            let console = Console::new(&store, (store.name(), &profile), args, lasts, &variable);
            let session = Session::new(&console, Out::std(), look).with_options(&console);
            let mut session = session.with_person(person);
            carry_out(&mut session, &line, piped, |session| match store.open() {
                Err(failure) => session.failed(&failure),
                Ok(_) => converse(session, &console, look),
            })
        }
        Ok(Target::Server(profile)) => {
            let look = look(&args, Some(&profile));
            let server = server::connect(&profile, args.get, false);
            let console =
                Console::new(&server, (profile.title(), &profile), args, lasts, &variable);
            let session = Session::new(&console, Out::std(), look).with_options(&console);
            let mut session = session.with_person(person);
            warn(&mut session.out, &profile);
            carry_out(&mut session, &line, piped, |session| converse(session, &console, look))
        }
        Err(why) => misused(&why),
    }
}

/// Whether somebody sits at the terminal who can be asked; CloudMonkey does not ask.
fn is_attended(args: &Args) -> bool {
    !args.cmk && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Carries out the line, or a script, or what a person types.
fn carry_out(
    session: &mut Session<'_>,
    line: &[String],
    piped: Option<String>,
    converse: impl FnOnce(&mut Session<'_>) -> Status,
) -> Status {
    if let Some(piped) = piped {
        session.script(piped.as_bytes())
    } else if !line.is_empty() {
        session.argv(line)
    } else if io::stdin().is_terminal() {
        converse(session)
    } else {
        session.script(io::stdin().lock())
    }
}

/// Does something with the store that is named; no server is asked.
fn of_store(args: Args, run: impl FnOnce(&Embedded) -> Status) -> Status {
    let store = args.store.or_else(|| variable("CAPUCHIN_STORE").map(PathBuf::from));
    match store.map(|store| at(&store, None, &variable)).transpose() {
        Ok(at) => run(&Embedded::new(at, args.empty, io::stderr().is_terminal())),
        Err(why) => misused(&why),
    }
}

/// The shell at a terminal.
fn converse(session: &mut Session<'_>, console: &Console<'_>, look: Look) -> Status {
    let version = env!("CARGO_PKG_VERSION");
    session.out.message(format_args!(
        "capuchin {version}: Tab completes, `help` lists the commands, Ctrl-D leaves."
    ));
    // With a store elsewhere the directory may not be there. What cannot be kept is not kept.
    let dir = data_dir().filter(|dir| make_private(dir).is_ok());
    let history = || dir.as_ref().map(|dir| dir.join(console.history()));
    let (colour, uptime) = (look.colour, crate::cli::clock::ticks);
    let name = || console.name();
    let typed = descriptors::is_typed;
    repl(session, Repl { name: &name, history: &history, colour, uptime, typed })
}

fn warn(out: &mut Out, profile: &Profile) {
    if !profile.verify && profile.url.as_deref().is_some_and(|url| url.starts_with("https:")) {
        out.warn(format_args!("verifycert=false: anybody may pose as the server"));
    }
}

pub(crate) fn look(args: &Args, profile: Option<&Profile>) -> Look {
    let terminal = io::stdout().is_terminal();
    let dumb = is_dumb();
    let no_colour = variable("NO_COLOR").is_some();
    let forced = variable("CLICOLOR_FORCE");
    Look {
        format: (args.output.or(profile.and_then(|profile| profile.output)))
            .or(args.cmk.then_some(Format::Json)),
        terminal,
        colour: terminal && !dumb && !no_colour,
        literal_dollar: args.cmk,
        colour_anywhere: !no_colour && forced.is_some_and(|value| value != "0"),
        no_wait: args.no_wait || profile.is_some_and(|profile| !profile.wait),
        dry_run: args.dry_run,
        sure: args.yes || profile.is_some_and(|profile| !profile.confirm),
        ascii: is_ascii(),
        keys: profile.map_or_else(Keys::default, |profile| profile.keys),
        exact: args.exact || args.cmk || profile.is_some_and(|profile| !profile.humanise),
        pager: pager(args, profile),
        clock: Clock(clock::now),
        tty: Tty { rows: terminal_rows, pause, pager: pager_of_environment },
    }
}

/// What long answers go through.
fn pager(args: &Args, profile: Option<&Profile>) -> Pager {
    if args.no_pager || args.cmk {
        return Pager::Off;
    }
    let named = profile.and_then(|profile| profile.pager.as_deref());
    named.and_then(|named| Pager::named(named).ok()).unwrap_or(Pager::Auto)
}

/// The pager that the environment names, else `less` where there is one. An empty name is none.
fn pager_of_environment() -> Option<String> {
    let named = ["CAPUCHIN_PAGER", "PAGER"].into_iter().find_map(std::env::var_os);
    if let Some(named) = named {
        return named.into_string().ok().filter(|named| !named.trim().is_empty());
    }
    let path = std::env::var_os("PATH")?;
    let has_less = std::env::split_paths(&path).any(|dir| dir.join("less").is_file());
    has_less.then(|| "less -FRX".to_owned())
}

/// The lines of the terminal, if it can be drawn upon.
fn terminal_rows() -> Option<usize> {
    if is_dumb() { None } else { descriptors::terminal_rows() }
}

fn is_dumb() -> bool {
    variable("TERM").is_none_or(|term| term == "dumb")
}

/// Whether the terminal or the locale says that it knows nothing but ASCII.
fn is_ascii() -> bool {
    if variable("TERM").is_some_and(|term| term == "dumb") {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// A variable of the environment that says something.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

/// The second process of a query: answers it about the JSON on standard input.
fn answer(text: &str, raw: bool, visible: bool) -> Status {
    let mut out = Out::std();
    match query::run(text, raw, visible, out.results()) {
        Ok(0) => Status::Done,
        Ok(code) => Status::Foreign(code),
        Err(why) => {
            out.message(format_args!("{why}"));
            Status::Unanswered
        }
    }
}

pub(crate) fn misused(why: &str) -> Status {
    Out::std().error(format_args!("{why}"));
    Status::Misused
}

pub(crate) fn print(text: &str) -> Status {
    match Out::std().result(|to| to.write_all(text.as_bytes())) {
        // Whoever closed the pipe has seen enough.
        Ok(()) | Err(Broken::Pipe) => Status::Done,
        Err(lost) => {
            Out::std().error(format_args!("{lost}"));
            Status::Unavailable
        }
    }
}
