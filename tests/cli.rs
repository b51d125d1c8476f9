//! The program as a command: arguments, streams, exit codes, files.

use crate::harness::Capuchin;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn the_first_command_needs_nothing() {
    let capuchin = Capuchin::new();
    let csv = "name,networktype\nsandbox,Advanced\n";
    capuchin.run("list zones filter=name,networktype -o csv").stdout(csv).check();
    capuchin.run("-o csv listZones filter=name,networktype").stdout(csv).check();
    assert_eq!(mode(&capuchin.store_path()), 0o600);
    assert_eq!(mode(capuchin.store_path().parent().expect("a directory")), 0o700);
}

#[test]
fn an_answer_that_goes_to_no_terminal_is_json() {
    let zones = Capuchin::new().run("list zones").json();
    assert_eq!(zones["count"], 1);
    assert_eq!(zones["zone"][0]["name"], "sandbox");
}

#[test]
fn all_spellings_of_a_command_answer_the_same() {
    let capuchin = Capuchin::new();
    let answer = capuchin.run("list zones").text();
    for line in ["listZones", "LIST ZONES", "list Zones", "list zone", "listzones"] {
        capuchin.run(line).stdout(&answer).check();
    }
}

#[test]
fn things_are_called_by_name_or_by_id() {
    let capuchin = Capuchin::new();
    let zones = capuchin.run("list zones").text();
    capuchin.run("list zones id=SandBox").stdout(&zones).check();
    let id = capuchin.run("list zones filter=id -o csv").text();
    let id = id.lines().last().expect("a row");
    capuchin.args(["list", "zones", &format!("id={id}")]).stdout(&zones).check();
    capuchin
        .run("list zones id=sandbx")
        .stderr("error: id=`sandbx`: nothing is called so; did you mean `sandbox`?\n")
        .status(2)
        .check();
}

#[test]
fn a_wrong_command_line_says_what_was_meant() {
    let capuchin = Capuchin::new();
    for (line, complaint) in [
        ("lsit zones", "unknown command `lsit zones`; did you mean `list zones`"),
        ("list zones nmae=x", "`list zones` has no parameter `nmae`; did you mean `name`?"),
        ("list zones name=a NAME=b", "`name` is given twice; write it once"),
        ("list zones -o xml", "unknown output format `xml`; there are"),
        ("-o xml list zones", "invalid value 'xml' for '--output <FORMAT>': unknown output"),
        ("--nope list zones", "unexpected argument '--nope'"),
        ("list zones -x", "unknown option `-x`"),
        ("list zones name=@nope", "the file `nope` cannot be read"),
    ] {
        capuchin.run(line).stderr_has(&format!("error: {complaint}")).status(2).check();
    }
    capuchin
        .run("list zones name=a b")
        .stderr("error: `b` is not of the form name=value; quote a value that has blanks\n")
        .status(2)
        .check();
    assert!(!capuchin.store_path().exists(), "a wrong line makes no store");
}

#[test]
fn a_refusal_has_its_codes_and_status_one() {
    let capuchin = Capuchin::new();
    capuchin
        .run("list zones page=0 pagesize=10")
        .stderr(
            "error (431/4350) InvalidParameterValueException: Invalid value for parameter page: \
             pages are counted from 1\n",
        )
        .status(1)
        .check();
}

#[test]
fn a_value_can_come_from_a_file() {
    let capuchin = Capuchin::new();
    fs::write(capuchin.dir().join("name"), "sandbox\n").expect("a file");
    capuchin.run("list zones name=@$DIR/name filter=name -o csv").stdout("name\nsandbox\n").check();
}

#[test]
fn help_needs_no_store() {
    let capuchin = Capuchin::new();
    capuchin.run("help").stdout_has("\nvpc       vpcs, vpc offerings").check();
    for line in ["help list zones", "help listZones", "list zones -h", "-h list zones"] {
        capuchin.run(line).stdout_has("list zones (listZones)\n\nLists zones.\n").check();
    }
    capuchin.run("-h").stdout_has("Usage: capuchin [OPTION]...").check();
    capuchin.run("-v").stdout(concat!("capuchin ", env!("CARGO_PKG_VERSION"), "\n")).check();
    assert!(!capuchin.store_path().exists());
}

