//! Variables as a line names them: `$zone`, `$last[-1].id`, `${row.name}-copy`.
//!
//! A name begins with a letter or `_`; behind it stand fields and indices. Only in braces may a
//! field have a `-`, and only braces end a reference where more text follows that would belong to
//! it. A dollar with no name behind it is a dollar.

use std::fmt;
use std::ops::Range;

/// What is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) path: Vec<Part>,
    braced: bool,
}

/// A step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Field(String),
    /// From the start, or from the end if it is negative: -1 is the last.
    Index(i64),
}

/// A reference in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) reference: Reference,
    /// Where it stands in the text of the word: as typed, or its value.
    pub(crate) at: Range<usize>,
    /// Where it was typed.
    pub(crate) span: Range<usize>,
}

/// Bytes of a `${` that begins no reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) usize);

impl Reference {
    /// The field that it ends in.
    pub(crate) fn field(&self) -> Option<&str> {
        match self.path.last() {
            Some(Part::Field(field)) => Some(field),
            _ => None,
        }
    }

    /// The reference without its last letter.
    pub(super) fn shortened(mut self) -> Self {
        match self.path.last_mut() {
            Some(Part::Field(field)) => field.pop(),
            _ => self.name.pop(),
        };
        self
    }

    /// Whether it stands in braces.
    pub(crate) fn is_braced(&self) -> bool {
        self.braced
    }

    /// The reference to what this one is a part of.
    pub(crate) fn without_last(&self) -> Self {
        let mut outer = self.clone();
        outer.path.pop();
        outer
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.braced { ("{", "}") } else { ("", "") };
        write!(f, "${open}{}", self.name)?;
        for part in &self.path {
            match part {
                Part::Field(field) => write!(f, ".{field}")?,
                Part::Index(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str(close)
    }
}

/// Whether a variable may be called so.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_len(text) == text.len()
}

/// Puts values into the text, and returns it with the places that they have now.
pub(super) fn fill<E>(
    text: &str,
    slots: &[Slot],
    mut value: impl FnMut(&Slot) -> Result<String, E>,
) -> Result<(String, Vec<Slot>), E> {
    let (mut filled, mut places, mut done) = (String::with_capacity(text.len()), Vec::new(), 0);
    for slot in slots {
        filled.push_str(text.get(done..slot.at.start).unwrap_or_default());
        let start = filled.len();
        filled.push_str(&value(slot)?);
        places.push(Slot { at: start..filled.len(), ..slot.clone() });
        done = slot.at.end;
    }
    filled.push_str(text.get(done..).unwrap_or_default());
    Ok((filled, places))
}

/// Reads the reference that `text`, which begins with a dollar, begins with, and how long it is.
pub(super) fn read(text: &str) -> Result<Option<(Reference, usize)>, Malformed> {
    let braced = text.starts_with("${");
    let start = if braced { 2 } else { 1 };
    let behind = |at: usize| text.get(at..).unwrap_or_default();
    let mut at = start + name_len(behind(start));
    let name = text.get(start..at).unwrap_or_default().to_owned();
    if name.is_empty() {
        return Ok(None);
    }
    let mut path = Vec::new();
    while let Some((part, len)) = part(behind(at), braced) {
        path.push(part);
        at += len;
    }
    if braced {
        if !behind(at).starts_with('}') {
            return Err(Malformed(at));
        }
        at += 1;
    }
    Ok(Some((Reference { name, path, braced }, at)))
}

fn part(text: &str, braced: bool) -> Option<(Part, usize)> {
    if let Some(rest) = text.strip_prefix('.') {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || braced && c == '-';
        let len = rest.find(|c: char| !is_inside(c)).unwrap_or(rest.len());
        let field = rest.get(..len).filter(|field| !field.is_empty())?;
        return Some((Part::Field(field.to_owned()), 1 + len));
    }
    let (index, _) = text.strip_prefix('[')?.split_once(']')?;
    // One number is written in one way.
    let number = index.parse::<i64>().ok().filter(|number| number.to_string() == index)?;
    Some((Part::Index(number), index.len() + 2))
}

fn name_len(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Option<(String, usize)> {
        read(text).unwrap().map(|(reference, len)| (reference.to_string(), len))
    }

    #[test]
    fn references_end_where_no_more_can_belong_to_them() {
        for (text, whole) in [
            ("$zone", "$zone"),
            ("$zone-a", "$zone"),
            ("$a_1.b.", "$a_1.b"),
            ("$last[-1].id/x", "$last[-1].id"),
            ("$last[2].tags.env=", "$last[2].tags.env"),
            ("$x[y]", "$x"),
            ("$x[]", "$x"),
            ("$x[-]", "$x"),
            ("$x[1", "$x"),
            ("$x..y", "$x"),
            ("${x.my-key}y", "${x.my-key}"),
            ("${x[0]}.y", "${x[0]}"),
            ("$x\u{e9}", "$x"),
        ] {
            assert_eq!(found(text), Some((whole.to_owned(), whole.len())), "{text}");
        }
    }

    #[test]
    fn a_dollar_without_a_name_is_a_dollar() {
        for text in ["$", "$$x", "$5", "$ x", "$\"", "${", "${}", "${1}", "${ x}", "$(x)", "$.x"] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn an_open_brace_behind_a_name_is_wrong() {
        assert_eq!(read("${x"), Err(Malformed(3)));
        assert_eq!(read("${x y}"), Err(Malformed(3)));
        assert_eq!(read("${x.y[a]}"), Err(Malformed(5)));
        assert_eq!(read("${x.y[01]}"), Err(Malformed(5)));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(text in "\\$[{]?[a-c.0\\[\\]{}$_-]{0,12}") {
            if let Ok(Some((reference, len))) = read(&text) {
                prop_assert_eq!(reference.to_string(), &text[..len]);
            }
        }
    }
}
