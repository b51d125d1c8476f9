//! Types that may stand as a parameter. The type is the contract: what the wire calls it, whether
//! it must be given, what completes it, how long it may be and how it is read.

use crate::model::{Entity, Time};
use crate::net::{Cidr4, Cidr6};
use crate::schema::{Refusal, Words};
use crate::text::{Secret, or_list, shorten};
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};

/// How the shell finds candidates for a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Completes {
    /// Not at all.
    Nothing,
    /// One of these words.
    Choices(&'static [&'static str]),
    /// The ids and names that this list API answers with.
    ListedBy(&'static str),
}

/// CloudStack's longest value where nothing else is said, in characters.
pub(crate) const DEFAULT_LENGTH: usize = 255;

/// A type that may stand as a parameter.
pub(crate) trait Value: Sized {
    /// The type's name in `listApis`.
    const WIRE: &'static str;
    /// Whether a call without the parameter is refused.
    const REQUIRED: bool = true;
    /// How candidates are found.
    const COMPLETES: Completes = Completes::Nothing;
    /// The longest value, in characters.
    const LENGTH: usize = DEFAULT_LENGTH;

    /// Reads a value, or says what is wrong with it and what is allowed.
    fn parse(text: &str) -> Result<Self, String>;

    /// Reads the parameter `param`; most types have one word and leave this as it is.
    fn take(words: &Words, param: &'static str) -> Result<Self, Refusal> {
        let text = words.get(param).ok_or(Refusal::Missing { param })?;
        read(text, param)
    }
}

fn read<T: Value>(text: &str, param: &'static str) -> Result<T, Refusal> {
    let refuse = |why: String| Refusal::Invalid { param, why };
    if text.chars().count() > T::LENGTH {
        let length = T::LENGTH;
        return Err(refuse(format!(
            "Value greater than max allowed length {length} for param: {param}"
        )));
    }
    T::parse(text).map_err(refuse)
}

impl<T: Value> Value for Option<T> {
    const WIRE: &'static str = T::WIRE;
    const REQUIRED: bool = false;
    const COMPLETES: Completes = T::COMPLETES;
    const LENGTH: usize = T::LENGTH;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn take(words: &Words, param: &'static str) -> Result<Self, Refusal> {
        match T::take(words, param) {
            Ok(value) => Ok(Some(value)),
            Err(Refusal::Missing { .. }) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Quotes what a caller wrote, shortened so that an absurd value does not fill the screen.
fn quoted(text: &str) -> String {
    format!("`{}`", shorten(text, 60))
}

/// `true` or `false` in any letter case. CloudStack takes everything else for `false`, silently;
/// we say so instead. `none` is what some clients send for "not given", which means false too.
impl Value for bool {
    const WIRE: &'static str = "boolean";
    const COMPLETES: Completes = Completes::Choices(&["true", "false"]);
    fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" | "none" => Ok(false),
            _ => Err(format!("{} is neither true nor false", quoted(text))),
        }
    }
}

macro_rules! whole {
    ($( $ty:ty: $wire:literal, )*) => { $( impl Value for $ty {
        const WIRE: &'static str = $wire;
        fn parse(text: &str) -> Result<Self, String> {
            text.parse().map_err(|_| {
                let (least, most) = (<$ty>::MIN, <$ty>::MAX);
                format!("{} is not a whole number from {least} to {most}", quoted(text))
            })
        }
    } )* };
}
whole! { u8: "integer", u16: "integer", u32: "integer", i32: "integer", u64: "long", i64: "long", }

/// Any text of up to 255 characters, the empty one included.
impl Value for String {
    const WIRE: &'static str = "string";
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

/// A text that is not shown wherever the parameters are.
impl Value for Secret {
    const WIRE: &'static str = "string";
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty".into());
        }
        Ok(Self::new(text))
    }
}

/// Text that is not blank, of up to `N` characters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text<const N: usize = DEFAULT_LENGTH>(pub(crate) String);

