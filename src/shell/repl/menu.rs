//! The list of candidates: a row each, name, id and what it is in columns that fit the terminal.

use crate::shell::complete::Candidate;
use crate::shell::render::{truncate, width};
use crate::text::printable;

/// Blanks between columns.
const GAP: &str = "  ";
/// Words about a candidate need this much room to be of use.
const LEAST: usize = 10;

/// The candidates as rows of at most `columns`; where nothing is known about any of them the
/// names alone, of which several may stand in a row. `below` rows are left free below them: the
/// editor draws a line anew over as many as the line takes besides its first.
pub(super) fn rows(candidates: &[Candidate], columns: usize, below: usize) -> Vec<String> {
    // A row that ends at the last column would make an empty one.
    let room = columns.saturating_sub(1).max(1);
    let names = candidates.iter().map(|candidate| cell(&candidate.shown));
    let names: Vec<_> = names.map(|name| truncate(&name, room).into_owned()).collect();
    let knows = |candidate: &Candidate| !candidate.id.is_empty() || !candidate.about.is_empty();
    if below == 0 && !candidates.iter().any(knows) {
        return names;
    }
    let widest = |cells: &mut dyn Iterator<Item = &str>| cells.map(width).max().unwrap_or(0);
    let ids = widest(&mut candidates.iter().map(|candidate| candidate.id.as_str()));
    // Names give way to ids, but for half of the row.
    let name = widest(&mut names.iter().map(String::as_str)).min(room.max(2) / 2);
    let name = if name + GAP.len() + ids > room { name.min(room) } else { name };
    let with_ids = ids > 0 && name + GAP.len() + ids <= room;
    let each = candidates.iter().zip(names).map(|(candidate, shown)| {
        let shown = truncate(&shown, name);
        let mut row = format!("{shown}{}", padding(&shown, name));
        if with_ids {
            row.extend([GAP, &candidate.id, &padding(&candidate.id, ids)]);
        }
        let left = room.saturating_sub(width(&row) + GAP.len());
        if left >= LEAST && !candidate.about.is_empty() {
            row.extend([GAP, &truncate(&cell(&candidate.about), left)]);
        }
        row.trim_end().to_owned()
    });
    let mut rows: Vec<String> = each.collect();
    // The editor puts rows side by side that are narrow enough; one wide row keeps it from that.
    if let Some(first) = rows.first_mut() {
        let wide = padding(first, columns / 2);
        first.push_str(&wide);
    }
    if let Some(last) = rows.last_mut() {
        last.push_str(&"\n".repeat(below));
    }
    rows
}

/// Blanks that bring `text` to `to` columns.
fn padding(text: &str, to: usize) -> String {
    " ".repeat(to.saturating_sub(width(text)))
}

fn cell(text: &str) -> String {
    printable(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "00000000-0000-8000-8000-000000000001";

    fn candidate(shown: &str, id: &str, about: &str) -> Candidate {
        let (shown, id, about) = (shown.to_owned(), id.to_owned(), about.to_owned());
        Candidate { text: format!("{shown} "), shown, id, about }
    }

    fn shown(candidates: &[Candidate], columns: usize) -> Vec<String> {
        let rows = rows(candidates, columns, 0);
        rows.into_iter().map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn columns_stand_below_each_other() {
        let candidates = [candidate("web", ID, "the front"), candidate("\u{6771}\u{4eac}", ID, "")];
        let expected = [format!("web   {ID}  the front"), format!("\u{6771}\u{4eac}  {ID}")];
        assert_eq!(shown(&candidates, 80), expected);
    }

    #[test]
    fn what_does_not_fit_goes_the_words_first() {
        let candidates = [candidate("web", ID, "the front of all"), candidate("dev", ID, "x")];
        assert_eq!(shown(&candidates, 54)[0], format!("web  {ID}  the front\u{2026}"));
        assert_eq!(shown(&candidates, 45)[0], format!("web  {ID}"));
        assert_eq!(shown(&candidates, 40)[0], "web  the front of all");
        assert_eq!(shown(&candidates, 12)[0], "web");
    }

    #[test]
    fn names_alone_may_stand_side_by_side() {
        assert_eq!(rows(&[candidate("a", "", ""), candidate("b", "", "")], 80, 0), ["a", "b"]);
        assert!(rows(&[candidate("a", "", "x"), candidate("b", "", "")], 80, 0)[0].len() >= 40);
    }

    #[test]
    fn rows_are_left_free_for_a_long_line() {
        let rows = rows(&[candidate("a", "", ""), candidate("b", "", "")], 80, 2);
        assert!(rows[0].len() >= 40);
        assert_eq!(rows[1], "b\n\n");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_the_terminal(
            names in prop::collection::vec(("\\PC{0,60}", "[0-9a-f-]{0,36}", "\\PC{0,60}"), 1..6),
            columns in 1_usize..120,
        ) {
            let candidates: Vec<_> =
                names.iter().map(|(name, id, about)| candidate(name, id, about)).collect();
            for row in rows(&candidates, columns, 0) {
                prop_assert!(width(&row) <= columns.max(2), "{row:?}");
            }
        }
    }
}
