//! The pictures in README: what a terminal shows while somebody uses the program.
//!
//! `UPDATE=1 cargo test snapshots` draws them anew; look at them before they are kept.

mod drawing;

use crate::harness::{Capuchin, Screen};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What a busy machine gets wrong once it gets right the next time.
const TRIES: usize = 3;

/// A zone in use: what all the pictures are about.
const FURNITURE: &str = "
    create vlan ip range zoneid=sandbox vlan=200 gateway=192.0.2.1 netmask=255.255.255.0 \
    startip=192.0.2.10 endip=192.0.2.50 forvirtualnetwork=true
    create vpc name=shop zoneid=sandbox vpcofferingid='Default VPC offering'
    create network name=web vpcid=shop zoneid=sandbox \
    networkofferingid=DefaultIsolatedNetworkOfferingForVpcNetworks
    create network name=db vpcid=shop zoneid=sandbox \
    networkofferingid=DefaultIsolatedNetworkOfferingForVpcNetworks
    create network name=office zoneid=sandbox \
    networkofferingid=DefaultIsolatedNetworkOfferingWithSourceNatService
    associate ip address networkid=office
    reserve ip address id=192.0.2.20
    reserve ip address id=192.0.2.21
";

/// A picture: its file, the size of the terminal, and what is done there.
struct Shot {
    name: &'static str,
    size: (u16, u16),
    /// What is typed, and what it brings to the screen.
    typed: &'static [(&'static str, &'static str)],
}

const SHOTS: [Shot; 6] = [
    Shot {
        name: "complete",
        size: (14, 120),
        typed: &[("create network zoneid=sandbox networkofferingid=vpc\t", "VpcNetworks")],
    },
    Shot {
        name: "table",
        size: (24, 100),
        typed: &[
            ("lsit public ip addresses\r", "did you mean"),
            (
                "list public ip addresses filter=ipaddress,state,vpcname,issourcenat \
                 sort=-state,ipaddress where state=Reserved or issourcenat=true\r",
                "203.0.113.3",
            ),
            ("list network offerings filter=name,state,guestiptype where name~vpc\r", "Enabled"),
        ],
    },
    Shot { name: "confirm", size: (14, 100), typed: &[("delete vpc id=shop\r", "? ")] },
    Shot { name: "capacity", size: (16, 100), typed: &[("show capacity\r", "Marks:")] },
    Shot { name: "map", size: (20, 100), typed: &[("show map 203.0.113.2\r", "broadcast")] },
    Shot { name: "topology", size: (30, 100), typed: &[("show topology\r", "tier web")] },
];

/// A store that has been used for some weeks.
fn furnished() -> Capuchin {
    let capuchin = Capuchin::new();
    for day in 1..=24_u32 {
        let clock = format!("2026-01-{day:02}T10:00:00Z");
        let mut script = String::new();
        if day == 1 {
            script.push_str(FURNITURE);
        }
        for _ in 0..2 + day % 4 {
            script.push_str("associate ip address vpcid=shop\n");
        }
        if day % 6 == 0 {
            script.push_str("disassociate ip address id=203.0.113.9\n");
        }
        capuchin.run("").env("CAPUCHIN_CLOCK", clock).stdin(&script).text();
    }
    capuchin
}

/// Does what is done for a picture, and hands the screen over once it is as `is` wants it.
fn taken(capuchin: &Capuchin, shot: &Shot, is: impl Fn(&vt100::Screen) -> bool) -> vt100::Screen {
    let run = capuchin.run("").env("CAPUCHIN_CLOCK", "2026-01-24T16:30:00Z");
    let (rows, columns) = shot.size;
    let mut screen = Screen::open(&run.command(), rows, columns);
    screen.shows("sandbox> ");
    // The greeting has a picture of its own: the terminal is cleared.
    screen.press("\u{c}");
    screen.line("capuchin sandbox>");
    for (keys, brings) in shot.typed {
        screen.press(keys);
        screen.shows(brings);
    }
    screen.settles(Duration::from_secs(2), is)
}

#[test]
fn pictures_are_up_to_date() {
    let capuchin = furnished();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    let update = std::env::var_os("UPDATE").is_some();
    for shot in &SHOTS {
        let file = format!("{}.svg", shot.name);
        let path = folder.join(&file);
        let known = fs::read_to_string(&path).unwrap_or_default();
        let mut screen = None;
        for _ in 0..TRIES {
            let found = taken(&capuchin, shot, |screen| drawing::svg(screen) == known);
            let right = drawing::svg(&found) == known;
            screen = Some(found);
            if right || update {
                break;
            }
        }
        let screen = screen.expect("a try");
        let drawn = drawing::svg(&screen);
        if update {
            fs::write(&path, &drawn).expect("a file that can be written");
            continue;
        }
        let text = screen.contents();
        assert!(drawn == known, "{file} is old: UPDATE=1 cargo test snapshots\n{text}");
        assert!(readme.contains(&format!("(docs/images/{file})")), "README has no {file}");
    }
}
