//! What bash puts in. It takes a line for words at `=`, `:` and some more, and replaces only what
//! stands behind the last of them, or behind the quote that is open.

use crate::shell::line::{partial, quote};

/// Where what bash replaces begins in what was typed of a word, and the quote that is open there.
struct Head<'t> {
    /// The text in front.
    text: &'t str,
    quote: Option<char>,
}

fn head<'t>(typed: &'t str, breaks: &str) -> Head<'t> {
    let (mut at, mut quote) = (0, None);
    let mut letters = typed.char_indices();
    while let Some((start, letter)) = letters.next() {
        let end = start + letter.len_utf8();
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('"') | None, '\\') => drop(letters.next()),
            (Some(_), _) => {}
            (None, '\'' | '"') => (at, quote) = (end, Some(letter)),
            // These two belong to what stands behind them.
            (None, '@' | '$') if breaks.contains(letter) => at = start,
            (None, _) if breaks.contains(letter) => at = end,
            (None, _) => {}
        }
    }
    Head { text: typed.get(..at).unwrap_or_default(), quote }
}

/// The texts that bash puts in for candidates; those that cannot be put in there are left out.
pub(super) fn replacements(
    candidates: &[String],
    typed: &str,
    breaks: &str,
) -> Vec<Option<String>> {
    let head = head(typed, breaks);
    let before = plain(head.text);
    let mut found: Vec<_> =
        candidates.iter().map(|candidate| replacement(candidate, &before, head.quote)).collect();
    let rest = typed.get(head.text.len()..).unwrap_or_default();
    if would_lose(&found, rest) {
        found.fill(None);
    }
    found
}

fn replacement(candidate: &str, before: &str, quoted: Option<char>) -> Option<String> {
    if before.is_empty() && quoted.is_none() && candidate.trim_end().contains(' ') {
        // Several words, or one in quotes of its own.
        return Some(candidate.to_owned());
    }
    let finished = candidate.strip_suffix(' ');
    let whole = plain(finished.unwrap_or(candidate));
    let start = whole.get(..before.len())?;
    let rest = whole.get(before.len()..).filter(|_| start.eq_ignore_ascii_case(before))?;
    let text = match quoted {
        None if rest.is_empty() => String::new(),
        // The @ of a file must not be quoted.
        None if before.ends_with('=') && is_file(candidate) && rest.starts_with('@') => {
            format!("@{}", quote(rest.get(1..).unwrap_or_default()))
        }
        None => quote(rest).into_owned(),
        Some('\'') => rest.replace('\'', r"'\''"),
        Some(_) => escaped(rest),
    };
    // A quote that is open bash closes itself.
    let end = if finished.is_some() && quoted.is_none() { " " } else { "" };
    Some(text + end)
}

/// Whether the value is that of a file: `name=@file`, its sign bare.
fn is_file(candidate: &str) -> bool {
    candidate.split_once('=').is_some_and(|(_, value)| value.starts_with('@'))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '\\' | '$' | '`') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The word without its quotes.
fn plain(word: &str) -> String {
    partial(word).0.words.into_iter().map(|word| word.text).collect()
}

/// Whether bash would put in less than was typed: it puts in what all have in common, also where
/// they do not begin as what was typed.
fn would_lose(found: &[Option<String>], typed: &str) -> bool {
    let mut texts = found.iter().flatten();
    let Some(first) = texts.next() else { return false };
    let mut common = first.as_str();
    let mut several = false;
    for text in texts {
        several = true;
        let same = common.chars().zip(text.chars()).take_while(|(a, b)| a == b);
        let length: usize = same.map(|(a, _)| a.len_utf8()).sum();
        common = common.get(..length).unwrap_or_default();
    }
    several && !common.is_empty() && common.chars().count() < typed.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    fn put(candidate: &str, typed: &str) -> Option<String> {
        replacements(&[candidate.to_owned()], typed, BREAKS).remove(0)
    }

    #[test]
    fn what_stands_before_a_break_stays() {
        assert_eq!(put("zones ", "zo").as_deref(), Some("zones "));
        assert_eq!(put("zoneid=", "zo").as_deref(), Some("zoneid="));
        assert_eq!(put("zoneid=sandbox ", "zoneid=s").as_deref(), Some("sandbox "));
        assert_eq!(put("filter=id,name", "filter=id,na").as_deref(), Some("id,name"));
        assert_eq!(put("a=2001:db8::1 ", "a=2001:d").as_deref(), Some("db8::1 "));
        assert_eq!(put("zoneid=sandbox ", "ZoneId=s").as_deref(), Some("sandbox "));
        assert_eq!(put("zones ", "x=").as_deref(), None);
    }

    #[test]
    fn several_words_are_put_in_as_they_are() {
        let command = "list public ip addresses ";
        assert_eq!(put(command, "lpia").as_deref(), Some(command));
    }

    #[test]
    fn quotes_stay_as_they_were_opened() {
        let name = "zoneid='a b' ";
        assert_eq!(put(name, "zoneid=a").as_deref(), Some("'a b' "));
        assert_eq!(put(name, "zoneid='a").as_deref(), Some("a b"));
        assert_eq!(put(name, "zoneid=\"a").as_deref(), Some("a b"));
        assert_eq!(put("n=\"it's \\$5\" ", "n='it").as_deref(), Some("it'\\''s $5"));
        assert_eq!(put("n=\"it's \\$5\" ", "n=\"it").as_deref(), Some("it's \\$5"));
    }

    #[test]
    fn files_keep_their_sign() {
        assert_eq!(put("name=@a.txt ", "name=").as_deref(), Some("@a.txt "));
        assert_eq!(put("name=@a.txt ", "name=@").as_deref(), Some("@a.txt "));
        assert_eq!(put("name=@/etc/hosts ", "name=@/etc/h").as_deref(), Some("@/etc/hosts "));
        assert_eq!(put("name=@'a b' ", "name=@a").as_deref(), Some("@'a b' "));
    }

    #[test]
    fn nothing_typed_is_lost() {
        let names = ["id=apple-dev ".to_owned(), "id=ant-dev ".to_owned()];
        assert_eq!(replacements(&names, "id=dev", BREAKS), [None, None]);
        let names = ["id=web-dev ".to_owned(), "id=web-dev2 ".to_owned()];
        assert_eq!(replacements(&names, "id=dev", BREAKS).iter().flatten().count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn what_is_put_in_reads_as_the_candidate(
            value in "[ -~]{1,12}", quoted in proptest::option::of("['\"]"), cut in 0_usize..4,
        ) {
            let candidate = format!("name={} ", quote(&value));
            let start: String = value.chars().take(cut).collect();
            let open = quoted.is_some();
            let mark = quoted.unwrap_or_default();
            let start = if open || quote(&start) != start { "" } else { start.as_str() };
            let typed = format!("name={mark}{start}");
            if let Some(text) = put(&candidate, &typed) {
                let head = head(&typed, BREAKS).text;
                let text = if open { &text } else { text.trim_end() };
                let read = plain(&format!("{head}{text}"));
                proptest::prop_assert_eq!(read, format!("name={value}"));
            }
        }
    }
}
