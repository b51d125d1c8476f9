//! Splits a command line into words, as little of a shell as tests need.

use std::iter::Peekable;
use std::str::Chars;

/// Blanks separate; `'...'` is literal, `"..."` may have `\`, and `\` protects one letter.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = line.trim_start().chars().peekable();
    while letters.peek().is_some() {
        words.push(word(&mut letters));
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
    }
    words
}

fn word(letters: &mut Peekable<Chars>) -> String {
    let mut word = String::new();
    let mut quote = None;
    while let Some(letter) = letters.next_if(|c| quote.is_some() || !c.is_whitespace()) {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None | Some('"'), '\\') => word.extend(letters.next()),
            _ => word.push(letter),
        }
    }
    assert!(quote.is_none(), "quote without an end in the line of a test");
    word
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(split("  list   zones "), ["list", "zones"]);
        assert_eq!(split("a name='x y' \"it's \\\"b\\\"\""), ["a", "name=x y", "it's \"b\""]);
        assert_eq!(split("a\\ b '' 'c\\d'"), ["a b", "", "c\\d"]);
        assert_eq!(split(""), [""; 0]);
    }
}
