//! Fitting columns into a terminal: which stay, and how wide each may be.
//!
//! An identifier or an address is useless with its middle missing, so such a column stays whole
//! or goes; prose gives way first. Columns go from the end, which is the least important.

use super::sheet::Column;
use super::width::width;

/// The longest thing that is kept whole: an IPv6 prefix has 43 characters, a uuid 36.
const WHOLE_MAX: usize = 43;
/// Prose is not made narrower than this.
const PROSE_MIN: usize = 16;
/// What a column costs beside its text: a blank on either side and a bar.
const FRAME: usize = 3;

/// Fits as many of the first columns as possible into `limit`; returns their widths.
pub(super) fn fit_first(columns: &[&Column], limit: usize) -> Vec<usize> {
    let mut used = 1;
    let fits = |column: &&&Column| {
        used += least(column) + FRAME;
        used <= limit
    };
    let kept: Vec<_> = columns.iter().take_while(fits).copied().collect();
    widths(&kept, limit)
}

/// Fits all columns into `limit`, or none.
pub(super) fn fit_all(columns: &[&Column], limit: usize) -> Vec<usize> {
    let widths = fit_first(columns, limit);
    if widths.len() == columns.len() { widths } else { Vec::new() }
}

/// Whether a table of two columns, the names and the values of one object, fits into `limit`.
pub(super) fn fits_upright(columns: &[&Column], limit: usize) -> bool {
    let names = columns.iter().map(|column| width(&column.name)).max().unwrap_or(0);
    let values = columns.iter().map(|column| least_text(column)).max().unwrap_or(0);
    1 + names + FRAME + values + FRAME <= limit
}

fn least(column: &Column) -> usize {
    least_text(column).max(width(&column.name))
}

fn least_text(column: &Column) -> usize {
    if column.prose || column.width > WHOLE_MAX {
        column.width.min(PROSE_MIN)
    } else {
        column.width
    }
}

/// Gives each column what it wants, then takes from the widest that can give.
fn widths(columns: &[&Column], limit: usize) -> Vec<usize> {
    let room = limit.saturating_sub(1 + FRAME * columns.len());
    let mut widths: Vec<_> = columns.iter().map(|column| column.width.min(room)).collect();
    while widths.iter().sum::<usize>() > room {
        let givers = widths.iter_mut().zip(columns).filter(|(w, column)| **w > least(column));
        match givers.max_by_key(|(width, _)| **width) {
            Some((width, _)) => *width -= 1,
            None => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::render::sheet::Content;

    fn column(name: &str, width: usize, prose: bool) -> Column {
        Column { width, content: Content::Text, prose, ..Column::new(name) }
    }

    fn fit_first(columns: &[Column], limit: usize) -> Vec<usize> {
        super::fit_first(&columns.iter().collect::<Vec<_>>(), limit)
    }

    fn fit_all(columns: &[Column], limit: usize) -> Vec<usize> {
        super::fit_all(&columns.iter().collect::<Vec<_>>(), limit)
    }

    #[test]
    fn all_fit_as_they_are() {
        let columns = [column("name", 10, false), column("id", 36, false)];
        assert_eq!(fit_first(&columns, 53), [10, 36]);
        assert_eq!(fit_first(&columns, 400), [10, 36]);
    }

    #[test]
    fn the_last_goes_before_an_identifier_is_cut() {
        let columns = [column("name", 10, false), column("id", 36, false), column("x", 9, false)];
        assert_eq!(fit_first(&columns, 64), [10, 36]);
        assert_eq!(fit_first(&columns, 65), [10, 36, 9]);
        assert_eq!(fit_first(&columns, 52), [10]);
        assert_eq!(fit_all(&columns, 64), [0; 0]);
    }

    #[test]
    fn prose_gives_way() {
        let columns =
            [column("name", 60, true), column("id", 36, false), column("about", 30, true)];
        assert_eq!(fit_first(&columns, 100), [27, 36, 27]);
        assert_eq!(fit_first(&columns, 78), [16, 36, 16]);
        assert_eq!(fit_first(&columns, 77), [34, 36]);
    }

    #[test]
    fn a_token_too_long_for_any_terminal_gives_way_too() {
        let columns = [column("name", 8, false), column("publickey", 700, false)];
        assert_eq!(fit_first(&columns, 80), [8, 65]);
    }

    #[test]
    fn an_object_fits_if_its_identifiers_do() {
        let columns = [column("id", 36, false), column("displaytext", 200, true)];
        let columns: Vec<_> = columns.iter().collect();
        assert!(fits_upright(&columns, 54));
        assert!(!fits_upright(&columns, 53));
    }
}