#[test]
fn help_knows_what_only_the_program_does() {
    let capuchin = Capuchin::new();
    capuchin.run("help doctor").stdout_has("Usage: capuchin doctor").check();
    capuchin.run("help profile add").stdout_has("Usage: capuchin profile add").check();
    capuchin.run("help where").stdout_has("`where` chooses them").check();
    for line in ["help", "help show", "help show map", "help list public ip addresses"] {
        let text = capuchin.run(line).text();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn a_script_ends_at_its_first_failure_with_its_status() {
    let capuchin = Capuchin::new();
    let script = "
        # zones by name
        list zones filter=name -o csv
        list zones filter=name -o csv | tail -n 1
        !echo done

        list zonse
        list zones
    ";
    capuchin
        .run("")
        .stdin(script)
        .stdout("name\nsandbox\nsandbox\ndone\n")
        .stderr_has("error: line 6: unknown command `list zonse`; did you mean `list zones`")
        .stderr_has("\n  list zonse\n  ^^^^^^^^^^\n")
        .status(2)
        .check();
    capuchin.run("").stdin("list zones | exit 3\n").status(3).check();
    capuchin.run("").stdin("quit\nlist zonse\n").check();
    capuchin.run("").check();
}

#[test]
fn a_script_has_variables_and_loops() {
    let capuchin = Capuchin::new();
    let script = "
        set -v zone=sandbox 'end=; list zonse' offering='Default VPC offering'
        for name in web db
        do
            create vpc name=$name zoneid=$zone vpcofferingid=\"$offering\" > /dev/null
            update vpc id=$last.id displaytext=\"$name$end\" > /dev/null
        done
        list vpcs sort=name filter=name,displaytext -o csv
        for vpc in list vpcs sort=name pagesize=1; do
            list networks vpcid=$vpc.idd
            delete vpc id=$vpc.id
        done
    ";
    capuchin
        .run("")
        .stdin(script)
        .stdout("name,displaytext\ndb,db; list zonse\nweb,web; list zonse\n")
        .stderr_has("line 9: `$vpc` has no field `idd`; did you mean `id`?")
        .stderr_has("the loop of `$vpc` was left in turn 1 of 2")
        .status(2)
        .check();
    // Each turn deletes a row of the list that the loop goes over.
    let script = "for vpc in list vpcs pagesize=1; do delete vpc id=$vpc.id > /dev/null; done
        list vpcs; set -v count=$last.count
        for name in $count; do list zones name=$name filter=name -o csv; done";
    capuchin.run("").stdin(script).stdout_has("\"count\": 0").check();
    capuchin
        .run("")
        .stdin("list zones name=pa$$word\n")
        .stderr_has("there is no variable `$word`; `set -v word=VALUE` sets it")
        .stderr_has("\n  list zones name=pa$$word\n                     ^^^^^\n")
        .status(2)
        .check();
    capuchin.run("").stdin("for z in list zones; do\n").stderr_has("no `done`").status(2).check();
}

#[test]
fn a_script_writes_answers_to_files() {
    let capuchin = Capuchin::new();
    let script =
        "list zones filter=name -o csv > $DIR/a\nlist zones filter=name -o csv >> $DIR/a\n";
    capuchin.run("").stdin(script).check();
    let text = fs::read_to_string(capuchin.dir().join("a")).expect("the file");
    assert_eq!(text, "name\nsandbox\nname\nsandbox\n");
    capuchin
        .run("")
        .stdin("list zones > $DIR/nope/a\n")
        .stderr_has("cannot be written")
        .status(4)
        .check();
}

#[test]
fn a_store_can_be_elsewhere_and_empty() {
    let capuchin = Capuchin::new();
    capuchin
        .run("--store $DIR/lab.db --empty list zones filter=name -o csv")
        .stdout("name\n")
        .check();
    assert_eq!(mode(&capuchin.dir().join("lab.db")), 0o600);
    capuchin
        .run("--store $DIR/lab.db --empty list zones filter=name -o csv")
        .stdout("name\n")
        .stderr("warning: --empty changes nothing: the store $DIR/lab.db was made before\n")
        .check();
    let lab = capuchin.dir().join("lab.db");
    capuchin.run("list zones -o jsonl").env("CAPUCHIN_STORE", lab).check();
    assert!(!capuchin.store_path().exists());
}

#[test]
fn a_store_that_cannot_be_used_is_left_alone() {
    let capuchin = Capuchin::new();
    let run = |line| capuchin.run(line).status(4);
    run("--store $DIR list zones").stderr_has("is a directory, not a store").check();
    run("--store $DIR/no/a.db list zones").stderr_has("$DIR/no/a.db").check();
    let odd = capuchin.dir().join("odd.db");
    let text = "no database ".repeat(1000);
    fs::write(&odd, &text).expect("a file");
    run("--store $DIR/odd.db list zones").stderr_has("error: the store is damaged").check();
    assert_eq!(fs::read_to_string(&odd).expect("the file"), text);
}

/// Takes away all that came after the first schema, which added tables, indexes and columns
/// and nothing else.
fn without_later_tables() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a migration");
    let (mut columns, mut all, mut later) = (String::new(), String::new(), String::new());
    for entry in fs::read_dir(&folder).expect("the migrations") {
        let name = entry.expect("a file").file_name().into_string().expect("a name");
        if name != "0001.sql" {
            later += &read(&name);
        }
    }
    for line in later.lines() {
        let words: Vec<_> = line.split([' ', '(']).filter(|word| !word.is_empty()).collect();
        match words[..] {
            ["CREATE", kind @ ("TABLE" | "INDEX"), name, ..]
            | ["CREATE", "UNIQUE", kind @ "INDEX", name, ..] => {
                all.extend(["DROP ", kind, " IF EXISTS ", name, "; "]);
            }
            ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                columns.extend(["ALTER TABLE ", name, " DROP COLUMN ", column, "; "]);
            }
            _ => {}
        }
    }
    format!("PRAGMA foreign_keys = OFF; {columns} {all} PRAGMA user_version = 1")
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let capuchin = Capuchin::new();
    capuchin.run("list zones").text();
    let change = |sql: &str| {
        let store = rusqlite::Connection::open(capuchin.store_path()).expect("the store");
        store.execute_batch(sql).expect("SQL");
    };
    change("PRAGMA user_version = 999");
    let newer = "error: the store has schema version 999, this program knows";
    capuchin.run("list zones").stderr_has(newer).status(4).check();
    // As the first program left it.
    change(&without_later_tables());
    capuchin.run("list zones").text();
    capuchin.run("keys create --user admin").text();
}

