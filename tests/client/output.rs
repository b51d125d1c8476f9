//! What a person makes of an answer: queries in jq's language, tables of any width, and lists that
//! pass without being held.

use super::script::{Script, json as body};
use super::{ZONE, against};
use crate::harness::{Capuchin, Screen};
use serde_json::json;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread;

#[test]
fn a_query_is_asked_of_the_answer_as_json() {
    let capuchin = Capuchin::new();
    for (line, shown) in [
        ("list zones --query .zone[].name", "\"sandbox\"\n"),
        ("list zones --query .zone[].name -r", "sandbox\n"),
        ("list zones '--query=.count, (.zone[0] | length > 3)'", "1\ntrue\n"),
        ("list zones query=.count", "1\n"),
        ("list zones filter=name --query .zone[]", "{\"name\":\"sandbox\"}\n"),
        ("list zones where name=nope --query .zone", "[]\n"),
        ("list zones where name=sandbox --query .zone[].name -o jsonl", "\"sandbox\"\n"),
        ("list zones --query .zone[].nope", "null\n"),
        (
            "list zones --query '[.zone[] | .name, .networktype] | @csv' --raw",
            "\"sandbox\",\"Advanced\"\n",
        ),
        (
            "createVPC name=a zoneid=sandbox vpcofferingid='Default VPC offering' query=.vpc.name",
            "\"a\"\n",
        ),
    ] {
        capuchin.run(line).stdout(shown).check();
    }
    let script = "list zones --query 'repeat(1)' | head -2\n\
        list zones --query '.zone[].name | ascii_upcase' -r > names\n";
    capuchin.run("").stdin(script).stdout("1\n1\n").check();
    assert_eq!(fs::read_to_string(capuchin.dir().join("names")).unwrap(), "SANDBOX\n");
}

#[test]
fn a_query_that_cannot_be_answered_says_why() {
    let capuchin = Capuchin::new();
    for (line, why, status) in [
        ("list zones --query '.zone[] | nope'", "character 11, `nope`: there is no such", 2),
        ("list zones --query '.zone['", "`[`: it is never closed", 2),
        ("list zones --query ''", "the query is empty", 2),
        ("list zones --query", "`--query` has nothing behind it", 2),
        ("list zones -r", "`--raw` is for what `--query` finds", 2),
        ("list zones --query . -o csv", "`--query` prints a line of JSON", 2),
        ("list zones --query .zone[].name.x", "failed: cannot index \"sandbox\" with \"x\"", 5),
        ("list zones --query 'error(\"no\")'", "the query failed: no", 5),
        ("list zones --query 'def f: 1 + f; f'", "the query ended badly", 5),
        ("list zones where name=a query=.", "stand before `where`", 2),
    ] {
        capuchin.run(line).stderr_has(why).status(status).check();
    }
    let script = "list zones --query '.zone | nope'\n";
    capuchin.run("").stdin(script).stderr_has("                            ^^^^").status(2).check();
}

#[test]
fn a_query_meets_the_numbers_that_the_server_sent() {
    let capuchin = Capuchin::new();
    let zone = json!({"id": ZONE, "big": u64::MAX, "name": "\u{1b}[2J"});
    let reply = body(200, json!({"listzonesresponse": {"count": 1, "zone": [zone]}}));
    let server = Script::new([reply]);
    let line = "list zones --query '.zone[] | .big, .name'";
    against(&capuchin, &server, line).stdout("18446744073709551615\n\"\\u001b[2J\"\n").check();
}

/// Events of a server at times before and after the clock of the first run.
fn events() -> Script {
    let event = |id: u32, created: &str| {
        json!({"id": format!("{id}"), "type": "VPC.CREATE",
        "level": "INFO", "created": created, "username": "admin", "description": "made"})
    };
    let rows = [
        event(1, "2026-01-02T03:00:00+0000"),
        event(2, "2026-01-02T02:56:00+0000"),
        event(3, "2025-12-31T12:34:56+0000"),
    ];
    Script::new([body(200, json!({"listeventsresponse": {"count": 3, "event": rows}}))])
}

