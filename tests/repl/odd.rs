//! Terminals that change their size, that are narrow, and servers that take their time.

use super::on_screen;
use crate::harness::{Capuchin, Screen};
use std::net::TcpListener;

#[test]
fn a_window_may_change_its_size_in_a_long_line() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    let line = "list zones filter=name,id,networktype,allocationstate -o csv";
    screen.press(line);
    screen.line(&format!("capuchin sandbox> {line}"));
    screen.resize(24, 50);
    let whole = format!("capuchin sandbox> {line}");
    screen.line(&whole[50..]);
    screen.resize(24, 90);
    screen.line(&format!("capuchin sandbox> {line}"));
    screen.press("\r");
    screen.shows("\nname,id,networktype,allocationstate\nsandbox,");
}

#[test]
fn a_window_may_change_its_size_in_a_list_of_candidates() {
    let capuchin = Capuchin::new();
    let mut screen = on_screen(&capuchin, 100);
    screen.press("list zones page\t");
    screen.shows("pagesize=");
    screen.resize(24, 60);
    screen.press("\t");
    screen.line("capuchin sandbox> list zones page= the number of the page,\u{2026}");
    screen.press("\t");
    screen.shows("capuchin sandbox> list zones pagesize= ");
    screen.press("\r1 page=1 filter=name -o csv\r");
    screen.shows("\nname\nsandbox\n");
}

#[test]
fn narrow_terminals_show_the_line_and_the_candidates() {
    let capuchin = Capuchin::new();
    for columns in [20, 40] {
        let mut screen = on_screen(&capuchin, columns);
        screen.press("list vlan ip ranges \t");
        let shown = screen.shows("zoneid=");
        let rows: Vec<_> = shown.lines().filter(|row| row.starts_with("zoneid=")).collect();
        assert_eq!(rows.len(), 1, "{shown}");
        screen.press("zo\t");
        let whole = "capuchin sandbox> list vlan ip ranges zoneid=";
        screen.until("the line", |screen| {
            let (_, columns) = screen.size();
            let rows: String = screen.rows(0, columns.get()).collect();
            rows.contains(whole)
        });
        screen.press("sandbox filter=vlan -o csv\r");
        screen.shows("\nvlan\n");
    }
}

#[test]
fn keys_show_while_a_server_takes_its_time() {
    let capuchin = Capuchin::new();
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("an address");
    let mut command = capuchin.run(&format!("-u http://{address} -k key -s secret")).command();
    command.env("NO_COLOR", "1");
    let mut screen = Screen::open(&command, 24, 100);
    screen.line(&format!("capuchin {address}> "));
    screen.press("list virtual machines zoneid=\t");
    screen.shows("still asking the server");
    screen.press("\t");
    screen.press("x");
    screen.line(&format!("capuchin {address}> list virtual machines zoneid=x"));
}
