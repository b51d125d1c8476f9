//! What was typed, and scripts: commands and loops, one after the other.

use std::io::BufRead;

use super::{Session, Step};
use crate::shell::foreign;
use crate::shell::line::{Statement, script};
use crate::shell::status::Status;

/// Statements with the text that their positions count in.
#[derive(Clone, Copy)]
pub(super) struct Part<'p> {
    pub(super) statements: &'p [Statement],
    pub(super) source: &'p str,
    /// The line of the script that the text begins in.
    pub(super) first: Option<usize>,
}

impl Session<'_> {
    /// Carries out what was typed, up to the first command that fails.
    pub(crate) fn text(&mut self, text: &str) -> Step {
        self.refusal = None;
        match script(text) {
            Ok(statements) => {
                self.part(Part { statements: &statements, source: text, first: self.place })
            }
            Err(error) => Step::Next(self.complain(&error.into(), Some(text))),
        }
    }

    /// Carries out a script, up to the first command that fails.
    pub(crate) fn script(&mut self, input: impl BufRead) -> Status {
        let mut pending = String::new();
        for (number, line) in (1..).zip(input.lines()) {
            let line = match line {
                Ok(line) => line,
                Err(error) => {
                    self.out.error(format_args!("line {number} cannot be read: {error}"));
                    return Status::Misused;
                }
            };
            if pending.is_empty() {
                self.place = Some(number);
            } else {
                pending.push('\n');
            }
            pending.push_str(&line);
            if script(&pending).is_err_and(|error| error.needs_more()) {
                continue;
            }
            match self.text(&std::mem::take(&mut pending)) {
                Step::Next(Status::Done) => {}
                Step::Next(status) | Step::Leave(status) => return status,
            }
        }
        match self.text(&pending) {
            Step::Next(status) | Step::Leave(status) => status,
        }
    }

    /// Whether Ctrl-C between two commands is for us to see.
    fn listens(&self) -> bool {
        self.loops > 0 || self.has_looped && self.place.is_some()
    }

    pub(super) fn part(&mut self, part: Part<'_>) -> Step {
        for statement in part.statements {
            let start = match statement {
                Statement::Command(line) => line.start(),
                Statement::Loop(repeated) => repeated.span.start,
            };
            let before = part.source.get(..start).unwrap_or_default();
            self.place = part.first.map(|first| first + before.matches('\n').count());
            let step = match statement {
                Statement::Command(line) => self.line(line, part.source),
                Statement::Loop(repeated) => self.repeat(repeated, part),
            };
            let step =
                step.unwrap_or_else(|wrong| Step::Next(self.complain(&wrong, Some(part.source))));
            match step {
                Step::Next(Status::Done) if self.unread => return Step::Leave(Status::Done),
                Step::Next(Status::Done) if self.listens() && foreign::interrupted() => {
                    return Step::Next(Status::Interrupted);
                }
                Step::Next(Status::Done) => {}
                other => return other,
            }
        }
        Step::Next(Status::Done)
    }
}
