//! Variables in words, and the values that take their places.

use super::*;

fn slots(text: &str) -> Vec<String> {
    let lines = parse(text).unwrap();
    let words = lines.iter().flat_map(|line| &line.words);
    words.flat_map(|word| &word.slots).map(|slot| slot.reference.to_string()).collect()
}

/// The words with `value` in place of each variable.
fn filled(text: &str, value: &str) -> Vec<String> {
    let line = only(text).filled(|_| Ok::<_, ()>(value.to_owned())).unwrap();
    line.unwrap().words.into_iter().map(|word| word.text).collect()
}

#[test]
fn variables_stand_outside_single_quotes() {
    assert_eq!(slots("list $a name=$b.c \"x $d[0]\" ${e}f"), ["$a", "$b.c", "$d[0]", "${e}"]);
    for text in ["'$a'", "\\$a", "\"\\$a\"", "a$", "$$", "\"$\"", "$5", "# $a", "x | $a", "!$a"] {
        assert!(
            parse(text)
                .unwrap()
                .iter()
                .all(|line| line.words.iter().all(|word| { word.slots.is_empty() }))
        );
    }
    assert_eq!(slots("pa$$word"), ["$word"]);
    assert_eq!(words("'$a' \\$a \"\\$a\" $$ $5 a$"), ["$a", "$a", "$a", "$$", "$5", "a$"]);
}

#[test]
fn a_brace_must_be_closed_but_not_in_the_systems_language() {
    assert_eq!(fault("list ${zone"), (LineFault::OpenBrace, "${zone"));
    assert_eq!(fault("\"${zone x}\""), (LineFault::OpenBrace, "${zone"));
    assert!(!parse("${x").unwrap_err().needs_more());
    assert_eq!(
        only("list x | echo ${y:-z} \"${y%x}\"").pipe.unwrap().text,
        "echo ${y:-z} \"${y%x}\""
    );
    assert!(only("!echo ${y:-z}").bang.is_some());
}

#[test]
fn a_value_is_a_part_of_its_word() {
    let value = "a b; exit | sh > f $x 'q\" \\";
    assert_eq!(filled("x $v", value), ["x", value]);
    assert_eq!(filled("name=$v", value), [format!("name={value}")]);
    assert_eq!(filled("\"a $v\"-${v}", "1 2"), ["a 1 2-1 2"]);
    assert_eq!(filled("$v$v", ""), [""]);
    let line = only("list x > $v.csv");
    assert_eq!(line.redirect.as_ref().unwrap().path, "$v.csv");
    let line = only("list x > ${v}.csv").filled(|_| Ok::<_, ()>("a b".to_owned())).unwrap();
    assert_eq!(line.unwrap().redirect.unwrap().path, "a b.csv");
    assert_eq!(only("list x").filled(|_| Err(())), Ok(None));
    assert_eq!(only("list $x").filled(|_| Err(())), Err(()));
}

#[test]
fn only_an_equals_sign_that_was_typed_separates() {
    let word = |text: &str| {
        let line = only(text).filled(|_| Ok::<_, ()>("a=b".to_owned())).unwrap().unwrap();
        line.words.into_iter().next().unwrap()
    };
    assert_eq!(word("$v").assignment(), None);
    let given = word("$v=c=d");
    assert_eq!(given.assignment().map(|it| (it.name, it.value)), Some(("a=b", "c=d")));
    let given = word("name=$v");
    assert_eq!(given.assignment().map(|it| (it.name, it.value)), Some(("name", "a=b")));
    assert!(given.quoted, "it is meant literally");
    assert_eq!(given.named(), "name=$v");
}

#[test]
fn what_is_being_named_is_known() {
    let naming = |text: &str| naming(text).map(|(found, start)| (found.to_string(), start));
    for (text, found, start) in [
        ("list $", "$", 5),
        ("$zo", "$zo", 0),
        ("x=$last.", "$last.", 2),
        ("\"a $last[0].i", "$last[0].i", 3),
        ("x > $fi", "$fi", 4),
        ("for x in $la", "$la", 9),
    ] {
        assert_eq!(naming(text), Some((found.to_owned(), start)), "{text}");
    }
    assert_eq!(naming("${la"), Some(("${la}".to_owned(), 0)));
    assert_eq!(naming("x ${last."), Some(("${last.}".to_owned(), 2)));
    for text in ["", "list", "'$a", "\\$", "list | $a", "$a b", "${a}", "$$", "# $a", "$a[0]"] {
        let found = naming(text);
        assert!(found.is_none() || text == "$$", "{text}: {found:?}");
    }
}

proptest! {
    #[test]
    fn a_quoted_value_has_no_variables(value in typed()) {
        let line = only(&format!("x {}", quote(&value)));
        prop_assert_eq!(line.filled(|_| Err(())), Ok(None));
        prop_assert_eq!(&line.words[1].text, &value);
    }

    #[test]
    fn whatever_a_value_holds_the_words_stay(value in typed(), before in "[a-z=]{0,3}") {
        let line = only(&format!("list {before}${{v}} \"$v\" z"));
        let filled = line.filled(|_| Ok::<_, ()>(value.clone())).unwrap().unwrap();
        let texts: Vec<_> = filled.words.iter().map(|word| word.text.clone()).collect();
        prop_assert_eq!(texts, ["list", &format!("{before}{value}"), &value, "z"]);
        prop_assert_eq!(filled.words[2].assignment(), None);
    }
}
