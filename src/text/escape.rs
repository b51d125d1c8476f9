//! Text from elsewhere made safe to print: no terminal control, no absurd length.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The number of characters of foreign text that an error message repeats.
const QUOTED: usize = 64;

/// Returns `text` with every character that could drive or deceive a terminal made visible.
///
/// Control characters (C0, DEL, C1), line separators, bidirectional controls, zero-width
/// characters and tag characters become `\n`, `\t`, `\r`, `\x1b` or `\u{202e}`. A server's
/// names and messages go through here, so that they cannot move the cursor, set the title or
/// reorder the line.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_visible(&mut safe, c);
    }
    Cow::Owned(safe)
}

fn push_visible(safe: &mut String, c: char) {
    match c {
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        // Writing to a String cannot fail.
        c if is_unsafe(c) && c.is_ascii() => {
            let _ = write!(safe, "\\x{:02x}", u32::from(c));
        }
        c if is_unsafe(c) => {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        }
        c => safe.push(c),
    }
}

/// Tells whether a character must not reach a terminal: see Unicode UAX 9 for the bidirectional
/// controls. The zero-width joiner stays, as emoji and several scripts need it.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns `text` in at most `max_chars` characters; what is cut off leaves "..." behind.
pub(crate) fn shorten(text: &str, max_chars: usize) -> Cow<'_, str> {
    if text.chars().nth(max_chars).is_none() {
        return Cow::Borrowed(text);
    }
    let kept = max_chars.saturating_sub(3);
    let mut short: String = text.chars().take(kept).collect();
    short.extend(std::iter::repeat_n('.', max_chars - kept));
    Cow::Owned(short)
}

/// Returns `text` as an error message repeats it: shortened, printable, in back quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", printable(&shorten(text, QUOTED)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(printable("plain"), "plain");
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
        assert_eq!(printable("a\u{1b}[31mred\u{7}"), "a\\x1b[31mred\\x07");
        assert_eq!(printable("one\r\n\ttwo"), "one\\r\\n\\ttwo");
        assert_eq!(printable("a\u{202e}b\u{2066}\u{9b}"), "a\\u{202e}b\\u{2066}\\u{9b}");
        assert_eq!(printable("caf\u{e9}"), "caf\u{e9}");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abc...");
        assert_eq!(shorten("abcdefg", 2), "..");
        assert_eq!(shorten("abcdefg", 0), "");
        assert_eq!(quoted(&"x".repeat(1000)).len(), QUOTED + 2);
    }

    proptest! {
        #[test]
        fn nothing_unsafe_survives(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(is_unsafe));
        }

        #[test]
        fn shortened_text_fits(text in any::<String>(), max in 0_usize..40) {
            prop_assert!(shorten(&text, max).chars().count() <= max);
        }
    }
}
