//! JSON, indented by two blanks: the answer as the server sent it, and always valid.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::choice::Choice;
use super::row::{Field, Fields, Row};
use super::{Body, End, Style};

/// How deep values may stand in each other, as everywhere in JSON that is read.
const DEEPEST: usize = 128;

/// Writes the rows into what was around them.
pub(super) struct Json<'v> {
    choice: Choice<'v>,
    /// How far rows are indented.
    depth: usize,
    rows: u64,
    text: Vec<u8>,
}

impl<'v> Json<'v> {
    pub(super) fn new(choice: Choice<'v>) -> Self {
        Self { choice, depth: 0, rows: 0, text: Vec::new() }
    }
}

impl Style for Json<'_> {
    fn begin(
        &mut self,
        body: Body<'_>,
        before: &Map<String, Value>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (key, opening) = match body {
            Body::List(key) => (key, "["),
            Body::Object(key) => (key, ""),
            Body::Whole => return Ok(()),
        };
        let mut text = b"{".to_vec();
        for (name, value) in before {
            member(name, value, &mut text)?;
        }
        line(1, &mut text);
        string(key, &mut text);
        text.extend_from_slice(b": ");
        text.extend_from_slice(opening.as_bytes());
        self.depth = if opening.is_empty() { 1 } else { 2 };
        out.write_all(&text)
    }

    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.text.clear();
        if self.rows > 0 {
            self.text.push(b',');
        }
        if self.depth == 2 {
            line(self.depth, &mut self.text);
        }
        self.rows += 1;
        picked(row, &self.choice, Layout::Lines(self.depth), &mut self.text)?;
        out.write_all(&self.text)
    }

    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut text = Vec::new();
        match end.body {
            Body::List(_) => {
                if self.rows > 0 {
                    line(1, &mut text);
                }
                text.push(b']');
                for (name, value) in end.after {
                    text.push(b',');
                    line(1, &mut text);
                    entry(name, value, &mut text)?;
                }
                text.extend_from_slice(b"\n}");
            }
            Body::Object(_) => text.extend_from_slice(b"\n}"),
            Body::Whole if self.rows == 0 => text.extend_from_slice(b"null"),
            Body::Whole => {}
        }
        text.push(b'\n');
        out.write_all(&text)
    }
}

fn member(name: &str, value: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    line(1, out);
    entry(name, value, out)?;
    out.push(b',');
    Ok(())
}

fn entry(name: &str, json: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    string(name, out);
    out.extend_from_slice(b": ");
    value(&serde_json::value::to_raw_value(json)?, Layout::Lines(1), out)
}

/// One row, less the fields that were not asked for.
pub(super) fn picked(
    row: Row<'_>,
    choice: &Choice<'_>,
    layout: Layout,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    match row.fields.first() {
        Some((_, bare)) if row.is_bare => value(bare, layout, out),
        _ => object(&choice.pick(row), layout, out),
    }
}

/// Where the values in a value stand.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// All on one line, so deep in each other.
    Line(usize),
    /// Each on a line of its own, so far indented.
    Lines(usize),
}

impl Layout {
    fn deeper(self) -> io::Result<Self> {
        let deeper = match self {
            Self::Line(depth) => Self::Line(depth + 1),
            Self::Lines(depth) => Self::Lines(depth + 1),
        };
        match deeper {
            Self::Line(depth) | Self::Lines(depth) if depth > DEEPEST => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "values stand too deep in others"))
            }
            _ => Ok(deeper),
        }
    }

    fn next(self, out: &mut Vec<u8>) {
        if let Self::Lines(depth) = self {
            line(depth, out);
        }
    }
}

/// Writes a value that came as JSON.
pub(super) fn value(raw: &RawValue, layout: Layout, out: &mut Vec<u8>) -> io::Result<()> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            layout.deeper()?;
            object(&serde_json::from_str::<Fields<'_>>(text)?.0, layout, out)
        }
        Some(b'[') => array(&serde_json::from_str::<Vec<&RawValue>>(text)?, layout, out),
        // However the server escaped it.
        Some(b'"') if text.contains('\\') => {
            match serde_json::from_str::<Cow<'_, str>>(text) {
                Ok(plain) => string(&plain, out),
                Err(_) => safe(text, out),
            }
            Ok(())
        }
        _ => {
            safe(text, out);
            Ok(())
        }
    }
}

