//! Loops and variables at the terminal.

use super::{INTERRUPTED, PROMPT, press, shell, types};
use crate::harness::Capuchin;

#[test]
fn a_loop_over_several_lines_is_carried_out_at_its_end() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    for line in [
        "for name in web 'a b'",
        "do",
        "  create vpc name=$name vpcofferingid='Default VPC offering' -o csv filter=name",
    ] {
        shell.send_line(line).expect("a terminal that takes it");
    }
    shell.send_line("done").expect("a terminal that takes it");
    shell.exp_string("name\r\nweb\r\n").expect("the first turn");
    shell.exp_string("name\r\na b\r\n").expect("the second turn");
    shell.exp_string(PROMPT).expect("a prompt");
    types(
        &mut shell,
        "for v in list vpcs; do list vpcs id=$v.id -o csv filter=name; done",
        "web\r\n",
    );
}

#[test]
fn ctrl_c_leaves_a_loop_that_is_typed_and_one_that_runs() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    shell.send_line("for x in 1 2 3; do").expect("a terminal that takes it");
    shell.exp_string("do\r\n").expect("another row");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string(PROMPT).expect("a new prompt");
    shell.send_line("for x in 1 2 3; do\n!echo started; sleep 100\ndone").expect("a terminal");
    shell.exp_string("\nstarted").expect("the program");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string("the loop of `$x` was left in turn 1 of 3").expect("an end");
    shell.exp_string(INTERRUPTED).expect("a new prompt");
    types(&mut shell, "list zones filter=name -o csv", "name\r\nsandbox\r\n");
}

#[test]
fn tab_completes_variables_and_fields_of_the_last_answer() {
    let capuchin = Capuchin::new();
    let mut shell = shell(&capuchin);
    types(&mut shell, "set -v zone=sandbox; list zones filter=name -o csv", "sandbox\r\n");
    press(&mut shell, "list zones name=$zo\t filter=name -o csv\r");
    shell.exp_string("name\r\nsandbox\r\n").expect("the answer");
    shell.exp_string(PROMPT).expect("a prompt");
    press(&mut shell, "list zones id=$last.networkt\t");
    shell.exp_string("$last.networktype").expect("the field");
    shell.send_control('c').expect("a terminal that takes it");
    shell.exp_string(PROMPT).expect("a prompt");
    press(&mut shell, "set output cs\t");
    shell.exp_string("set output csv ").expect("the value");
}
