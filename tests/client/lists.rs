//! Lists that come row by row, and page by page.

use super::script::{Script, broken_off, cut_off, delayed, gzipped, json as body};
use super::{ZONE, against, refusal, zones};
use crate::harness::Capuchin;
use serde_json::{Value, json};
use std::fs;

fn page(names: &[&str]) -> super::script::Reply {
    let rows: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    body(200, json!({"listzonesresponse": {"count": 3, "zone": rows}}))
}

#[test]
fn all_pages_are_fetched() {
    let capuchin = Capuchin::new();
    for (format, shown) in [
        ("csv filter=name", "name\na\nb\nc\n"),
        ("csv", "name\na\nb\nc\n"),
        ("jsonl", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n"),
        ("table", "+------+\n| name |\n+------+\n| a    |\n| b    |\n| c    |\n+------+\n"),
    ] {
        let server = Script::new([page(&["a", "b"]), page(&["c"])]);
        let line = format!("list zones --all pagesize=2 -o {format}");
        against(&capuchin, &server, &line).stdout(shown).check();
        let requests = server.requests();
        let pages: Vec<_> = requests.iter().map(|request| request.param("page")).collect();
        assert_eq!(pages, ["1", "2"]);
    }
    let server = Script::new([page(&["a", "b"]), page(&["c"])]);
    let all = against(&capuchin, &server, "list zones --all pagesize=2 -o json").json();
    assert_eq!(all, json!({"count": 3, "zone": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}));
    let server = Script::new([body(200, json!({"listzonesresponse": {}}))]);
    let none = against(&capuchin, &server, "list zones --all -o json").json();
    assert_eq!(none, json!({"count": 0, "zone": []}));
}

#[test]
fn a_large_list_comes_whole_in_every_format() {
    let capuchin = Capuchin::new();
    let row = |n: u64| json!({"id": format!("{n}-\u{e9}\"\\"), "big": u64::MAX - n, "n": n});
    let mut rows: Vec<_> = (0..20_000).map(row).collect();
    // The last row has a column of its own.
    rows.push(json!({"id": "last", "only": {"a": [1, 2.50]}, "n": null}));
    let text = json!({"listzonesresponse": {"count": rows.len(), "zone": rows}}).to_string();
    let text = text.replace("2.5]", "2.50]");
    let shown = |format: &str| {
        let server = Script::new([super::answer(200, "application/json", &text)]);
        against(&capuchin, &server, &format!("list zones -o {format}")).text()
    };
    let back: Value = serde_json::from_str(&shown("json")).unwrap();
    assert_eq!(back["zone"].as_array().unwrap()[..20_000], rows[..20_000]);
    let lines = shown("jsonl");
    assert_eq!(lines.lines().count(), rows.len());
    assert!(lines.ends_with("{\"id\":\"last\",\"only\":{\"a\":[1,2.50]},\"n\":null}\n"));
    let csv = shown("csv");
    assert!(csv.starts_with("id,only,big,n\n\"0-\u{e9}\"\"\\\",,18446744073709551615,0\n"));
    assert!(csv.ends_with("\nlast,\"{\"\"a\"\":[1,2.50]}\",,\n"));
    for format in ["table", "column", "text"] {
        assert!(shown(format).contains("19999-\u{e9}"), "{format}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_no_success() {
    let capuchin = Capuchin::new();
    let begun = "{\"listzonesresponse\":{\"count\":2,\"zone\":[{\"id\":\"7\"}";
    for (format, shown) in [("jsonl", "{\"id\":\"7\"}\n"), ("csv", ""), ("table", "")] {
        for more in ["", ",{\"id\""] {
            let server = Script::new([broken_off(&format!("{begun}{more}"))]);
            against(&capuchin, &server, &format!("list zones -o {format}"))
                .stdout(shown)
                .stderr_has("the answer broke off after 1 rows")
                .status(4)
                .check();
            assert_eq!(server.requests().len(), 1);
        }
    }
    let garbled = super::answer(200, "application/json", &format!("{begun} x,]}}}}"));
    let server = Script::new([garbled]);
    against(&capuchin, &server, "list zones -o jsonl")
        .stdout("{\"id\":\"7\"}\n")
        .stderr_has("the answer is no JSON of CloudStack")
        .status(4)
        .check();
    // As long as no row was shown it can be asked again.
    let server =
        Script::new([broken_off("{\"listzonesresponse\":{"), cut_off(), body(200, zones())]);
    against(&capuchin, &server, "list zones -o jsonl").stdout_has(ZONE).check();
}

#[test]
fn a_call_that_fails_leaves_a_file_alone_and_starts_no_program() {
    let capuchin = Capuchin::new();
    let file = capuchin.dir().join("out");
    fs::write(&file, "old").unwrap();
    let server =
        Script::new([body(431, refusal(431, 4350, "no")), body(431, refusal(431, 4350, "no"))]);
    let mut shell = against(&capuchin, &server, "").stdin("list zones > $DIR/out\n");
    shell.stderr_has("no").status(1).check();
    shell = against(&capuchin, &server, "").stdin("list zones | echo ran\n");
    shell.stderr_has("no").status(1).check();
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    let server = Script::new([body(200, json!({"listzonesresponse": {}}))]);
    against(&capuchin, &server, "-o jsonl").stdin("list zones > $DIR/out\n").check();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

#[test]
fn rows_are_chosen_and_sorted_on_their_way() {
    let capuchin = Capuchin::new();
    let rows: Vec<_> = (0..30_000)
        .map(|n| {
            json!({"id": format!("10.0.{}.{}", n / 250, n % 250),
        "name": format!("z{}", n % 7), "networktype": "x".repeat(400)})
        })
        .collect();
    let text = json!({"listzonesresponse": {"count": 30_000, "zone": rows}});
    let shown = |line: &str| {
        let server = Script::new([body(200, text.clone())]);
        against(&capuchin, &server, line).text()
    };
    let chosen = shown("list zones -o csv filter=id where name=z3 and id<10.0.0.11");
    assert_eq!(chosen, "id\n10.0.0.3\n10.0.0.10\n");
    let chosen = shown("list zones -o json filter=id where id=10.0.1.9");
    assert_eq!(chosen.matches("\"id\"").count(), 1);
    assert!(chosen.ends_with("\"count\": 1\n}\n"), "{chosen}");
    let sorted = shown("list zones sort=name,-id -o jsonl filter=name,id");
    let sorted: Vec<_> = sorted.lines().collect();
    assert_eq!(sorted.len(), 30_000);
    assert_eq!(sorted[0], "{\"name\":\"z0\",\"id\":\"10.0.119.245\"}");
    assert_eq!(sorted[29_999], "{\"name\":\"z6\",\"id\":\"10.0.0.6\"}");
    let counted = shown("list zones sort=id -o json filter=id where name=z9");
    assert_eq!(counted, "{\n  \"count\": 0,\n  \"zone\": []\n}\n");
    let none = shown("list zones -o table where name=z9");
    assert_eq!(none, "no zones\n");
    let server = Script::new([page(&["c", "b"]), page(&["a"])]);
    let line = "list zones --all pagesize=2 sort=name -o csv filter=name where name!=b";
    against(&capuchin, &server, line).stdout("name\na\nc\n").stderr("").check();
    let server = Script::new([page(&["c", "b"])]);
    against(&capuchin, &server, "list zones sort=name -o csv filter=name")
        .stdout("name\nb\nc\n")
        .stderr_has("`sort` and `where` saw 2 of 3 rows; `--all` fetches the others, too")
        .check();
    let server = Script::new([page(&["a"])]);
    against(&capuchin, &server, "list zones -o csv where zzz=1")
        .stdout("")
        .stderr_has("the rows of `list zones` have no field `zzz`")
        .status(2)
        .check();
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let capuchin = Capuchin::new();
    let rows: Vec<_> = (0..50_000).map(|n| json!({"id": n})).collect();
    let server = Script::new([body(200, json!({"listzonesresponse": {"zone": rows}}))]);
    let shell = against(&capuchin, &server, "-o jsonl").stdin("list zones | head -1\n");
    shell.stdout("{\"id\":0}\n").check();
}

#[test]
fn an_interrupt_ends_a_request() {
    let capuchin = Capuchin::new();
    let server = Script::new([delayed(60_000, body(200, zones()))]);
    let mut running = against(&capuchin, &server, "list zones").spawn();
    server.await_requests(1);
    running.signal("INT");
    assert_eq!(running.wait(), Some(130));
}

#[test]
fn a_compressed_answer_is_read() {
    let (capuchin, server) = (Capuchin::new(), Script::new([gzipped(&zones().to_string())]));
    against(&capuchin, &server, "list zones -o csv").stdout_has(ZONE).check();
    assert!(server.requests()[0].head.contains("accept-encoding: gzip"));
}
