//! CSV by RFC 4180, but for line ends: LF, as every tool on Unix expects.

use std::io::{self, Write};

use super::cell;
use super::rows::Rows;

pub(super) fn write(rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns = rows.columns();
    if columns.is_empty() {
        return Ok(());
    }
    record(columns.iter().copied(), out)?;
    for row in &rows.items {
        let cells: Vec<_> =
            columns.iter().map(|name| row.get(name).map(cell::exact).unwrap_or_default()).collect();
        record(cells.iter().map(AsRef::as_ref), out)?;
    }
    Ok(())
}

fn record<'a>(
    mut cells: impl ExactSizeIterator<Item = &'a str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let alone = cells.len() == 1;
    if let Some(first) = cells.next() {
        // A blank line would be read as no record at all.
        if alone && first.is_empty() { out.write_all(b"\"\"")? } else { cell(first, out)? }
    }
    for next in cells {
        out.write_all(b",")?;
        cell(next, out)?;
    }
    out.write_all(b"\n")
}

fn cell(text: &str, out: &mut dyn Write) -> io::Result<()> {
    if text.contains(['"', ',', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
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
