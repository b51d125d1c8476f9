//! The text of one value in one cell.

use std::borrow::Cow;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json::{self, Layout};
use crate::text::{Count, printable};

/// What a value is, which its first letter tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Flag,
    Number,
    Text,
    /// A list or an object.
    Nested,
}

pub(super) fn kind(value: &RawValue) -> Kind {
    match value.get().as_bytes().first() {
        Some(b'"') => Kind::Text,
        Some(b'{' | b'[') => Kind::Nested,
        Some(b't' | b'f') => Kind::Flag,
        Some(b'n') | None => Kind::Null,
        Some(_) => Kind::Number,
    }
}

/// The text for a person: one line, nested values in short.
pub(super) fn short(value: &RawValue) -> Cow<'_, str> {
    match kind(value) {
        Kind::Nested => match serde_json::from_str(value.get()) {
            Ok(Value::Array(items)) => Cow::Owned(short_list(&items)),
            Ok(Value::Object(fields)) => Cow::Owned(short_object(&fields)),
            _ => printable(value.get()),
        },
        _ => visible(exact(value)),
    }
}

/// The text for a program: nothing is altered, nested values are compact JSON.
pub(super) fn exact(value: &RawValue) -> Cow<'_, str> {
    let text = value.get();
    match kind(value) {
        Kind::Null => Cow::Borrowed(""),
        Kind::Flag | Kind::Number => Cow::Borrowed(text),
        Kind::Text => match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
            _ => serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned),
        },
        Kind::Nested => {
            let mut compact = Vec::with_capacity(text.len());
            match json::value(value, Layout::Line(0), &mut compact) {
                Ok(()) => Cow::Owned(String::from_utf8_lossy(&compact).into_owned()),
                Err(_) => Cow::Borrowed(text),
            }
        }
    }
}

/// The text that a condition sees: nothing is altered, nested values in short.
pub(crate) fn cell_text(value: &RawValue) -> Cow<'_, str> {
    if kind(value) == Kind::Nested { short(value) } else { exact(value) }
}

/// As [`exact`], with control characters made visible; for what is not nested.
pub(super) fn visible_scalar(value: &Value) -> Cow<'_, str> {
    visible(match value {
        Value::Null => Cow::Borrowed(""),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Number(number) => Cow::Borrowed(number.as_str()),
        Value::String(text) => Cow::Borrowed(text),
        nested => Cow::Owned(nested.to_string()),
    })
}

fn visible(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => printable(text),
        Cow::Owned(text) => Cow::Owned(printable(&text).into_owned()),
    }
}

pub(super) fn is_nested(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// Scalars one after the other; objects by what names them, or else their number.
fn short_list(items: &[Value]) -> String {
    let labels: Option<Vec<_>> = items.iter().map(label).collect();
    labels.map_or_else(|| counted(items.len(), "item", "items"), |labels| labels.join(","))
}

fn label(item: &Value) -> Option<Cow<'_, str>> {
    match item {
        Value::Array(_) => None,
        Value::Object(fields) => pair(fields).or_else(|| scalar_of(fields, "name")),
        scalar => Some(visible_scalar(scalar)),
    }
}

/// `{"key":"a","value":"b"}` is how the API writes tags and details.
fn pair(fields: &Map<String, Value>) -> Option<Cow<'_, str>> {
    let (key, value) = (scalar_of(fields, "key")?, scalar_of(fields, "value")?);
    Some(Cow::Owned(format!("{key}={value}")))
}

fn scalar_of<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, str>> {
    fields.get(name).filter(|value| !is_nested(value)).map(visible_scalar)
}

fn short_object(fields: &Map<String, Value>) -> String {
    if fields.values().any(is_nested) {
        let name = scalar_of(fields, "name").map(Cow::into_owned);
        return name.unwrap_or_else(|| counted(fields.len(), "field", "fields"));
    }
    let pairs = fields.iter().map(|(key, value)| format!("{key}={}", plain(value)));
    printable(&pairs.collect::<Vec<_>>().join(",")).into_owned()
}

fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => visible_scalar(other),
    }
}

fn counted(count: usize, one: &'static str, many: &'static str) -> String {
    Count::new(count as u64, one, many).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    fn short(value: &Value) -> String {
        super::short(&raw(&value.to_string())).into_owned()
    }

    #[test]
    fn scalars_keep_their_digits() {
        let numbers: Value = serde_json::from_str("[9223372036854775807,2.750,-0]").unwrap();
        assert_eq!(short(&numbers), "9223372036854775807,2.750,-0");
        assert_eq!(short(&json!(null)), "");
        assert_eq!(short(&json!(true)), "true");
        assert_eq!(short(&json!("a\n\u{1b}[2J")), "a\\n\\x1b[2J");
        assert_eq!(exact(&raw(r#""a\n""#)), "a\n");
    }

    #[test]
    fn nested_values_are_summed_up() {
        let cases = [
            (json!([]), ""),
            (json!(["a", "b", 1]), "a,b,1"),
            (json!([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]), "a,b"),
            (json!([{"key": "a", "value": "b"}, {"key": "c", "value": 1}]), "a=b,c=1"),
            (json!([{"id": 1}]), "1 item"),
            (json!([{"id": 1}, {"name": "b"}]), "2 items"),
            (json!({"cpu": 2, "ram": "4\n"}), "cpu=2,ram=4\\n"),
            (json!({"name": "a", "nic": []}), "a"),
            (json!({"a": {}, "b": 1}), "2 fields"),
        ];
        for (value, text) in cases {
            assert_eq!(short(&value), text, "{value}");
        }
    }

    #[test]
    fn what_stands_too_deep_is_not_followed() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(exact(&raw(&deep)).len(), deep.len());
        assert_eq!(super::short(&raw(&deep)).len(), deep.len());
    }

    #[test]
    fn programs_get_compact_json() {
        assert_eq!(exact(&raw(r#"{"a": [1, {"b": "c"}]}"#)), r#"{"a":[1,{"b":"c"}]}"#);
    }
}
