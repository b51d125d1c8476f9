//! The program's own options. Only this file knows `clap`.
//!
//! Everything that is no option and no subcommand of ours is a command of the line language and is
//! handed on untouched, options behind its verb included.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Arg, ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::shell::man::Item;
use crate::shell::render::Format;

/// Shell and address manager for Apache CloudStack.
///
/// Without a command, commands are read from standard input; on a terminal that is a shell with
/// completion. Try `capuchin list zones`.
#[derive(Debug, Parser)]
#[command(
    name = "capuchin",
    override_usage = "capuchin [OPTION]... [VERB NOUN [name=value]...]",
    after_help = "`capuchin help` lists the commands, `capuchin help create vpc` explains one.",
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    /// How answers are shown; a terminal gets tables, all else JSON
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// The file of the embedded store
    #[arg(long, value_name = "PATH", env = "CAPUCHIN_STORE", hide_env_values = true)]
    pub(crate) store: Option<PathBuf>,
    /// Leave the zone `sandbox` out, should the store be made now
    #[arg(long)]
    pub(crate) empty: bool,
    /// Answer asynchronous calls with their job instead of the job's result
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Say on standard error what happens
    #[arg(long)]
    pub(crate) debug: bool,
    /// Say which version this is
    #[arg(short, long)]
    pub(crate) version: bool,
    /// Explain the program, or the command behind it
    #[arg(short, long)]
    pub(crate) help: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the script that completes commands in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Answer CloudStack's API to others over HTTP
    Serve {
        /// The address and port to listen on
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// A port on the loopback where requests need no signature; 0 is none
        #[arg(long, value_name = "PORT", default_value = "0", hide_default_value = true)]
        integration_port: u16,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Give a user of the server keys to sign with
    #[command(subcommand)]
    Keys(Keys),
    /// Set the password of a user of the server; it is asked for, or read from standard input
    Passwd {
        /// The user
        user: String,
    },
    /// Print the candidates for the end of a line
    #[command(hide = true)]
    Complete {
        /// The line, with the program's name
        #[arg(allow_hyphen_values = true)]
        line: String,
    },
    /// A command of the line language.
    #[command(external_subcommand)]
    Line(Vec<String>),
}

/// What is to be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make new keys in place of those the user has, and print them this once
    Create {
        /// The user
        #[arg(long, value_name = "NAME")]
        user: String,
        /// How to print them; env is for a shell to evaluate
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: KeyFormat,
        /// The endpoint to print with them
        #[arg(
            long,
            value_name = "URL",
            default_value = "http://127.0.0.1:8080/client/api",
            hide_default_value = true
        )]
        endpoint: String,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
}

/// How keys are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    Env,
    Json,
    Text,
}

/// A shell that can complete our commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Fish,
    Zsh,
}

/// What to print instead, and the exit code.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) text: String,
    pub(crate) code: u8,
}

/// Reads the arguments, the first of which is the program.
pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Args, Unread> {
    Args::try_parse_from(args).map_err(|error| {
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        Unread { text: error.render().to_string(), code }
    })
}

/// The usage text.
pub(crate) fn usage() -> String {
    Args::command().render_help().to_string()
}

/// The options and subcommands, for the manual page.
pub(crate) fn items() -> Vec<Item> {
    let command = Args::command();
    let options = command.get_arguments().map(|option| Item {
        synopsis: synopsis(option),
        about: sentence(option.get_help().map(ToString::to_string)),
    });
    let subcommands = command.get_subcommands().filter(|command| !command.is_hide_set());
    let subcommands = subcommands.flat_map(|command| subitems("", command));
    options.chain(subcommands).collect()
}

/// A subcommand, or those that it has itself.
fn subitems(before: &str, command: &clap::Command) -> Vec<Item> {
    let name = format!("{before}{}", command.get_name());
    if command.has_subcommands() {
        let before = format!("{name} ");
        return command.get_subcommands().flat_map(|inner| subitems(&before, inner)).collect();
    }
    let values = command.get_positionals().flat_map(Arg::get_possible_values);
    let values: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
    let options = command.get_opts().filter(|option| option.get_id() != "_help").map(|option| {
        match option.is_required_set() {
            true => synopsis(option),
            false => format!("[{}]", synopsis(option)),
        }
    });
    let words = [name, values.join("|")].into_iter().chain(options);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    vec![Item {
        synopsis: words.join(" "),
        about: sentence(command.get_about().map(ToString::to_string)),
    }]
}

fn synopsis(option: &Arg) -> String {
    let short = option.get_short().map(|letter| format!("-{letter}"));
    let long = option.get_long().map(|name| format!("--{name}"));
    let names: Vec<_> = short.into_iter().chain(long).collect();
    let takes_value = option.get_action().takes_values();
    let values = option.get_value_names().filter(|_| takes_value).unwrap_or_default();
    let values: Vec<_> = values.iter().map(|name| format!(" {name}")).collect();
    format!("{}{}", names.join(", "), values.concat())
}

fn sentence(about: Option<String>) -> String {
    format!("{}.", about.unwrap_or_default().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
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
    fn the_server_is_for_this_machine_unless_told_otherwise() {
        match args("serve").unwrap().command {
            Some(Command::Serve { listen, integration_port, .. }) => {
                assert_eq!((listen.to_string().as_str(), integration_port), ("127.0.0.1:8080", 0));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(args("serve --listen nowhere").unwrap_err().code, 2);
        let help = args("keys create --help").unwrap_err();
        assert_eq!(help.code, 0);
        assert!(help.text.contains("--user"), "{}", help.text);
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
        assert!(synopses.contains(&"completions bash|fish|zsh".into()), "{synopses:?}");
        let keys = "keys create --user NAME [--format FORMAT] [--endpoint URL]";
        assert!(synopses.contains(&keys.into()), "{synopses:?}");
        assert!(!synopses.iter().any(|synopsis| synopsis.starts_with("complete ")));
    }
}
