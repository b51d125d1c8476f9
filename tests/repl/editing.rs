//! A line is edited: what is on the screen, in which colours, and what its keys do.

use super::{PROMPT, on_screen};

use crate::harness::{Capuchin, Screen, all_of};
use vt100::Color;

const UP: &str = "\u{1b}[A";
const RED: Color = Color::Idx(1);
const GREEN: Color = Color::Idx(2);
const CYAN: Color = Color::Idx(6);

/// A shell whose line is coloured.
fn coloured(capuchin: &Capuchin, columns: u16) -> Screen {
    let screen = Screen::open(&capuchin.run("").command(), 24, columns);
    screen.line(PROMPT);
    screen
}

#[track_caller]
fn is_coloured(screen: &Screen, text: &str, colour: Color) {
    let what = format!("{text} in {colour:?}");
    screen.until(&what, |screen| all_of(screen, text, |cell| cell.fgcolor() == colour));
}

#[test]
fn what_is_known_and_what_is_wrong_has_its_colour() {
    let capuchin = Capuchin::new();
    let mut screen = coloured(&capuchin, 80);
    screen.press("list zo");
    is_coloured(&screen, "list", GREEN);
    screen.line("capuchin sandbox> list zo");
    is_coloured(&screen, "zo", Color::Default);
    screen.press("nes name=x");
    is_coloured(&screen, "zones", GREEN);
    is_coloured(&screen, "name=", CYAN);
    screen.press("\u{15}lsit zones");
    is_coloured(&screen, "lsit", RED);
    screen.press("\u{15}list zones nmae='x");
    is_coloured(&screen, "nmae=", RED);
    is_coloured(&screen, "'", RED);
    screen.press("'");
    is_coloured(&screen, "'x'", Color::Idx(5));
    // The prompt and what was carried out keep theirs.
    is_coloured(&screen, "capuchin sandbox> ", Color::Default);
    screen.press("\r");
    screen.shows("has no parameter");
    is_coloured(&screen, "!2", RED);
}

#[test]
fn without_colours_there_are_none() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones nmae=x");
    screen.line("capuchin sandbox> list zones nmae=x");
    let plain = |cell: &vt100::Cell| cell.fgcolor() == Color::Default && !cell.underline();
    screen.until("no colour", |screen| all_of(screen, "list zones nmae=x", plain));
    screen.press("\r");
    screen.line("capuchin sandbox !2> ");
    screen.until("no colour", |screen| all_of(screen, "!2", plain));
}

#[test]
fn a_terminal_that_can_nothing_is_written_to_plainly() {
    let capuchin = Capuchin::new();
    let command = capuchin.run("").env("TERM", "dumb").command();
    let mut screen = Screen::open(&command, 24, 80);
    screen.line(PROMPT);
    screen.press("list zones filter=name -o csv\r");
    screen.shows("\nname\nsandbox\n");
    screen.press("list zonse\r");
    screen.line("capuchin sandbox !2> ");
    screen
        .until("no colour", |screen| all_of(screen, "!2", |cell| cell.fgcolor() == Color::Default));
    screen.press("\u{4}");
}

#[test]
fn wide_characters_and_wrapped_lines_keep_the_cursor_where_it_is() {
    let capuchin = Capuchin::new();
    let mut screen = coloured(&capuchin, 40);
    let city = "\u{6771}\u{4eac}".repeat(5);
    screen.press(&format!("list zones name='{city}\u{1f435}'"));
    // 18 columns of prompt and 17 of the line leave room for two of the wide ones.
    screen.shows(&format!("capuchin sandbox> list zones name='{}\n", "\u{6771}\u{4eac}"));
    screen.line(&format!("{}\u{1f435}'", "\u{6771}\u{4eac}".repeat(4)));
    screen.until("the cursor behind it", |screen| screen.cursor_position().1 == 19);
    screen.press("\u{1}x");
    screen.line("capuchin sandbox> xlist zones name='\u{6771}\u{4eac}");
    screen.until("the cursor behind x", |screen| screen.cursor_position().1 == 19);
    is_coloured(&screen, "xlist", RED);
    screen.press("\u{1b}[3~\u{5}");
    screen.until("the cursor at the end", |screen| screen.cursor_position().1 == 19);
}

#[test]
fn the_prompt_tells_the_last_failure_until_something_succeeds() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    screen.press("list zonse\r");
    screen.line("capuchin sandbox !2> ");
    screen.press("list zones id=00000000-0000-8000-8000-00000000ffff\r");
    screen.line("capuchin sandbox !431> ");
    screen.press("\r");
    screen.line("capuchin sandbox !431> ");
    screen.press("!exit 7\r");
    screen.line("capuchin sandbox !7> ");
    screen.press("version\r");
    screen.line(PROMPT);
}

#[test]
fn the_keys_of_vi_can_be_had() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    screen.press("set editm\t");
    screen.line("capuchin sandbox> set editmode ");
    screen.press("v\t\r");
    screen.shows("set editmode vi");
    screen.press("set\r");
    screen.shows("editmode    vi");
    screen.press("list zonex filter=id\u{1b}");
    screen.until("the cursor on the last letter", |screen| screen.cursor_position().1 == 37);
    screen.press("bbbbcwzones\u{1b}$bcwname -o csv");
    screen.line("capuchin sandbox> list zones filter=name -o csv");
    screen.press("\r");
    screen.shows("\nname\nsandbox\n");
    screen.press("\u{1b}k");
    screen.line("capuchin sandbox> list zones filter=name -o csv");
    screen.press("\u{3}");
    screen.line(PROMPT);
    screen.press("set editmode ed\r");
    screen.shows("editmode must be `emacs` or `vi`");
}