#[test]
fn without_a_home_the_way_out_is_said() {
    let capuchin = Capuchin::new();
    let blocked = capuchin.dir().join("blocked");
    fs::write(&blocked, "").expect("a file");
    capuchin
        .run("list zones")
        .env("XDG_DATA_HOME", blocked)
        .stderr_has("error: the directory $DIR/blocked/capuchin cannot be made")
        .status(4)
        .check();
}

#[test]
fn shells_ask_for_candidates_and_make_no_store() {
    let capuchin = Capuchin::new();
    let ask = |line: &str| capuchin.args(["complete", line]);
    ask("capuchin list zones id=s").check();
    assert!(!capuchin.store_path().exists());
    capuchin.run("list zones").text();
    let offered = ask("capuchin list zones id=s").text();
    assert!(offered.starts_with("id=sandbox \t"), "{offered}");
    ask("capuchin -o json list zones pages").stdout_has("pagesize=\t").check();
    ask("capuchin list zon").stdout("zones \tLists zones.\n").check();
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let capuchin = Capuchin::new();
    let program = capuchin.run("man").command().get_program().to_string_lossy().into_owned();
    for script in [
        format!("set -o pipefail; '{program}' man | head -n 1"),
        format!("set -o pipefail; yes help | '{program}' | head -n 1"),
    ] {
        // `yes` alone is ended by the signal that a closed pipe sends.
        let script = script.replace("yes help", "(yes help || true)");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).env("HOME", capuchin.dir());
        let output = command.output().expect("bash");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn results_that_nobody_can_keep_are_a_failure() {
    let capuchin = Capuchin::new();
    for line in [
        "list zones",
        "show topology",
        "help",
        "man",
        "docs",
        "completions bash",
        "-v",
        "--help",
        "doctor",
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let run = capuchin.run(line).command().stdout(full).output().expect("a run");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(said.contains("could not be written"), "{line}: {said}");
        assert_eq!(run.status.code(), Some(4), "{line}");
    }
}
