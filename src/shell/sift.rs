//! Which rows of a list are shown, and in which order: `where CONDITION` and `sort=FIELD,-FIELD`.
//!
//! Both are done here, whatever the server can do. A condition is asked of each row as it comes;
//! for an order all rows are put aside until the last has come.

mod condition;
mod order;
mod pieces;

use std::cmp::Ordering;
use std::io;
use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::command::spelled;
use super::line::Word;
use super::render::{Aside, Place, Row, cell_text};
use super::wrong::Wrong;
use crate::schema::{Kind, Spec};
use crate::text::{nearest, quoted};
use crate::transport::Rows;
use condition::Condition;

/// What is wanted of a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    condition: Option<Condition>,
    order: Vec<Key>,
    /// Fields that the description of the API has not: the first row must have them.
    undeclared: Vec<(String, Option<Range<usize>>)>,
}

/// A field that rows are sorted by.
#[derive(Debug, Clone)]
struct Key {
    field: String,
    falls: bool,
}

/// Whether a condition follows the word.
pub(crate) fn is_where(word: &Word) -> bool {
    !word.quoted && word.text.eq_ignore_ascii_case("where")
}

/// Takes `where` and what follows it from the words.
pub(crate) fn split(words: &[Word]) -> (&[Word], Option<(&Word, &[Word])>) {
    let Some(at) = words.iter().position(is_where) else { return (words, None) };
    let (before, rest) = words.split_at(at);
    (before, rest.split_first())
}

impl Wanted {
    /// Reads the fields of `sort=` and the words behind `where`; `source` is what spans count in.
    pub(crate) fn read(
        spec: &Spec,
        sort: &[String],
        condition: Option<(&Word, &[Word])>,
        source: &str,
    ) -> Result<Self, Wrong> {
        let mut wanted = Self::default();
        for field in sort {
            let (field, falls) = match field.strip_prefix('-') {
                Some(field) => (field, true),
                None => (field.as_str(), false),
            };
            let field = wanted.field(spec, field, None)?;
            wanted.order.push(Key { field, falls });
        }
        if let Some((word, words)) = condition {
            if spec.kind != Kind::List {
                let command = spelled(spec);
                let text = format!("`where` chooses rows of a list, and `{command}` lists nothing");
                return Err(Wrong::at(word.span.clone(), text));
            }
            let mut condition = Condition::read(word.span.clone(), words, source)?;
            condition.each(&mut |test| {
                test.field = wanted.field(spec, &test.field, Some(test.span.clone()))?;
                Ok(())
            })?;
            wanted.condition = Some(condition);
        }
        Ok(wanted)
    }

    /// Whether all rows are wanted as they come.
    pub(crate) fn is_all(&self) -> bool {
        self.condition.is_none() && self.order.is_empty()
    }

    /// What is wrong if the row has not the fields that no description has.
    fn lacks(&self, spec: &Spec, row: &Row<'_>) -> Option<Wrong> {
        let (name, span) = self.undeclared.iter().find(|(name, _)| row.get(name).is_none())?;
        let present = row.fields.iter().map(|(name, _)| &**name);
        let known = spec.fields.iter().map(|field| field.name).chain(present);
        Some(unknown(&spelled(spec), name, span.clone(), known))
    }

    /// The field as the API spells it.
    fn field(
        &mut self,
        spec: &Spec,
        name: &str,
        span: Option<Range<usize>>,
    ) -> Result<String, Wrong> {
        let declared = spec.fields.iter().map(|field| field.name);
        if let Some(known) = declared.clone().find(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(known.to_owned());
        }
        let (shaping, list) = (["sort", "filter", "exclude", "query"], spelled(spec));
        if span.is_some() && shaping.contains(&name) {
            let text = format!("`{name}=` stands before `where`, whose condition this is");
            return Err(span.map_or_else(|| Wrong::new(&text), |span| Wrong::at(span, &text)));
        }
        if name.is_empty() || nearest(name, declared.clone()).is_some() {
            return Err(unknown(&list, name, span, declared));
        }
        self.undeclared.push((name.to_owned(), span));
        Ok(name.to_owned())
    }
}

