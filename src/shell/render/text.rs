//! Lines of `key = value`, for `grep` and for reading one row at a time.
//!
//! Nested values are taken apart in the spelling in which the API takes them as parameters:
//! `tags[0].key = env`.

use std::io::{self, Write};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::cell::{self, Kind, is_nested, visible_scalar};
use super::choice::Choice;
use super::row::Row;
use super::{Body, End, Style};
use crate::text::printable;

const RULE_WIDTH: usize = 80;

/// Writes rows as they come.
pub(super) struct Text<'v> {
    choice: Choice<'v>,
    rows: u64,
}

impl<'v> Text<'v> {
    pub(super) fn new(choice: Choice<'v>) -> Self {
        Self { choice, rows: 0 }
    }
}

impl Style for Text<'_> {
    fn begin(
        &mut self,
        _: Body<'_>,
        before: &Map<String, Value>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        before.get("count").map_or(Ok(()), |count| lines("count", count, out))
    }

    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.rows > 0 {
            rule(out)?;
        }
        self.rows += 1;
        self.choice.pick(row).iter().try_for_each(|(name, value)| {
            let name = printable(name);
            field(&name, value, out)
        })
    }

    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        match end.after.get("count").filter(|_| matches!(end.body, Body::List(_))) {
            Some(count) => rule(out).and_then(|()| lines("count", count, out)),
            None => Ok(()),
        }
    }
}

fn rule(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", "=".repeat(RULE_WIDTH))
}

fn field(name: &str, value: &RawValue, out: &mut dyn Write) -> io::Result<()> {
    match cell::kind(value) {
        Kind::Nested => lines(name, &serde_json::from_str(value.get())?, out),
        _ => writeln!(out, "{name} = {}", cell::short(value)),
    }
}

fn lines(name: &str, value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().try_for_each(|(field, value)| {
                lines(&format!("{name}.{}", printable(field)), value, out)
            })
        }
        Value::Array(items) if items.iter().any(is_nested) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| lines(&format!("{name}[{index}]"), item, out)),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(visible_scalar).collect();
            writeln!(out, "{name} = {}", items.join(","))
        }
        Value::Object(_) => writeln!(out, "{name} = "),
        scalar => writeln!(out, "{name} = {}", visible_scalar(scalar)),
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
    use crate::shell::render::{Format, Shape, View};

    #[test]
    fn a_list() {
        assert_eq!(
            plain(Format::Text, TWO, VPCS),
            wide(
                "count = 2\n\
             id = 7021\n\
             name = WIDE\n\
             cpu = 2.75\n\
             state = Enabled\n\
             tags[0].key = a\n\
             tags[0].value = b\n\
             ================================================================================\n\
             id = 2d15\n\
             name = vpc-b\n\
             bytes = 9223372036854775807\n\
             cpu = \n\
             state = x\\n\\x1b[2J\n"
            ),
        );
        assert_eq!(plain(Format::Text, "{}", VPCS), "count = 0\n");
    }

    #[test]
    fn one_object() {
        assert_eq!(
            plain(Format::Text, ONE, NETWORK),
            "id = 9f\n\
             name = web, \"a\"\n\
             vlan = 101\n\
             service[0].name = Dhcp\n\
             service[0].provider[0].name = VR\n\
             service[1].name = Dns\n\
             acl = \n",
        );
        assert_eq!(
            plain(Format::Text, DONE, Shape::Success),
            "success = true\ndisplaytext = all well\n"
        );
        assert_eq!(
            plain(Format::Text, JOB, Shape::Flat),
            "jobid = 77\njobstatus = 1\njobresult.success = true\n",
        );
    }

    #[test]
    fn a_filter_orders_the_lines() {
        let filter = [String::from("vlan"), String::from("id")];
        let view = View { filter: &filter, ..View::plain(NETWORK) };
        assert_eq!(shown(Format::Text, ONE, &view), "vlan = 101\nid = 9f\n");
    }

    #[test]
    fn lists_of_scalars_are_joined() {
        let answer = r#"{"a":["x","y"],"b":[],"c":{}}"#;
        assert_eq!(plain(Format::Text, answer, Shape::Flat), "a = x,y\nb = \nc = \n");
    }
}
