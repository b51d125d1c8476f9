//! Lists, whose rows are shown while they come.

use std::io;

use serde_json::Map;

use super::{Options, Session, Shown, queried};
use crate::schema::Words;
use crate::shell::line::Line;
use crate::shell::place::Place;
use crate::shell::query::Ended;
use crate::shell::render::{Format, Listing};
use crate::shell::sift::{Sifted, Wanted};
use crate::shell::status::Status;
use crate::shell::variables::Keeping;
use crate::shell::wrong::Wrong;
use crate::shell::{hints, pages};
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
        let pages = self.pages(list.options);
        let keeps = self.keeps;
        let mut place = Place::new(line, &mut self.out);
        let terminal = look.terminal && place.is_results();
        place.page(pages.filter(|_| terminal));
        let (view, format) = list.shown.view(look, list.options, terminal);
        let (mut seen, mut missed, mut wrong, mut last) = (0, None, None, None);
        let listed = queried::through(list.shown.query, terminal, &mut place, |out| {
            let mut rows = Listing::new(format, &view, spec.key, out);
            let mut kept = Keeping::new(&mut rows, keeps);
            let after = if list.wanted.is_all() {
                list.ask(transport, &mut kept)?
            } else {
                let mut sifted = Sifted::new(list.wanted, spec, &mut kept);
                let after = list.ask(transport, &mut sifted);
                wrong = sifted.wrong();
                seen = sifted.seen();
                missed = sifted.missed().filter(|_| list.words.get("page").is_none());
                sifted.end(after?)?
            };
            last = kept.last();
            seen = seen.max(rows.rows());
            Ok(rows.end(after)?)
        });
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        if let Some(last) = last {
            self.variables.borrow_mut().answered(last);
        }
        let shown = match listed {
            Ok(ended) => Ok(ended),
            Err(Failure::Unread(why)) if why.kind() != io::ErrorKind::InvalidData => {
                Err(io::Error::new(why.kind(), why.to_string()))
            }
            Err(failure) => {
                place.give_up();
                return Ok(self.refused(spec, &failure));
            }
        };
        let (ended, written) = queried::apart(shown);
        let has_asked = matches!(ended, Ended::Done);
        let written = place.end(written);
        if let Some((seen, all)) = missed {
            self.out.warn(format_args!(
                "`sort` and `where` saw {seen} of {all} rows; `--all` fetches the others, too"
            ));
        }
        if seen == 0 && terminal && format == Format::Table && has_asked {
            let hint = hints::empty(self.transport.catalogue(), spec, &list.words);
            hint.inspect(|hint| self.out.message(format_args!("{hint}")));
        }
        Ok(self.ended(ended, written))
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
