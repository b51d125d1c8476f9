//! Making visible what would drive the terminal.
//!
//! Names and messages come from a server and, behind it, from every tenant. A control sequence in
//! one must not move the cursor, and a direction override must not reorder a line.

use std::borrow::Cow;

/// Writes control characters, line ends included, as escapes.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, drives_terminal)
}

/// As [`visible`], but lets line ends and tabs through.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| drives_terminal(c) && c != '\n' && c != '\t')
}

fn escape(text: &str, unwanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_harmless(text) || !text.contains(&unwanted) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if unwanted(c) { escape_char(c, &mut escaped) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// The quick answer for nearly all text: printable ASCII.
fn is_harmless(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn drives_terminal(c: char) -> bool {
    c.is_control() || is_line_separator(c) || is_direction_mark(c)
}

fn is_line_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Unicode's `Bidi_Control` property, whole.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

fn escape_char(c: char, to: &mut String) {
    match c {
        '\n' => to.push_str("\\n"),
        '\r' => to.push_str("\\r"),
        '\t' => to.push_str("\\t"),
        _ => to.extend(c.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_borrowed() {
        for text in ["", "vpc-a text", "\u{6771}\u{4eac}", "Z\u{fc}rich \u{1f469}\u{200d}\u{1f52c}"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn control_characters_show() {
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(visible("\u{9b}\u{7f}\u{202e}\u{2028}"), "\\u{9b}\\u{7f}\\u{202e}\\u{2028}");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(visible_lines("a\n\tb\r\u{7}"), "a\n\tb\\r\\u{7}");
    }
}
