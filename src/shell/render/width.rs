//! Display width: how many columns of a terminal a text takes.

use std::borrow::Cow;
use std::iter::repeat_n;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: char = '\u{2026}';

pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Shortens `text` to `limit` columns, an ellipsis included.
pub(crate) fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= limit
    };
    let mut short: String = text.chars().take_while(fits).collect();
    // A sequence can be wider than its characters, an emoji with a variation selector for one.
    while width(&short) >= limit && short.pop().is_some() {}
    short.push(ELLIPSIS);
    Cow::Owned(short)
}

/// Adds `text` to `line`, brought to `to` columns by blanks, in front of it if `right`.
pub(crate) fn pad(text: &str, to: usize, right: bool, line: &mut String) {
    let blanks = repeat_n(' ', to.saturating_sub(width(text)));
    if right {
        line.extend(blanks);
        line.push_str(text);
    } else {
        line.push_str(text);
        line.extend(blanks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("vpc"), 3);
        assert_eq!(width("\u{6771}\u{4eac}"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn truncation_never_exceeds_the_limit() {
        let cut = |text: &'static str, limit| truncate(text, limit);
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("abcde", 4), "abc\u{2026}");
        assert_eq!(cut("\u{6771}\u{4eac}\u{90fd}", 6), "\u{6771}\u{4eac}\u{90fd}");
        assert_eq!(cut("\u{6771}\u{4eac}\u{90fd}", 5), "\u{6771}\u{4eac}\u{2026}");
        assert_eq!(cut("\u{6771}\u{4eac}\u{90fd}", 4), "\u{6771}\u{2026}");
        assert_eq!(cut("\u{2764}\u{fe0f}\u{2764}\u{fe0f}x", 3), "\u{2764}\u{fe0f}\u{2026}");
    }
}