#[test]
fn times_are_told_from_now_on_a_terminal_only() {
    let capuchin = Capuchin::new();
    let exact = "2026-01-02T02:56:00+0000";
    let on_screen = |line: &str, shown: &str| {
        let server = events();
        let command = against(&capuchin, &server, line).command();
        Screen::open(&command, 24, 120).shows(shown)
    };
    let table = on_screen("list events", "4 min ago");
    assert!(table.contains("2025-12-31 12:34") && !table.contains(exact), "{table}");
    on_screen("list events --exact", exact);
    on_screen("--exact list events", exact);
    on_screen("list events -o json", exact);
    on_screen("list events -o csv filter=id,created", exact);
    on_screen("list events where id=2 -o table", "4 min ago");
    for format in ["table", "csv", "json", "column", "text"] {
        let server = events();
        let text = against(&capuchin, &server, &format!("list events -o {format}")).text();
        assert!(text.contains(exact), "{format}: {text}");
    }
    capuchin
        .args(["profile", "add", "p", "url=http://127.0.0.1:1", "humanise=no"])
        .stderr_has("must be `on` or `off`")
        .status(2)
        .check();
}

#[test]
fn who_may_see_more_is_told_so() {
    let capuchin = Capuchin::new();
    let hint = "`listall=true` lists those of other accounts, too";
    let shows =
        |line: &str, text: &str| Screen::open(&capuchin.run(line).command(), 24, 100).shows(text);
    shows("list vpcs", hint);
    for line in ["list vpcs listall=true", "list vpcs -o json", "list zones name=nope"] {
        let done = if line.ends_with("json") { "\"count\"" } else { "no " };
        // The hint would be on the next line at once.
        assert!(!shows(line, done).contains(hint), "{line}");
    }
    capuchin.run("list vpcs -o table").stdout("no vpcs\n").check();
}

/// Serves a list of so many zones, made while it is sent, to whoever asks.
fn many(rows: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client/api", listener.local_addr().unwrap());
    let send = move |mut stream: TcpStream| {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head)?;
        let mut out = std::io::BufWriter::new(stream);
        write!(
            out,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
            connection: close\r\n\r\n{{\"listzonesresponse\":{{\"count\":{rows},\"zone\":["
        )?;
        for row in 0..rows {
            let comma = if row == 0 { "" } else { "," };
            write!(
                out,
                "{comma}{{\"id\":\"{row:08}-0000-4000-8000-000000000001\",\
                \"name\":\"zone-{row}\",\"n\":{row}}}"
            )?;
        }
        out.write_all(b"]}}")?;
        out.flush()
    };
    thread::spawn(move || listener.incoming().flatten().try_for_each(send));
    url
}

/// The most memory that the program had while it printed, in kB, and what it printed.
fn peak(capuchin: &Capuchin, rows: u64, line: &str) -> (u64, u64) {
    let run = capuchin.run(line).env("CAPUCHIN_URL", many(rows));
    let run = run.env("CAPUCHIN_KEY", "k").env("CAPUCHIN_SECRET", "s");
    let mut child = run.command().stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut printed) = (0, 0);
    let mut output = child.stdout.take().unwrap();
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = output.read(&mut bytes) {
        printed += count as u64;
        let text = fs::read_to_string(&status).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = found.and_then(|text| text.split_whitespace().next()?.parse().ok());
        peak = peak.max(found.unwrap_or(0));
    }
    assert!(child.wait().unwrap().success());
    (peak, printed)
}

#[test]
fn lists_pass_in_constant_memory() {
    if !Path::new("/proc/self/status").exists() {
        return;
    }
    let capuchin = Capuchin::new();
    for format in ["jsonl", "csv", "csv filter=id,n", "json", "jsonl where n>3"] {
        let line = format!("list zones -o {format}");
        let (few, _) = peak(&capuchin, 20_000, &line);
        let (many, printed) = peak(&capuchin, 200_000, &line);
        eprintln!("{line}: 20,000 rows {few} kB, 200,000 rows {many} kB, {printed} bytes");
        assert!(printed > 5_000_000, "{line}: {printed}");
        // What is put aside in memory, before a file is made for it, is 8 MiB at most.
        assert!(many < few + 16 * 1024, "{line}: {few} kB, then {many} kB");
    }
}
