//! The shell at a terminal: typed at in a pseudo-terminal.

mod asking;
mod editing;
mod loops;
mod odd;
mod paging;

use crate::harness::{Capuchin, Screen};
use rexpect::session::{PtySession, spawn_with_options};
use std::fs;

/// Longer than any step takes on a busy machine.
const LIMIT: u64 = 30_000;
const PROMPT: &str = "capuchin sandbox> ";
/// The prompt after Ctrl-C has ended something.
const INTERRUPTED: &str = "capuchin sandbox !130> ";

fn shell(capuchin: &Capuchin) -> PtySession {
    let mut command = capuchin.run("").command();
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let options = rexpect::reader::Options::new();
    let options = options.timeout_ms(Some(LIMIT)).strip_ansi_escape_codes(true);
    let mut shell = spawn_with_options(command, options).expect("a terminal");
    shell.exp_string(PROMPT).expect("a prompt");
    shell
}

/// Types a line that fails, and waits for why, then for the prompt with the code.
#[track_caller]
fn fails(shell: &mut PtySession, line: &str, brings: &str, code: u32) {
    shell.send_line(line).expect("a terminal that takes it");
    shell.exp_string(brings).unwrap_or_else(|error| panic!("{line}: {error}"));
    let prompt = format!("capuchin sandbox !{code}> ");
    shell.exp_string(&prompt).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// Types a line and waits for what it brings, then for the next prompt.
#[track_caller]
fn types(shell: &mut PtySession, line: &str, brings: &str) {
    shell.send_line(line).expect("a terminal that takes it");
    shell.exp_string(brings).unwrap_or_else(|error| panic!("{line}: {error}"));
    shell.exp_string(PROMPT).unwrap_or_else(|error| panic!("{line}: {error}"));
}

#[track_caller]
fn press(shell: &mut PtySession, keys: &str) {
    shell.send(keys).and_then(|_| shell.flush()).expect("a terminal that takes it");
}

#[track_caller]
fn leaves(shell: &mut PtySession) {
    shell.exp_eof().expect("an end");
    let status = shell.process().wait().expect("a status");
    assert_eq!(format!("{status:?}").split_once(", ").map(|(_, code)| code), Some("0)"));
}

#[test]
fn commands_are_carried_out_until_exit() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    types(&mut shell, "list zones", "| sandbox |");
    fails(&mut shell, "list zonse", "did you mean `list zones`", 2);
    fails(&mut shell, "list zones nmae=x", "             ^^^^", 2);
    types(&mut shell, "list zones | tr a-z A-Z", "\"SANDBOX\"");
    types(&mut shell, "!echo $((6*7))", "42");
    types(&mut shell, "set output csv; list zones filter=name", "name\r\nsandbox\r\n");
    shell.send_line("exit").expect("a terminal that takes it");
    leaves(&mut shell);
}

#[test]
fn who_comes_first_is_greeted() {
    let capuchin = Capuchin::new();
    let mut command = capuchin.run("").command();
    command.env("TERM", "xterm");
    let options = rexpect::reader::Options::new().timeout_ms(Some(LIMIT));
    let mut shell = spawn_with_options(command, options).expect("a terminal");
    let greeted = shell.exp_string("`help` lists the commands").expect("a greeting");
    assert!(greeted.contains("with a zone named sandbox;"), "{greeted}");
    assert!(greeted.contains("`capuchin profile add` names a server"), "{greeted}");
    let fits = |line: &str| line.starts_with("Made") || line.chars().count() < 80;
    assert!(greeted.lines().all(fits), "{greeted}");
    assert_eq!(greeted.matches('\n').count(), 2, "three lines: {greeted}");
}

#[test]
fn tab_completes_words_parameters_and_names() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    press(&mut shell, "list zo\t");
    shell.exp_string("list zones ").expect("the noun");
    press(&mut shell, "id=s\t");
    shell.exp_string("id=sandbox ").expect("the name");
    shell.send_line("filter=networktype -o csv").expect("a terminal that takes it");
    shell.exp_string("networktype\r\nAdvanced\r\n").expect("the answer");
}

