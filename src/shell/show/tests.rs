//! Pictures of a made-up cloud, kept as files.
//!
//! `UPDATE=1 cargo test pictures` draws them anew; look at them before they are kept.

mod cloud;
mod world;

use std::fs;
use std::path::Path;

use super::*;
use crate::shell::line::parse;
use cloud::Cloud;
use world::{cloud, now};

const PLAIN: Pen = Pen { width: 80, cut: true, colour: false, ascii: false };

fn drawn_by(cloud: &Cloud, line: &str, pen: Pen) -> Result<Shown, String> {
    let words = parse(line).unwrap().remove(0).words;
    show(cloud, &words, line, pen, now()).map_err(|why| match why {
        Unresolved::Wrong(wrong) => wrong.text,
        Unresolved::Failed(failure) => format!("{failure:?}"),
    })
}

fn text_by(cloud: &Cloud, line: &str, pen: Pen) -> String {
    match drawn_by(cloud, line, pen).unwrap() {
        Shown::Text(text) => text,
        Shown::Written(said) => panic!("{said}"),
    }
}

fn refused(line: &str) -> String {
    drawn_by(&cloud(), line, PLAIN).unwrap_err()
}

fn svg_of(cloud: &Cloud, line: &str) -> String {
    let words = parse(line).unwrap().remove(0).words;
    let order = words::read(&words, line).unwrap();
    svg::svg(&scene(cloud, &order, now()).unwrap())
}

/// The cloud that a picture is kept of.
fn cloud_of(name: &str) -> Cloud {
    // The first half is taken more and more thinly.
    let place: fn(u64) -> u64 = |rank| 0x0a00_0002 + rank + rank * rank / 130_000;
    let many = (name == "large").then_some((1_000_000, place));
    let cloud = Cloud { many, ..cloud() };
    if name == "site" { site(cloud) } else { cloud }
}

/// A prefix of which some subnets are taken, here and there.
fn site(cloud: Cloud) -> Cloud {
    let network = |at: u32| {
        let cidr = format!("2001:db8:{:x}:{:x}::/64", 0x100 + at / 4, at * 97);
        serde_json::json!({"id": format!("s{at}"), "name": format!("lab-{at}"), "ip6cidr": cidr})
    };
    let prefix = serde_json::json!([{"id": "x2", "prefix": "2001:db8:100::/44", "zoneid": "z1"}]);
    let networks = (0..40).map(network).collect();
    cloud.with("listGuestNetworkIpv6Prefixes", prefix).with("listNetworks", networks)
}

/// Compares with the file that is kept.
fn kept(name: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pictures").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, drawn).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == drawn, "{name} is old: UPDATE=1 cargo test pictures\n{drawn}");
}

const LINES: [(&str, &str); 9] = [
    ("capacity", "show capacity"),
    ("range", "show map 100"),
    ("large", "show map 300"),
    ("network", "show map office"),
    ("vpc", "show map Production_VPC"),
    ("prefix", "show map 2001:db8::/56"),
    ("site", "show map 2001:db8:100::/44"),
    ("topology", "show topology"),
    ("history", "show history 192.0.2.2"),
];

#[test]
fn kept_pictures_are_those_on_the_terminal() {
    for (name, line) in LINES {
        kept(&format!("{name}.txt"), &text_by(&cloud_of(name), line, PLAIN));
    }
}

#[test]
fn kept_pictures_are_those_of_a_plain_terminal() {
    for (name, line) in LINES {
        let text = text_by(&cloud_of(name), &format!("{line} --ascii"), PLAIN);
        assert!(text.is_ascii(), "{text}");
        kept(&format!("{name}-ascii.txt"), &text);
    }
}

#[test]
fn kept_pictures_are_those_in_files() {
    for (name, line) in LINES {
        kept(&format!("{name}.svg"), &svg_of(&cloud_of(name), line));
    }
}

#[test]
fn lines_are_no_wider_than_the_terminal() {
    for (name, line) in LINES {
        for width in [40, 80, 120, 200] {
            let text = text_by(&cloud_of(name), line, Pen { width, ..PLAIN });
            for row in text.lines() {
                let wide = crate::shell::render::width(row);
                assert!(wide <= width, "{line} at {width}: {wide}\n{text}");
            }
        }
    }
}

#[test]
fn colours_are_for_terminals_only_and_end_where_they_should() {
    for (name, line) in LINES {
        let plain = text_by(&cloud_of(name), line, PLAIN);
        assert!(!plain.contains('\u{1b}'));
        let colour = text_by(&cloud_of(name), line, Pen { colour: true, ..PLAIN });
        for row in colour.lines() {
            let begun = row.matches("\u{1b}[").count() - row.matches("\u{1b}[0m").count();
            assert_eq!(begun, row.matches("\u{1b}[0m").count(), "{row:?}");
        }
        let mut bare = String::new();
        for (at, part) in colour.split('\u{1b}').enumerate() {
            bare.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&bare), trimmed(&plain));
    }
}

