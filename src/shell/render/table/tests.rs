//! How tables look, literally.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::shell::render::samples::{DONE, JOB, NETWORK, ONE, TWO, VPCS, plain, shown, wide};
use crate::shell::render::width::width;
use crate::shell::render::{Format, Shape};

const ADDRESS: Shape<'static> = Shape::List { key: "publicipaddress" };
const ADDRESSES: &str = r#"{"count":2,"publicipaddress":[
    {"id":"702130b8-def3-5b9e-90ce-5e42e3a305d3","ipaddress":"203.0.113.10","state":"Allocated",
     "zonename":"sandbox","purpose":"a long remark on what this address is for","vlan":7},
    {"id":"2d1592ef-7c70-566c-a02a-0c0c2d81b85c","ipaddress":"203.0.113.9","state":"Free",
     "zonename":"sandbox","purpose":"none","vlan":101}]}"#;
const PREFERRED: &[&str] = &["ipaddress", "state", "id", "purpose", "vlan", "absent"];

fn addresses(width: Option<usize>) -> String {
    shown(Format::Table, ADDRESSES, &View { columns: PREFERRED, width, ..View::plain(ADDRESS) })
}

fn filtered(names: &[&str], width: Option<usize>) -> String {
    let filter: Vec<_> = names.iter().map(ToString::to_string).collect();
    shown(Format::Table, ADDRESSES, &View { filter: &filter, width, ..View::plain(ADDRESS) })
}

