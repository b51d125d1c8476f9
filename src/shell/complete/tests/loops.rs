//! What is offered for variables, in loops and behind the shell's own commands.

use super::*;
use crate::shell::line::Reference;
use crate::shell::set::{Options, Plain};
use crate::shell::variables::{Last, Variable, Variables};

/// A world with variables.
struct Knowing<'s> {
    world: World<'s>,
    variables: Variables,
}

impl Around for Knowing<'_> {
    fn ask(&mut self, question: &Question) -> Reply {
        self.world.ask(question)
    }

    fn files(&mut self, directory: &str) -> Vec<File> {
        self.world.files(directory)
    }

    fn variables(&mut self, outer: Option<&Reference>) -> Vec<(String, String)> {
        self.variables.inside(outer)
    }

    fn value(&mut self, reference: &Reference) -> Option<String> {
        self.variables.text(reference).ok()
    }

    fn options(&mut self) -> Vec<(String, Vec<String>)> {
        Plain.known()
    }
}

fn completed(line: &str) -> Completion {
    let sample = Sample::new();
    let mut variables = Variables::default();
    let tags = json!([{"key": "env", "value": "prod"}, {"key": "a-b", "value": "c"}]);
    let spec = crate::schema::Spec { key: "vpc", ..crate::schema::Spec::BLANK };
    let rows = json!({"vpc": [{"id": "7", "name": "web", "tags": tags}]});
    variables.answered(Last::of(&spec, &rows));
    let zone = Variable { value: json!("sandbox"), is_secret: false };
    variables.set("zone", zone);
    let mut around = Knowing { world: World { sample: &sample }, variables };
    complete(&catalogue(), line, line.len(), &mut around)
}

fn texts(line: &str) -> Vec<String> {
    completed(line).candidates.into_iter().map(|candidate| candidate.text).collect()
}

#[test]
fn variables_and_their_fields_complete() {
    assert_eq!(texts("list zones id=$"), ["$zone", "$last"]);
    assert_eq!(texts("list zones id=$z"), ["$zone"]);
    assert_eq!(completed("list zones id=$z").start, 14);
    assert_eq!(completed("list zones id=$z").candidates[0].about, "sandbox");
    assert_eq!(texts("x \"a ${l"), ["${last}"]);
    assert_eq!(texts("$last."), ["$last.count", "$last.id", "$last.name", "$last.tags"]);
    assert_eq!(texts("$last[0].n"), ["$last[0].name"]);
    assert_eq!(texts("$last.tags."), ["$last.tags.count", "$last.tags.env", "${last.tags.a-b}"]);
    for line in ["'$z", "\\$z", "list zones | $z", "$zone.", "$q"] {
        assert_eq!(texts(line), [""; 0], "{line}");
    }
}

#[test]
fn what_a_variable_holds_counts() {
    assert_eq!(texts("create vpc zoneid=$zone vpc"), ["vpcofferingid="]);
    assert_eq!(texts("list public ip addresses zoneid=$nope st"), ["state="]);
    assert!(!texts("list public ip addresses zoneid=$nope ipaddress=").is_empty());
}

#[test]
fn loops_complete() {
    assert_eq!(texts("for "), [""; 0]);
    assert_eq!(texts("for x "), ["in "]);
    assert_eq!(texts("for x i"), ["in "]);
    assert_eq!(texts("for x in "), ["list "]);
    assert_eq!(texts("for x in list zo"), ["zones "]);
    assert_eq!(texts("for x in list zones where na"), ["name="]);
    assert_eq!(texts("for x in list zones; "), ["do "]);
    assert_eq!(texts("for x in list zones\nd"), ["do "]);
    assert_eq!(texts("for x in list zones; do create v"), ["vpc "]);
    assert_eq!(texts("for x in list zones; do create vpc zo"), ["zoneid="]);
    assert_eq!(texts("for x in list zones; do list zones\ndon"), ["done "]);
    assert!(texts("for x in list zones; do ").contains(&"create ".to_owned()));
    assert!(texts("for x in list zones; do ").contains(&"done ".to_owned()));
    assert!(!texts("").contains(&"done ".to_owned()));
    assert_eq!(texts("for x in list zones; do list vpcs zoneid=$x."), ["$x.id", "$x.name"]);
    assert_eq!(texts("for x in list zones\ndo\nlist vpcs zoneid=$"), ["$x", "$zone", "$last"]);
    assert_eq!(texts("for x in a; do list vpcs zoneid=$x."), [""; 0]);
    assert_eq!(texts("for x in list zones; do list vpcs; done; $x."), [""; 0]);
}

#[test]
fn the_shells_own_commands_complete() {
    assert_eq!(texts("source no"), ["notes.txt "]);
    assert_eq!(texts("source my"), ["'my keys/'"]);
    assert_eq!(texts("set conf"), ["configuration ", "confirm "]);
    assert_eq!(texts("set confirm "), ["on ", "off "]);
    assert_eq!(texts("set confirm=o"), ["confirm=on ", "confirm=off "]);
    assert_eq!(texts("set output cs"), ["csv "]);
    assert_eq!(texts("set asyncblock t"), ["true "]);
    assert_eq!(texts("set -"), ["-v "]);
    assert_eq!(texts("set -v z"), ["zone="]);
    assert_eq!(texts("set -v zone="), [""; 0]);
    assert_eq!(texts("unset "), ["-v "]);
    assert_eq!(texts("unset -v "), ["zone "]);
    assert_eq!(texts("unset -v zone "), [""; 0]);
}