fn object(fields: &[Field<'_>], layout: Layout, out: &mut Vec<u8>) -> io::Result<()> {
    let inner = layout.deeper()?;
    out.push(b'{');
    for (index, (name, field)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        inner.next(out);
        string(name, out);
        out.extend_from_slice(if matches!(layout, Layout::Line(_)) { b":" } else { b": " });
        value(field, inner, out)?;
    }
    if !fields.is_empty() {
        layout.next(out);
    }
    out.push(b'}');
    Ok(())
}

fn array(items: &[&RawValue], layout: Layout, out: &mut Vec<u8>) -> io::Result<()> {
    let inner = layout.deeper()?;
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        inner.next(out);
        value(item, inner, out)?;
    }
    if !items.is_empty() {
        layout.next(out);
    }
    out.push(b']');
    Ok(())
}

fn line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}

/// Writes a text as a string.
fn string(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push(b'"');
        safe(text, out);
        out.push(b'"');
    } else {
        safe(&Value::from(text).to_string(), out);
    }
}

/// Escapes, beyond what JSON demands, the control characters above ASCII: a terminal obeys them.
/// They stand in strings only.
pub(crate) fn safe(text: &str, out: &mut Vec<u8>) {
    // The first byte of all that is unsafe.
    if !text.bytes().any(|byte| byte == 0x7f || byte == 0xc2) {
        return out.extend_from_slice(text.as_bytes());
    }
    for c in text.chars() {
        if matches!(c, '\u{7f}'..='\u{9f}') {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
        } else {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
    use crate::shell::render::{Format, Shape, View};

    #[test]
    fn a_list_is_as_it_came() {
        assert_eq!(
            plain(Format::Json, TWO, VPCS),
            wide(
                r#"{
  "count": 2,
  "vpc": [
    {
      "id": "7021",
      "name": "WIDE",
      "cpu": 2.75,
      "state": "Enabled",
      "tags": [
        {
          "key": "a",
          "value": "b"
        }
      ]
    },
    {
      "id": "2d15",
      "name": "vpc-b",
      "bytes": 9223372036854775807,
      "cpu": null,
      "state": "x\n\u001b[2J"
    }
  ]
}
"#
            ),
        );
    }

    #[test]
    fn a_filter_picks_from_the_rows() {
        let filter = [String::from("cpu, nope, id")];
        assert_eq!(
            shown(Format::Json, TWO, &View { filter: &filter, ..View::plain(VPCS) }),
            r#"{
  "count": 2,
  "vpc": [
    {
      "cpu": 2.75,
      "id": "7021"
    },
    {
      "cpu": null,
      "id": "2d15"
    }
  ]
}
"#,
        );
    }

    #[test]
    fn a_filter_picks_from_an_object() {
        let filter = [String::from("id"), String::from("vlan")];
        assert_eq!(
            shown(Format::Json, ONE, &View { filter: &filter, ..View::plain(NETWORK) }),
            "{\n  \"network\": {\n    \"id\": \"9f\",\n    \"vlan\": 101\n  }\n}\n",
        );
        let exclude = [String::from("displaytext")];
        assert_eq!(
            shown(Format::Json, DONE, &View { exclude: &exclude, ..View::plain(Shape::Success) }),
            "{\n  \"success\": true\n}\n",
        );
    }

    #[test]
    fn an_empty_list_is_complete() {
        let empty = "{\n  \"count\": 0,\n  \"vpc\": []\n}\n";
        assert_eq!(plain(Format::Json, "{}", VPCS), empty);
        assert_eq!(
            plain(Format::Json, r#"{"count":2}"#, VPCS),
            "{\n  \"count\": 2,\n  \"vpc\": []\n}\n"
        );
    }

    #[test]
    fn other_shapes_are_as_they_came() {
        for (answer, shape) in [(ONE, NETWORK), (DONE, Shape::Success), (JOB, Shape::Flat)] {
            let value: serde_json::Value = serde_json::from_str(answer).unwrap();
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(plain(Format::Json, answer, shape), pretty + "\n");
        }
    }

    #[test]
    fn control_characters_above_ascii_are_escaped_too() {
        assert_eq!(
            plain(Format::Json, "{\"a\":\"x\u{9b}2J\u{7f}\u{e9}\"}", Shape::Flat),
            "{\n  \"a\": \"x\\u009b2J\\u007f\u{e9}\"\n}\n",
        );
    }
}