#[test]
fn a_million_addresses_are_a_few_calls() {
    let ordered: fn(u64) -> u64 = |rank| 0x0a00_0002 + rank * 4;
    let shuffled: fn(u64) -> u64 = |rank| 0x0a00_0002 + rank * 7919 % 1_000_000 * 4;
    for (place, said) in [(ordered, "what is between"), (shuffled, "stand for the rest")] {
        let cloud = Cloud { many: Some((1_000_000, place)), ..cloud() };
        let text = text_by(&cloud, "show map 300", PLAIN);
        assert!(text.contains("1,000,000 of 16,777,213 taken"), "{text}");
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{text}");
        assert!(cloud.calls.borrow().len() <= 80, "{}", cloud.calls.borrow().len());
        assert!(cloud.rows.get() <= 4000, "{}", cloud.rows.get());
        // A quarter of the first quarter is taken and the rest free: the curve begins top left.
        let first = text.lines().nth(4).unwrap();
        assert!(!first.starts_with('\u{b7}') && first.ends_with("\u{b7}\u{b7}"), "{text}");
    }
}

#[test]
fn what_one_may_not_see_is_left_out_and_said() {
    let forbidden = ["listVlanIpRanges", "listPods", "listPhysicalNetworks", "listConfigurations"];
    let cloud = Cloud { forbidden: forbidden.to_vec(), ..cloud() };
    let text = text_by(&cloud, "show topology", PLAIN);
    assert!(text.contains("VPC Production_VPC") && !text.contains("rack-1"), "{text}");
    assert!(text.contains("left out: list pods: The API does not exist"), "{text}");
    let text = text_by(&cloud, "show capacity", PLAIN);
    assert!(text.contains("alert at 75 %, critical at 85 %"), "{text}");
    let text = text_by(&cloud, "show map office", PLAIN);
    assert!(text.contains("10.1.1.0"), "{text}");
}

#[test]
fn without_the_list_that_counts_there_is_no_picture() {
    let cloud = Cloud { forbidden: vec!["listCapacity"], ..cloud() };
    let why = drawn_by(&cloud, "show capacity", PLAIN).unwrap_err();
    assert!(why.contains("not for your role"), "{why}");
}

#[test]
fn only_lists_are_called() {
    let cloud = site(cloud());
    for (_, line) in LINES {
        text_by(&cloud, line, PLAIN);
    }
    assert!(cloud.calls.borrow().iter().all(|call| call.starts_with("list")));
}

#[test]
fn things_are_found_by_whatever_they_are_called() {
    let title = |line: &str| {
        let text = text_by(&cloud(), line, PLAIN);
        text.lines().next().unwrap_or_default().to_owned()
    };
    for name in ["l1", "192.0.2.2", "100", "vlan://100", "target=100"] {
        let title = title(&format!("show map {name}"));
        assert_eq!(title, "Range 192.0.2.2 - 192.0.2.200, vlan://100, public", "{name}");
    }
    for name in ["v1", "production_vpc", "10.0.0.0/20"] {
        let title = title(&format!("show map {name}"));
        assert_eq!(title, "VPC Production_VPC 10.0.0.0/20", "{name}");
    }
    assert_eq!(title("show topology Production_VPC zoneid=east"), "Topology of VPC Production_VPC");
    assert_eq!(title(&format!("SHOW History {}", world::ADDRESS)), "History of 192.0.2.2");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let twice = cloud().with("listNetworks", serde_json::json!([{"id": "n9", "name": "web"}]));
    let why = drawn_by(&twice, "show map web", PLAIN).unwrap_err();
    assert!(
        why.starts_with("2 of them are called `web`; give an id:\n  network  web  n1"),
        "{why}"
    );
    assert!(refused("show map offce").contains("did you mean `office`?"));
    assert!(refused("show map").contains("needs `target` as well"));
    assert!(refused("show mapp").contains("did you mean `show map`?"));
    assert!(refused("show").contains("`show` needs what to show"));
    assert!(refused("show map office web").contains("given twice"));
    assert!(refused("show capacity east").contains("name=value only"));
    assert!(refused("show capacity --wide").contains("unknown option `--wide`"));
    assert!(refused("show capacity --svg").contains("no file behind it"));
    assert!(refused("show capacity svg=").contains("needs a file's name"));
    assert!(refused("show capacity days=x").contains("1 to 366"));
    assert!(refused("show capacity zoneid=nort").contains("nothing is called so"));
    assert!(refused("show history office").contains("is no address"));
    assert!(refused("show history 192.0.2.2 filter=id").contains("no fields"));
}

#[test]
fn a_file_is_written_in_every_spelling() {
    let folder = std::env::temp_dir().join(format!("show-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (at, option) in ["--svg FILE", "--svg=FILE", "svg=FILE"].into_iter().enumerate() {
        let path = folder.join(format!("{at}.svg"));
        let line = format!("show capacity {}", option.replace("FILE", path.to_str().unwrap()));
        let Shown::Written(said) = drawn_by(&cloud(), &line, PLAIN).unwrap() else {
            panic!("no file")
        };
        assert!(said.starts_with("The picture is in"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), svg_of(&cloud(), "show capacity"));
    }
    let line = format!("show capacity --svg {}", folder.display());
    assert!(refused(&line).contains("something other than a file"));
    fs::remove_dir_all(folder).unwrap();
}
