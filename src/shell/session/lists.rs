//! Lists, whose rows are shown while they come.

use std::io;

use serde_json::Map;

use super::{Options, Session, Shown};
use crate::schema::Words;
use crate::shell::line::Line;
use crate::shell::pages;
use crate::shell::place::Place;
use crate::shell::render::Listing;
use crate::shell::sift::{Sifted, Wanted};
use crate::shell::status::Status;
use crate::shell::variables::Keeping;
use crate::shell::wrong::Wrong;
use crate::transport::{Failure, Rows, Transport};

/// A list that is asked for.
pub(super) struct List<'l> {
    pub(super) shown: Shown<'l>,
    pub(super) words: Words,
    pub(super) options: Options,
    /// Which rows, and in which order.
    pub(super) wanted: &'l Wanted,
}

impl Session<'_> {
    /// Calls an API that lists, and brings its rows to where the line says while they come.
    pub(super) fn list(&mut self, line: &Line, list: List<'_>) -> Result<Status, Wrong> {
        let (transport, look, spec) = (self.transport, self.look, list.shown.spec);
        let mut place = Place::new(line, &mut self.out);
        let terminal = look.terminal && place.is_results();
        let view = list.shown.view(look, terminal);
        let format = look.format(list.options, terminal);
        let mut rows = Listing::new(format, &view, spec.key, &mut place);
        let mut kept = Keeping::new(&mut rows, self.keeps);
        let mut missed = None;
        let after = if list.wanted.is_all() {
            list.ask(transport, &mut kept)
        } else {
            let mut sifted = Sifted::new(list.wanted, spec, &mut kept);
            let after = list.ask(transport, &mut sifted);
            if let Some(wrong) = sifted.wrong() {
                return Err(wrong);
            }
            missed = sifted.missed().filter(|_| list.words.get("page").is_none());
            after.and_then(|after| sifted.end(after).map_err(Failure::from))
        };
        let kept = kept.last().filter(|_| after.is_ok());
        if let Some(last) = kept {
            self.variables.borrow_mut().answered(last);
        }
        let listed = after.and_then(|after| rows.end(after).map_err(Failure::from));
        let written = match listed {
            Ok(()) => Ok(()),
            Err(Failure::Unread(why)) if why.kind() != io::ErrorKind::InvalidData => {
                Err(io::Error::new(why.kind(), why.to_string()))
            }
            Err(failure) => {
                place.give_up();
                return Ok(self.refused(spec, &failure));
            }
        };
        let written = place.end(written);
        if let Some((seen, all)) = missed {
            self.out.warn(format_args!(
                "`sort` and `where` saw {seen} of {all} rows; `--all` fetches the others, too"
            ));
        }
        Ok(self.written(written))
    }
}

impl List<'_> {
    pub(super) fn ask(
        &self,
        transport: &dyn Transport,
        rows: &mut dyn Rows,
    ) -> Result<Map<String, serde_json::Value>, Failure> {
        let spec = self.shown.spec;
        if self.options.all && pages::has_pages(spec) {
            return pages::all(transport, spec, self.words.clone(), rows);
        }
        transport.list(spec, &self.words, rows)
    }
}