#[test]
fn ctrl_c_drops_the_line_and_ctrl_d_leaves() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    press(&mut shell, "list banana");
    shell.exp_string("banana").expect("an echo");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string(PROMPT).expect("a new prompt");
    types(&mut shell, "list zones filter=name -o csv", "name\r\nsandbox\r\n");
    shell.send_control('d').expect("a terminal that takes it");
    leaves(&mut shell);
}

#[test]
fn ctrl_c_ends_the_program_that_runs_and_no_more() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    for line in ["!echo started; sleep 100", "list zones | (echo started; sleep 100)"] {
        shell.send_line(line).expect("a terminal that takes it");
        shell.exp_string("\nstarted").expect("the program");
        shell.send_control('c').expect("a terminal that takes it");
        shell.exp_string("capuchin sandbox !130> ").expect("a new prompt");
    }
    types(&mut shell, "list zones filter=name -o csv", "name\r\nsandbox\r\n");
}

#[test]
fn a_list_is_watched_until_ctrl_c() {
    let capuchin = Capuchin::new();
    let line = "list zones filter=name,allocationstate where name=sandbox";
    let mut command = capuchin.run(&format!("watch 0.5 {line}")).command();
    command.env_remove("NO_COLOR");
    let mut screen = Screen::open(&command, 12, 80);
    screen.shows(&format!("every 0.5s: {line}"));
    screen.until("a green state", |screen| {
        let (rows, columns) = screen.size();
        let mut cells =
            (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        let green = vt100::Color::Idx(2);
        screen.alternate_screen()
            && screen.hide_cursor()
            && screen.contents().contains("| sandbox |")
            && cells.any(|(row, column)| {
                screen.cell(row, column).is_some_and(|cell| cell.fgcolor() == green)
            })
    });
    screen.press("\u{3}");
    screen.until("the other screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let capuchin = Capuchin::new();
    let refused = |line: &str, why: &str| {
        capuchin.run(line).stdout("").stderr_has(why).status(2).check();
    };
    refused("watch 5 list zones", "draws on a terminal");
    refused("watch 5 delete zone id=sandbox", "only lists and pictures are watched");
    refused("watch 0 list zones", "SECONDS must be 0.5 to 86400");
    refused("watch", "nothing to watch");
    refused("watch 5 list zonse", "did you mean `list zones`");
}

#[test]
fn colours_are_as_the_environment_says() {
    let capuchin = Capuchin::new();
    let line = "list zones -o table filter=name,allocationstate";
    let coloured = |run: crate::harness::Run| run.text().contains('\u{1b}');
    assert!(!coloured(capuchin.run(line)));
    assert!(coloured(capuchin.run(line).env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(capuchin.run(line).env("CLICOLOR_FORCE", "0")));
    assert!(!coloured(capuchin.run(line).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
}

#[test]
fn an_open_quote_asks_for_more() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    shell.send_line("list zones filter='name,").expect("a terminal that takes it");
    shell.send_line("networktype' -o csv").expect("a terminal that takes it");
    shell.exp_string("name,networktype\r\nsandbox,Advanced\r\n").expect("the answer");
}

#[test]
fn the_history_is_private_and_has_no_secrets() {
    use std::os::unix::fs::PermissionsExt;
    let capuchin = Capuchin::new();
    let mut first = shell(&capuchin);
    fails(&mut first, "list zones password=hunter2", "has no parameter `password`", 2);
    first.send_control('d').expect("a terminal that takes it");
    leaves(&mut first);
    let path = capuchin.store_path().with_file_name("history");
    let text = fs::read_to_string(&path).expect("a history");
    assert!(text.contains("password=********") && !text.contains("hunter2"), "{text}");
    let mode = fs::metadata(&path).expect("a history").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut second = shell(&capuchin);
    press(&mut second, "\u{1b}[A");
    second.exp_string("list zones password=********").expect("the line of before");
}

fn on_screen(capuchin: &Capuchin, columns: u16) -> Screen {
    let mut command = capuchin.run("").command();
    command.env("NO_COLOR", "1");
    let screen = Screen::open(&command, 24, columns);
    screen.line(PROMPT);
    screen
}

#[test]
fn tab_lists_what_can_stand_there_a_row_each() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones na\t\u{15}list vlan ip ranges \t");
    let shown = screen.shows("exclude=");
    let row = |name: &str| shown.lines().find(|row| row.starts_with(name)).expect("a row");
    assert!(row("zoneid=").contains("the id of the zone"), "{shown}");
    assert!(row("filter=").contains("the fields to show, in this order"), "{shown}");
    screen.line("capuchin sandbox> list vlan ip ranges ");
}

#[test]
fn values_are_listed_with_their_ids_and_fit_a_narrow_terminal() {
    let capuchin = Capuchin::new();
    for columns in [40, 100] {
        let mut screen = on_screen(&capuchin, columns);
        screen.press("create vpc vpcofferingid=\t");
        let shown = screen.shows("\nRedundant VPC");
        let rows: Vec<_> = shown.lines().filter(|row| row.contains("VPC")).collect();
        assert_eq!(rows.len(), 3, "{shown}");
        let has_id = rows[0].split_whitespace().any(|word| word.len() == 36);
        assert_eq!(has_id, columns == 100, "{shown}");
    }
}

#[test]
fn tab_goes_through_the_candidates_and_enter_takes_one() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    screen.press("list zones page\t");
    screen.shows("pagesize=");
    screen.press("\t");
    screen.line("capuchin sandbox> list zones page= the number of the page, from 1");
    screen.press("\t");
    screen
        .line("capuchin sandbox> list zones pagesize= the number of entries on a page; -1 for all");
    screen.press("\u{1b}[Z");
    screen.line("capuchin sandbox> list zones page= the number of the page, from 1");
    // Enter takes what is there; the line is not sent before it is pressed again.
    screen.press("\r");
    screen.press("1 pagesize=1 filter=name -o csv\r");
    screen.shows("\nname\nsandbox\n");
}

#[test]
fn the_next_parameter_is_explained_while_one_types() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 120);
    screen.press("create vpc ");
    screen.shows("name= the name of the VPC (required) zoneid= vpcofferingid=");
    screen.press("zo");
    screen.shows("create vpc zoneid= ");
    screen.press("\u{15}update configuration name=network.gc.wait value=9\t");
    screen.shows("value=9  a whole number from");
}

