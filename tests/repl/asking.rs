//! Questions at the terminal: for what is missing, and before something is ended.

use super::{LIMIT, PROMPT, leaves, press, shell, types};
use crate::harness::Capuchin;
use rexpect::session::{PtySession, spawn_with_options};

/// One command at a terminal.
fn once(capuchin: &Capuchin, line: &str) -> PtySession {
    let mut command = capuchin.run(line).command();
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let options = rexpect::reader::Options::new();
    let options = options.timeout_ms(Some(LIMIT)).strip_ansi_escape_codes(true);
    spawn_with_options(command, options).expect("a terminal")
}

#[track_caller]
fn ends(mut session: PtySession, code: i32) {
    session.exp_eof().expect("an end");
    let status = format!("{:?}", session.process().wait().expect("a status"));
    assert!(status.ends_with(&format!(", {code})")), "{status}");
}

#[test]
fn what_is_missing_is_asked_for_with_completion() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    shell.send_line("create vpc -o csv filter=name").expect("a terminal that takes it");
    shell.exp_string("name (").expect("a question");
    shell.send_line("web").expect("a terminal that takes it");
    shell.exp_string("vpcofferingid (").expect("a question");
    shell.send_line("").expect("a terminal that takes it");
    shell.exp_string("vpcofferingid may be ").expect("what is allowed");
    press(&mut shell, "Default VPC o\t");
    shell.exp_string("Default VPC offering").expect("the name");
    shell.send_line("").expect("a terminal that takes it");
    shell.exp_string("name\r\nweb\r\n").expect("the answer");
    shell.exp_string(PROMPT).expect("a prompt");
    shell.send_control('d').expect("a terminal that takes it");
    leaves(&mut shell);
}

#[test]
fn ctrl_c_leaves_a_question() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    for key in ['c', 'd'] {
        shell.send_line("create vpc").expect("a terminal that takes it");
        shell.exp_string("name (").expect("a question");
        shell.send_control(key).expect("a terminal that takes it");
        shell.exp_string("nothing was done").expect("an end");
        shell.exp_string("capuchin sandbox !130> ").expect("a prompt");
    }
    types(&mut shell, "list vpcs -o csv filter=name", "\r\n");
    let mut once = once(&capuchin, "create vpc");
    once.exp_string("name (").expect("a question");
    once.send_control('c').expect("a terminal that takes it");
    ends(once, 130);
}

#[test]
fn a_password_is_typed_unseen() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    let line = "create user account=admin email=a@example.com firstname=a lastname=b username=c";
    shell.send_line(line).expect("a terminal that takes it");
    shell.exp_string("password (").expect("a question");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string("nothing was done").expect("an end");
    shell.exp_string("capuchin sandbox !130> ").expect("a prompt");
    shell.send_line(line).expect("a terminal that takes it");
    shell.exp_string("password (").expect("a question");
    shell.exp_string(": ").expect("a question");
    shell.send_line("hunter2").expect("a terminal that takes it");
    let seen = shell.exp_string(PROMPT).expect("a prompt");
    assert!(!seen.contains("hunter2"), "{seen}");
}

#[test]
fn what_goes_is_shown_and_only_a_yes_ends_it() {
    let capuchin = Capuchin::new();
    capuchin.run("create vpc name=web vpcofferingid='Default VPC offering' zoneid=sandbox").text();
    let mut shell = shell(&capuchin);
    shell.send_line("delete vpc id=web").expect("a terminal that takes it");
    shell.exp_string("delete vpc web (").expect("what goes");
    shell.exp_string("Really? [y/N] ").expect("a question");
    shell.send_line("n").expect("a terminal that takes it");
    shell.exp_string("nothing was done").expect("an end");
    shell.exp_string("capuchin sandbox !1> ").expect("a prompt");
    types(&mut shell, "list vpcs -o csv filter=name", "name\r\nweb\r\n");
    shell.send_line("delete vpc id=web").expect("a terminal that takes it");
    shell.exp_string("Really? [y/N] ").expect("a question");
    shell.send_line("y").expect("a terminal that takes it");
    shell.exp_string(PROMPT).expect("a prompt");
    types(&mut shell, "list vpcs -o json", "\"vpc\": []");
}

#[test]
fn one_command_at_a_terminal_asks_and_a_script_does_not() {
    let capuchin = Capuchin::new();
    let make = "create vpc vpcofferingid='Default VPC offering' zoneid=sandbox";
    for name in ["a", "b", "c"] {
        capuchin.run(&format!("{make} name={name}")).text();
    }
    let mut no = once(&capuchin, "delete vpc id=a");
    no.exp_string("Really? [y/N] ").expect("a question");
    no.send_line("").expect("a terminal that takes it");
    no.exp_string("nothing was done").expect("an end");
    ends(no, 1);
    ends(once(&capuchin, "-y delete vpc id=a"), 0);
    ends(once(&capuchin, "delete vpc id=b --yes"), 0);
    capuchin.run("delete vpc id=c").text();
    let left = capuchin.run("list vpcs").json();
    assert_eq!(left["vpc"], serde_json::json!([]));
    capuchin.run("create vpc").stderr_has("needs").status(2).check();
}
