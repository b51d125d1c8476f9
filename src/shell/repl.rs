//! The shell at a terminal: a prompt, line editing, history and completion.
//!
//! Only this file and those below it know `rustyline`.

mod asker;
mod assistant;
mod choice;
mod colour;
mod hint;
mod menu;
mod past;
mod shown;

pub(crate) use asker::AtTerminal;

use std::io;
use std::path::PathBuf;

use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::History;
use rustyline::{ColorMode, CompletionType, Config, EditMode, Editor};

use super::foreign;
use super::lookups::Uptime;
use super::session::{Session, Step};
use super::set::Keys;
use super::status::Status;
use crate::text::redact_line;
use assistant::Assistant;
use past::Past;

/// Lines that the history keeps.
const HISTORY: usize = 100_000;

/// Candidates that are listed without asking whether to.
const MENU: usize = 200;

/// Milliseconds after which Escape is a key of its own for `vi` and not the start of another.
const ESCAPE: u16 = 100;

/// What the shell at the terminal needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Repl<'r> {
    /// Whom commands go to, as the prompt says it.
    pub(crate) name: &'r dyn Fn() -> String,
    /// Where the history is kept between sessions, if anywhere.
    pub(crate) history: &'r dyn Fn() -> Option<PathBuf>,
    pub(crate) colour: bool,
    /// How long the program runs.
    pub(crate) uptime: Uptime,
    /// Whether a key was pressed that nobody has read yet.
    pub(crate) typed: fn() -> bool,
}

/// Reads lines from the terminal and carries them out until the person leaves.
pub(crate) fn repl(session: &mut Session<'_>, with: Repl<'_>) -> Status {
    let mut editor = match editor(session, with) {
        Ok(editor) => editor,
        Err(error) => return unusable(session, &error),
    };
    if let Err(error) = foreign::outlive_interrupts() {
        return unusable(session, &error.into());
    }
    let mut history = None;
    let mut failure = None;
    loop {
        remember_for(&mut editor, &mut history, (with.history)());
        use_keys(&mut editor, session.look().keys);
        let prompt = Prompt::new(&(with.name)(), failure);
        if let Some(assistant) = editor.helper() {
            assistant.prompted(&prompt.plain);
        }
        let line = match editor.readline(&(&prompt.plain, &prompt.coloured)) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Status::Done,
            Err(error) => return unusable(session, &error),
        };
        remember(&mut editor, &line, history.as_ref());
        let step = session.text(&line);
        if let Some(assistant) = editor.helper() {
            assistant.carried_out(&line);
        }
        match step {
            Step::Leave(status) => return status,
            // An empty line is no success.
            Step::Next(_) if line.trim().is_empty() => {}
            Step::Next(status) => failure = session.failure(status),
        }
    }
}

/// What stands before the line: whom it goes to, and what the last one failed with.
struct Prompt {
    plain: String,
    coloured: String,
}

impl Prompt {
    fn new(name: &str, failure: Option<i64>) -> Self {
        let prompt = |failure: String| format!("capuchin {name}{failure}> ");
        match failure {
            None => Self { plain: prompt(String::new()), coloured: prompt(String::new()) },
            Some(code) => Self {
                plain: prompt(format!(" !{code}")),
                coloured: prompt(format!(" {}", colour::failure(&format!("!{code}")))),
            },
        }
    }
}

type LineEditor<'t> = Editor<Assistant<'t>, Past>;

fn editor<'t>(session: &Session<'t>, with: Repl<'_>) -> Result<LineEditor<'t>, ReadlineError> {
    let colours = if with.colour { ColorMode::Enabled } else { ColorMode::Disabled };
    let config = Config::builder()
        .color_mode(colours)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .completion_prompt_limit(MENU)
        // What is pasted is put into the line, newlines and all, and carried out by Enter.
        .bracketed_paste(true)
        .build();
    let mut editor = Editor::with_history(config, Past::of(HISTORY))?;
    let assistant = Assistant::new(session, with);
    assistant.choice().bind(&mut editor);
    editor.set_helper(Some(assistant));
    Ok(editor)
}

/// The keys of the next line.
fn use_keys(editor: &mut LineEditor<'_>, keys: Keys) {
    let (mode, wait) = match keys {
        Keys::Emacs => (EditMode::Emacs, None),
        Keys::Vi => (EditMode::Vi, Some(ESCAPE)),
    };
    editor.set_edit_mode(mode);
    editor.set_keyseq_timeout(wait);
}

/// Goes on with the history in this file, if it is another one now.
fn remember_for(editor: &mut LineEditor<'_>, now: &mut Option<PathBuf>, next: Option<PathBuf>) {
    if *now == next {
        return;
    }
    let history = editor.history_mut();
    // Nothing can go wrong with what is in memory alone; there is no file the first time, and a
    // damaged one is no reason not to work.
    let _ = history.clear();
    if let Some(path) = &next {
        let _ = history.load(path);
    }
    *now = next;
}

/// Keeps the line for later, without its secrets. That it cannot be written is no reason to
/// interrupt anybody.
fn remember(editor: &mut LineEditor<'_>, line: &str, path: Option<&PathBuf>) {
    if line.trim().is_empty() {
        return;
    }
    let _ = editor.add_history_entry(redact_line(line));
    if let Some(path) = path {
        let _ = editor.append_history(path);
    }
}

fn unusable(session: &mut Session<'_>, error: &ReadlineError) -> Status {
    match error {
        ReadlineError::Io(why) if why.kind() == io::ErrorKind::BrokenPipe => Status::Done,
        _ => {
            session.out.error(format_args!("the terminal cannot be used: {error}"));
            Status::Unavailable
        }
    }
}
