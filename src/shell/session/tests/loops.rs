//! Loops in lines and in scripts.

use super::*;
use serde_json::json;

/// Runs a script where there are these zones; also the calls that change something.
fn looped(names: &[&str], script: &str) -> (Ran, Vec<String>) {
    let zones = names.iter().map(|name| json!({"id": format!("id of {name}"), "name": name}));
    let sample = Sample::with_zones(zones.collect());
    let (results, messages) = (Shared::default(), Shared::default());
    let out = Out::new(Box::new(results.clone()), Box::new(messages.clone()));
    let step = Step::Next(Session::new(&sample, out, Look::default()).script(script.as_bytes()));
    let text = |shared: Shared| String::from_utf8(shared.0.take()).unwrap();
    let calls = sample.calls.take().into_iter().filter(|call| !call.starts_with("list"));
    (Ran { step, results: text(results), messages: text(messages) }, calls.collect())
}

const SET: &str = "update configuration";

#[test]
fn commands_are_carried_out_for_each_row() {
    let script = format!("for z in list zones\ndo\n  {SET} name=$z.name value=$z.id\ndone\n");
    let (ran, calls) = looped(&["a b", "c;d", "$e"], &script);
    assert_eq!(ran.step, DONE, "{}", ran.messages);
    assert_eq!(
        calls,
        ["a b", "c;d", "$e"]
            .map(|name| format!("updateConfiguration name={name} value=id of {name}"))
    );
    let script =
        format!("for z in list zones sort=-name where name!=b; do {SET} name=$z.name; done");
    let (_, calls) = looped(&["a", "b", "c"], &script);
    assert_eq!(calls, ["updateConfiguration name=c", "updateConfiguration name=a"]);
    assert_eq!(looped(&[], &script).1, [""; 0]);
}

#[test]
fn commands_are_carried_out_for_each_word() {
    let names = |script: &str| {
        let (ran, calls) = looped(&["z1", "z2"], script);
        assert_eq!(ran.step, DONE, "{}", ran.messages);
        let names = calls.iter().map(|call| call.split_once("name=").unwrap().1.to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&format!("for x in a 'b c'; do {SET} name=$x; done")), ["a", "b c"]);
    assert_eq!(
        names(&format!("set -v v='b c'; for x in a $v; do {SET} name=$x; done")),
        ["a", "b c"]
    );
    assert_eq!(names(&format!("for x in 'list' zones; do {SET} name=$x; done")), ["list", "zones"]);
    assert_eq!(
        names(&format!("for x in 1 2; do for y in a b; do {SET} name=$x$y; done; done")),
        ["1a", "1b", "2a", "2b"]
    );
    assert_eq!(
        names(&format!("list zones\nfor x in $last; do {SET} name=$x.name; done")),
        ["z1", "z2"]
    );
    assert_eq!(
        names(&format!("for z in list zones; do for x in $z; do {SET} name=$x.name; done\ndone")),
        ["z1", "z2"]
    );
}

#[test]
fn the_variable_is_there_inside_the_loop_only() {
    let (ran, _) = looped(&["a"], "set -v z=1\nfor z in list zones; do set -v; done\nset -v\n");
    assert_eq!(ran.results, "z  the row of a\nz  1\n", "{}", ran.messages);
    let (ran, _) = looped(&["a"], "for z in x; do set -v y=$z; done; set -v");
    assert_eq!(ran.results, "y  x\n");
}

#[test]
fn a_failure_ends_the_loop_and_the_script() {
    let script = format!(
        "\nfor z in list zones; do\n  {SET} name=$z.name\n  list banana\ndone\n{SET} name=x"
    );
    let (ran, calls) = looped(&["a", "b"], &script);
    assert_eq!(ran.step, Step::Next(Status::Misused));
    assert_eq!(calls, ["updateConfiguration name=a"]);
    assert!(ran.messages.starts_with("error: line 4: unknown command `list banana`"));
    assert!(ran.messages.ends_with("the loop of `$z` was left in turn 1 of 2\n"));
    let (ran, calls) =
        looped(&["a"], &format!("for x in 1 2; do delete zone id=a; done; {SET} name=x"));
    assert_eq!((ran.step, calls.len()), (Step::Next(Status::Refused), 1), "{}", ran.messages);
    let (ran, calls) = looped(&[], &format!("for x in 1 2; do exit; done; {SET} name=x"));
    assert_eq!((ran.step, calls.len()), (DONE, 0), "{}", ran.messages);
}

#[test]
fn what_is_no_list_is_refused() {
    for (script, why) in [
        ("for z in list zonse; do exit; done", "did you mean `list zones`?"),
        ("for z in list zones nmae=x; do exit; done", "no parameter `nmae`"),
        ("for z in list zones where qqqqqq=x; do exit; done", "have no field `qqqqqq`"),
        ("for z in create vpc name=x; do exit; done", "`create vpc` lists nothing"),
        ("for z in $y; do exit; done", "there is no variable `$y`"),
        ("for z in list zones; do", "line 1: this loop has no `done`"),
        ("\nfor z in list zones\n\n", "line 2: this loop has no `done`"),
        ("for z in list zones; do list zones id=$z; done", "write which: `$z.id`"),
        ("for z in list zones; do list zones id=$z.idd; done", "did you mean `id`?"),
        ("for z in a; do list zones id=$z.id; done", "`$z` is a text"),
    ] {
        let (ran, _) = looped(&["a"], script);
        assert_eq!(ran.step, Step::Next(Status::Misused), "{script}");
        assert!(ran.messages.contains(why), "{script}: {}", ran.messages);
    }
    let args = ["for", "x", "in", "a"].map(str::to_owned);
    let alone = ran_with(Look::default(), |session| Step::Next(session.argv(&args)));
    assert!(alone.messages.contains("`capuchin < FILE`"), "{}", alone.messages);
}

#[test]
fn in_a_dry_run_there_are_no_rows() {
    let look = Look { dry_run: true, ..Look::default() };
    let ran = ran_with(look, |session| session.text("for z in list zones; do exit; done"));
    assert!(ran.messages.contains("knows no rows"), "{}", ran.messages);
}

#[test]
fn a_loop_asks_each_time_and_a_no_leaves_it() {
    let line = "for x in 1 2 3; do disassociate ip address id=203.0.113.2; done";
    let (ran, prompts, calls) = attended(line, &["y", "n"], false);
    assert_eq!(ran.step, Step::Next(Status::Refused), "{}", ran.messages);
    assert_eq!((prompts.len(), calls.len()), (2, 1));
    assert!(ran.messages.ends_with("left in turn 2 of 3\n"), "{}", ran.messages);
}