#[test]
fn ctrl_c_leaves_a_list_of_candidates_and_the_line() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    screen.press("list zones page\t");
    screen.shows("pagesize=");
    screen.press("\u{3}");
    screen.line(PROMPT);
    screen.press("list zones filter=name -o csv\r");
    screen.shows("\nname\nsandbox\n");
}

#[test]
fn ctrl_c_in_a_list_of_candidates_drops_the_line() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    press(&mut shell, "list p\t\t");
    shell.exp_string("pods").expect("candidates");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string(PROMPT).expect("a new prompt");
    types(&mut shell, "version", "capuchin ");
}

#[test]
fn the_prompt_tells_whom_commands_go_to() {
    let capuchin = Capuchin::new();
    let add = "profile add lab store=lab.db";
    capuchin.run(add).stderr_has("Added").check();
    let mut command = capuchin.run("-p embedded").command();
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let options = rexpect::reader::Options::new();
    let options = options.timeout_ms(Some(LIMIT)).strip_ansi_escape_codes(true);
    let mut shell = spawn_with_options(command, options).expect("a terminal");
    shell.exp_string(PROMPT).expect("a prompt");
    shell.send_line("set profile lab").expect("a terminal that takes it");
    shell.exp_string("capuchin lab> ").expect("the prompt of the profile");
    shell.send_line("set secretkey hunter2").expect("a terminal that takes it");
    shell.exp_string("no such option").expect("a refusal");
    shell.exp_string("capuchin lab !2> ").expect("a prompt");
    shell.send_control('d').expect("a terminal that takes it");
    leaves(&mut shell);
    let history = capuchin.store_path().with_file_name("history-lab");
    let text = fs::read_to_string(history).expect("a history");
    assert!(text.contains("set secretkey ********") && !text.contains("hunter2"), "{text}");
}
