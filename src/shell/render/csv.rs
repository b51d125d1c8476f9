//! CSV by RFC 4180, but for line ends: LF, as every tool on Unix expects.
//!
//! With a filter the columns are known and every row is written when it comes. Without one they
//! are those of all rows, so that the header waits for the last.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::value::RawValue;

use super::cell;
use super::choice::Choice;
use super::row::Row;
use super::sheet::Sheet;
use super::{Body, End, Style};

/// Writes records.
pub(super) struct Csv<'v> {
    sheet: Sheet<'v>,
    /// The columns, if they are known beforehand.
    fields: Vec<&'v str>,
    rows: u64,
}

impl<'v> Csv<'v> {
    pub(super) fn new(choice: Choice<'v>) -> Self {
        let fields = choice.filter().unwrap_or_default();
        Self { fields, sheet: Sheet::new(choice, escaped), rows: 0 }
    }

    fn begin_records(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.rows += 1;
        match self.rows {
            1 => record(self.fields.iter().map(|field| escape((*field).into())), out),
            _ => Ok(()),
        }
    }
}

impl Style for Csv<'_> {
    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.fields.is_empty() {
            return self.sheet.take(&row);
        }
        self.begin_records(out)?;
        record(self.fields.iter().map(|field| row.get(field).map(escaped).unwrap_or_default()), out)
    }

    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.rows > 0 {
            return Ok(());
        }
        if self.sheet.rows() == 0 {
            let header = match end.body {
                Body::List(_) => self.sheet.choice().header(),
                _ => Vec::new(),
            };
            return record(header.into_iter().map(|field| escape(field.into())), out);
        }
        let columns = self.sheet.columns();
        let order: Vec<_> = columns.iter().map(|(number, _)| *number).collect();
        record(columns.iter().map(|(_, column)| escape((&column.field).into())), out)?;
        self.sheet.each(|texts| {
            record(order.iter().map(|number| texts.get(*number).copied().unwrap_or_default()), out)
        })
    }
}

/// Writes cells that are escaped.
fn record<T: AsRef<str>>(
    cells: impl ExactSizeIterator<Item = T>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let alone = cells.len() == 1;
    let mut line = String::with_capacity(1024);
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            line.push(',');
        }
        // A blank line would be read as no record at all.
        line.push_str(if alone && cell.as_ref().is_empty() { "\"\"" } else { cell.as_ref() });
    }
    if line.is_empty() && !alone {
        return Ok(());
    }
    line.push('\n');
    out.write_all(line.as_bytes())
}

fn escaped(value: &RawValue) -> Cow<'_, str> {
    escape(cell::exact(value))
}

fn escape(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
    use crate::shell::render::{Format, Shape, View};

    #[test]
    fn a_list() {
        assert_eq!(
            plain(Format::Csv, TWO, VPCS),
            wide(
                "id,name,bytes,cpu,state,tags\n\
             7021,WIDE,,2.75,Enabled,\"[{\"\"key\"\":\"\"a\"\",\"\"value\"\":\"\"b\"\"}]\"\n\
             2d15,vpc-b,9223372036854775807,,\"x\n\u{1b}[2J\",\n"
            ),
        );
    }

    #[test]
    fn one_object() {
        assert_eq!(
            plain(Format::Csv, ONE, NETWORK),
            "id,name,vlan,service,acl\n\
             9f,\"web, \"\"a\"\"\",101,\"[{\"\"name\"\":\"\"Dhcp\"\",\"\"provider\"\":\
             [{\"\"name\"\":\"\"VR\"\"}]},{\"\"name\"\":\"\"Dns\"\"}]\",\n",
        );
        assert_eq!(
            plain(Format::Csv, DONE, Shape::Success),
            "success,displaytext\ntrue,all well\n"
        );
        assert_eq!(
            plain(Format::Csv, JOB, Shape::Flat),
            "jobid,jobstatus,jobresult\n77,1,\"{\"\"success\"\":true}\"\n",
        );
    }

    #[test]
    fn an_empty_list_keeps_its_header() {
        assert_eq!(plain(Format::Csv, "{}", VPCS), "");
        let view = View { columns: &["name", "id"], ..View::plain(VPCS) };
        assert_eq!(shown(Format::Csv, "{}", &view), "name,id\n");
        let filter = [String::from("id")];
        assert_eq!(shown(Format::Csv, "{}", &View { filter: &filter, ..view }), "id\n");
    }

    #[test]
    fn a_single_empty_cell_is_still_a_record() {
        let filter = [String::from("nope")];
        let view = View { filter: &filter, ..View::plain(VPCS) };
        assert_eq!(shown(Format::Csv, TWO, &view), "nope\n\"\"\n\"\"\n");
    }
}
