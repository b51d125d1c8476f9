//! What is offered where, and that all that is offered can be read.

use super::*;
use crate::shell::check;
use crate::shell::lookups::Lookups;
use crate::shell::samples::{ADDRESS, FAST, Sample, catalogue};
use crate::transport::built_in;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::time::Duration;

mod cloud;
mod loops;
mod odd;

/// Answers from the sample; there is a file and a directory.
struct World<'s> {
    sample: &'s Sample,
}

impl Around for World<'_> {
    fn ask(&mut self, question: &Question) -> Reply {
        Lookups::new(self.sample, || Duration::ZERO).within(Duration::ZERO).ask(question)
    }

    fn files(&mut self, directory: &str) -> Vec<File> {
        let file = |name: &str, is_folder| File { name: name.to_owned(), is_folder };
        match directory {
            "" => vec![file("notes.txt", false), file("my keys", true), file(".hidden", false)],
            "my keys/" => vec![file("id", false), file("a\tb", false)],
            _ => Vec::new(),
        }
    }

    fn options(&mut self) -> Vec<(String, Vec<String>)> {
        vec![("editmode".to_owned(), vec!["emacs".to_owned(), "vi".to_owned()])]
    }
}

fn completion(line: &str) -> Completion {
    let sample = Sample::new();
    complete(&catalogue(), line, line.len(), &mut World { sample: &sample })
}

fn offered(line: &str) -> Vec<String> {
    completion(line).candidates.into_iter().map(|candidate| candidate.text).collect()
}

#[test]
fn conditions_orders_and_what_is_watched_complete() {
    assert_eq!(offered("list zones where na"), ["name="]);
    assert_eq!(offered("list zones where name=x and i"), ["id="]);
    assert_eq!(offered("list zones where name=x i"), [""; 0]);
    assert_eq!(offered("list zones where name=x "), ["and ", "or "]);
    assert_eq!(offered("list zones where name=x a"), ["and "]);
    assert_eq!(offered("list zones whe"), ["where "]);
    assert_eq!(offered("create vpc whe"), [""; 0]);
    let state = "list public ip addresses where state";
    assert_eq!(offered(&format!("{state}=")), ["state=Free ", "state=Allocated "]);
    assert_eq!(offered(&format!("{state}!=a")), ["state!=Allocated "]);
    assert_eq!(offered(&format!("{state}~")), [""; 0]);
    assert_eq!(offered("list zones where name="), [""; 0]);
    assert_eq!(offered("list zones sort=-na"), ["sort=-name"]);
    assert_eq!(offered("list zones sort=-name,i"), ["sort=-name,id"]);
    assert!(!offered("create vpc ").contains(&"sort=".to_owned()));
    assert_eq!(offered("watch 5 list zo"), ["zones "]);
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
            "explain ",
            "for ",
            "help ",
            "quit ",
            "show ",
            "source ",
            "sync ",
            "unset ",
            "version ",
            "wait ",
            "watch "
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
    assert_eq!(offered("set "), ["configuration ", "global ", "editmode "]);
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
            "details.",
            "tags=",
            "filter=",
            "exclude=",
            "query="
        ]
    );
    assert_eq!(
        offered("createVPC name=x zoneid=y details[0].a=b "),
        ["vpcofferingid=", "cidr=", "details.", "tags=", "filter=", "exclude=", "query="]
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
    assert!(candidates.iter().all(|candidate| candidate.shown == "twice"));
    assert!(candidates.iter().any(|candidate| candidate.text.contains(ADDRESS)));
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
    let sample = Sample::new();
    let found = complete(&catalogue(), "list zones", 6, &mut World { sample: &sample });
    assert_eq!(found.candidates, []);
    assert_eq!(offered("list zones | gr"), [""; 0]);
    assert_eq!(offered("!l"), [""; 0]);
    assert_eq!(offered("list zones; cr"), ["create "]);
}

