//! Aligned columns without a frame, one row to a line however long: for `awk`, `sort` and eyes.

use std::io::{self, Write};

use super::cell;
use super::choice::Choice;
use super::row::Row;
use super::sheet::{Column, Sheet};
use super::width::pad;
use super::{Body, End, Style};

const GAP: &str = "   ";

/// Writes all when the last row has come.
pub(super) struct Columns<'v>(Sheet<'v>);

impl<'v> Columns<'v> {
    pub(super) fn new(choice: Choice<'v>) -> Self {
        Self(Sheet::new(choice, cell::short))
    }
}

impl Style for Columns<'_> {
    fn row(&mut self, row: Row<'_>, _: &mut dyn Write) -> io::Result<()> {
        self.0.take(&row)
    }

    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        let header = match end.body {
            Body::List(_) if self.0.rows() == 0 => self.0.choice().header(),
            _ => Vec::new(),
        };
        let header: Vec<_> = header.into_iter().map(Column::new).collect();
        let mut columns: Vec<_> = header.iter().enumerate().collect();
        if columns.is_empty() {
            columns = self.0.columns();
        }
        if columns.is_empty() {
            return Ok(());
        }
        let columns: Vec<_> =
            columns.into_iter().map(|(number, column)| (number, column.clone())).collect();
        line(&columns, |(_, column)| &column.name, out)?;
        self.0.each(|texts| {
            line(&columns, |(number, _)| texts.get(*number).copied().unwrap_or_default(), out)
        })
    }
}

fn line<'t>(
    columns: &'t [(usize, Column)],
    text: impl Fn(&'t (usize, Column)) -> &'t str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = String::new();
    for (index, column) in columns.iter().enumerate() {
        line.push_str(if index == 0 { "" } else { GAP });
        pad(text(column), column.1.width, column.1.is_numeric(), &mut line);
    }
    line.truncate(line.trim_end_matches(' ').len());
    line.push('\n');
    out.write_all(line.as_bytes())
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
