//! `capuchin store`: transcripts of looking after a store in a file.

use crate::harness::Capuchin;
use std::fs;

const STORE: &str = "$DIR/data/capuchin/store.db";

fn with_store() -> Capuchin {
    let capuchin = Capuchin::new();
    capuchin.run("list zones").text();
    capuchin
}

#[test]
fn what_a_store_is_and_that_it_is_sound() {
    let capuchin = with_store();
    let info = capuchin.run("store info").json();
    assert_eq!(
        (&info["driver"], &info["zones"], &info["addresses"]),
        (&"SQLite".into(), &1.into(), &0.into())
    );
    assert!(info["store"].as_str().unwrap().ends_with("store.db"), "{info}");
    assert!(
        info["bytes"].as_u64() > Some(4096) && info["schemaversion"] == info["schemaversionknown"]
    );
    assert!(info.get("bytesperaddress").is_none(), "{info}");
    let table = capuchin.run("-o table store info").text();
    assert!(table.contains("driverversion") || table.contains("DRIVERVERSION"), "{table}");
    capuchin.run("store check").stdout(&format!("{STORE} is sound.\n")).check();
    assert_eq!(capuchin.run("store check -o json").json()["count"], 0);
}

#[test]
fn a_backup_is_written_once_and_comes_back() {
    let capuchin = with_store();
    capuchin
        .run("store backup $DIR/b.db")
        .stderr("Wrote $DIR/b.db, which is a store itself.\n")
        .check();
    capuchin
        .run("store backup $DIR/b.db")
        .stderr("error: $DIR/b.db is there already; name another file\n")
        .status(4)
        .check();
    capuchin.run("create domain name=later").text();
    capuchin
        .run("store restore $DIR/b.db")
        .stderr(&format!(
            "error: {STORE} is there already; name another file, and --replace puts the backup in \
             its place\n"
        ))
        .status(4)
        .check();
    assert_eq!(capuchin.run("list domains listall=true").json()["count"], 2);
    let again = "store restore $DIR/b.db --replace";
    capuchin.run(again).stderr_has("all of them compared").stderr_has("started anew").check();
    assert_eq!(capuchin.run("list domains listall=true").json()["count"], 1);
    assert_eq!(capuchin.run("--store $DIR/b.db list domains listall=true").json()["count"], 1);
    capuchin.run("keys create --user admin").text();
    capuchin.run("store backup $DIR/c.db").stderr_has("keys.bin, which is not in it").check();
}

#[test]
fn a_store_moves_to_another_file_and_the_tables_are_told() {
    let capuchin = with_store();
    let run = capuchin.run("store migrate --to $DIR/m.db -o csv");
    let text = run.stderr_has("all of them compared").stderr_has("Start servers").text();
    assert!(text.lines().any(|line| line.starts_with("zone,1,0,")), "{text}");
    capuchin.run("store check --store $DIR/m.db").stdout("$DIR/m.db is sound.\n").check();
    capuchin
        .run("store migrate --to $DIR/m.db")
        .stderr("error: $DIR/m.db is there already; name another file\n")
        .status(4)
        .check();
    capuchin
        .run(&format!("store migrate --to {STORE}"))
        .stderr_has("is the store itself")
        .status(4)
        .check();
}

