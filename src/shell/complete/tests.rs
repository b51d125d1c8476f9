//! What is offered where, and that all that is offered can be read.

use super::*;
use crate::shell::line::parse;
use crate::shell::listed::listed;
use crate::shell::samples::{ADDRESS, Sample, catalogue, spec};
use proptest::prelude::*;

fn rows(api: &str) -> Vec<Row> {
    listed(&Sample::new(), spec(api), &[]).unwrap()
}

fn completion(line: &str) -> Completion {
    complete(&catalogue(), line, line.len(), &mut rows)
}

fn offered(line: &str) -> Vec<String> {
    completion(line).candidates.into_iter().map(|candidate| candidate.text).collect()
}

#[test]
fn verbs_and_names_complete() {
    assert_eq!(
        offered(""),
        [
            "create ",
            "delete ",
            "disassociate ",
            "list ",
            "set ",
            "update ",
            "exit ",
            "help ",
            "quit ",
            "show ",
            "sync ",
            "version ",
            "wait "
        ]
    );
    assert_eq!(offered("cr"), ["create "]);
    assert_eq!(offered("CR"), ["create "]);
    assert_eq!(offered("listZ"), ["listZones "]);
    assert_eq!(offered("listv"), ["listVPCOfferings ", "listVPCs "]);
    assert_eq!(offered("qq"), [""; 0]);
}

#[test]
fn nouns_complete_word_by_word_and_in_one() {
    assert_eq!(
        offered("list "),
        ["configurations ", "global ", "public ", "vpc ", "vpcs ", "zones "]
    );
    assert_eq!(offered("list pub"), ["public "]);
    assert_eq!(offered("list public "), ["ip "]);
    assert_eq!(offered("list public ip a"), ["addresses "]);
    assert_eq!(offered("list publici"), ["publicipaddresses "]);
    assert_eq!(offered("set "), ["configuration ", "global "]);
    assert_eq!(offered("help list z"), ["zones "]);
    assert_eq!(offered("help list zones "), [""; 0]);
}

#[test]
fn parameters_complete_the_required_ones_first() {
    assert_eq!(
        offered("create vpc "),
        [
            "name=",
            "vpcofferingid=",
            "zoneid=",
            "cidr=",
            "details[0].",
            "tags=",
            "filter=",
            "exclude="
        ]
    );
    assert_eq!(
        offered("createVPC name=x zoneid=y details[0].a=b "),
        ["vpcofferingid=", "cidr=", "tags=", "filter=", "exclude="]
    );
    assert_eq!(offered("list zones na"), ["name="]);
    assert_eq!(offered("list zones qq"), [""; 0]);
}

#[test]
fn values_complete_by_what_the_type_says() {
    assert_eq!(offered("list zones available="), ["available=true ", "available=false "]);
    assert_eq!(offered("list zones available=T"), ["available=true "]);
    assert_eq!(offered("list public ip addresses state=f"), ["state=Free "]);
    assert_eq!(offered("list zones name="), ["name=sandbox "]);
    assert_eq!(offered("create vpc name="), [""; 0]);
    assert_eq!(offered("list zones nope="), [""; 0]);
    assert_eq!(offered("nope name="), [""; 0]);
}

#[test]
fn names_are_put_in_where_ids_are_wanted() {
    assert_eq!(offered("create vpc zoneid="), ["zoneid=sandbox "]);
    assert_eq!(offered("create vpc vpcofferingid=def"), ["vpcofferingid='Default VPC offering' "]);
    assert_eq!(
        offered("create vpc vpcofferingid='Default V"),
        ["vpcofferingid='Default VPC offering' "]
    );
    assert_eq!(offered("disassociate ip address id=203"), ["id=203.0.113.2 "]);
    assert_eq!(offered("disassociate ip address id=00000000"), [format!("id={ADDRESS} ")]);
    assert_eq!(offered("set global configuration name=net"), ["name=network.gc.wait "]);
}

