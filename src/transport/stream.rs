//! Answers that list, handed on row by row while they come.
//!
//! An answer is `{"listzonesresponse":{"count":2,"zone":[{..},{..}]}}`. What is looked for in it
//! is only where each row begins and ends; whoever takes the rows reads them. So a large answer
//! takes no more memory than its largest row.

use std::io;

use serde_json::{Map, Value as Json};

use crate::transport::Failure;

/// Takes the rows of a list one after the other, as JSON.
pub(crate) trait Rows {
    /// The list begins, under this key; `before` stands in front of it.
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()>;
    /// The next row.
    fn row(&mut self, row: &str) -> io::Result<()>;
}

/// Hands on the rows of a whole answer and returns what stands behind them; of one without a
/// list, all of it. The list may stand under another key than was announced: servers differ.
pub(crate) fn hand_on(body: Json, key: &str, rows: &mut dyn Rows) -> io::Result<Map<String, Json>> {
    let Json::Object(fields) = body else { return Ok(Map::new()) };
    let announced = fields.get(key).is_some_and(Json::is_array);
    let (mut around, mut has_begun) = (Map::new(), false);
    for (name, value) in fields {
        match value {
            Json::Array(items) if !has_begun && (!announced || name == key) => {
                rows.begin(&name, &std::mem::take(&mut around))?;
                has_begun = true;
                items.into_iter().try_for_each(|item| rows.row(&item.to_string()))?;
            }
            other => drop(around.insert(name, other)),
        }
    }
    Ok(around)
}

/// What comes next of an answer; nothing at its end.
pub(crate) type Next<'n> = &'n mut dyn FnMut() -> Result<Option<Vec<u8>>, Failure>;

/// Why an answer was not read to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It could not be had.
    Failed(Failure),
    /// It is no answer.
    Garbled,
    /// Nobody takes its rows any more.
    Refused(io::Error),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Reads an answer: hands on the rows that stand under `key` (under any, if it is empty) and
/// returns the rest, and whether there were rows to hand on.
pub(crate) fn split(next: Next<'_>, key: &str, rows: &mut dyn Rows) -> Result<(Json, bool), Ended> {
    let mut text = Text { next, bytes: Vec::new(), at: 0, has_ended: false };
    text.demand(b'{')?;
    text.value()?;
    text.demand(b':')?;
    if text.peek()? != Some(b'{') {
        return Ok((text.json()?, false));
    }
    text.at += 1;
    let (mut around, mut has_begun) = (Map::new(), false);
    while text.goes_on(b'}')? {
        let Json::String(name) = text.json()? else { return Err(Ended::Garbled) };
        text.demand(b':')?;
        let is_list = !has_begun && (key.is_empty() || name == key);
        if is_list && text.peek()? == Some(b'[') {
            text.at += 1;
            has_begun = true;
            rows.begin(&name, &std::mem::take(&mut around)).map_err(Ended::Refused)?;
            while text.goes_on(b']')? {
                let row = std::str::from_utf8(text.value()?).map_err(|_| Ended::Garbled)?;
                rows.row(row).map_err(Ended::Refused)?;
            }
        } else {
            around.insert(name, text.json()?);
        }
    }
    text.demand(b'}')?;
    Ok((Json::Object(around), has_begun))
}

/// A text that comes in pieces.
struct Text<'n> {
    next: Next<'n>,
    bytes: Vec<u8>,
    /// Where the part begins that is not read yet.
    at: usize,
    has_ended: bool,
}

