//! Long answers and the pager they go through.

use super::{INTERRUPTED, PROMPT, shell, types};
use crate::harness::{Capuchin, Screen};

const LONG: &str = "list apis filter=name";

fn screen(capuchin: &Capuchin, line: &str, vars: &[(&str, &str)]) -> Screen {
    let mut run = capuchin.run(line);
    for (name, value) in vars {
        run = run.env(name, *value);
    }
    Screen::open(&run.command(), 12, 80)
}

#[test]
fn a_long_answer_is_read_page_by_page() {
    let capuchin = Capuchin::new();
    let mut screen = screen(&capuchin, "", &[("NO_COLOR", "1")]);
    screen.shows(PROMPT.trim_end());
    screen.press(&format!("{LONG}\r"));
    let first = screen.until("a page", |screen| screen.contents().trim_end().ends_with(':'));
    assert!(first.contains("| name "), "{first}");
    screen.press(" ");
    screen.until("the next page", |screen| !screen.contents().contains("| name "));
    screen.press("q");
    screen.line(PROMPT);
    screen.press("!echo $((6*7))\r");
    screen.shows("\n42");
    screen.line(PROMPT);
    screen.press("list zones filter=name\r");
    screen.shows("| sandbox |");
    screen.line(PROMPT);
    screen.press("set pager off\r");
    screen.shows("set pager off\ncapuchin");
    screen.line(PROMPT);
    screen.press(&format!("{LONG} name=listZones\r"));
    screen.shows("| listZones |");
}

#[test]
fn ctrl_c_in_the_pager_does_not_end_the_shell() {
    let capuchin = Capuchin::new();
    let pager = "trap 'echo caught' INT; cat >/dev/null; (echo read; exec sleep 100); echo left";
    let mut screen = screen(&capuchin, "", &[("PAGER", pager)]);
    screen.shows(PROMPT.trim_end());
    screen.press(&format!("{LONG}\r"));
    screen.shows("\nread");
    screen.press("\u{3}");
    screen.shows("caught\nleft");
    screen.line(PROMPT);
    screen.press("!echo $((6*7))\r");
    screen.shows("\n42");
}

#[test]
fn the_pager_is_the_one_that_is_named() {
    let capuchin = Capuchin::new();
    let mark = ("PAGER", "sed s/^/one:/");
    screen(&capuchin, LONG, &[mark]).shows("one:| update");
    screen(&capuchin, LONG, &[mark, ("CAPUCHIN_PAGER", "sed s/^/two:/")]).shows("two:| update");
    // What fits is not paged, nor is what is said not to be.
    for line in [
        "list zones filter=name",
        "list apis filter=name --no-pager",
        "--no-pager list apis filter=name",
    ] {
        let text = screen(&capuchin, line, &[mark]).shows("+--");
        assert!(!text.contains("one:"), "{text}");
    }
    screen(&capuchin, LONG, &[("PAGER", "")]).shows("| updateZone");
    let mut command = capuchin.run(LONG).env("PAGER", "sed s/^/one:/").command();
    command.env("TERM", "dumb");
    let mut dumb = rexpect::session::spawn_command(command, Some(30_000)).expect("a terminal");
    let text = dumb.exp_eof().expect("an end");
    assert!(text.contains("| updateZone") && !text.contains("one:"), "{text}");
    screen(&capuchin, LONG, &[("PAGER", "/nowhere/pager")]).shows("the pager `/nowhere/pager`");
}

#[test]
fn scripts_and_pipes_know_no_pager() {
    let capuchin = Capuchin::new();
    let text = capuchin.run(LONG).env("PAGER", "sed s/^/one:/").text();
    assert!(!text.contains("one:"));
    let text = capuchin.run("").stdin(&format!("{LONG}\n")).env("PAGER", "false").text();
    assert!(text.contains("listZones"));
}

#[test]
fn a_query_without_end_is_left_by_ctrl_c() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    for query in ["def f: f; f", "[range(1e12)] | length", "last(repeat(1))"] {
        let line = format!("list zones --no-pager --query '\"begun\", ({query})'");
        shell.send_line(&line).expect("a terminal that takes it");
        shell.exp_string("\n\"begun\"\r\n").expect("a value");
        shell.send_control('c').expect("a terminal that takes it");
        shell.exp_string(INTERRUPTED).expect("a new prompt");
    }
    types(&mut shell, "list zones --query .zone[].name", "\"sandbox\"");
}