#[test]
fn without_preferences_name_and_id_lead_and_scalars_follow() {
    assert_eq!(
        plain(Format::Table, TWO, VPCS),
        wide(
            r"+-------+------+---------------------+------+------------+
| name  | id   |               bytes |  cpu | state      |
+-------+------+---------------------+------+------------+
| WIDE  | 7021 |                     | 2.75 | Enabled    |
| vpc-b | 2d15 | 9223372036854775807 |      | x\n\x1b[2J |
+-------+------+---------------------+------+------------+
"
        ),
    );
}

#[test]
fn without_a_terminal_nothing_is_cut() {
    let wide = "\
+--------------+-----------+--------------------------------------\
+-------------------------------------------+------+
| ipaddress    | state     | id                                   \
| purpose                                   | vlan |
+--------------+-----------+--------------------------------------\
+-------------------------------------------+------+
| 203.0.113.10 | Allocated | 702130b8-def3-5b9e-90ce-5e42e3a305d3 \
| a long remark on what this address is for |    7 |
| 203.0.113.9  | Free      | 2d1592ef-7c70-566c-a02a-0c0c2d81b85c \
| none                                      |  101 |
+--------------+-----------+--------------------------------------\
+-------------------------------------------+------+
";
    assert_eq!(addresses(None), wide);
    assert_eq!(addresses(Some(118)), wide);
}

#[test]
fn prose_is_shortened_first() {
    assert_eq!(
        addresses(Some(99)),
        "\
+--------------+-----------+--------------------------------------+------------------------+------+
| ipaddress    | state     | id                                   | purpose                | vlan |
+--------------+-----------+--------------------------------------+------------------------+------+
| 203.0.113.10 | Allocated | 702130b8-def3-5b9e-90ce-5e42e3a305d3 \
| a long remark on what\u{2026} |    7 |
| 203.0.113.9  | Free      | 2d1592ef-7c70-566c-a02a-0c0c2d81b85c | none                   |  101 |
+--------------+-----------+--------------------------------------+------------------------+------+
"
    );
}

#[test]
fn then_columns_go_from_the_end() {
    assert_eq!(
        addresses(Some(80)),
        "\
+--------------+-----------+--------------------------------------+
| ipaddress    | state     | id                                   |
+--------------+-----------+--------------------------------------+
| 203.0.113.10 | Allocated | 702130b8-def3-5b9e-90ce-5e42e3a305d3 |
| 203.0.113.9  | Free      | 2d1592ef-7c70-566c-a02a-0c0c2d81b85c |
+--------------+-----------+--------------------------------------+
"
    );
    // Two of five say too little.
    assert_eq!(addresses(Some(62)), addresses(Some(20)));
}

#[test]
fn at_last_there_are_records() {
    assert_eq!(
        addresses(Some(20)),
        "\
ipaddress  203.0.113.10
state      Allocated
id         702130b8-def3-5b9e-90ce-5e42e3a305d3
purpose    a long remark on what this address is for
vlan       7

ipaddress  203.0.113.9
state      Free
id         2d1592ef-7c70-566c-a02a-0c0c2d81b85c
purpose    none
vlan       101
"
    );
}

#[test]
fn a_filter_is_exactly_the_columns() {
    assert_eq!(
        filtered(&["vlan", "nope", "state"], Some(80)),
        "\
+------+------+-----------+
| vlan | nope | state     |
+------+------+-----------+
|    7 |      | Allocated |
|  101 |      | Free      |
+------+------+-----------+
"
    );
    assert_eq!(
        filtered(&["id", "vlan"], Some(40)),
        "\
id    702130b8-def3-5b9e-90ce-5e42e3a305d3
vlan  7

id    2d1592ef-7c70-566c-a02a-0c0c2d81b85c
vlan  101
"
    );
}

#[test]
fn an_object_stands_upright() {
    assert_eq!(
        plain(Format::Table, ONE, NETWORK),
        "\
+---------+----------+
| id      | 9f       |
| name    | web, \"a\" |
| vlan    | 101      |
| service | Dhcp,Dns |
| acl     |          |
+---------+----------+
"
    );
    assert_eq!(
        plain(Format::Table, DONE, Shape::Success),
        "\
+-------------+----------+
| success     | true     |
| displaytext | all well |
+-------------+----------+
"
    );
    assert_eq!(
        plain(Format::Table, JOB, Shape::Flat),
        "\
+-----------+--------------+
| jobid     | 77           |
| jobstatus | 1            |
| jobresult | success=true |
+-----------+--------------+
"
    );
}

#[test]
fn an_object_wraps_prose_but_no_identifier() {
    let answer = r#"{"vpc":{"id":"702130b8-def3-5b9e-90ce-5e42e3a305d3",
        "displaytext":"a remark that takes more room than there is"}}"#;
    let object = |width| {
        let view = View { width: Some(width), ..View::plain(Shape::Object { key: "vpc" }) };
        shown(Format::Table, answer, &view)
    };
    assert_eq!(
        object(54),
        "\
+-------------+--------------------------------------+
| id          | 702130b8-def3-5b9e-90ce-5e42e3a305d3 |
| displaytext | a remark that takes more room than   |
|             | there is                             |
+-------------+--------------------------------------+
"
    );
    assert_eq!(
        object(53),
        "\
id           702130b8-def3-5b9e-90ce-5e42e3a305d3
displaytext  a remark that takes more room than there is
"
    );
}

