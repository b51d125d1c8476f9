//! A command line that cannot be carried out as it stands, and where it is wrong.

use std::fmt;
use std::ops::Range;

use super::line::LineError;

/// What is wrong with a line, said so that it can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) text: String,
    /// The bytes of the line to point at, if it is about a place.
    pub(crate) span: Option<Range<usize>>,
}

impl Wrong {
    /// A fault of the line as a whole.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: None }
    }

    /// A fault of these bytes of the line.
    pub(crate) fn at(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { text: text.into(), span: Some(span) }
    }

    /// The line of `source` that the fault is in, and the place marked below it.
    pub(crate) fn pointer(&self, source: &str) -> Option<String> {
        let span = self.span.as_ref()?;
        let before = source.get(..span.start)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = source.get(start..)?.lines().next()?;
        let skipped = source.get(start..span.start)?.chars().count();
        let marked =
            source.get(span.clone())?.lines().next().map_or(1, |text| text.chars().count());
        Some(format!("  {line}\n  {}{}", " ".repeat(skipped), "^".repeat(marked.max(1))))
    }
}

impl From<LineError> for Wrong {
    fn from(error: LineError) -> Self {
        Self::at(error.span.clone(), error.to_string())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_its_own_line() {
        let pointed = Wrong::at(18..21, "x").pointer("list zones\n  list vpx").unwrap();
        assert_eq!(pointed, "    list vpx\n         ^^^");
        assert_eq!(Wrong::at(2..2, "x").pointer("ab").unwrap(), "  ab\n    ^");
    }

    #[test]
    fn a_place_that_is_none_is_not_marked() {
        assert_eq!(Wrong::new("x").pointer("ab"), None);
        assert_eq!(Wrong::at(1..9, "x").pointer("ab"), None);
        assert_eq!(Wrong::at(1..2, "x").pointer("\u{e9}"), None);
    }
}
