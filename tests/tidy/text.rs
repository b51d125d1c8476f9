//! Checks of the text as such: header, widths, lengths, blanks, letters.

use super::complaint;
use super::source::{Source, numbered};

const COLUMNS: usize = 100;
const LINES: usize = 500;

/// Every Rust file opens by saying what it is.
pub(super) fn header(source: &Source) -> Vec<String> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![complaint(source, 1, "no opening comment, use `//! ` and one sentence about the file")]
}

/// Lines fit the screen; a URL cannot be broken and may stick out.
pub(super) fn long_lines(source: &Source) -> Vec<String> {
    let long = |line: &str| {
        let url = line.split_whitespace().find(|word| word.contains("://"));
        line.chars().count() - url.map_or(0, |url| url.chars().count()) > COLUMNS
    };
    let text = format!("line of more than {COLUMNS} columns, use two");
    let lines = numbered(&source.text).filter(|(_, line)| long(line));
    lines.map(|(number, _)| complaint(source, number, &text)).collect()
}

/// A file is one concept.
pub(super) fn long_file(source: &Source) -> Vec<String> {
    let count = source.text.lines().count();
    if count <= LINES {
        return Vec::new();
    }
    let text = format!("file of {count} lines, use files of at most {LINES}, one concept each");
    vec![complaint(source, count, &text)]
}

/// Code is ASCII.
pub(super) fn ascii(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in numbered(&source.text) {
        if let Some(letter) = line.chars().find(|letter| !letter.is_ascii()) {
            let instead = letter.escape_unicode();
            let text =
                format!("a letter beyond ASCII, use `{instead}` in a string, words elsewhere");
            complaints.push(complaint(source, number, &text));
        }
    }
    complaints
}

/// No blanks that nobody sees, and a newline at the end.
pub(super) fn blanks(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in source.text.split('\n').enumerate() {
        let mut complain = |text| complaints.push(complaint(source, index + 1, text));
        if line.ends_with('\r') {
            complain("carriage return at the end of the line, use a plain newline");
        }
        let line = line.trim_end_matches('\r');
        if line.ends_with([' ', '\t']) {
            complain("blanks at the end of the line, use none");
        }
        if line.contains('\t') {
            complain("tab, use blanks, or `\\t` in a string");
        }
    }
    if !source.text.ends_with('\n') || source.text.ends_with("\n\n") {
        let last = source.text.lines().count().max(1);
        complaints.push(complaint(source, last, "ragged end of file, use exactly one newline"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("src/net/a.rs", text)
    }

    #[test]
    fn a_file_without_header_is_found() {
        assert_eq!(header(&source("//! Says what it is.\n")), [""; 0]);
        assert_eq!(header(&source("// Not a header.\n")).len(), 1);
    }

    #[test]
    fn long_lines_are_found_and_urls_are_not() {
        let url = format!("//! https://example.org/{}", "x".repeat(100));
        assert_eq!(long_lines(&source(&url)), [""; 0]);
        assert_eq!(long_lines(&source(&"x".repeat(100))), [""; 0]);
        let text = format!("a\n{}", "x".repeat(101));
        assert_eq!(
            long_lines(&source(&text)),
            ["src/net/a.rs:2: line of more than 100 columns, use two"]
        );
    }

    #[test]
    fn long_files_are_found() {
        assert_eq!(long_file(&source(&"\n".repeat(500))), [""; 0]);
        assert_eq!(long_file(&source(&"\n".repeat(501))).len(), 1);
    }

    #[test]
    fn letters_beyond_ascii_are_found() {
        assert_eq!(ascii(&source("let dash = \"\\u{2014}\";\n")), [""; 0]);
        let found = ascii(&source("ok\nlet dash = \"\u{2014}\";\n"));
        assert_eq!(
            found,
            ["src/net/a.rs:2: a letter beyond ASCII, use `\\u{2014}` in a string, words elsewhere"]
        );
    }

    #[test]
    fn blanks_are_found() {
        assert_eq!(blanks(&source("a\n\n    b\n")), [""; 0]);
        let kinds = ["a \n", "a\tb\n", "a\r\nb\n", "a", "a\n\n"];
        for text in kinds {
            assert_eq!(blanks(&source(text)).len(), 1, "{text:?}");
        }
    }
}
