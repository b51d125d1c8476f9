//! JSON, indented by two blanks: the answer as the server sent it, and always valid.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use serde_json::{Map, Value};

use super::rows::{Body, Row, Rows};

pub(super) fn write(answer: &Value, rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new()));
    Whole { answer, rows }.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Writes one value on one line.
pub(super) fn compact(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Safe(CompactFormatter));
    Ok(value.serialize(&mut serializer)?)
}

/// A row, less the fields that were not asked for.
pub(super) struct Picked<'r, 'a> {
    pub(super) rows: &'r Rows<'a>,
    pub(super) row: &'r Row<'a>,
}

/// The answer with its rows picked, everything around them untouched.
struct Whole<'r, 'a> {
    answer: &'a Value,
    rows: &'r Rows<'a>,
}

struct List<'r, 'a>(&'r Rows<'a>);

impl Serialize for Picked<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.row {
            Row::Bare(_, value) => value.serialize(serializer),
            Row::Fields(fields) if !self.rows.is_choosy() => fields.serialize(serializer),
            Row::Fields(_) => serializer.collect_map(self.rows.fields(self.row)),
        }
    }
}

impl Serialize for List<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.items.iter().map(|row| Picked { rows: self.0, row }))
    }
}

impl Serialize for Whole<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.rows;
        match (rows.body, rows.items.first()) {
            (Body::List(key), _) => list(self.answer.as_object(), key, rows, serializer),
            (Body::Object(key), Some(row)) => serializer.collect_map([(key, Picked { rows, row })]),
            (Body::Whole, Some(row)) => Picked { rows, row }.serialize(serializer),
            (_, None) => self.answer.serialize(serializer),
        }
    }
}

/// Completes what the server leaves out of an empty list: the count and the list itself.
fn list<S: Serializer>(
    fields: Option<&Map<String, Value>>,
    key: &str,
    rows: &Rows<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if rows.count.is_none() {
        map.serialize_entry("count", &rows.items.len())?;
    }
    for (name, value) in fields.into_iter().flatten().filter(|(name, _)| *name != key) {
        map.serialize_entry(name, value)?;
    }
    map.serialize_entry(key, &List(rows))?;
    map.end()
}

/// Escapes, beyond what JSON demands, the control characters above ASCII: a terminal obeys them.
struct Safe<F>(F);

fn is_unsafe(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}')
}

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((start, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            let (safe, tail) = rest.split_at(start);
            writer.write_all(safe.as_bytes())?;
            write!(writer, "\\u{:04x}", u32::from(c))?;
            rest = tail.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
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
