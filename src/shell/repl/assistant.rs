//! Who helps while a line is typed: completes, hints and tells whether the line is whole.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use super::choice::Choice;
use super::shown::Shown;
use super::{Repl, colour, hint, menu};
use crate::shell::complete::complete;
use crate::shell::highlight::highlight;
use crate::shell::line::script;
use crate::shell::lookups::{Lookups, PATIENCE};
use crate::shell::render::{terminal_width, truncate, width};
use crate::shell::session::Session;
use crate::transport::Transport;

/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;
/// A hint that has no more room than this says nothing.
const LEAST: usize = 8;

/// Completes, hints and tells whether a line is whole.
pub(super) struct Assistant<'t> {
    transport: &'t dyn Transport,
    lookups: Lookups<'t>,
    /// What `set` sets.
    choice: Choice,
    /// The line that was completed last, and what there was to say about it.
    note: RefCell<Option<(String, String)>>,
    /// The columns of the prompt.
    prompt: Cell<usize>,
    colour: bool,
}

impl<'t> Assistant<'t> {
    pub(super) fn new(session: &Session<'t>, with: Repl<'_>) -> Self {
        let transport = session.transport();
        Self {
            transport,
            lookups: Lookups::new(transport, with.uptime)
                .unless(with.typed)
                .knowing(session.known()),
            choice: Choice::default(),
            note: RefCell::default(),
            prompt: Cell::new(0),
            colour: with.colour,
        }
    }

    /// The choice among candidates, for its keys.
    pub(super) fn choice(&self) -> &Choice {
        &self.choice
    }

    /// The prompt that a line is typed behind.
    pub(super) fn prompted(&self, prompt: &str) {
        self.prompt.set(width(prompt));
    }

    /// A line was carried out: what lists told before may not hold any more.
    pub(super) fn carried_out(&self, line: &str) {
        let reads =
            line.trim_start().get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case("list"));
        if !reads || line.contains([';', '\n']) {
            self.lookups.forget();
        }
    }

    /// How many rows the line takes besides its first.
    fn rows_below(&self, line: &str) -> usize {
        let columns = Self::columns().max(1);
        let parts = line.split('\n').enumerate();
        let wrapped = parts.map(|(at, part)| {
            let used = width(part) + if at == 0 { self.prompt.get() } else { 0 };
            used / columns
        });
        wrapped.sum::<usize>() + line.matches('\n').count()
    }

    fn columns() -> usize {
        terminal_width().unwrap_or(WIDTH)
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
        if let Some((start, text)) = self.choice.next(line, at) {
            return Ok((start, vec![Shown { display: String::new(), text }]));
        }
        let mut around = self.lookups.within(PATIENCE);
        let found = complete(self.transport.catalogue(), line, at, &mut around);
        let texts: Vec<_> = found.candidates.iter().map(|found| found.text.clone()).collect();
        let put_in = self.choice.offer(line, found.start, at, texts);
        let has_note = found.note.is_some();
        *self.note.borrow_mut() = found.note.map(|note| (line.to_owned(), note));
        if found.candidates.is_empty() && has_note {
            // To put in what is there makes the editor show the note.
            let typed = line.get(found.start..at).unwrap_or_default().to_owned();
            return Ok((found.start, vec![Shown { display: String::new(), text: typed }]));
        }
        let before = line.get(..found.start).unwrap_or_default();
        let below = self.rows_below(&format!("{before}{put_in}"));
        let rows = menu::rows(&found.candidates, Self::columns(), below);
        let texts = found.candidates.into_iter().map(|candidate| candidate.text);
        let shown = rows.into_iter().zip(texts);
        Ok((found.start, shown.map(|(display, text)| Shown { display, text }).collect()))
    }
}

/// What is to be said behind the cursor; it cannot be put in.
pub(super) struct Reminder(String);

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
        if at < line.len() {
            return None;
        }
        let note = self.note.borrow();
        let note = note.as_ref().filter(|(of, _)| of == line).map(|(_, note)| format!("  {note}"));
        let text = note.or_else(|| hint::hint(self.transport.catalogue(), line))?;
        // A hint never takes a second row.
        let used = self.prompt.get() + width(line);
        let room = Self::columns().checked_sub(used + 1).filter(|room| *room >= LEAST)?;
        Some(Reminder(truncate(&text, room).into_owned()))
    }
}

impl Highlighter for Assistant<'_> {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.colour {
            return line.into();
        }
        colour::line(line, &highlight(self.transport.catalogue(), line)).into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colour { colour::hint(hint).into() } else { hint.into() }
    }

    /// A key may change what any part of the line is; where the cursor stands changes nothing.
    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colour && kind == CmdKind::Other
    }
}

impl Validator for Assistant<'_> {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match script(typed.input()) {
            Err(error) if error.needs_more() => ValidationResult::Incomplete,
            _ => ValidationResult::Valid(None),
        })
    }
}
