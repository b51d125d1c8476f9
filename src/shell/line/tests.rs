//! What the line language promises, by example and by property.

use proptest::prelude::*;

use super::*;

mod loops;
mod variables;

fn words(text: &str) -> Vec<String> {
    let lines = parse(text).unwrap();
    assert!(lines.len() <= 1, "{lines:?}");
    lines.into_iter().flat_map(|line| line.words).map(|word| word.text).collect()
}

fn only(text: &str) -> Line {
    let mut lines = parse(text).unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

fn fault(text: &str) -> (LineFault, &str) {
    let error = parse(text).unwrap_err();
    (error.fault, &text[error.span])
}

#[test]
fn words_are_separated_by_blanks() {
    assert_eq!(words("  list \t zones\r\n"), ["list", "zones"]);
    assert_eq!(words("a\u{a0}b"), ["a\u{a0}b"]);
    assert!(parse("").unwrap().is_empty());
    assert!(parse(" \n ;; # nothing\n").unwrap().is_empty());
}

#[test]
fn quotes_join_and_vanish() {
    assert_eq!(words(r#"name="a b""#), ["name=a b"]);
    assert_eq!(words(r#"name='{"a":1}'"#), [r#"name={"a":1}"#]);
    assert_eq!(words(r#"a'b'"c"d"#), ["abcd"]);
    assert_eq!(words(r#"'' """#), ["", ""]);
}

#[test]
fn backslashes_follow_posix() {
    assert_eq!(words(r"a\ b \'c \\ \#d \>e"), ["a b", "'c", "\\", "#d", ">e"]);
    assert_eq!(words(r#""a\"b" "\\" "\d+" "pa\$\$" "\`""#), ["a\"b", "\\", "\\d+", "pa$$", "`"]);
    assert_eq!(words(r"'a\'"), ["a\\"]);
}

#[test]
fn a_backslash_continues_the_line() {
    assert_eq!(words("create vpc \\\n name=a\\\r\nb"), ["create", "vpc", "name=ab"]);
    assert_eq!(words("\"a\\\nb\""), ["ab"]);
}

#[test]
fn comments_begin_at_a_word_only() {
    assert_eq!(words("list zones # all of 'em; really"), ["list", "zones"]);
    assert_eq!(words("name=a#b"), ["name=a#b"]);
}

#[test]
fn commands_are_separated() {
    let lines = parse("list zones; list vpcs\n# done\nlist users;").unwrap();
    let nouns: Vec<_> = lines.iter().map(|line| line.words[1].text.as_str()).collect();
    assert_eq!(nouns, ["zones", "vpcs", "users"]);
    assert_eq!(words("name='a;b|c>d\ne'"), ["name=a;b|c>d\ne"]);
}

#[test]
fn spans_cover_the_source() {
    let text = r#"create vpc  name="a b" e='x'"#;
    let line = only(text);
    let raw: Vec<_> = line.words.iter().map(|word| &text[word.span.clone()]).collect();
    assert_eq!(raw, ["create", "vpc", r#"name="a b""#, "e='x'"]);
    let quoted: Vec<_> = line.words.iter().map(|word| word.quoted).collect();
    assert_eq!(quoted, [false, false, true, true]);
}

#[test]
fn assignments_split_at_the_first_equals_sign() {
    let text = r#"x name="a=b" y= "z=1 2""#;
    let line = only(text);
    let split: Vec<_> = line
        .words
        .iter()
        .map(|word| word.assignment().map(|a| (a.name, a.value, &text[a.span])))
        .collect();
    assert_eq!(
        split,
        [None, Some(("name", "a=b", "\"a=b\"")), Some(("y", "", "")), Some(("z", "1 2", "1 2\"")),]
    );
}

#[test]
fn redirects_begin_at_a_word_only() {
    let line = only("list zones >>'my file' name=a>b");
    assert_eq!(line.words[2].text, "name=a>b");
    assert_eq!(
        line.redirect.unwrap(),
        Redirect { path: "my file".into(), append: true, span: 13..22, slots: Vec::new() }
    );
    assert!(!only("list zones > f").redirect.unwrap().append);
    assert_eq!(fault("list zones > f >> g"), (LineFault::TwoRedirects, ">>"));
    assert_eq!(fault("list zones >"), (LineFault::NoFile, ">"));
    assert_eq!(fault("list zones > ''"), (LineFault::NoFile, ">"));
    assert_eq!(fault("list zones >; x"), (LineFault::NoFile, ">"));
    assert_eq!(fault("> f"), (LineFault::NoCommand, "f"));
}

#[test]
fn a_pipe_takes_the_rest_of_the_line() {
    let text = "list zones|jq '.zone[] | .id' > f; wc f # don't\nlist vpcs";
    let lines = parse(text).unwrap();
    let pipe = lines[0].pipe.as_ref().unwrap();
    assert_eq!(pipe.text, "jq '.zone[] | .id' > f; wc f # don't");
    assert_eq!(text[pipe.span.clone()], pipe.text);
    assert_eq!(lines[1].words[1].text, "vpcs");
    assert_eq!(only("a | tr ';\n' x").pipe.unwrap().text, "tr ';\n' x");
    assert_eq!(fault("a |"), (LineFault::NothingToPipeTo, "|"));
    assert_eq!(fault("| wc"), (LineFault::NoCommand, "|"));
    assert_eq!(fault("a || b"), (LineFault::OrElse, "||"));
    assert_eq!(fault("a > f | wc"), (LineFault::PipeAndRedirect, "|"));
    assert_eq!(fault("a | sed 's"), (LineFault::OpenQuote('\''), "'"));
}

#[test]
fn a_bang_takes_the_whole_command() {
    let lines = parse("list zones; ! ls; pwd\nlist vpcs").unwrap();
    assert_eq!(lines[1].bang.as_ref().unwrap().text, "ls; pwd");
    assert!(lines[1].words.is_empty());
    assert_eq!(lines.len(), 3);
    assert_eq!(words("list !x"), ["list", "!x"]);
    assert_eq!(fault("!"), (LineFault::NothingToRun, "!"));
}

#[test]
fn what_is_open_wants_more() {
    for (text, sign) in [("name='", "'"), ("name=\"", "\""), ("name='\"' \"", "\""), ("a\\", "\\")]
    {
        let error = parse(text).unwrap_err();
        assert!(error.needs_more(), "{text}");
        assert_eq!(&text[error.span], sign);
    }
    assert!(!parse("a |").unwrap_err().needs_more());
    assert_eq!(parse("'x").unwrap_err().to_string(), "the quote ' is never closed");
}

#[test]
fn a_partial_line_is_known_as_far_as_it_goes() {
    let (line, error) = partial("list zones; create vpc zoneid=\"san b");
    assert_eq!(line.words[2].text, "zoneid=san b");
    assert_eq!(line.words[2].span, 23..36);
    assert_eq!(error.unwrap().fault, LineFault::OpenQuote('"'));
    assert!(partial("list zones;").0.is_empty());
    assert_eq!(partial("list zones > so").0.redirect.unwrap().path, "so");
    assert_eq!(partial("list zones > ").0.redirect.unwrap().span, 13..13);
    assert!(partial("list zones | w").0.pipe.is_some());
}

#[test]
fn arguments_of_the_process_are_taken_as_they_are() {
    let args = ["create", "vpc", "name=a b", "|", "#", "x=\"1\""].map(String::from);
    let line = split_argv(&args);
    let joined = args.join(" ");
    for (word, arg) in line.words.iter().zip(&args) {
        assert_eq!(&word.text, arg);
        assert_eq!(&joined[word.span.clone()], arg);
    }
    let assignment = line.words[2].assignment().unwrap();
    assert_eq!(&joined[assignment.span], "a b");
    assert_eq!(line.pipe, None);
}

#[test]
fn quoting_is_minimal() {
    assert_eq!(quote("10.0.0.0/16"), "10.0.0.0/16");
    assert_eq!(quote("Z\u{fc}rich-1"), "Z\u{fc}rich-1");
    assert_eq!(quote("a b"), "'a b'");
    assert_eq!(quote("it's $5"), "\"it's \\$5\"");
    assert_eq!(quote(""), "''");
    assert_eq!(quote("@home"), "'@home'");
}

/// Text in which the signs of the language are frequent.
fn typed() -> impl Strategy<Value = String> {
    let sign = prop::sample::select("'\"\\|>;#!=<&$`@ \t\r\n{}[]._".chars().collect::<Vec<_>>());
    prop::collection::vec(prop_oneof![sign, any::<char>(), prop::char::range('a', 'c')], 0..40)
        .prop_map(String::from_iter)
}

fn spans(lines: &[Line]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for line in lines {
        spans.extend(line.words.iter().map(|word| word.span.clone()));
        spans.extend(line.words.iter().filter_map(Word::assignment).map(|a| a.span));
        let slots = line.words.iter().flat_map(|word| &word.slots);
        spans.extend(slots.map(|slot| slot.span.clone()));
        spans.extend(line.redirect.iter().map(|redirect| redirect.span.clone()));
        spans.extend(line.pipe.iter().chain(&line.bang).map(|foreign| foreign.span.clone()));
    }
    spans
}

proptest! {
    #[test]
    fn parse_gives_back_what_was_quoted(values in prop::collection::vec(typed(), 1..4)) {
        let text = values.iter().map(|value| quote(value)).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(words(&text), values);
    }

    #[test]
    fn a_quoted_value_is_a_value(value in typed()) {
        let text = format!("name={}", quote(&value));
        let line = only(&text);
        let assignment = line.words[0].assignment().unwrap();
        prop_assert_eq!(assignment.value, &value);
        prop_assert_eq!(&text[assignment.span], quote(&value));
    }

    #[test]
    fn spans_are_in_bounds_and_on_boundaries(text in typed()) {
        let (line, open) = partial(&text);
        let mut found = spans(&[line]);
        match parse(&text) {
            Ok(lines) => found.extend(spans(&lines)),
            Err(error) => {
                prop_assert!(!error.span.is_empty());
                found.push(error.span);
            }
        }
        found.extend(open.map(|error| error.span));
        for span in found {
            prop_assert!(text.get(span).is_some());
        }
    }
}
