//! Everything that a store holds, as text: two dumps are equal when nothing has changed.

use crate::model::CellRef;
use crate::store::{Store, StoreError, Tx};
use std::fmt::Write;

/// All tables but those that tell what was done: jobs, events and usage.
pub(crate) fn dump(store: &Store) -> String {
    store.read(dump_tx).expect("a store that can be read")
}

/// The same in a transaction.
pub(crate) fn dump_tx(tx: &mut Tx) -> Result<String, StoreError> {
    let mut text = String::new();
    let mut layout = tx.layout()?;
    // Servers order names by rules of their own.
    layout.sort();
    for (table, columns) in layout {
        if ["job", "event", "address_usage"].contains(&table.as_str()) {
            continue;
        }
        writeln!(text, "{table}: {}", columns.join(", ")).expect("text");
        let sql = format!("SELECT {} FROM {table} ORDER BY 1, 2", quoted(&columns));
        tx.each(&sql, &[], |cell| {
            text.push_str(&table);
            for at in 0..columns.len() {
                show(&mut text, cell(at));
            }
            text.push('\n');
            Ok(true)
        })?;
    }
    Ok(text)
}

/// A second column to sort by is always there: a constant after the real ones.
fn quoted(columns: &[String]) -> String {
    let mut names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    names.push("0".into());
    names.join(", ")
}

fn show(text: &mut String, cell: CellRef<'_>) {
    match cell {
        CellRef::Null => text.push_str(" -"),
        CellRef::Int(n) => write!(text, " {n}").expect("text"),
        CellRef::Text(word) => write!(text, " {word:?}").expect("text"),
        CellRef::Blob(bytes) => {
            text.push_str(" x");
            for byte in bytes {
                write!(text, "{byte:02x}").expect("text");
            }
        }
    }
}

/// The first lines in which two dumps differ, for the report of a test.
pub(crate) fn difference(before: &str, after: &str) -> String {
    let lines = before.lines().zip(after.lines());
    let changed = lines.filter(|(old, new)| old != new).take(5);
    changed.flat_map(|(old, new)| ["- ", old, "\n+ ", new, "\n"]).collect()
}