fn unknown<'f>(
    list: &str,
    name: &str,
    span: Option<Range<usize>>,
    known: impl Iterator<Item = &'f str>,
) -> Wrong {
    let hint = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{list} -o json` shows which there are"),
    };
    let text = format!("the rows of `{list}` have no field {}; {hint}", quoted(name));
    span.map_or_else(|| Wrong::new(&text), |span| Wrong::at(span, &text))
}

/// Hands on the rows that are wanted, in the order that is wanted.
pub(crate) struct Sifted<'w> {
    wanted: &'w Wanted,
    spec: &'static Spec,
    rows: &'w mut dyn Rows,
    key: String,
    /// What stood in front of the rows, kept until they are in order.
    before: Option<Map<String, Json>>,
    aside: Vec<Kept>,
    texts: Aside,
    /// The rows that came, and of how many the server speaks.
    seen: u64,
    announced: Option<u64>,
    wrong: Option<Wrong>,
}

/// A row put aside.
struct Kept {
    keys: Vec<String>,
    place: Place,
}

impl<'w> Sifted<'w> {
    pub(crate) fn new(wanted: &'w Wanted, spec: &'static Spec, rows: &'w mut dyn Rows) -> Self {
        let (texts, aside) = (Aside::new(), Vec::new());
        let key = spec.key.to_owned();
        let (before, announced, wrong) = (None, None, None);
        Self { wanted, spec, rows, key, before, aside, texts, seen: 0, announced, wrong }
    }

    /// What is wrong with what is wanted, as the rows show.
    pub(crate) fn wrong(&mut self) -> Option<Wrong> {
        self.wrong.take()
    }

    /// How many rows came.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Of how many rows only so many came, if it were not all.
    pub(crate) fn missed(&self) -> Option<(u64, u64)> {
        self.announced.filter(|all| *all > self.seen).map(|all| (self.seen, all))
    }

    /// Hands on the rows that were put aside; `after` stood behind the rows.
    pub(crate) fn end(&mut self, mut after: Map<String, Json>) -> io::Result<Map<String, Json>> {
        if self.wanted.condition.is_some() {
            // The server counted what it sent.
            after.shift_remove("count");
        }
        let Some(mut before) = self.before.take() else { return Ok(after) };
        if let Some(count) = before.get_mut("count").filter(|_| self.wanted.condition.is_some()) {
            *count = self.aside.len().into();
        }
        self.rows.begin(&self.key, &before)?;
        sort(&mut self.aside, &self.wanted.order);
        let mut text = String::new();
        for kept in &self.aside {
            self.texts.get(kept.place, &mut text)?;
            self.rows.row(&text)?;
        }
        Ok(after)
    }
}

impl Rows for Sifted<'_> {
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
        key.clone_into(&mut self.key);
        self.announced = before.get("count").and_then(Json::as_u64);
        if !self.wanted.order.is_empty() {
            self.before = Some(before.clone());
            return Ok(());
        }
        let mut before = before.clone();
        if self.wanted.condition.is_some() {
            before.shift_remove("count");
        }
        self.rows.begin(key, &before)
    }

    fn row(&mut self, text: &str) -> io::Result<()> {
        let row = Row::read(text, &self.key)?;
        self.seen += 1;
        if self.seen == 1
            && let Some(wrong) = self.wanted.lacks(self.spec, &row)
        {
            self.wrong = Some(wrong);
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let of = |field: &str| row.get(field).map(cell_text).unwrap_or_default();
        if self.wanted.condition.as_ref().is_some_and(|condition| !condition.holds(&of)) {
            return Ok(());
        }
        if self.wanted.order.is_empty() {
            return self.rows.row(text);
        }
        let keys = self.wanted.order.iter().map(|key| of(&key.field).into_owned()).collect();
        let place = self.texts.put(text)?;
        self.aside.push(Kept { keys, place });
        Ok(())
    }
}

/// Sorts rows by their keys, those without a key to the end; equal rows keep their order.
fn sort(rows: &mut [Kept], order: &[Key]) {
    let compare = |at: usize| -> fn(&str, &str) -> Ordering {
        let mut texts = rows.iter().filter_map(|row| row.keys.get(at));
        let are_numbers = texts.all(|text| text.is_empty() || order::is_number(text));
        if are_numbers { order::by_value } else { order::natural }
    };
    let compares: Vec<_> = (0..order.len()).map(compare).collect();
    rows.sort_by(|a, b| {
        let mut each = a.keys.iter().zip(&b.keys).zip(order.iter().zip(&compares));
        let differs = each.find_map(|((a, b), (key, compare))| {
            let found = match (a.is_empty(), b.is_empty()) {
                (false, false) if key.falls => compare(b, a),
                (false, false) => compare(a, b),
                (a, b) => a.cmp(&b),
            };
            found.is_ne().then_some(found)
        });
        differs.unwrap_or(Ordering::Equal)
    });
}

#[cfg(test)]
mod tests;
