//! Variables in lines.

use super::*;
use crate::shell::samples::SANDBOX;

fn name_of(line: &str) -> String {
    let found = ran(line);
    assert_eq!(found.step, DONE, "{line}: {}", found.messages);
    found.results
}

fn refused(line: &str) -> String {
    let found = ran(line);
    assert_eq!(found.step, Step::Next(Status::Misused), "{line}: {}", found.results);
    found.messages
}

/// What calls were made of the line, without lists.
fn calls(line: &str) -> Vec<String> {
    let (ran, _, calls) = attended(line, &[], true);
    assert_eq!(ran.step, DONE, "{line}: {}", ran.messages);
    calls
}

#[test]
fn variables_are_set_and_stand_for_their_values() {
    assert_eq!(
        calls("set -v a=web b='x; y'; create vpc vpcofferingid=fast zoneid=sandbox name=\"$a $b\""),
        [format!("createVPC name=web x; y vpcofferingid={FAST} zoneid={SANDBOX}")]
    );
    assert_eq!(name_of("set -v b=2 a='1 1'; set -v"), "a  1 1\nb  2\n");
    assert_eq!(name_of("set -v a=1; unset -v a; set -v"), "");
    assert_eq!(name_of("set -v a=csv; list zones filter=name -o $a"), "name\nsandbox\n");
    assert_eq!(
        name_of("set -v z=sandbox; list zones filter=name -o csv where name=$z"),
        "name\nsandbox\n"
    );
    assert_eq!(
        name_of("set -v z='a or name~x'; list zones filter=name -o csv where name=$z"),
        "name\n"
    );
    assert_eq!(
        name_of("set -v z='sand)'; list zones filter=name -o csv where (name=\"$z\")"),
        "name\n"
    );
}

#[test]
fn a_value_is_never_read_again() {
    let why = refused("set -v x=name=foo; list zones $x");
    assert!(why.contains("`$x` is not of the form name=value"), "{why}");
    assert!(refused("set -v x=-y; list zones $x").contains("`$x`"), "no option");
    assert!(refused("set -v x=where; list zones $x name=x").contains("`$x`"), "no keyword");
    let path = "/nonexistent/capuchin";
    let found = calls(&format!("set -v x=@{path}; create vpc name=\"$x\" vpcofferingid=fast"));
    assert!(found[0].contains(&format!("name=@{path} ")), "{found:?}");
    let why = refused("set -v password='hunter 2'\ncreate $password");
    assert!(!why.contains("hunter"), "{why}");
}

#[test]
fn the_last_answer_is_at_hand() {
    assert_eq!(
        calls("list zones; create vpc name=$last.count vpcofferingid=fast zoneid=$last.id"),
        [format!("createVPC name=1 vpcofferingid={FAST} zoneid={SANDBOX}")]
    );
    let kept = "create vpc name=web vpcofferingid=fast; set -v vpc=$last; list zones; \
                create vpc name=$vpc.name-2 vpcofferingid=fast zoneid=$last[-1].name";
    assert!(calls(kept)[1].starts_with("createVPC name=web-2 "));
    assert!(refused("list zones where name=x; list zones id=$last.id").contains("has no rows"));
    assert!(refused("list zones; list zones id=$last").contains("write which: `$last.id`"));
    let why = refused("list zones id=$last.id");
    assert!(why.contains("`$last` is empty"), "{why}");
    assert!(why.ends_with("  list zones id=$last.id\n                ^^^^^^^^\n"), "{why}");
}

#[test]
fn what_fails_leaves_the_last_answer() {
    let line = "list zones\nset -v z=$last\nset -v";
    assert!(scripted(line).results.ends_with("\nz     1 row\nlast  1 row\n"));
    let after = ran_with(Look::default(), |session| {
        session.text("list zones");
        session.text("delete zone id=sandbox");
        session.text("list zones where qqqqqqq=1");
        session.text("list zones id=$last.id filter=name -o csv")
    });
    assert_eq!(after.step, DONE, "{}", after.messages);
}

#[test]
fn wrong_names_are_refused() {
    for (line, why) in [
        ("set -v x", "`x` has no value; write name=value"),
        ("set -v 1=x", "`1` is no name for a variable"),
        ("set -v a-b=x", "`a-b` is no name"),
        ("set -v last=x", "`last` is the last answer"),
        ("set -v a=1 last=x", "`last` is the last answer"),
        ("unset -v", "`unset -v zone`"),
        ("unset zone", "`unset -v zone`"),
        ("unset -v zone", "there is no variable `$zone`"),
        ("list zones name=${x", "`${` wants a name"),
        ("set -v zone=x; list zones name=$zne", "did you mean `$zone`?"),
        ("list zones name=pa$$word", "there is no variable `$word`"),
    ] {
        let found = refused(line);
        assert!(found.contains(why), "{line}: {found}");
    }
    assert_eq!(ran("set -v a=1 last=x; set -v").results, "");
    assert_eq!(ran("list zones name='pa$$word' -o csv filter=name").step, DONE);
}

#[test]
fn secrets_stay_hidden_whatever_they_are_called() {
    let line = "set -v password='a b'; set -v p=$password q=x$password; set -v";
    let shown = "p         ********\npassword  ********\nq         ********\n";
    assert_eq!(name_of(line), shown);
}

#[test]
fn one_command_and_cloudmonkey_have_no_variables() {
    let args = ["list", "zones", "name=$x"].map(str::to_owned);
    let alone = ran_with(Look::default(), |session| Step::Next(session.argv(&args)));
    assert_eq!(alone.step, DONE, "{}", alone.messages);
    let args = ["set", "-v", "x=1"].map(str::to_owned);
    let alone = ran_with(Look::default(), |session| Step::Next(session.argv(&args)));
    assert!(alone.messages.contains("the system's shell has its own"), "{}", alone.messages);
    let cmk = Look { literal_dollar: true, ..Look::default() };
    let plain = ran_with(cmk, |s| s.text("list zones name=pa$word filter=name -o csv"));
    assert_eq!(plain.step, DONE, "{}", plain.messages);
    let refused = ran_with(cmk, |s| s.text("for x in a; do list zones; done"));
    assert!(refused.messages.contains("no variables and no loops"), "{}", refused.messages);
}