#[test]
fn of_one_name_for_two_things_the_ids_are_put_in() {
    let candidates = completion("create vpc vpcofferingid=twi").candidates;
    assert_eq!(candidates.len(), 2);
    assert!(candidates.iter().all(|candidate| candidate.about == "twice"));
    assert!(candidates.iter().any(|candidate| candidate.shown == ADDRESS));
}

#[test]
fn lists_complete_behind_their_last_comma() {
    assert_eq!(offered("list zones filter=na"), ["filter=name"]);
    assert_eq!(offered("list zones filter=name,"), ["filter=name,id"]);
    assert_eq!(offered("list zones filter='name, i"), ["filter=name,id"]);
    assert_eq!(offered("create vpc tags=x,sa"), ["tags=x,sandbox"]);
}

#[test]
fn formats_complete_behind_the_option() {
    assert_eq!(offered("list zones -o js"), ["json ", "jsonl "]);
    assert_eq!(offered("list zones -o csv av"), ["available="]);
    assert_eq!(offered("-o csv list zo"), ["zones "]);
}

#[test]
fn in_a_word_and_behind_the_line_nothing_is_offered() {
    assert_eq!(complete(&catalogue(), "list zones", 6, &mut rows).candidates, []);
    assert_eq!(offered("list zones | gr"), [""; 0]);
    assert_eq!(offered("list zones > f"), [""; 0]);
    assert_eq!(offered("!l"), [""; 0]);
    assert_eq!(offered("list zones; cr"), ["create "]);
}

#[test]
fn the_start_is_where_the_word_begins() {
    assert_eq!(completion("list zones; cr").start, 12);
    assert_eq!(completion("create vpc zoneid=s").start, 11);
    assert_eq!(completion("list ").start, 5);
}

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
        "name=",
        "zoneid=",
        "vpcofferingid=",
        "tags=",
        "filter=",
        "id,",
        "details[0].",
        "-o",
        "'",
        "\"",
        "\\",
        "|",
        ">",
        ";",
        "!",
        "=",
        ",",
        "\u{e9}",
        " ",
        " ",
        " ",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn no_line_and_no_cursor_is_too_odd(
        pieces in prop::collection::vec(piece(), 0..8), cursor in 0_usize..80,
    ) {
        let line = pieces.concat();
        let found = complete(&catalogue(), &line, cursor, &mut rows);
        prop_assert!(line.is_char_boundary(found.start));
    }

    #[test]
    fn what_is_offered_can_be_read(pieces in prop::collection::vec(piece(), 0..8)) {
        let line = pieces.concat();
        let found = completion(&line);
        for candidate in found.candidates {
            let whole = format!("{}{}", &line[..found.start], candidate.text);
            prop_assert!(parse(&whole).is_ok(), "{whole}");
        }
    }

    #[test]
    fn names_of_all_kinds_survive_quoting(name in "[ -~]{1,20}") {
        let mut rows = |_: &str| {
            let row = serde_json::json!({"id": ADDRESS, "name": name});
            vec![Row::new(row.as_object().unwrap().clone())]
        };
        let line = "create vpc zoneid=";
        for candidate in complete(&catalogue(), line, line.len(), &mut rows).candidates {
            let whole = format!("create vpc {}", candidate.text);
            let words = parse(&whole).unwrap().remove(0).words;
            let given = words.last().and_then(Word::assignment).unwrap();
            prop_assert!(given.value == name || given.value == ADDRESS, "{whole}");
        }
    }
}

#[test]
fn pictures_complete() {
    assert_eq!(offered("show "), ["capacity ", "history ", "map ", "topology "]);
    assert_eq!(offered("show m"), ["map "]);
    assert_eq!(offered("help show t"), ["topology "]);
    assert_eq!(offered("show capacity "), ["days=", "svg=", "zoneid="]);
    assert_eq!(offered("show capacity zoneid=s"), ["zoneid=sandbox "]);
    assert_eq!(offered("show history 2"), ["203.0.113.2 "]);
    assert_eq!(offered("show history 203.0.113.2 "), ["svg="]);
    assert_eq!(offered("show banana "), [""; 0]);
}
