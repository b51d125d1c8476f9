//! Quoting: the way back from a value to what one would type for it.

use std::borrow::Cow;

/// Quotes `value` if it must be, so that [`super::parse`] gives it back as one word.
///
/// The result means the same to a POSIX shell, so it can be pasted there too.
pub(crate) fn quote(value: &str) -> Cow<'_, str> {
    if is_plain(value) {
        Cow::Borrowed(value)
    } else if value.contains('\'') {
        Cow::Owned(double(value))
    } else {
        Cow::Owned(format!("'{value}'"))
    }
}

/// A leading `@` is quoted because a bare one asks for the contents of a file.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('@')
        && value.chars().all(|c| c.is_alphanumeric() || "_-./:@%+=,".contains(c))
}

fn double(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if is_escaped_in_quotes(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The characters that lose their backslash inside double quotes.
pub(super) fn is_escaped_in_quotes(c: char) -> bool {
    matches!(c, '"' | '\\' | '$' | '`')
}
