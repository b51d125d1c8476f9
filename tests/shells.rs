//! Completion in the real shells. They must be there: `.ci/run` installs them.

use crate::harness::{Capuchin, Screen};
use std::path::Path;
use std::process::Command;

/// A shell in the world of the tests, with our program on its path.
fn shell(capuchin: &Capuchin, program: &str, args: &[&str]) -> Command {
    let run = capuchin.run("").command();
    let ours = Path::new(run.get_program()).parent().expect("a directory");
    let mut command = Command::new(program);
    command.args(args).current_dir(capuchin.dir()).env_clear();
    for (name, value) in run.get_envs() {
        value.map(|value| command.env(name, value));
    }
    command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", ours.display()));
    command
}

/// A store, a file and two profiles.
fn world() -> Capuchin {
    let capuchin = Capuchin::new();
    capuchin.run("list zones").text();
    capuchin.run("profile add prod url=http://h apikey=k secretkey=s").stderr_has("Added").text();
    capuchin.run("profile use embedded").stderr_has("").text();
    std::fs::write(capuchin.dir().join("notes.txt"), "x").expect("a file");
    capuchin
}

/// What Tab makes of a line.
const LINES: &[(&str, &str)] = &[
    ("capuchin list zon", "capuchin list zones "),
    ("capuchin lpia", "capuchin list public ip addresses "),
    ("capuchin list zones id=s", "capuchin list zones id=sandbox "),
    (
        "capuchin -o csv list zones filter=id,netw",
        "capuchin -o csv list zones filter=id,networktype",
    ),
    (
        "capuchin create vpc vpcofferingid=red",
        "capuchin create vpc vpcofferingid='Redundant VPC offering' ",
    ),
    ("capuchin profile u", "capuchin profile use "),
    ("capuchin profile use p", "capuchin profile use prod "),
    ("capuchin -p p", "capuchin -p prod "),
    ("capuchin serve --li", "capuchin serve --listen "),
    ("capuchin list zones name=@no", "capuchin list zones name=@notes.txt "),
    ("capuchin list zones networkt", "capuchin list zones networktype="),
];

#[track_caller]
fn tab_completes(screen: &mut Screen, lines: &[(&str, &str)]) {
    screen.press("PS1='$ '\r");
    screen.line("$");
    for (typed, completed) in lines {
        screen.press(&format!("{typed}\t"));
        screen.line(&format!("$ {completed}"));
        // A blank behind it is there where it is finished, and only there.
        screen.press("#");
        screen.line(&format!("$ {completed}#"));
        screen.press("\u{15}");
        screen.line("$");
    }
}

#[test]
fn bash_completes() {
    let capuchin = world();
    let command = shell(&capuchin, "bash", &["--norc", "--noprofile", "-i"]);
    let mut screen = Screen::open(&command, 30, 120);
    screen.press("eval \"$(capuchin completions bash)\"\r");
    tab_completes(&mut screen, LINES);
    // What it closes itself has no blank behind it.
    let quoted = "capuchin create vpc vpcofferingid='Redundant VPC offering'";
    tab_completes(&mut screen, &[("capuchin create vpc vpcofferingid='Red", quoted)]);
    // The second Tab lists, with what each is.
    screen.press("capuchin list zones page\t\t");
    let shown = screen.shows("pagesize=");
    assert!(shown.contains("page=     (the number of the page, from 1)"), "{shown}");
}

#[test]
fn zsh_completes() {
    let capuchin = world();
    let command = shell(&capuchin, "zsh", &["-f", "-i"]);
    let mut screen = Screen::open(&command, 30, 120);
    screen.press("autoload -Uz compinit; compinit -u; source <(capuchin completions zsh)\r");
    tab_completes(&mut screen, LINES);
    let quoted = "capuchin create vpc vpcofferingid='Redundant VPC offering' ";
    tab_completes(&mut screen, &[("capuchin create vpc vpcofferingid='Red", quoted)]);
    screen.press("capuchin create vpc vpcofferingid=\t\t");
    let shown = screen.shows("vpcofferingid='Redundant VPC offering'");
    let row = shown.lines().find(|row| row.contains("Redundant")).expect("a row");
    assert!(row.split_whitespace().any(|word| word.len() == 36), "{row}");
}

#[test]
fn zsh_completes_from_a_directory_of_functions() {
    let capuchin = world();
    let functions = capuchin.dir().join("functions");
    std::fs::create_dir(&functions).expect("a directory");
    let script = capuchin.run("completions zsh").text();
    std::fs::write(functions.join("_capuchin"), script).expect("a file");
    let command = shell(&capuchin, "zsh", &["-f", "-i"]);
    let mut screen = Screen::open(&command, 30, 120);
    screen.press("fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u\r");
    tab_completes(&mut screen, &LINES[..2]);
}

#[test]
fn fish_completes() {
    let capuchin = world();
    let ask = |line: &str| {
        let script = format!("capuchin completions fish | source; complete -C \"{line}\"");
        let output = shell(&capuchin, "fish", &["--no-config", "-c", &script]).output();
        let output = output.expect("fish must be installed");
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(ask("capuchin list zon"), "zones\tLists zones.\n");
    assert!(ask("capuchin list zones id=s").starts_with("id=sandbox\t"));
    assert!(
        ask("capuchin create vpc vpcofferingid=red")
            .starts_with("vpcofferingid=Redundant VPC offering\t")
    );
    assert!(
        ask("capuchin create vpc vpcofferingid='Red")
            .starts_with("vpcofferingid=Redundant VPC offering\t")
    );
    assert!(ask("capuchin profile use p").starts_with("prod"));
    assert!(ask("capuchin list zones name=@no").starts_with("name=@notes.txt"));
    assert!(ask("capuchin serve --li").starts_with("--listen\tThe address and port"));
}

/// Where there is no PowerShell its script is not run: this is what the script hands on to it.
#[test]
fn powershell_is_given_words_quoted_its_way() {
    let capuchin = world();
    let ask = |line: &str| {
        let run = capuchin.args(["complete", "--shell=powershell", "--", "-"]);
        run.stdin(&format!("{line}\n")).text()
    };
    assert_eq!(ask("capuchin list zon"), "zones \tLists zones.\n");
    let offered = ask("capuchin create vpc vpcofferingid=red");
    assert!(offered.starts_with("'vpcofferingid=Redundant VPC offering' \t"), "{offered}");
    assert_eq!(ask("capuchin lpia").split('\t').next(), Some("list public ip addresses "));
    let fields = ask("capuchin list zones filter=id,na");
    assert!(
        fields.starts_with("filter=id,name\t") || fields.starts_with("filter=id,name \t"),
        "{fields}"
    );
    let script = capuchin.run("completions powershell").text();
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName capuchin"));
}
