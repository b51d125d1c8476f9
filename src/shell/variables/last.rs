//! `$last`: the answer to the last command. Of a long list the first rows and the last ones are
//! kept, so that it costs no memory to list a million.

use std::collections::VecDeque;
use std::io;

use serde_json::{Map, Value as Json};

use crate::schema::Spec;
use crate::shell::line::{Part, Reference};
use crate::transport::Rows;

/// Rows that are kept from the start of a list.
const FIRST: usize = 1_000;
/// Rows that are kept from its end, where it is longer.
const LAST: usize = 100;

/// The answer.
#[derive(Default)]
pub(crate) enum Last {
    #[default]
    Nothing,
    Object(Json),
    Rows(Kept),
}

/// Rows of a list, as they came.
#[derive(Default)]
pub(crate) struct Kept {
    first: Vec<String>,
    last: VecDeque<String>,
    count: usize,
}

impl Last {
    /// The answer to an API that does not hand on rows.
    pub(crate) fn of(spec: &Spec, body: &Json) -> Self {
        let inner = body.get(spec.key).filter(|_| !spec.key.is_empty());
        match inner.or_else(|| only(body)).unwrap_or(body) {
            Json::Array(rows) => {
                let mut kept = Kept::default();
                for row in rows {
                    kept.push(&row.to_string());
                }
                Self::Rows(kept)
            }
            object => Self::Object(object.clone()),
        }
    }

    /// The value that the start of the reference's path leads to, and the rest of the path.
    pub(super) fn value<'r>(&self, reference: &'r Reference) -> Result<(Json, &'r [Part]), String> {
        let path = reference.path.as_slice();
        let rows = match self {
            Self::Nothing => return Err("`$last` is empty: nothing was answered yet".to_owned()),
            Self::Object(value) => return Ok((value.clone(), path)),
            Self::Rows(rows) => rows,
        };
        match path.split_first() {
            Some((Part::Index(index), rest)) => Ok((rows.at(*index)?, rest)),
            Some((Part::Field(field), rest)) if field == "count" => Ok((rows.count.into(), rest)),
            // The field of a list is that of its first row.
            Some((Part::Field(_), _)) => Ok((Json::Array(rows.parsed(1)), path)),
            None if rows.is_whole() => Ok((Json::Array(rows.parsed(FIRST + LAST)), path)),
            None => Err(format!(
                "`$last` keeps the first {FIRST} rows and the last {LAST}, and there are {}; a \
                 loop over the list itself has them all",
                rows.count
            )),
        }
    }

    /// The answer in a few words.
    pub(super) fn about(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Object(value) => Some(super::shown(value)),
            Self::Rows(kept) => Some(rows(kept.count)),
        }
    }
}

/// The only field, if it is an object: what the result of a job is wrapped in.
fn only(body: &Json) -> Option<&Json> {
    let mut fields = body.as_object()?.values();
    let first = fields.next().filter(|value| value.is_object())?;
    fields.next().is_none().then_some(first)
}

impl Kept {
    fn push(&mut self, row: &str) {
        self.count += 1;
        if self.first.len() < FIRST {
            self.first.push(row.to_owned());
            return;
        }
        let mut text = match self.last.len() {
            LAST => self.last.pop_front().unwrap_or_default(),
            _ => String::new(),
        };
        text.clear();
        text.push_str(row);
        self.last.push_back(text);
    }

    fn is_whole(&self) -> bool {
        self.count == self.first.len() + self.last.len()
    }

    fn at(&self, index: i64) -> Result<Json, String> {
        let Some(at) = place(index, self.count) else {
            return Err(format!("`$last[{index}]` is not there: {}", counted(self.count)));
        };
        let behind = self.count - self.last.len();
        let row = self.first.get(at).or_else(|| self.last.get(at.checked_sub(behind)?));
        row.map(|row| parsed(row)).ok_or_else(|| {
            format!(
                "`$last[{index}]` is not kept: of {} rows there are the first {FIRST} and the last \
                 {LAST}",
                self.count
            )
        })
    }

