//! Whatever is typed: nothing fails, nothing comes twice, and all that is offered can be read.

use super::*;
use crate::shell::highlight::{Part, highlight};
use crate::shell::sift::{self, Wanted};

/// Pieces of lines, likely to meet in odd ways.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "list",
        "zones",
        "listZones",
        "create",
        "vpc",
        "public",
        "ip",
        "publicip",
        "help",
        "set",
        "tags",
        "lpia",
        "name=",
        "zoneid=",
        "vpcofferingid=",
        "tags=",
        "tags.",
        "tags[0].key=",
        "filter=",
        "value=",
        "id,",
        "details[0].",
        "details.",
        "-o",
        "--",
        "@",
        "'",
        "\"",
        "\\",
        "|",
        ">",
        ";",
        "!",
        "=",
        ",",
        "[",
        "for x in ",
        "do ",
        "done",
        "$",
        "$last.",
        "${",
        "}",
        "set -v ",
        "\u{e9}",
        "\u{6771}",
        " ",
        " ",
        " ",
        " ",
    ]);
    prop_oneof![5 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..9).prop_map(|pieces| pieces.concat())
}

/// A line that a person who knows what they want may have typed.
fn sensible() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "na",
        "name=",
        "name=x",
        "zo",
        "zoneid=",
        "zoneid=s",
        "vpcofferingid=",
        "vpcofferingid=twi",
        "vpcofferingid='Def",
        "details.",
        "details[",
        "details.a=b",
        "tags=",
        "tags=sandbox,",
        "filter=",
        "filter=id,",
        "exclude=n",
        "-o",
        "-o csv",
        "--a",
        "cidr=@",
        "available=",
        "id=",
        "state=",
        "page",
        "oid",
        "value=",
        "",
    ]);
    let command = prop::sample::select(vec![
        "create vpc",
        "createVPC",
        "list zones",
        "list public ip addresses",
        "listvpcs",
        "update configuration name=network.gc.wait",
        "disassociate ip address",
        "delete zone",
        "list",
        "create",
        "",
    ]);
    (command, prop::collection::vec(word, 0..4))
        .prop_map(|(command, words)| format!("{command} {}", words.join(" ")))
}

fn check_offers(line: &str, catalogue: &Catalogue) -> Result<(), TestCaseError> {
    let sample = Sample::new();
    let found = complete(catalogue, line, line.len(), &mut World { sample: &sample });
    let mut texts: Vec<_> = found.candidates.iter().map(|one| one.text.as_str()).collect();
    for text in &texts {
        let before = line.get(..found.start).unwrap_or_default();
        check_offer(&format!("{before}{text}"), catalogue)?;
    }
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    prop_assert_eq!(texts.len(), count, "twice: {}", line);
    Ok(())
}

/// The line can be read.
fn check_offer(line: &str, catalogue: &Catalogue) -> Result<(), TestCaseError> {
    // What is to be continued is continued.
    let whole = match line.chars().last() {
        Some('=') => format!("{line}x"),
        Some('.') => format!("{line}k=x"),
        _ => line.to_owned(),
    };
    let words = parse_all(&whole);
    prop_assert!(words.is_some(), "{}", whole);
    let _ = command::find(catalogue, &words.unwrap_or_default());
    Ok(())
}

fn parse_all(line: &str) -> Option<Vec<Word>> {
    let lines = crate::shell::line::parse(line).ok()?;
    Some(lines.into_iter().last().map(|line| line.words).unwrap_or_default())
}

/// Whether the line can be carried out but for what is missing; nothing if it names no command.
fn is_valid(line: &str, catalogue: &Catalogue) -> Option<bool> {
    let (words, _) = options::take(&parse_all(line)?).ok()?;
    let found = command::find(catalogue, &words).ok()?;
    let file = |_: &str| Ok(String::new());
    let (words, condition) = sift::split(&words[found.words..]);
    let call = check::read(found.spec, words, line, &file);
    Some(call.is_ok() && Wanted::read(found.spec, &[], condition, line).is_ok())
}

proptest! {
    #[test]
    fn no_line_and_no_cursor_is_too_odd(line in pieces(), cursor in 0_usize..80) {
        let sample = Sample::new();
        let found = complete(&catalogue(), &line, cursor, &mut World { sample: &sample });
        prop_assert!(line.is_char_boundary(found.start));
    }

    #[test]
    fn what_is_offered_can_be_read_and_comes_once(line in pieces()) {
        check_offers(&line, &catalogue())?;
    }

    #[test]
    fn what_is_accepted_lacks_at_most_what_is_missing(line in sensible()) {
        let catalogue = catalogue();
        check_offers(&line, &catalogue)?;
        let sample = Sample::new();
        let found = complete(&catalogue, &line, line.len(), &mut World { sample: &sample });
        let before = line.get(..found.start).unwrap_or_default();
        // What stood there before may be wrong already.
        let was_valid = is_valid(before, &catalogue);
        for candidate in found.candidates {
            let mut whole = format!("{before}{}", candidate.text);
            match whole.chars().last() {
                Some('=') => whole.push('x'),
                Some('.') => whole.push_str("k=x"),
                _ => {}
            }
            if ["where ", " and ", " or ", " not "].iter().any(|end| whole.ends_with(end)) {
                whole.push_str("name=x");
            }
            // An option that wants a format behind it.
            if whole.ends_with("-o ") || whole.ends_with("--output ") {
                whole.push_str("csv");
            }
            if was_valid == Some(true) {
                prop_assert_ne!(is_valid(&whole, &catalogue), Some(false), "{}", whole);
            }
        }
    }

    #[test]
    fn names_of_all_kinds_survive_quoting(name in "[ -~]{1,20}") {
        let zones = json!([{"id": FAST, "name": name}]);
        let sample = Sample::with_zones(zones);
        let line = "create vpc zoneid=";
        let mut world = World { sample: &sample };
        for candidate in complete(&catalogue(), line, line.len(), &mut world).candidates {
            let whole = format!("create vpc {}", candidate.text);
            let words = parse_all(&whole).unwrap();
            let given = words.last().and_then(Word::assignment).unwrap();
            prop_assert!(given.value == name || given.value == FAST, "{whole}");
        }
    }

    #[test]
    fn all_commands_of_a_cloud_are_survived(
        at in 0_usize..917, rest in "[a-z]{0,4}=?[a-z0-9,]{0,3}",
    ) {
        let catalogue = built_in();
        let phrase = &catalogue.phrases()[at];
        let line = format!("{} {rest}", phrase.words.join(" "));
        check_offers(&line, &catalogue)?;
        // A parameter that is taken is one of the command, and is not called wrong.
        let line = format!("{} ", phrase.words.join(" "));
        let sample = Sample::new();
        let found = complete(&catalogue, &line, line.len(), &mut World { sample: &sample });
        for candidate in found.candidates.iter().filter(|one| one.text.ends_with(['=', '.'])) {
            let end = if candidate.text.ends_with('.') { "key=x" } else { "x" };
            let whole = format!("{line}{}{end}", candidate.text);
            prop_assert_eq!(is_valid(&whole, &catalogue), Some(true), "{}", whole);
            let parts = highlight(&catalogue, &whole);
            let name = parts.iter().find(|(span, _)| span.start == line.len());
            prop_assert!(name.is_some_and(|(_, part)| *part == Part::Name), "{whole} {parts:?}");
        }
    }
}
