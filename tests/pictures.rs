//! Pictures, drawn by the program: of its store, and of a server through lists alone.

use crate::client::own::with_server;
use crate::harness::Capuchin;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::fs;

const LINES: [&str; 5] = [
    "show capacity zoneid=sandbox",
    "show map 100",
    "show map web",
    "show topology",
    "show history 203.0.113.2",
];

fn furnish(capuchin: &Capuchin) {
    let script = "create vpc name=web zoneid=sandbox vpcofferingid='Default VPC offering'\n\
        create network name=front vpcid=web zoneid=sandbox \
        networkofferingid=DefaultIsolatedNetworkOfferingForVpcNetworks\n\
        associate ip address vpcid=web\n";
    capuchin.run("").stdin(script).text();
}

#[test]
fn a_store_is_drawn_on_the_terminal_and_into_files() {
    let capuchin = Capuchin::new();
    furnish(&capuchin);
    for line in LINES {
        let text = capuchin.run(line).text();
        assert!(!text.contains('\u{1b}') && text.lines().count() > 3, "{text}");
        let path = capuchin.dir().join("picture.svg");
        let said = capuchin.run(&format!("{line} --svg {}", path.display()));
        said.stdout("").stderr_has("The picture is in").check();
        let file = fs::read_to_string(&path).expect("a picture");
        let mut reader = Reader::from_str(&file);
        while !matches!(reader.read_event().expect("well-formed XML"), Event::Eof) {}
    }
    capuchin.run("show history 203.0.113.3").stdout_has("NET.IPASSIGN").check();
    capuchin.run("show map nothing").stderr_has("is called `nothing`").status(2).check();
    let folder = format!("show capacity svg={}", capuchin.dir().display());
    capuchin.run(&folder).stderr_has("something other than a file").status(2).check();
}

#[test]
fn a_terminal_that_must_gets_ascii() {
    let capuchin = Capuchin::new();
    for (name, value) in [("TERM", "dumb"), ("LC_ALL", "C"), ("LC_ALL", "en_US.ISO-8859-1")] {
        let text = capuchin.run("show topology").env(name, value).text();
        assert!(text.is_ascii() && text.contains("|-- "), "{name}: {text}");
    }
    let text = capuchin.run("show topology").env("LC_ALL", "C.UTF-8").text();
    assert!(text.contains("\u{251c}\u{2500} "), "{text}");
}

#[test]
fn a_server_is_drawn_as_the_store_is() {
    with_server(|capuchin| {
        furnish(capuchin);
        for line in LINES.iter().filter(|line| !line.contains("capacity")) {
            let remote = capuchin.run(line).text();
            let local = capuchin.run(&format!("-p embedded {line}")).text();
            let kept = |text: &str| -> String {
                // A server may lack lists that CloudStack has, and the clock ticks on.
                let lines = text.lines().filter(|line| {
                    !line.contains("left out") && !line.contains(" UTC") && !line.is_empty()
                });
                lines.flat_map(|line| [line, "\n"]).collect()
            };
            let (remote, local) = (kept(&remote), kept(&local));
            let shared = local.lines().filter(|line| remote.contains(line)).count();
            assert!(shared + 2 >= local.lines().count(), "{line}\n{remote}\n{local}");
        }
        capuchin.run("show capacity").stdout_has("of 253").check();
    });
}