#[test]
fn the_start_is_where_the_word_begins() {
    assert_eq!(completion("list zones; cr").start, 12);
    assert_eq!(completion("create vpc zoneid=s").start, 11);
    assert_eq!(completion("list ").start, 5);
}

#[test]
fn letters_in_their_order_are_enough() {
    assert_eq!(offered("lpia"), ["list public ip addresses "]);
    assert_eq!(offered("list pia"), ["public ip addresses "]);
    assert_eq!(offered("dz"), ["delete zone "]);
    assert_eq!(offered("create vpc void"), ["vpcofferingid="]);
    assert_eq!(offered("create vpc vpcofferingid=off"), ["vpcofferingid='Default VPC offering' "]);
    assert_eq!(offered("create vpc zoneid=sbx"), ["zoneid=sandbox "]);
    // What begins so goes before.
    assert_eq!(offered("create vpc zo"), ["zoneid="]);
}

#[test]
fn files_complete_behind_at_signs_and_redirections() {
    assert_eq!(offered("list zones name=@"), ["name=@'my keys/'", "name=@notes.txt "]);
    assert_eq!(offered("list zones name=@n"), ["name=@notes.txt "]);
    assert_eq!(offered("list zones name=@'my keys/"), ["name=@'my keys/id' "]);
    assert_eq!(offered("list zones name=@.h"), ["name=@.hidden "]);
    assert_eq!(offered("list zones name='@n"), [""; 0]);
    assert_eq!(offered("list zones > no"), ["notes.txt "]);
    assert_eq!(offered("list zones >> "), ["'my keys/'", "notes.txt "]);
    assert_eq!(completion("list zones > no").start, 13);
    assert_eq!(offered("list zones > x "), [""; 0]);
    assert_eq!(offered("> no"), [""; 0]);
}

#[test]
fn entries_of_maps_complete() {
    let offered = |line: &str| {
        let sample = Sample::new();
        let found = complete(&built_in(), line, line.len(), &mut World { sample: &sample });
        found.candidates.into_iter().map(|candidate| candidate.text).collect::<Vec<_>>()
    };
    assert_eq!(offered("create tags ta"), ["tags."]);
    assert_eq!(offered("create tags tags["), ["tags[0].key=", "tags[0].value="]);
    assert_eq!(offered("create tags tags[0].key=a tags["), ["tags[0].value="]);
    assert_eq!(
        offered("create tags tags[0].key=a tags[0].value=b tags["),
        ["tags[1].key=", "tags[1].value="]
    );
    assert_eq!(offered("create tags tags[7].k"), ["tags[7].key="]);
    assert_eq!(offered("create network offering details["), ["details[0]."]);
    assert_eq!(
        offered("deploy virtual machine iptonetworklist[0].n"),
        ["iptonetworklist[0].networkid="]
    );
}

#[test]
fn options_complete() {
    assert_eq!(offered("list zones --a"), ["--all "]);
    assert_eq!(offered("list zones --no-wait name"), ["name="]);
    assert_eq!(offered("list zones -o=csv na"), ["name="]);
}

#[test]
fn values_of_settings_complete() {
    assert_eq!(offered("update configuration name=network.gc.wait value="), ["value=600 "]);
    let found = completion("update configuration value=");
    assert_eq!(found.note.as_deref(), Some("give name= first"));
    let found = completion("update configuration name=network.gc.wait value=");
    assert!(found.note.is_some_and(|note| note.starts_with("a whole number")));
    assert_eq!(found.candidates[0].about, "as it is now");
    assert_eq!(
        offered("update configuration name=network.dns.basiczone.updates value="),
        ["value=all ", "value=pod "]
    );
}

#[test]
fn options_of_the_session_complete() {
    assert_eq!(offered("set ed"), ["editmode "]);
    assert_eq!(offered("set editmode "), ["emacs ", "vi "]);
    assert_eq!(offered("set editmode=v"), ["editmode=vi "]);
    assert_eq!(offered("set nope "), [""; 0]);
    assert_eq!(offered("set editmode vi "), [""; 0]);
    assert_eq!(offered("set configuration na"), ["name="]);
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
