//! Checks of the shape of code: the length of functions, the indents that rustfmt leaves alone.

use super::complaint;
use super::source::{Source, find_word, is_word, item_end, line_at, numbered};

const LINES: usize = 60;

/// Functions allowed to be longer: file, name, length. The list may only shrink.
pub(super) const EXCEPTIONS: &[Exception] = &[];

type Exception = (&'static str, &'static str, usize);

struct Function<'a> {
    name: &'a str,
    line: usize,
    length: usize,
}

fn functions(source: &Source) -> Vec<Function<'_>> {
    let code = &source.code;
    let mut functions = Vec::new();
    for at in find_word(code, "fn") {
        let Some(rest) = code[at..].strip_prefix("fn ") else { continue };
        let name = rest.split(|c| !is_word(c) && c != '$').next().unwrap_or_default();
        let line = line_at(code, at);
        let last = line_at(code, item_end(code, at) - 1);
        functions.push(Function { name, line, length: last + 1 - line });
    }
    functions
}

/// A function fits the screen.
pub(super) fn long_functions(source: &Source, exceptions: &[Exception]) -> Vec<String> {
    let mut complaints = Vec::new();
    for Function { name, line, length } in functions(source) {
        let known = exceptions.iter().find(|known| known.0 == source.path && known.1 == name);
        if length > known.map_or(LINES, |known| known.2) {
            let text = format!("`{name}` has {length} lines, use functions of at most {LINES}");
            complaints.push(complaint(source, line, &text));
        }
    }
    complaints
}

/// An exception that is no longer needed, or is larger than needed, goes.
pub(super) fn stale_exceptions(sources: &[Source], exceptions: &[Exception]) -> Vec<String> {
    let mut complaints = Vec::new();
    for &(path, name, length) in exceptions {
        let file = sources.iter().find(|source| source.path == path);
        let now = file
            .and_then(|file| functions(file).into_iter().find(|function| function.name == name))
            .map_or(0, |function| function.length);
        if now <= LINES {
            complaints.push(format!("{path}:1: exception for `{name}` is not needed, use none"));
        } else if now < length {
            complaints.push(format!("{path}:1: exception for `{name}` is {length}, use {now}"));
        }
    }
    complaints
}

/// The bodies of our brace macros are indented by fours; rustfmt does not touch them.
pub(super) fn macro_indents(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in ["api! {", "params! {", "view! {"] {
        for at in find_word(&source.code, name) {
            let first = line_at(&source.code, at);
            let last = line_at(&source.code, item_end(&source.code, at) - 1);
            let body = numbered(&source.prose).filter(|(line, _)| (first..=last).contains(line));
            for (number, line) in body {
                let indent = line.len() - line.trim_start().len();
                if indent % 4 != 0 && !line.trim().is_empty() {
                    let text = format!("indent of {indent} in a macro, use a multiple of 4");
                    complaints.push(complaint(source, number, &text));
                }
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_lines(count: usize) -> Source {
        let body = "    let brace = \"}\";\n".repeat(count - 2);
        let text = format!("//! A.\n\nfn short() {{}}\n\npub(crate) fn long() {{\n{body}}}\n");
        Source::new("src/net/a.rs", &text)
    }

    #[test]
    fn functions_are_measured_from_the_first_line_to_the_brace() {
        let text = "type F = fn (u8);\ntrait T {\n    fn a(\n        x: [u8; 2],\n    );\n\
                    fn b() -> u8 {\n        1\n    }\n}\n";
        let source = Source::new("src/net/a.rs", text);
        let found: Vec<_> =
            functions(&source).iter().map(|f| (f.name.to_string(), f.line, f.length)).collect();
        assert_eq!(found[1..], [("a".to_string(), 3, 3), ("b".to_string(), 6, 3)]);
    }

    #[test]
    fn long_functions_are_found() {
        assert_eq!(long_functions(&with_lines(60), &[]), [""; 0]);
        assert_eq!(
            long_functions(&with_lines(61), &[]),
            ["src/net/a.rs:5: `long` has 61 lines, use functions of at most 60"]
        );
    }

    #[test]
    fn exceptions_only_shrink() {
        let known = [("src/net/a.rs", "long", 70)];
        assert_eq!(long_functions(&with_lines(70), &known), [""; 0]);
        assert_eq!(long_functions(&with_lines(71), &known).len(), 1);
        let stale = |count| stale_exceptions(&[with_lines(count)], &known);
        assert_eq!(stale(70), [""; 0]);
        assert_eq!(stale(65), ["src/net/a.rs:1: exception for `long` is 70, use 65"]);
        assert_eq!(stale(9), ["src/net/a.rs:1: exception for `long` is not needed, use none"]);
    }

    #[test]
    fn crooked_macro_bodies_are_found() {
        let good = "api! {\n    /// Words.\n    Zone {\n        id: \"a\n  b\",\n    }\n}\n  x\n";
        assert_eq!(macro_indents(&Source::new("src/api/a.rs", good)), [""; 0]);
        let bad = "params! {\n  id: u8,\n}\nview! {\n   /// Words.\n}\n";
        let found = macro_indents(&Source::new("src/api/a.rs", bad));
        assert_eq!(
            found,
            [
                "src/api/a.rs:2: indent of 2 in a macro, use a multiple of 4",
                "src/api/a.rs:5: indent of 3 in a macro, use a multiple of 4",
            ]
        );
    }
}
