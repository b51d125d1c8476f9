//! One row of an answer: its fields as the JSON texts that came, taken apart one level deep.
//!
//! Nothing is converted or copied that is only passed on, so that digits stay what they were and
//! a large answer costs little more than reading it.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A field: its name and its value as JSON.
pub(crate) type Field<'t> = (Cow<'t, str>, &'t RawValue);

/// The fields of one row, in the order in which the server sent them.
#[derive(Debug)]
pub(crate) struct Row<'t> {
    pub(crate) fields: Vec<Field<'t>>,
    /// A value that is no object is a row as if it were the only field.
    pub(super) is_bare: bool,
}

impl<'t> Row<'t> {
    /// Takes a JSON text apart; `name` is what a value is called that has no fields.
    pub(crate) fn read(text: &'t str, name: &'t str) -> io::Result<Self> {
        let read = if text.starts_with('{') {
            serde_json::from_str(text).map(|Fields(fields)| Self { fields, is_bare: false })
        } else {
            let bare = |value| Self { fields: vec![(name.into(), value)], is_bare: true };
            serde_json::from_str(text).map(bare)
        };
        read.map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
    }

    /// The value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&'t RawValue> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// The fields of an object.
pub(super) struct Fields<'t>(pub(super) Vec<Field<'t>>);

impl<'de: 't, 't> Deserialize<'de> for Fields<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<Field<'de>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(32);
                while let Some((Name(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

/// The name of a field, a copy only if it was escaped.
struct Name<'t>(Cow<'t, str>);

impl<'de: 't, 't> Deserialize<'de> for Name<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_as_they_came() {
        let row = Row::read(r#"{"a\u0062": 1.50, "c": {"d": [1 ,2]}}"#, "vpc").unwrap();
        let fields: Vec<_> =
            row.fields.iter().map(|(name, value)| (&**name, value.get())).collect();
        assert_eq!(fields, [("ab", "1.50"), ("c", "{\"d\": [1 ,2]}")]);
        assert_eq!(row.get("c").unwrap().get(), "{\"d\": [1 ,2]}");
        assert!(row.get("d").is_none() && !row.is_bare);
        let bare = Row::read("7", "vpc").unwrap();
        assert!(bare.is_bare && bare.get("vpc").unwrap().get() == "7");
    }

    #[test]
    fn what_is_no_json_is_told_apart_from_lost_output() {
        for text in ["{", "{\"a\"}", "", "nul", "{\"a\":1}}", "1 2"] {
            let why = Row::read(text, "vpc").unwrap_err();
            assert_eq!(why.kind(), io::ErrorKind::InvalidData, "{text}");
        }
    }
}