impl<const N: usize> Value for Text<N> {
    const WIRE: &'static str = "string";
    const LENGTH: usize = N;
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const N: usize> std::ops::Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

macro_rules! parsed {
    ($( $ty:ty: $what:literal, )*) => { $( impl Value for $ty {
        const WIRE: &'static str = "string";
        fn parse(text: &str) -> Result<Self, String> {
            text.parse().map_err(|_| format!("{} is not {}", quoted(text), $what))
        }
    } )* };
}
parsed! {
    Ipv4Addr: "an IPv4 address such as 192.0.2.1",
    Ipv6Addr: "an IPv6 address such as 2001:db8::1",
}

impl Value for Cidr4 {
    const WIRE: &'static str = "string";
    fn parse(text: &str) -> Result<Self, String> {
        Cidr4::parse(text).map_err(|why| why.to_string())
    }
}

impl Value for Cidr6 {
    const WIRE: &'static str = "string";
    fn parse(text: &str) -> Result<Self, String> {
        Cidr6::parse(text).map_err(|why| why.to_string())
    }
}

impl Value for Time {
    const WIRE: &'static str = "date";
    fn parse(text: &str) -> Result<Self, String> {
        Time::parse(text).ok_or_else(|| {
            format!("{} is not a date such as 2026-11-23 or 2026-11-23T00:28:00+0000", quoted(text))
        })
    }
}

/// A kind of thing that a list API lists, so that its ids and names can be completed.
pub(crate) trait Listed: Entity {
    /// The list API.
    const LISTED_BY: &'static str;
}

/// The id of a thing, as it was written. Whether there is such a thing, the engine finds out; the
/// parameter's name is kept for its answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Id<E> {
    /// What was written.
    pub(crate) text: String,
    /// The parameter in which it stood.
    pub(crate) param: &'static str,
    entity: PhantomData<fn() -> E>,
}

impl<E> Id<E> {
    /// The id `text`, given in the parameter `param`.
    pub(crate) fn new(text: impl Into<String>, param: &'static str) -> Self {
        Self { text: text.into(), param, entity: PhantomData }
    }
}

impl<E: Listed> Value for Id<E> {
    const WIRE: &'static str = "uuid";
    const COMPLETES: Completes = Completes::ListedBy(E::LISTED_BY);
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty".into());
        }
        Ok(Self::new(text, "id"))
    }
    fn take(words: &Words, param: &'static str) -> Result<Self, Refusal> {
        let text = words.get(param).ok_or(Refusal::Missing { param })?;
        read::<Self>(text, param).map(|id| Self { param, ..id })
    }
}

/// Makes enums declared with `choice!` usable as parameters.
macro_rules! choices {
    ($( $ty:ty ),+ $(,)?) => { $(
        impl $crate::schema::Value for $ty {
            const WIRE: &'static str = "string";
            const COMPLETES: $crate::schema::Completes =
                $crate::schema::Completes::Choices(<$ty as $crate::model::Worded>::WORDS);
            fn parse(text: &str) -> Result<Self, String> {
                let words = <$ty as $crate::model::Worded>::WORDS;
                $crate::schema::choose(text, words, <$ty>::from_word)
            }
        }
    )+ };
}
pub(crate) use choices;

/// Finds the value whose word is `text`, or says which words there are.
pub(crate) fn choose<T>(
    text: &str,
    words: &'static [&'static str],
    find: fn(&str) -> Option<T>,
) -> Result<T, String> {
    find(text).ok_or_else(|| format!("{} is none of {}", quoted(text), or_list(words)))
}

/// Several values separated by commas; empty ones are dropped, as in CloudStack.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T: Value> Value for List<T> {
    const WIRE: &'static str = "list";
    const COMPLETES: Completes = T::COMPLETES;
    const LENGTH: usize = 4096;
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(T::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// `name[0].key=value` pairs, grouped by index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Map(pub(crate) Vec<Vec<(String, String)>>);

impl Value for Map {
    const WIRE: &'static str = "map";
    fn parse(text: &str) -> Result<Self, String> {
        Err(format!("{} is not a map entry; write name[0].key=value", quoted(text)))
    }
    fn take(words: &Words, param: &'static str) -> Result<Self, Refusal> {
        if let Some(text) = words.get(param) {
            return read(text, param);
        }
        let entries = words.entries(param);
        if entries.is_empty() {
            return Err(Refusal::Missing { param });
        }
        let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Ok(Self(entries.into_iter().map(|entry| entry.into_iter().map(own).collect()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)]) -> Words {
        pairs.iter().copied().collect()
    }

    #[test]
    fn what_is_not_given_is_missing_unless_optional() {
        let none = words(&[]);
        assert_eq!(bool::take(&none, "x"), Err(Refusal::Missing { param: "x" }));
        assert_eq!(<Option<bool> as Value>::take(&none, "x"), Ok(None));
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_parameter_also_where_it_is_optional() {
        let given = words(&[("x", "perhaps")]);
        let refused = <Option<bool> as Value>::take(&given, "x").unwrap_err();
        let why = "`perhaps` is neither true nor false".to_owned();
        assert_eq!(refused, Refusal::Invalid { param: "x", why });
    }

    #[test]
    fn values_longer_than_allowed_are_refused() {
        let given = words(&[("x", &"a".repeat(256))]);
        assert!(String::take(&given, "x").is_err());
        assert!(String::take(&words(&[("x", &"a".repeat(255))]), "x").is_ok());
    }

    #[test]
    fn lists_drop_empty_parts_and_refuse_wrong_ones() {
        assert_eq!(List::<u16>::parse("1,, 2,"), Ok(List(vec![1, 2])));
        assert!(List::<u16>::parse("1,x").is_err());
    }
}