#[test]
fn a_profile_says_which_keys() {
    let capuchin = Capuchin::new();
    capuchin.run("profile add lab store=lab.db editmode=vi").stderr_has("Added").check();
    let wrong = "profile edit lab editmode=ed";
    capuchin.run(wrong).stderr_has("must be `emacs` or `vi`").status(2).check();
    let mut command = capuchin.run("-p lab").command();
    command.env("NO_COLOR", "1");
    let mut screen = Screen::open(&command, 24, 80);
    screen.line("capuchin lab> ");
    screen.press("list zonesx\u{1b}");
    screen.until("the cursor on the last letter", |screen| screen.cursor_position().1 == 24);
    screen.press("x");
    screen.line("capuchin lab> list zones");
}

#[test]
fn what_is_pasted_waits_for_enter() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.until("a terminal that tells what is pasted", vt100::Screen::bracketed_paste);
    screen.press("\u{1b}[200~list zones filter=name -o csv\r\nlist zones filter=id,\u{1b}[201~");
    screen.line("list zones filter=id,");
    screen.press("networktype -o csv");
    let shown = screen.shows("filter=id,networktype -o csv");
    assert!(!shown.contains("\nname\n"), "nothing was carried out: {shown}");
    screen.press("\r");
    let shown = screen.shows("\nid,networktype\n");
    assert!(shown.contains("\nname\nsandbox\n"), "{shown}");
    screen.line(PROMPT);
    // It comes back as one.
    screen.press(UP);
    screen.line("list zones filter=id,networktype -o csv");
    screen.press("\u{3}");
    screen.line(PROMPT);
}

#[test]
fn several_lines_are_edited_as_one() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones filter='name,\r");
    screen.line("");
    screen.press("networktype' -o csv");
    screen.line("networktype' -o csv");
    screen.press(&format!("{UP}\u{5}"));
    screen.line("capuchin sandbox> list zones filter='name,");
    screen.press("allocationstate,\r");
    screen.shows("\nname,allocationstate,networktype\nsandbox,Enabled,Advanced\n");
    screen.press(&format!("list zones \\\rfilter=name -o csv{UP}"));
    screen.line("capuchin sandbox> list zones \\");
    screen.press("\r");
    screen.shows("\nname\nsandbox\n");
}

#[test]
fn ctrl_c_and_ctrl_d_mean_the_line() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("\u{3}");
    screen.shows(&format!("{PROMPT}\n{PROMPT}"));
    screen.press("list zo\u{3}");
    screen.shows(&format!("{PROMPT}list zo\n{PROMPT}"));
    // In a line Ctrl-D takes the letter under the cursor and no more.
    screen.press("lizst\u{1b}[D\u{1b}[D\u{1b}[D\u{4}");
    screen.line("capuchin sandbox> list");
    screen.press("\u{5}\u{4}");
    screen.line("capuchin sandbox> list");
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones filter=name -o csv\rlist zones filter=networktype -o csv\rvers");
    screen.shows("\nname\nsandbox\n");
    screen.shows("\nnetworktype\nAdvanced\n");
    screen.line("capuchin sandbox> vers");
}

#[test]
fn ctrl_r_searches_what_was_typed() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones filter=name -o csv\rversion\r");
    screen.shows("\ncapuchin 0");
    screen.press("\u{12}zones");
    screen.line("(reverse-i-search)`zones': list zones filter=name -o csv");
    screen.press("\u{12}");
    screen.shows("(failed reverse-i-search)`zones'");
    screen.press("\u{7}");
    screen.line(PROMPT);
    screen.press("\u{12}ersi\r");
    screen.until("the version twice", |screen| {
        screen.contents().matches("\ncapuchin 0").count() == 2
    });
}

#[test]
fn each_profile_has_its_history() {
    let capuchin = Capuchin::new();
    capuchin.run("profile add lab store=lab.db").stderr_has("Added").check();
    capuchin.run("profile use embedded").stderr_has("").text();
    let mut screen = on_screen(&capuchin, 80);
    screen.press("list zones filter=name -o csv\r");
    screen.shows("\nname\nsandbox\n");
    screen.press("set profile lab\r");
    screen.line("capuchin lab> ");
    screen.press(&format!("{UP}version\r"));
    screen.shows("capuchin lab> version\ncapuchin 0");
    screen.press("set profile embedded\r");
    screen.line(PROMPT);
    screen.press(&format!("{UP}{UP}"));
    screen.line("capuchin sandbox> list zones filter=name -o csv");
    drop(screen);
    let history = |name: &str| {
        let path = capuchin.store_path().with_file_name(name);
        std::fs::read_to_string(path).expect("a history")
    };
    assert_eq!(history("history-lab"), "#V2\nversion\nset profile embedded\n");
    assert_eq!(history("history"), "#V2\nlist zones filter=name -o csv\nset profile lab\n");
}
