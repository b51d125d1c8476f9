//! JSON Lines: one row, one line, so that `head` and `grep` see whole rows.

use std::io::{self, Write};

use super::Style;
use super::choice::Choice;
use super::json::{Layout, picked};
use super::row::Row;

/// Writes rows as they come.
pub(super) struct JsonLines<'v> {
    choice: Choice<'v>,
    text: Vec<u8>,
}

impl<'v> JsonLines<'v> {
    pub(super) fn new(choice: Choice<'v>) -> Self {
        Self { choice, text: Vec::new() }
    }
}

impl Style for JsonLines<'_> {
    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.text.clear();
        picked(row, &self.choice, Layout::Line(0), &mut self.text)?;
        self.text.push(b'\n');
        out.write_all(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
    use crate::shell::render::{Format, Shape, View};

    #[test]
    fn a_list_is_its_rows() {
        assert_eq!(
            plain(Format::Jsonl, TWO, VPCS),
            wide(concat!(
                r#"{"id":"7021","name":"WIDE","cpu":2.75,"state":"Enabled","#,
                r#""tags":[{"key":"a","value":"b"}]}"#,
                "\n",
                r#"{"id":"2d15","name":"vpc-b","bytes":9223372036854775807,"cpu":null,"#,
                r#""state":"x\n\u001b[2J"}"#,
                "\n",
            )),
        );
        assert_eq!(plain(Format::Jsonl, "{}", VPCS), "");
    }

    #[test]
    fn one_object_is_one_line() {
        let exclude = [String::from("service")];
        let view = View { exclude: &exclude, ..View::plain(NETWORK) };
        assert_eq!(
            shown(Format::Jsonl, ONE, &view),
            "{\"id\":\"9f\",\"name\":\"web, \\\"a\\\"\",\"vlan\":101,\"acl\":null}\n",
        );
        assert_eq!(
            plain(Format::Jsonl, DONE, Shape::Success),
            "{\"success\":true,\"displaytext\":\"all well\"}\n",
        );
        assert_eq!(plain(Format::Jsonl, JOB, Shape::Flat), format!("{JOB}\n"));
    }
}
