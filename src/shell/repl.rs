//! The shell at a terminal: a prompt, line editing, history and completion.
//!
//! Only this file and those below it know `rustyline`.

mod asker;
mod assistant;
mod choice;
mod hint;
mod menu;

pub(crate) use asker::AtTerminal;

use std::io;
use std::path::Path;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::foreign;
use super::lookups::Uptime;
use super::session::{Session, Step};
use super::status::Status;
use crate::text::redact_line;
use assistant::Assistant;

/// Lines that the history keeps.
const HISTORY: usize = 10_000;

/// Candidates that are listed without asking whether to.
const MENU: usize = 200;

/// What the shell at the terminal needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Repl<'r> {
    /// The prompt, which tells whom commands go to.
    pub(crate) prompt: &'r dyn Fn() -> String,
    /// Where the history is kept between sessions, if anywhere.
    pub(crate) history: Option<&'r Path>,
    pub(crate) colour: bool,
    /// How long the program runs.
    pub(crate) uptime: Uptime,
}

/// Reads lines from the terminal and carries them out until the person leaves.
pub(crate) fn repl(session: &mut Session<'_>, with: Repl<'_>) -> Status {
    let mut editor = match editor(session, with) {
        Ok(editor) => editor,
        Err(error) => return unusable(session, &error),
    };
    if let Some(path) = with.history {
        // There is none the first time; a damaged one is no reason not to work.
        let _ = editor.load_history(path);
    }
    if let Err(error) = foreign::outlive_interrupts() {
        return unusable(session, &error.into());
    }
    loop {
        let prompt = (with.prompt)();
        if let Some(assistant) = editor.helper() {
            assistant.prompted(&prompt);
        }
        let line = match editor.readline(&prompt) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Status::Done,
            Err(error) => return unusable(session, &error),
        };
        remember(&mut editor, &line, with.history);
        let step = session.text(&line);
        if let Some(assistant) = editor.helper() {
            assistant.carried_out(&line);
        }
        if let Step::Leave(status) = step {
            return status;
        }
    }
}

type LineEditor<'t> = Editor<Assistant<'t>, FileHistory>;

fn editor<'t>(session: &Session<'t>, with: Repl<'_>) -> Result<LineEditor<'t>, ReadlineError> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .completion_prompt_limit(MENU)
        .build();
    let history = FileHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    let assistant = Assistant::new(session.transport(), session.known(), with);
    assistant.choice().bind(&mut editor);
    editor.set_helper(Some(assistant));
    Ok(editor)
}

/// Keeps the line for later, without its secrets. That it cannot be written is no reason to
/// interrupt anybody.
fn remember(editor: &mut LineEditor<'_>, line: &str, path: Option<&Path>) {
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
