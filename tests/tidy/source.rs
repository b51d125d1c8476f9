//! A source file as the checks see it: the raw text, and the text with literals blanked out.

use std::ops::RangeInclusive;

/// One file; the views have the same lines as the text.
pub(super) struct Source {
    /// Path from the repository's root, with forward slashes.
    pub(super) path: String,
    /// The file as it is.
    pub(super) text: String,
    /// String and character literals are underscores.
    pub(super) prose: String,
    /// As `prose`, and comments are blanks.
    pub(super) code: String,
    /// The whole file is compiled for tests only.
    pub(super) test_only: bool,
    test_items: Vec<RangeInclusive<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Code,
    Comment,
    Literal,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let pieces = pieces(text);
        let prose = render(&pieces, |part| (part == Part::Literal).then_some('_'));
        let code = render(&pieces, |part| match part {
            Part::Code => None,
            Part::Comment => Some(' '),
            Part::Literal => Some('_'),
        });
        let test_only = path.starts_with("tests/") || path.starts_with("benches/");
        let test_items = test_items(&code);
        Self { path: path.into(), text: text.into(), prose, code, test_only, test_items }
    }

    /// True if the line (from 1) is compiled for tests or benchmarks only.
    pub(super) fn in_tests(&self, line: usize) -> bool {
        self.test_only || self.test_items.iter().any(|item| item.contains(&line))
    }

    /// The room of a file in `src/`: the folder, or the name of a room that is one file.
    pub(super) fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?.trim_end_matches(".rs");
        (!matches!(room, "lib" | "main")).then_some(room)
    }
}

/// Lines of a text with their numbers, from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// The line (from 1) that holds the byte at `offset`.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    1 + text[..offset].matches('\n').count()
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Byte offsets at which `word` stands in `code` and is not a part of a longer word.
pub(super) fn find_word(code: &str, word: &str) -> Vec<usize> {
    let starts = word.starts_with(is_word);
    let ends = word.ends_with(is_word);
    let found = code.match_indices(word).map(|(at, _)| at);
    let found = found.filter(|&at| !(starts && code[..at].ends_with(is_word)));
    found.filter(|&at| !(ends && code[at + word.len()..].starts_with(is_word))).collect()
}

/// The offset just after the item that starts at `from`: after its closing brace or semicolon.
pub(super) fn item_end(code: &str, from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, letter) in code[from..].char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth < 0 || depth == 0 && matches!(letter, '}' | ';') {
            return from + at + 1;
        }
    }
    code.len()
}

fn test_items(code: &str) -> Vec<RangeInclusive<usize>> {
    let mark = "#[cfg(test)]";
    let lines = |(at, _)| line_at(code, at)..=line_at(code, item_end(code, at + mark.len()) - 1);
    code.match_indices(mark).map(lines).collect()
}

fn render(pieces: &[(Part, &str)], fill: impl Fn(Part) -> Option<char>) -> String {
    let mut view = String::new();
    for &(part, text) in pieces {
        match fill(part) {
            None => view.push_str(text),
            Some(fill) => view.extend(text.chars().map(|c| if c == '\n' { c } else { fill })),
        }
    }
    view
}

/// Splits a Rust text into code, comments and literals.
fn pieces(text: &str) -> Vec<(Part, &str)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if let Some((part, length)) = special(&text[at..], text[..at].ends_with(is_word)) {
            pieces.push((Part::Code, &text[start..at]));
            pieces.push((part, &text[at..at + length]));
            start = at + length;
            at = start;
        } else {
            at += letter.len_utf8();
        }
    }
    pieces.push((Part::Code, &text[start..]));
    pieces
}

/// Kind and length of the comment or literal at the start of `rest`, if there is one.
fn special(rest: &str, in_word: bool) -> Option<(Part, usize)> {
    if rest.starts_with("//") {
        return Some((Part::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Part::Comment, block_comment(rest)));
    }
    let literal = match rest.as_bytes().first()? {
        b'"' => Some(string(rest)),
        b'\'' => character(rest),
        b'r' | b'b' | b'c' if !in_word => raw_string(rest),
        _ => None,
    };
    literal.map(|length| (Part::Literal, length))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let pair = rest.as_bytes().get(at..at + 2);
        match pair {
            Some(b"/*") => depth += 1,
            Some(b"*/") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        rest.strip_prefix(prefix)
            .is_some_and(|after| after.trim_start_matches('#').starts_with('"'))
    })?;
    let body = rest[prefix.len()..].find('"')? + prefix.len() + 1;
    let close = format!("\"{}", "#".repeat(body - 1 - prefix.len()));
    Some(rest[body..].find(&close).map_or(rest.len(), |end| body + end + close.len()))
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    let (_, first) = letters.next()?;
    let (at, second) = letters.next()?;
    if first == '\\' {
        let after = at + second.len_utf8();
        return rest[after..].find('\'').map(|end| after + end + 1);
    }
    (second == '\'').then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(text: &str) -> (String, String) {
        let source = Source::new("src/net/a.rs", text);
        (source.prose, source.code)
    }

    #[test]
    fn literals_and_comments_are_blanked() {
        let (prose, code) = views("f(\"a\\\"}\", 'x', '\\'', r#\"\"{\"#); // b\n");
        assert_eq!(prose, "f(______, ___, ____, _______); // b\n");
        assert_eq!(code, "f(______, ___, ____, _______);     \n");
    }

    #[test]
    fn lifetimes_raw_names_and_nested_comments_are_understood() {
        let (_, code) = views("fn r#a<'a, 'b>(x: &'a str) {} /* /* } */ } */ b\"}\"");
        assert_eq!(code, "fn r#a<'a, 'b>(x: &'a str) {}                 b___");
    }

    #[test]
    fn lines_stay_where_they_were() {
        let text = "a(\"one\ntwo\");\n/* x\ny */ b();\n";
        let (prose, code) = views(text);
        assert_eq!(prose, "a(____\n____);\n/* x\ny */ b();\n");
        assert_eq!(code, "a(____\n____);\n    \n     b();\n");
    }

    #[test]
    fn test_modules_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("src/net/a.rs", text);
        let lines: Vec<usize> = (1..=6).filter(|&line| source.in_tests(line)).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert!(Source::new("tests/a.rs", "").in_tests(1));
    }

    #[test]
    fn rooms_are_folders_or_single_files() {
        let room = |path| Source::new(path, "").room().map(String::from);
        assert_eq!(room("src/shell/render/table.rs").as_deref(), Some("shell"));
        assert_eq!(room("src/sim.rs").as_deref(), Some("sim"));
        assert_eq!(room("src/lib.rs"), None);
        assert_eq!(room("tests/lib.rs"), None);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(find_word("xmod mod mods .mod", "mod"), [5, 15]);
        assert_eq!(find_word("a.unwrap() b", ".unwrap()"), [1]);
    }
}
