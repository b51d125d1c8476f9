//! The shell at a terminal: a prompt, line editing, history and completion.
//!
//! Only this file and its folder know `rustyline`.

mod asker;

pub(crate) use asker::AtTerminal;

use std::borrow::Cow;
use std::io;
use std::path::Path;

use rustyline::completion::{Candidate as Choice, Completer};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::{Candidate, Row, complete};
use super::line::{Word, parse, partial};
use super::listed::listed;
use super::session::{Session, Step};
use super::status::Status;
use super::{check, command, foreign, help};
use crate::text::{printable, redact_line};
use crate::transport::Transport;

/// Lines that the history keeps.
const HISTORY: usize = 10_000;

/// What the shell at the terminal needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Repl<'r> {
    /// The prompt, which tells whom commands go to.
    pub(crate) prompt: &'r dyn Fn() -> String,
    /// Where the history is kept between sessions, if anywhere.
    pub(crate) history: Option<&'r Path>,
    pub(crate) colour: bool,
}

/// Reads lines from the terminal and carries them out until the person leaves.
pub(crate) fn repl(session: &mut Session<'_>, with: Repl<'_>) -> Status {
    let mut editor = match editor(session.transport(), with) {
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
        let line = match editor.readline(&(with.prompt)()) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Status::Done,
            Err(error) => return unusable(session, &error),
        };
        remember(&mut editor, &line, with.history);
        if let Step::Leave(status) = session.text(&line) {
            return status;
        }
    }
}

type LineEditor<'t> = Editor<Assistant<'t>, FileHistory>;

fn editor<'t>(
    transport: &'t dyn Transport,
    with: Repl<'_>,
) -> Result<LineEditor<'t>, ReadlineError> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .build();
    let history = FileHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    editor.set_helper(Some(Assistant { transport, colour: with.colour }));
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

/// Completes, hints and tells whether a line is whole.
struct Assistant<'t> {
    transport: &'t dyn Transport,
    colour: bool,
}

impl Assistant<'_> {
    fn rows(&self, api: &str) -> Vec<Row> {
        let list = self.transport.catalogue().find(api);
        list.and_then(|list| listed(self.transport, list, &[]).ok()).unwrap_or_default()
    }
}

impl Helper for Assistant<'_> {}

impl Completer for Assistant<'_> {
    type Candidate = Shown;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Shown>)> {
        let mut lookup = |api: &str| self.rows(api);
        let found = complete(self.transport.catalogue(), line, at, &mut lookup);
        Ok((found.start, found.candidates.into_iter().map(Shown::new).collect()))
    }
}

/// A candidate as the list shows it.
struct Shown {
    display: String,
    text: String,
}

impl Shown {
    fn new(candidate: Candidate) -> Self {
        let is_value = candidate.text.contains('=') && !candidate.text.ends_with('=');
        let display = if is_value && !candidate.about.is_empty() {
            format!("{}  ({})", candidate.shown, candidate.about)
        } else {
            candidate.shown
        };
        Self { display: printable(&display).into_owned(), text: candidate.text }
    }
}

impl Choice for Shown {
    fn display(&self) -> &str {
        &self.display
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

/// What is still to be given, shown behind the cursor; it cannot be put in.
struct Reminder(String);

impl Hint for Reminder {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant<'_> {
    type Hint = Reminder;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Reminder> {
        if at < line.len() || !line.ends_with(' ') {
            return None;
        }
        let (typed, None) = partial(line) else { return None };
        let found = command::find(self.transport.catalogue(), &typed.words).ok()?;
        let given = typed.words.get(found.words..)?.iter().filter_map(Word::assignment);
        let given = given.map(|given| (given.name, given.value)).collect();
        let missing = check::missing(found.spec, &given);
        (!missing.is_empty()).then(|| Reminder(help::reminder(&missing)))
    }
}

impl Highlighter for Assistant<'_> {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colour { Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")) } else { hint.into() }
    }
}

impl Validator for Assistant<'_> {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match parse(typed.input()) {
            Err(error) if error.needs_more() => ValidationResult::Incomplete,
            _ => ValidationResult::Valid(None),
        })
    }
}
