//! Aligned columns without a frame, one row to a line however long: for `awk`, `sort` and eyes.

use std::borrow::Cow;
use std::io::{self, Write};
use std::iter::repeat_n;

use super::grid::{self, Column};
use super::rows::Rows;
use super::width::width;

const GAP: &str = "   ";

pub(super) fn write(rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns = grid::measure(rows, &rows.columns());
    if columns.is_empty() {
        return Ok(());
    }
    line(&columns, |column| Cow::Borrowed(&column.name), out)?;
    for row in &rows.items {
        line(&columns, |column| grid::text(row, column), out)?;
    }
    Ok(())
}

fn line<'c, 'a>(
    columns: &'c [Column<'a>],
    text: impl Fn(&'c Column<'a>) -> Cow<'c, str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = String::new();
    for (index, column) in columns.iter().enumerate() {
        let text = text(column);
        let padding = column.width.saturating_sub(width(&text));
        line.push_str(if index == 0 { "" } else { GAP });
        if column.is_numeric() {
            line.extend(repeat_n(' ', padding));
            line.push_str(&text);
        } else {
            line.push_str(&text);
            line.extend(repeat_n(' ', padding));
        }
    }
    writeln!(out, "{}", line.trim_end_matches(' '))
}

#[cfg(test)]
mod tests {
    use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
    use crate::shell::render::{Format, Shape, View};

    #[test]
    fn a_list() {
        assert_eq!(
            plain(Format::Column, TWO, VPCS),
            wide(concat!(
                "id     name                  bytes    cpu   state        tags\n",
                "7021   WIDE                          2.75   Enabled      a=b\n",
                "2d15   vpc-b   9223372036854775807          x\\n\\x1b[2J\n",
            )),
        );
    }

    #[test]
    fn one_object_is_one_row() {
        assert_eq!(
            plain(Format::Column, ONE, NETWORK),
            concat!(
                "id   name       vlan   service    acl\n",
                "9f   web, \"a\"    101   Dhcp,Dns\n",
            )
        );
        assert_eq!(
            plain(Format::Column, DONE, Shape::Success),
            "success   displaytext\ntrue      all well\n",
        );
        assert_eq!(
            plain(Format::Column, JOB, Shape::Flat),
            "jobid   jobstatus   jobresult\n77              1   success=true\n",
        );
    }

    #[test]
    fn an_empty_list_keeps_its_header() {
        assert_eq!(plain(Format::Column, "{}", VPCS), "");
        let view = View { columns: &["name", "id"], ..View::plain(VPCS) };
        assert_eq!(shown(Format::Column, "{}", &view), "name   id\n");
    }

    #[test]
    fn a_filter_is_the_columns() {
        let filter = [String::from("state"), String::from("nope"), String::from("id")];
        let view = View { filter: &filter, width: Some(10), ..View::plain(VPCS) };
        assert_eq!(
            shown(Format::Column, TWO, &view),
            concat!(
                "state        nope   id\n",
                "Enabled             7021\n",
                "x\\n\\x1b[2J          2d15\n",
            ),
        );
    }
}
