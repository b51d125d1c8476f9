//! Answers that a query is asked of, and answers that may be long.

use std::io::{self, Write};

use super::Session;
use crate::shell::check::Call;
use crate::shell::options::Options;
use crate::shell::pager::{Pager, Pages};
use crate::shell::place::{Place, Written};
use crate::shell::query::{Ended, Query};
use crate::shell::render::{Format, terminal_width};
use crate::shell::status::Status;
use crate::shell::wrong::Wrong;

/// What the call asks of its answer, if anything.
pub(super) fn query(call: &Call, options: Options, source: &str) -> Result<Option<Query>, Wrong> {
    let Some((text, span)) = &call.query else {
        let wrong = "`--raw` is for what `--query` finds, and there is no query";
        return if options.raw { Err(Wrong::new(wrong)) } else { Ok(None) };
    };
    if options.format.is_some_and(|format| !matches!(format, Format::Json | Format::Jsonl)) {
        let text = "`--query` prints a line of JSON for each value, or texts with `--raw`; \
                    write `--query '.. | @csv' --raw` for CSV";
        return Err(Wrong::new(text));
    }
    Query::read(text, options.raw, span.clone(), source).map(Some)
}

/// Writes an answer to its place, or what the query finds in it; `visible` if people see it.
pub(super) fn through<E: From<io::Error>>(
    query: Option<&Query>,
    visible: bool,
    place: &mut Place<'_>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<Ended, E> {
    let Some(query) = query else { return write(place).map(|()| Ended::Done) };
    let mut asked = query.start(visible)?;
    match write(&mut asked) {
        Ok(()) => Ok(asked.end(place)?),
        Err(why) => {
            asked.give_up();
            Err(why)
        }
    }
}

/// How the query ended, and how the writing went.
pub(super) fn apart(shown: io::Result<Ended>) -> (Ended, io::Result<()>) {
    match shown {
        Ok(ended) => (ended, Ok(())),
        Err(why) => (Ended::Done, Err(why)),
    }
}

impl Session<'_> {
    /// What a long answer on this terminal goes through: nothing where nobody sits there.
    pub(super) fn pages(&self, options: Options) -> Option<Pages> {
        // Of many answers in a row, none waits for a person.
        let is_one_of_many = self.place.is_some() || self.depth > 0 || self.loops > 0;
        if self.person.is_none() || is_one_of_many || options.no_pager {
            return None;
        }
        let tty = self.look.tty;
        let rows = (tty.rows)().filter(|_| self.look.terminal)?;
        let command = match self.look.pager {
            Pager::Off => None,
            Pager::Auto => (tty.pager)(),
            Pager::Command(command) => Some(command.to_owned()),
        };
        Some(Pages::new(command?, rows, terminal_width()?))
    }

    /// Says how writing and query ended, if not well.
    pub(super) fn ended(&mut self, ended: Ended, written: Written) -> Status {
        let status = self.written(written);
        match ended {
            Ended::Done => status,
            Ended::Failed(why) => {
                self.out.error(format_args!("{why}"));
                Status::Unanswered
            }
            Ended::Interrupted => {
                // It was for the query.
                crate::shell::interrupted();
                Status::Interrupted
            }
        }
    }
}