#[test]
fn findings_are_told_and_end_with_1() {
    let capuchin = with_store();
    // One byte of the path of ROOT's child is another: its text, not the database, is damaged.
    capuchin.run("create domain name=aaaaaaaaaa").text();
    let path = capuchin.store_path();
    capuchin.run("store backup $DIR/plain.db").stderr_has("Wrote").check();
    let mut bytes = fs::read(capuchin.dir().join("plain.db")).unwrap();
    let at = bytes.windows(12).position(|part| part == b"/aaaaaaaaaa/").unwrap();
    bytes[at + 1] = b'b';
    fs::write(&path, bytes).unwrap();
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", path.display()));
    }
    let text = capuchin.run("store check").stderr_has("--repair` puts right").status(1).text();
    assert!(
        text.starts_with("path-of-domain: the domain ") && text.contains("/aaaaaaaaaa/"),
        "{text}"
    );
    let json = capuchin.run("store check -o json").status(1).json();
    assert_eq!(
        (&json["count"], &json["finding"][0]["rule"]),
        (&1.into(), &"path-of-domain".into())
    );
    let run = capuchin.run("store check --repair --backup $DIR/plain.db");
    run.stderr_has("is there already").status(4).check();
    capuchin.run("store check").stdout_has("path-of").stderr_has("--repair").status(1).check();
    let run = capuchin.run("store check --repair --backup $DIR/before.db");
    let run = run.stderr_has("Wrote the backup $DIR/before.db.").stderr_has("1 changes in one");
    let text = run.text();
    assert!(text.starts_with("mended path-of-domain: the domain "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let sound = format!("{STORE} is sound.\n");
    capuchin.run("store check").stdout(&sound).check();
    capuchin.run("store check --repair").stdout(&sound).stderr("").check();
    let before = capuchin.run("store check --store $DIR/before.db");
    before.stdout_has("path-of-domain").stderr_has("--repair").status(1).check();
}

#[test]
fn tables_and_columns_are_described() {
    let capuchin = Capuchin::new();
    let tables = capuchin.run("store schema").json();
    assert!(tables["count"].as_u64() > Some(30), "{tables}");
    let columns = capuchin.run("store schema address -o csv").text();
    assert!(columns.contains("\nrange_id,whole number,false,"), "{columns}");
    assert!(columns.contains("The network that it is associated with"), "{columns}");
    capuchin.run("store schema adress").stderr_has("did you mean `address`?").status(2).check();
    assert!(!capuchin.store_path().exists());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let capuchin = Capuchin::new();
    for line in
        ["store info", "store check", "store backup $DIR/b.db", "store migrate --to $DIR/m.db"]
    {
        capuchin
            .run(line)
            .stderr(&format!("error: there is no store at {STORE}\n"))
            .status(4)
            .check();
    }
    assert!(!capuchin.store_path().exists());
    capuchin.run("store").stderr_has("").status(2).check();
    capuchin.run("store repair").stderr_has("unrecognized subcommand").status(2).check();
    capuchin.run("store migrate").stderr_has("--to <PLACE>").status(2).check();
    capuchin.run("store migrate --to mysql://h/d").stderr_has("no user").status(2).check();
    capuchin.run("--url http://h store check").stderr_has("is a server").status(2).check();
    let gone = "store info --store mysql://u@127.0.0.1:1/d";
    capuchin.run(gone).stderr_has("the database server cannot be reached").status(4).check();
    fs::write(capuchin.dir().join("odd.db"), "no database ".repeat(1000)).unwrap();
    let odd = "store restore $DIR/odd.db";
    capuchin.run(odd).stderr_has("the store is damaged").status(4).check();
    capuchin.run("store restore $DIR/none.db").stderr_has("there is no store at").status(4).check();
    assert!(!capuchin.store_path().exists());
}

#[test]
fn the_collector_is_made_to_run() {
    let capuchin = Capuchin::new();
    capuchin.run("gc run").stderr_has("there is no store at").status(4).check();
    assert!(!capuchin.store_path().exists());
    let capuchin = with_store();
    capuchin.run("gc run").stdout("There is nothing to collect.\n").check();
    assert_eq!(capuchin.run("gc run -o json").json()["count"], 0);
    let setting = "update configuration name=client.token.lifetime value=1";
    capuchin.run(setting).env("CAPUCHIN_CLOCK", "2026-01-02T03:00:00Z").text();
    let once = "create domain name=once clienttoken=w --query .domain.id";
    let made = |at| capuchin.run(once).env("CAPUCHIN_CLOCK", at).text();
    assert_eq!(made("2026-01-02T03:00:00Z"), made("2026-01-02T03:00:00Z"));
    let run = |line| capuchin.run(line).env("CAPUCHIN_CLOCK", "2026-01-02T04:00:00Z");
    run("gc run --dry-run")
        .stdout("client tokens: 1 would be removed: their time is over\n")
        .check();
    run("gc run").stdout("client tokens: 1 removed: their time is over\n").check();
    run("gc run --at-once").stdout("There is nothing to collect.\n").check();
    capuchin.run("--url http://h gc run").stderr_has("collects by itself").status(2).check();
}
