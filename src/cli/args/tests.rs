//! Options and subcommands as they are read.

use super::*;

fn args(line: &str) -> Result<Args, Unread> {
    read(["capuchin"].into_iter().chain(line.split_whitespace()).map(OsString::from))
}

fn line(text: &str) -> Vec<String> {
    match args(text).unwrap().command {
        Some(Command::Line(words)) => words,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn options_of_ours_stand_in_front() {
    let args = args("-o csv --debug list zones").unwrap();
    assert_eq!(args.output, Some(Format::Csv));
    assert!(args.debug && !args.empty);
}

#[test]
fn what_follows_the_verb_is_handed_on() {
    assert_eq!(line("list zones -o csv -h"), ["list", "zones", "-o", "csv", "-h"]);
    assert_eq!(line("createVPC name=-1"), ["createVPC", "name=-1"]);
    assert_eq!(line("help create vpc"), ["help", "create", "vpc"]);
}

#[test]
fn commands_explain_themselves() {
    let help = args("keys create --help").unwrap_err();
    assert_eq!(help.code, 0);
    assert!(help.text.contains("--user"), "{}", help.text);
}

#[test]
fn every_subcommand_explains_itself() {
    fn ask(command: &clap::Command, before: &str) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let line = format!("{before}{} ", inner.get_name());
            if !["cmk", "sync"].contains(&inner.get_name()) {
                let help = args(&format!("{line}-h")).unwrap_err();
                assert_eq!(help.code, 0, "{line}{}", help.text);
                assert!(help.text.contains(&format!("Usage: capuchin {}", line.trim())));
            }
            ask(inner, &line);
        }
    }
    ask(&Args::command(), "");
}

#[test]
fn unknown_options_and_formats_are_wrong() {
    assert_eq!(args("--nope list zones").unwrap_err().code, 2);
    let unread = args("-o xml").unwrap_err();
    assert_eq!(unread.code, 2);
    assert!(unread.text.contains("there are `json`"), "{}", unread.text);
}

#[test]
fn the_manual_knows_all_options() {
    let synopses: Vec<_> = items().into_iter().map(|item| item.synopsis).collect();
    assert!(synopses.contains(&"-o, --output FORMAT".into()), "{synopses:?}");
    assert!(synopses.contains(&"completions bash|fish|powershell|zsh".into()), "{synopses:?}");
    let keys = "keys create --user NAME [--domain DOMAIN] [--format FORMAT] [--endpoint URL]";
    assert!(synopses.contains(&keys.into()), "{synopses:?}");
    assert!(synopses.contains(&"serve [OPTION]...".into()), "{synopses:?}");
    assert!(synopses.contains(&"serve --allow-from CIDR".into()), "{synopses:?}");
    assert!(!synopses.iter().any(|synopsis| synopsis.starts_with("complete ")));
}
