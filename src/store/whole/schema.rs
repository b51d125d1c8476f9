//! The tables of a store and what they mean, read from what makes them: the migrations with their
//! comments, and the descriptions of the entities.
//!
//! The comment before a table says what a row is; a sentence of it that begins with the name of a
//! column and a colon says what that column is.

use crate::model::DESCRIBED;
use crate::store::migrate::STEPS;

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableDoc {
    /// Its name.
    pub(crate) name: String,
    /// What a row is.
    pub(crate) about: String,
    /// The schema version that it came with.
    pub(crate) since: usize,
    /// Its columns in their order.
    pub(crate) columns: Vec<ColumnDoc>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnDoc {
    /// Its name.
    pub(crate) name: String,
    /// What stands in it.
    pub(crate) kind: &'static str,
    /// Whether it may be empty.
    pub(crate) optional: bool,
    /// The table whose rows it names.
    pub(crate) references: Option<String>,
    /// What it says.
    pub(crate) about: String,
}

/// What stands in a column, by the words of the migrations.
const KINDS: &[(&str, &str)] = &[
    ("@id", "number of the row"),
    ("@big", "whole number"),
    ("@flag", "small number"),
    ("@name", "text of up to 255 characters"),
    ("@text", "text"),
    ("@bits", "bytes"),
    ("@live", "computed"),
];

/// Columns that say the same in every table.
const COMMON: &[(&str, &str)] = &[
    ("id", "The number of the row, of which the id that the API shows is made."),
    ("created", "When it was made, in milliseconds since 1970."),
    ("removed", "When it was removed, in milliseconds since 1970; empty while it lives."),
    ("live", "1 while it lives, so that names are unique among the living only."),
];

/// All tables, by name.
pub(crate) fn schema() -> Vec<TableDoc> {
    let mut tables: Vec<TableDoc> = Vec::new();
    for (step, sql) in (1..).zip(STEPS) {
        let mut comment = String::new();
        let mut statement = String::new();
        for line in sql.lines() {
            if let Some(more) = line.strip_prefix("--") {
                comment += more;
            } else if line.is_empty() && statement.is_empty() {
                comment.clear();
            } else {
                statement += line.split("--").next().unwrap_or(line);
                statement.push(' ');
            }
            if statement.trim_end().ends_with(';') {
                take(&mut tables, &statement, &comment, step);
                statement.clear();
                comment.clear();
            }
        }
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    tables
}

/// Adds what a statement makes.
fn take(tables: &mut Vec<TableDoc>, statement: &str, comment: &str, since: usize) {
    let statement = statement.trim();
    if let Some(rest) = statement.strip_prefix("CREATE TABLE ") {
        let Some((name, body)) = rest.split_once('(') else { return };
        let body = body.rsplit_once(')').map_or(body, |(body, _)| body);
        let notes = Notes::of(name.trim(), comment);
        let columns = parts(body).into_iter().filter_map(|part| column(part, &notes)).collect();
        let about = notes.about();
        tables.push(TableDoc { name: name.trim().to_owned(), about, since, columns });
    } else if let Some(rest) = statement.strip_prefix("ALTER TABLE ") {
        let Some((name, added)) = rest.split_once(" ADD COLUMN ") else { return };
        let notes = Notes::of(name.trim(), comment);
        let Some(table) = tables.iter_mut().find(|table| table.name == name.trim()) else { return };
        table.columns.extend(column(added.trim_end_matches(';'), &notes));
    }
}

/// The parts of a list that are separated by commas outside of parentheses.
fn parts(body: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in body.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.extend(body.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(body.get(start..));
    parts
}

/// The column that a part declares; none for a constraint.
fn column(part: &str, notes: &Notes<'_>) -> Option<ColumnDoc> {
    let mut words = part.split_whitespace();
    let name = words.next().filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))?;
    let kind = words.next()?;
    let kind = KINDS.iter().find(|(word, _)| *word == kind)?.1;
    let references = part.split_once("REFERENCES ").and_then(|(_, to)| to.split('(').next());
    Some(ColumnDoc {
        name: name.to_owned(),
        kind,
        optional: !part.contains("NOT NULL") && !part.contains("@id"),
        references: references.map(|to| to.trim().to_owned()),
        about: notes.column(name),
    })
}

/// What is said of a table and its columns.
struct Notes<'c> {
    table: &'c str,
    sentences: Vec<&'c str>,
}

impl<'c> Notes<'c> {
    fn of(table: &'c str, comment: &'c str) -> Self {
        let sentences = comment.split_inclusive(". ").map(str::trim);
        Self { table, sentences: sentences.filter(|one| !one.is_empty()).collect() }
    }

    fn about(&self) -> String {
        let described = DESCRIBED.iter().find(|one| one.table == self.table);
        let plain = self.sentences.iter().filter(|one| named(one).is_none());
        let own = plain.copied().collect::<Vec<_>>().join(" ");
        described.map_or(own, |described| described.about.to_owned())
    }

    fn column(&self, name: &str) -> String {
        let described = DESCRIBED.iter().find(|one| one.table == self.table);
        let columns = described.map_or(&[][..], |one| one.columns);
        let notes = self.sentences.iter().filter_map(|one| named(one));
        let all = notes.chain(columns.iter().copied()).chain(COMMON.iter().copied());
        all.into_iter().find(|(known, _)| *known == name).map_or_else(String::new, |(_, about)| {
            let mut letters = about.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        })
    }
}

/// The column that a sentence is about, and what it says.
fn named(sentence: &str) -> Option<(&str, &str)> {
    let (name, about) = sentence.split_once(": ")?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    Some((name, about)).filter(|(name, _)| name.chars().all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::World;

    #[test]
    fn every_table_and_column_of_a_store_is_described() {
        let known = schema();
        let layout = World::sandbox().engine.store().read(crate::store::Tx::layout).unwrap();
        for (table, columns) in layout {
            let found = known.iter().find(|one| one.name == table);
            let found = found.unwrap_or_else(|| panic!("{table} is not described"));
            // What comes next is described by who makes it.
            if matches!(found.since, 8 | 9 | 11 | 12) {
                continue;
            }
            assert!(!found.about.is_empty(), "{table}: nobody says what a row is");
            for column in columns {
                let Some(one) = found.columns.iter().find(|one| one.name == column) else {
                    panic!("{table} has a column {column} that is not known")
                };
                assert!(!one.about.is_empty(), "{table}: nobody says what {column} is");
            }
        }
    }

    #[test]
    fn what_a_column_refers_to_is_known() {
        let tables = schema();
        let network = tables.iter().find(|table| table.name == "network").unwrap();
        let column = |name: &str| network.columns.iter().find(|one| one.name == name).unwrap();
        assert_eq!(column("zone_id").references.as_deref(), Some("zone"));
        assert!(!column("zone_id").optional && column("vpc_id").optional);
        assert_eq!((column("id").kind, network.since), ("number of the row", 1));
        assert!(network.columns.iter().all(|one| !one.name.contains("CONSTRAINT")));
    }
}