    fn parsed(&self, most: usize) -> Vec<Json> {
        self.first.iter().chain(&self.last).take(most).map(|row| parsed(row)).collect()
    }
}

/// Where the row stands in a list of so many, if it is there.
pub(super) fn place(index: i64, count: usize) -> Option<usize> {
    let at = if index < 0 { index + i64::try_from(count).ok()? } else { index };
    usize::try_from(at).ok().filter(|at| *at < count)
}

/// What there is to say of a row that is not there.
pub(super) fn no_row(list: &Reference, index: i64, count: usize) -> String {
    format!("`{list}` has no row [{index}]: {}", counted(count))
}

fn counted(count: usize) -> String {
    match count {
        0 => "there are no rows".to_owned(),
        1 => "there is one row, [0]".to_owned(),
        _ => format!("there are {count} rows, from [0] to [{}]", count - 1),
    }
}

/// So many rows, in words.
pub(super) fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// A row; one that cannot be read, which no server sends, has no fields.
fn parsed(row: &str) -> Json {
    serde_json::from_str(row).unwrap_or_default()
}

/// Hands rows on and keeps them.
pub(crate) struct Keeping<'r> {
    rows: &'r mut dyn Rows,
    kept: Option<Kept>,
}

impl<'r> Keeping<'r> {
    /// Hands rows on; keeps them where `keeps` says so.
    pub(crate) fn new(rows: &'r mut dyn Rows, keeps: bool) -> Self {
        Self { rows, kept: keeps.then(Kept::default) }
    }

    /// The answer that was kept.
    pub(crate) fn last(self) -> Option<Last> {
        self.kept.map(Last::Rows)
    }
}

impl Rows for Keeping<'_> {
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
        self.rows.begin(key, before)
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        if let Some(kept) = &mut self.kept {
            kept.push(row);
        }
        self.rows.row(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::naming;

    fn kept(count: usize) -> Last {
        let mut kept = Kept::default();
        (0..count).for_each(|at| kept.push(&format!(r#"{{"id":{at}}}"#)));
        Last::Rows(kept)
    }

    fn index(index: i64) -> Reference {
        let typed = format!("$last[{index}].");
        naming(&typed).unwrap().0.without_last()
    }

    #[test]
    fn the_ends_of_a_long_list_are_kept() {
        let last = kept(5_000);
        let id = |at| last.value(&index(at)).map(|(row, _)| row["id"].as_i64().unwrap());
        assert_eq!(id(0), Ok(0));
        assert_eq!(id(999), Ok(999));
        assert_eq!(id(-1), Ok(4_999));
        assert_eq!(id(4_900), Ok(4_900));
        assert!(id(4_899).unwrap_err().contains("is not kept: of 5000 rows"));
        assert!(id(1_000).is_err() && id(-101).is_err() && id(-5_000) == Ok(0));
        assert!(id(5_000).unwrap_err().contains("from [0] to [4999]"));
        assert!(id(i64::MIN).is_err() && id(i64::MAX).is_err());
        let all = naming("$last.").unwrap().0.without_last();
        assert!(last.value(&all).unwrap_err().contains("keeps the first 1000"));
        assert_eq!(kept(1_100).value(&all).unwrap().0.as_array().unwrap().len(), 1_100);
    }

    #[test]
    fn every_row_of_a_short_list_is_kept() {
        for count in [0, 1, 2, 999, 1_000, 1_001, 1_099, 1_100] {
            let last = kept(count);
            for at in 0..count {
                let at = i64::try_from(at).unwrap();
                let (row, _) = last.value(&index(at)).unwrap();
                assert_eq!(row["id"], at);
                let back = at - i64::try_from(count).unwrap();
                assert_eq!(last.value(&index(back)).unwrap().0, row);
            }
            assert!(last.value(&index(i64::try_from(count).unwrap())).is_err());
        }
    }
}