#[test]
fn an_empty_list_says_so() {
    assert_eq!(plain(Format::Table, "{}", VPCS), "no vpcs\n");
    assert_eq!(plain(Format::Table, r#"{"count":0}"#, ADDRESS), "no publicipaddresses\n");
    assert_eq!(
        plain(Format::Table, r#"{"count":7}"#, Shape::List { key: "capability" }),
        "no capabilities on this page, 7 in all\n",
    );
}

#[test]
fn rows_without_fields_have_no_table() {
    assert_eq!(plain(Format::Table, r#"{"vpc":[{}]}"#, VPCS), "");
    assert_eq!(plain(Format::Table, "{}", Shape::Flat), "");
}

#[test]
fn states_are_coloured_and_names_are_not() {
    let filter = [String::from("state"), String::from("name")];
    let answer = r#"{"vpc":[{"name":"Error","state":"Enabled"},{"name":"x","state":"Free"},
        {"name":"x","state":"Releasing"},{"name":"x","state":"Error"}]}"#;
    let view = View { filter: &filter, colour: true, ..View::plain(VPCS) };
    assert_eq!(
        shown(Format::Table, answer, &view),
        "\
+-----------+-------+
| state     | name  |
+-----------+-------+
| \u{1b}[38;5;2mEnabled\u{1b}[39m   | Error |
| \u{1b}[2mFree\u{1b}[0m      | x     |
| \u{1b}[38;5;3mReleasing\u{1b}[39m | x     |
| \u{1b}[38;5;1mError\u{1b}[39m     | x     |
+-----------+-------+
"
    );
}

#[test]
fn long_lists_are_one_table() {
    let rows: Vec<_> = (0..=2 * 1024).map(|id| json!({ "id": id })).collect();
    let text = plain(Format::Table, &json!({ "vpc": rows }).to_string(), VPCS);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), rows.len() + 4);
    assert_eq!(lines[..4], ["+------+", "|   id |", "+------+", "|    0 |"]);
    assert_eq!(lines[lines.len() - 2..], ["| 2048 |", "+------+"]);
}

proptest! {
    #[test]
    fn a_framed_table_is_rectangular_and_fits(
        rows in prop::collection::vec(prop::collection::vec(any::<String>(), 4), 1..6),
        limit in 1_usize..120,
    ) {
        let rows: Vec<_> =
            rows.iter().map(|r| json!({"a": r[0], "b": r[1], "c": r[2], "d": r[3]})).collect();
        let answer = json!({ "vpc": rows }).to_string();
        let text = shown(Format::Table, &answer, &View { width: Some(limit), ..View::plain(VPCS) });
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        if text.starts_with('+') {
            let frame = text.lines().next().map_or(0, width);
            prop_assert!(frame <= limit);
            prop_assert!(text.lines().all(|line| width(line) == frame), "{}", text);
        }
    }
}

/// Networks with names of all widths, sizes and times.
fn networks() -> String {
    let row = |name: &str, text: &str, created: &str, size: u64, state: &str| {
        json!({"name": name, "id": "702130b8-def3-5b9e-90ce-5e42e3a305d3", "state": state,
            "created": created, "size": size, "capacitytotal": size / 7, "displaytext": text,
            "cidr": "2001:db8:1234:5678::/64", "vlan": 101})
    };
    let rows = [
        row("web", "front servers", "2026-11-23T18:41:00+0000", 1 << 32, "Implemented"),
        row(
            "\u{6771}\u{4eac}\u{90fd}",
            "\u{30c7}\u{30fc}\u{30bf}\u{30bb}\u{30f3}\u{30bf}\u{30fc} \u{6771}\u{4eac} \u{7b2c}",
            "2026-11-22T23:00:00+0000",
            1000,
            "Shutdown",
        ),
        row(
            "\u{1f980} crab",
            "e\u{301}t\u{e9} \u{2764}\u{fe0f} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \
             \u{d55c}\u{ad6d}\u{c5b4} and more words than fit into a narrow table",
            "soon",
            123_456_789_012,
            "Error",
        ),
    ];
    json!({"count": 3, "network": rows}).to_string()
}

#[test]
fn tables_at_the_widths_that_people_have() {
    let field = |name, wire| crate::schema::Field { name, about: "", wire };
    let fields = [field("created", "date"), field("size", "long"), field("capacitytotal", "long")];
    let now = crate::model::Time::parse("2026-11-23T18:44:02+0000").unwrap();
    let columns =
        ["name", "state", "created", "size", "capacitytotal", "cidr", "id", "displaytext", "vlan"];
    let mut all = String::new();
    for limit in [40, 80, 120, 200] {
        for (human, colour) in [(true, false), (false, false), (true, true)] {
            let human = human.then_some(crate::shell::render::Human { now, fields: &fields });
            let plain = View::plain(Shape::List { key: "network" });
            let view = View { columns: &columns, width: Some(limit), human, colour, ..plain };
            let text = shown(Format::Table, &networks(), &view);
            if !colour && text.starts_with('+') {
                let first = text.lines().next().map_or(0, width);
                assert!(first <= limit && text.lines().all(|line| width(line) == first), "{text}");
            }
            let what = if colour { ", in colour" } else { "" };
            let how = if human.is_some() { "for people" } else { "exact" };
            let text = text.replace('\u{1b}', "ESC");
            writeln!(all, "{limit} columns, {how}{what}\n{text}").unwrap();
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tables.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &all).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == all, "tables.txt is old: UPDATE=1 cargo nextest run tables_at\n{all}");
}
