//! Loops: how commands belong to them, and what is said of those that are wrong.

use super::*;

/// The script in short: commands by their words, loops in braces.
fn told(text: &str) -> String {
    script(text).unwrap().iter().map(tell).collect::<Vec<_>>().join("; ")
}

fn tell(statement: &Statement) -> String {
    let words = |line: &Line| {
        let foreign = line.bang.iter().map(|bang| format!("!{}", bang.text));
        line.words.iter().map(|word| word.text.clone()).chain(foreign).collect::<Vec<_>>().join(" ")
    };
    match statement {
        Statement::Command(line) => words(line),
        Statement::Loop(of) => {
            let body: Vec<_> = of.body.iter().map(tell).collect();
            format!("{}({}){{{}}}", of.name, words(&of.over), body.join("; "))
        }
    }
}

fn wrong(text: &str) -> (LineFault, &str) {
    let error = script(text).unwrap_err();
    (error.fault, &text[error.span])
}

#[test]
fn a_loop_is_the_same_on_one_line_and_on_several() {
    let same = "x(list zones){a b; c}; d";
    for text in [
        "for x in list zones; do a b; c; done; d",
        "for x in list zones\ndo\n  a b\n  c\ndone\nd",
        "for x in list zones; do a b\nc # done\ndone\n\nd\n",
        "for x in list \\\n zones;;do a b;;c;;done;d",
    ] {
        assert_eq!(told(text), same, "{text}");
    }
    assert_eq!(told("for x in a; do done"), "x(a){}");
    assert_eq!(told("for x in a; do !ls\ndone"), "x(a){!ls}");
    assert_eq!(told("for in in in; do in; done"), "in(in){in}");
    assert_eq!(told("'for' x; \"do\"; d\\one"), "for x; do; done");
    assert_eq!(told("list for do done"), "list for do done");
}

#[test]
fn loops_stand_inside_each_other() {
    assert_eq!(told("for x in a b; do for y in $x; do c; done; d; done"), "x(a b){y($x){c}; d}");
    let deep = |depth| format!("{}{}", "for x in a; do ".repeat(depth), "done;".repeat(depth));
    assert!(script(&deep(16)).is_ok());
    assert_eq!(wrong(&deep(17)), (LineFault::TooDeep, "for"));
    assert_eq!(wrong(&deep(10_000)).0, LineFault::TooDeep);
}

#[test]
fn what_is_no_loop_is_pointed_at() {
    for (text, fault, place) in [
        ("do x", LineFault::NoLoop, "do"),
        ("x; done", LineFault::NoLoop, "done"),
        ("for x in a; do do b; done", LineFault::NoLoop, "do"),
        ("for x in a; b; done", LineFault::NoDo, "b"),
        ("for x in a; !b\ndone", LineFault::NoDo, "b"),
        ("for x in a; done", LineFault::NoDo, "done"),
        ("for x in a; for y in b; do", LineFault::NoDo, "for"),
        ("for", LineFault::BadHead, "for"),
        ("for x", LineFault::BadHead, "for"),
        ("for x of a", LineFault::BadHead, "of"),
        ("for x in", LineFault::BadHead, "in"),
        ("for x in; do a; done", LineFault::BadHead, "in"),
        ("for x 'in' a", LineFault::BadHead, "'in'"),
        ("for 1 in a", LineFault::BadName, "1"),
        ("for a-b in a", LineFault::BadName, "a-b"),
        ("for $a in a", LineFault::BadName, "$a"),
        ("for last in a", LineFault::BadName, "last"),
        ("for x in a > f; do", LineFault::RedirectedHead, "f"),
        ("for x in a | wc", LineFault::RedirectedHead, "wc"),
        ("for x in a; do b; done c", LineFault::BehindDone, "done c"),
        ("for x in a; do b; done > f", LineFault::BehindDone, "done"),
        ("for x in a; do b; done | wc", LineFault::BehindDone, "done"),
        ("for x in a; do > f", LineFault::NoCommand, "f"),
        ("for x in a; do | wc", LineFault::NoCommand, "wc"),
        ("for x in a; do b | wc; done", LineFault::ForeignDone, "done"),
        ("for x in a; do !b ;done", LineFault::ForeignDone, "done"),
    ] {
        assert_eq!(wrong(text), (fault, place), "{text}");
        assert!(!script(text).unwrap_err().needs_more(), "{text}");
    }
}

#[test]
fn an_open_loop_wants_more() {
    for text in [
        "for x in a",
        "for x in a;",
        "for x in a; do",
        "for x in a; do b;",
        "for x in a; do for y in b; do c; done",
        "for x in a; do b | while read x; do echo $x; done",
        "for x in a; do name='",
    ] {
        assert!(script(text).unwrap_err().needs_more(), "{text}");
    }
    let text = "x\nfor y in a; do b";
    assert_eq!(wrong(text), (LineFault::OpenLoop, "for"));
}

#[test]
fn what_is_being_typed_is_known() {
    let stage = |text: &str| {
        let found = unfinished(text);
        let words: Vec<_> = found.line.words.into_iter().map(|word| word.text).collect();
        (found.stage, words.join(" "))
    };
    let command = |in_loop, words: &str| (Stage::Command { in_loop }, words.to_owned());
    assert_eq!(stage("list zo"), command(false, "list zo"));
    assert_eq!(stage("for"), command(false, "for"));
    assert_eq!(stage("for "), (Stage::Name, String::new()));
    assert_eq!(stage("for x"), (Stage::Name, "x".to_owned()));
    assert_eq!(stage("for x "), (Stage::In, String::new()));
    assert_eq!(stage("for x in"), (Stage::In, "in".to_owned()));
    assert_eq!(stage("for x in "), (Stage::Over, String::new()));
    assert_eq!(stage("for x in list zo"), (Stage::Over, "list zo".to_owned()));
    assert_eq!(stage("for x in a; "), (Stage::Do, String::new()));
    assert_eq!(stage("for x in a\nd"), (Stage::Do, "d".to_owned()));
    assert_eq!(stage("for x in a; do"), (Stage::Do, "do".to_owned()));
    assert_eq!(stage("for x in a; do "), command(true, ""));
    assert_eq!(stage("for x in a; do list zo"), command(true, "list zo"));
    assert_eq!(stage("for x in a; do b; "), command(true, ""));
    assert_eq!(stage("for x in a; do for y in "), (Stage::Over, String::new()));
    assert_eq!(stage("for x in a; do b; done; "), command(false, ""));
    assert_eq!(partial("for x in a; do list zo").0.words[1].text, "zo");
}

/// Pieces of scripts.
fn pieces() -> impl Strategy<Value = String> {
    let words = ["for", "x", "in", "list", "do", "done", ";", "\n", "$x", "|", ">", "!", "'", "a"];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24)
        .prop_map(|pieces| pieces.join(" "))
}

fn count(statements: &[Statement]) -> usize {
    let lines = statements.iter().map(|statement| match statement {
        Statement::Command(_) => 1,
        Statement::Loop(of) => count(&of.body),
    });
    lines.sum()
}

proptest! {
    #[test]
    fn no_script_is_too_odd(text in prop_oneof![pieces(), typed()]) {
        unfinished(&text);
        naming(&text);
        match script(&text) {
            Ok(found) => prop_assert!(count(&found) <= parse(&text).unwrap().len()),
            Err(error) => {
                prop_assert!(!error.span.is_empty());
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}
