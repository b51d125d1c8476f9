//! Statements with their values in them, for many of them in one journey.

use crate::model::Cell;
use std::fmt::Write as _;

/// Statements, separated by `;`.
#[derive(Default)]
pub(super) struct Text {
    pub(super) sql: String,
    /// How many they are.
    pub(super) statements: usize,
}

impl Text {
    /// Adds a statement as it is.
    pub(super) fn say(&mut self, sql: &str) {
        self.sql.push_str(sql);
        self.end();
    }

    /// Adds a statement for rows of arguments: one for all if it inserts, else one for each.
    pub(super) fn spell(&mut self, sql: &str, rows: &[Vec<Cell>]) {
        let parts = sql.split_once("VALUES (").and_then(|(head, rest)| {
            let (group, tail) = rest.split_once(')')?;
            Some((head, group, tail))
        });
        let Some((head, group, tail)) = parts else {
            for row in rows {
                fill(&mut self.sql, sql, row);
                self.end();
            }
            return;
        };
        for (at, row) in rows.iter().enumerate() {
            self.sql.push_str(if at == 0 { head } else { "," });
            self.sql.push_str(if at == 0 { "VALUES (" } else { "(" });
            fill(&mut self.sql, group, row);
            self.sql.push(')');
        }
        if !rows.is_empty() {
            self.sql.push_str(tail);
            self.end();
        }
    }

    /// All of them as one, which has one answer.
    pub(super) fn together(&self) -> String {
        match self.statements {
            1 => self.sql.clone(),
            _ => ["BEGIN NOT ATOMIC ", &self.sql, "END"].concat(),
        }
    }

    fn end(&mut self) {
        self.sql.push(';');
        self.statements += 1;
    }
}

/// Adds a piece of a statement with values in the place of its question marks.
fn fill(text: &mut String, piece: &str, row: &[Cell]) {
    let mut values = row.iter();
    for (at, part) in piece.split('?').enumerate() {
        if at > 0 {
            write_value(text, values.next().unwrap_or(&Cell::Null));
        }
        text.push_str(part);
    }
}

/// Adds a value; a text with anything in it that might mean something else goes as its bytes.
fn write_value(text: &mut String, value: &Cell) {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'\'' && byte != b'\\';
    // Writing to a string does not fail.
    let _ = match value {
        Cell::Null => write!(text, "NULL"),
        Cell::Int(n) => write!(text, "{n}"),
        Cell::Text(word) if word.bytes().all(is_plain) => write!(text, "'{word}'"),
        Cell::Text(word) => write!(text, "_utf8mb4 x'{}'", hex(word.as_bytes())),
        Cell::Blob(bytes) => write!(text, "x'{}'", hex(bytes)),
    };
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| DIGITS.get(usize::from(half))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spelt_in_one_text_and_nothing_in_them_means_anything() {
        let mut text = Text::default();
        let row =
            |word: &str| vec![Cell::Int(-1), Cell::Null, word.into(), Cell::Blob(vec![0, 255])];
        let sql = "INSERT INTO t (a, b) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE n = VALUES(n)";
        text.spell(sql, &[row("a?"), row("x' OR '"), row("b\\")]);
        text.spell("UPDATE t SET a = ? WHERE b = ?", &[vec![1i64.into(), "c".into()]]);
        let want = "INSERT INTO t (a, b) VALUES (-1, NULL, 'a?', x'00ff'),\
                    (-1, NULL, _utf8mb4 x'7827204f522027', x'00ff'),\
                    (-1, NULL, _utf8mb4 x'625c', x'00ff') \
                    ON DUPLICATE KEY UPDATE n = VALUES(n);UPDATE t SET a = 1 WHERE b = 'c';";
        text.spell("INSERT INTO t VALUES (?)", &[]);
        assert_eq!((&*text.sql, text.statements), (want, 2));
    }
}