impl Text<'_> {
    /// Gets more; whether there was any.
    fn more(&mut self) -> Result<bool, Ended> {
        if self.has_ended {
            return Ok(false);
        }
        match (self.next)()? {
            Some(bytes) => {
                self.bytes.drain(..self.at);
                self.at = 0;
                self.bytes.extend_from_slice(&bytes);
            }
            None => self.has_ended = true,
        }
        Ok(!self.has_ended)
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Result<Option<u8>, Ended> {
        loop {
            match self.bytes.get(self.at).copied() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(Some(byte)),
                None if self.more()? => {}
                None => return Ok(None),
            }
        }
    }

    fn demand(&mut self, byte: u8) -> Result<(), Ended> {
        let found = self.peek()? == Some(byte);
        self.at += usize::from(found);
        if found { Ok(()) } else { Err(Ended::Garbled) }
    }

    /// Whether there is another item in front of the bracket that ends them.
    fn goes_on(&mut self, bracket: u8) -> Result<bool, Ended> {
        match self.peek()? {
            Some(byte) if byte == bracket => {
                self.at += 1;
                return Ok(false);
            }
            Some(b',') => self.at += 1,
            Some(_) => {}
            None => return Err(Ended::Garbled),
        }
        Ok(true)
    }

    fn json(&mut self) -> Result<Json, Ended> {
        serde_json::from_slice(self.value()?).map_err(|_| Ended::Garbled)
    }

    /// The bytes of the next value.
    fn value(&mut self) -> Result<&[u8], Ended> {
        self.peek()?;
        let mut scan = Scan::default();
        let mut length = 0;
        loop {
            let rest = self.bytes.get(self.at + length..).unwrap_or_default();
            if let Some(end) = scan.end(rest) {
                length += end;
                break;
            }
            length += rest.len();
            if !self.more()? {
                return Err(Ended::Garbled);
            }
        }
        let value = self.bytes.get(self.at..self.at + length).filter(|value| !value.is_empty());
        self.at += length;
        value.ok_or(Ended::Garbled)
    }
}

/// Looks for the end of a value.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
}

impl Scan {
    /// How many of these bytes, which follow those of the last time, belong to the value; none if
    /// all do and it goes on behind them.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 => {
                    return Some(at);
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Rows for Seen {
        fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
            self.0.push(format!("{key} {}", Json::Object(before.clone())));
            Ok(())
        }

        fn row(&mut self, row: &str) -> io::Result<()> {
            self.0.push(row.to_owned());
            Ok(())
        }
    }

    /// What is seen of a text that comes in pieces of this size.
    fn seen(text: &[u8], key: &str, size: usize) -> Option<(Vec<String>, Json)> {
        let mut pieces = text.chunks(size);
        let mut seen = Seen::default();
        let split = split(&mut || Ok(pieces.next().map(<[u8]>::to_vec)), key, &mut seen);
        split.ok().map(|(around, _)| (seen.0, around))
    }

    #[test]
    fn rows_come_one_by_one_whatever_the_pieces() {
        let text = br#" {"r" : { "count" : 2, "zone":[ {"a":"]\"}"} , 7,[1, 2] ], "x":{"y":[]}}} "#;
        let expected = ["zone {\"count\":2}", r#"{"a":"]\"}"}"#, "7", "[1, 2]"];
        for size in 1..text.len() {
            let (rows, after) = seen(text, "zone", size).unwrap();
            assert_eq!((rows, after), (expected.map(String::from).into(), json!({"x": {"y": []}})));
        }
        assert_eq!(seen(text, "", 7).unwrap().0.len(), 4);
        assert_eq!(seen(text, "vpc", 7).unwrap().1["zone"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn what_has_no_rows_is_returned() {
        assert_eq!(seen(br#"{"r":{}}"#, "zone", 3), Some((vec![], json!({}))));
        assert_eq!(seen(br#"{"r":"x"}"#, "zone", 3), Some((vec![], json!("x"))));
        for text in ["", "{", "{}", "[1]", "{\"r\":", "{\"r\":{\"zone\":[{\"a\":1}", "<html>"] {
            assert_eq!(seen(text.as_bytes(), "zone", 3), None, "{text}");
        }
    }

    #[test]
    fn a_whole_answer_is_handed_on_alike() {
        let mut rows = Seen::default();
        let body = json!({"count": 1, "other": [], "zone": [{"a": 1}], "x": 2});
        assert_eq!(
            hand_on(body, "zone", &mut rows).unwrap(),
            *json!({"x": 2}).as_object().unwrap()
        );
        assert_eq!(rows.0, [r#"zone {"count":1,"other":[]}"#, r#"{"a":1}"#]);
        let mut rows = Seen::default();
        hand_on(json!({"Zone": [1]}), "zone", &mut rows).unwrap();
        assert_eq!(rows.0, ["Zone {}", "1"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(text in "[{}\\[\\]\",:a1 \\\\]{0,60}", size in 1_usize..9) {
            seen(text.as_bytes(), "a", size);
        }

        #[test]
        fn any_rows_come_back(texts: Vec<String>, size in 1_usize..40) {
            let text = json!({"r": {"count": texts.len(), "zone": texts}}).to_string();
            let (rows, _) = seen(text.as_bytes(), "zone", size).unwrap();
            let back: Vec<String> =
                rows.iter().skip(1).map(|row| serde_json::from_str(row).unwrap()).collect();
            prop_assert_eq!(back, texts);
        }
    }
}
