//! The program's own options. Only this folder knows `clap`.
//!
//! Everything that is no option and no subcommand of ours is a command of the line language and is
//! handed on untouched, options behind its verb included.

mod offers;
mod serve;
mod store;

pub(crate) use serve::{LogFormat, ServeArgs};
pub(crate) use store::StoreCommand;

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use offers::{Offer, Wanted, wanted};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::shell::man::Item;
use crate::shell::render::Format;
use crate::text::Secret;

/// Shell and address manager for Apache CloudStack.
///
/// Without a command, commands are read from standard input; on a terminal that is a shell with
/// completion. Try `capuchin list zones`.
#[derive(Debug, Clone, Parser)]
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
    /// The profile to use this time; `embedded` is the store in this program
    #[arg(short, long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// The server to use this time, as `https://cloud.example.com`
    #[arg(short, long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The API key to use this time
    #[arg(short, long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The secret key to use this time; `CAPUCHIN_SECRET` keeps it off the list of processes
    #[arg(short, long, value_name = "SECRET")]
    pub(crate) secret: Option<Secret>,
    /// The configuration file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The file of the embedded store; `CAPUCHIN_STORE` says the same
    #[arg(long, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,
    /// Leave the zone `sandbox` out, should the store be made now
    #[arg(long)]
    pub(crate) empty: bool,
    /// Answer asynchronous calls with their job instead of the job's result
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Print long answers at once, through no pager
    #[arg(long)]
    pub(crate) no_pager: bool,
    /// Show times and sizes in tables as the server sent them
    #[arg(long)]
    pub(crate) exact: bool,
    /// Send calls by GET, parameters in the address
    #[arg(long)]
    pub(crate) get: bool,
    /// Delete and release without asking first
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Print the curl command that would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Say on standard error what happens
    #[arg(long)]
    pub(crate) debug: bool,
    /// Say which version this is
    #[arg(short, long)]
    pub(crate) version: bool,
    /// Explain the program, or the command behind it
    #[arg(short, long)]
    pub(crate) help: bool,
    /// Whether the program was started as CloudMonkey.
    #[arg(skip)]
    pub(crate) cmk: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What is to be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Print the script that completes commands in a shell
    Completions {
        /// The shell
        shell: Shell,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Print a page of the manual, `capuchin(1)` or that of a group of commands
    Man {
        /// The page, as `vpc`
        page: Option<String>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Print the reference of all commands as Markdown
    Docs {
        /// The file to write instead
        file: Option<PathBuf>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Check configuration, files, server and store, and say how to mend what is wrong
    Doctor {
        /// How the findings are shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Behave as CloudMonkey does: its flags, its `set`, its formats
    Cmk {
        /// What follows `cmk`.
        #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
        words: Vec<String>,
    },
    /// Answer CloudStack's API to others over HTTP and HTTPS
    Serve(Box<ServeArgs>),
    /// Give a user of the server keys to sign with
    Keys {
        #[command(subcommand)]
        what: Keys,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Manage profiles, which say where servers are and what opens them
    Profile {
        #[command(subcommand)]
        what: ProfileCommand,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Look after the store: what is in it, whether it is sound, copies of it
    Store {
        #[command(subcommand)]
        what: StoreCommand,
        /// The store, as in front of the command
        #[arg(long, global = true, value_name = "PATH")]
        store: Option<PathBuf>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Give back what nobody uses any more, as a server does now and then
    Gc {
        #[command(subcommand)]
        what: GcCommand,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Learn which APIs the server has, and keep their descriptions
    Sync {
        /// Words of a command that begins like this one.
        #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
        words: Vec<String>,
    },
    /// Set the password of a user of the server; it is asked for, or read from standard input
    Passwd {
        /// The user
        user: String,
        /// The user's domain, as a/b, where several domains have a user of this name
        #[arg(long, value_name = "DOMAIN")]
        domain: Option<String>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Answer a query about the JSON on standard input
    #[command(hide = true)]
    RunQuery {
        /// Whether texts are printed without quotes
        #[arg(long)]
        raw: bool,
        /// Whether control characters are made visible
        #[arg(long)]
        visible: bool,
        /// The query
        #[arg(allow_hyphen_values = true)]
        query: String,
    },
    /// Print the candidates for the end of a line
    #[command(hide = true)]
    Complete(Asked),
    /// A command of the line language.
    #[command(external_subcommand)]
    Line(Vec<String>),
}

/// What the collector is to do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum GcCommand {
    /// Make a pass now: shut down idle networks, remove what has ended, and say why
    Run {
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Take networks too that were not idle for network.gc.wait seconds yet
        #[arg(long)]
        at_once: bool,
        /// How it is shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
}

/// What is to be done with keys.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Keys {
    /// Make new keys in place of those the user has, and print them this once
    Create {
        /// The user
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The user's domain, as a/b, where several domains have a user of this name
        #[arg(long, value_name = "DOMAIN")]
        domain: Option<String>,
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

/// What is to be done with profiles.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ProfileCommand {
    /// List the profiles
    List {
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Show a profile, or the one in use, without its secret key
    Show {
        /// The profile
        name: Option<String>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Add a profile; a value `-` is read from standard input
    Add {
        /// The profile
        name: String,
        /// Settings, as `url=https://cloud.example.com`
        #[arg(value_name = "SETTING=VALUE")]
        settings: Vec<String>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Change settings of a profile; one without a value is taken away
    Edit {
        /// The profile
        name: String,
        /// Settings, as apikey=KEY
        #[arg(value_name = "SETTING=VALUE", required = true)]
        settings: Vec<String>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Send commands to a profile from now on; `embedded` is the store in this program
    Use {
        /// The profile, which must be there
        name: String,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Remove a profile
    Remove {
        /// The profile
        name: String,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Take over the profiles of CloudMonkey
    Import {
        /// Its configuration, by default ~/.cmk/config
        file: Option<PathBuf>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
}

/// What `complete` is asked.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Asked {
    /// The shell whose script asks
    #[arg(long)]
    pub(crate) shell: Option<Shell>,
    /// The characters at which the shell divides words
    #[arg(long, default_value = "")]
    pub(crate) breaks: String,
    /// Whether the candidates are listed, not put in
    #[arg(long)]
    pub(crate) list: bool,
    /// Whether nobody waits and what a server answers is only kept
    #[arg(long)]
    pub(crate) later: bool,
    /// The line, with the program's name; `-` reads it from standard input
    #[arg(allow_hyphen_values = true)]
    pub(crate) line: String,
}

/// A shell that can complete our commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Fish,
    Powershell,
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
        let text = error.render().to_string();
        let lacks = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        let text = if lacks { format!("error: a subcommand is missing\n\n{text}") } else { text };
        Unread { text, code }
    })
}

/// The usage text.
pub(crate) fn usage() -> String {
    Args::command().render_help().to_string()
}

/// What there is to say about the subcommand that `help` is asked about. What the shell knows too
/// it explains itself.
pub(crate) fn explained(line: &[String]) -> Option<String> {
    let (help, words) = line.split_first()?;
    let first = words.first().filter(|first| *first != "sync")?;
    if !help.eq_ignore_ascii_case("help") {
        return None;
    }
    let mut program = Args::command();
    program.build();
    let mut of = program.find_subcommand_mut(first).filter(|of| !of.is_hide_set())?;
    for word in words.iter().skip(1) {
        of = of.find_subcommand_mut(word)?;
    }
    Some(of.render_help().to_string())
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
    let positionals = command.get_positionals().filter(|word| !word.is_hide_set());
    let positionals: Vec<_> = positionals.map(placeholder).collect();
    let options: Vec<_> = command.get_opts().filter(|option| option.get_id() != "_help").collect();
    // So many do not fit on a line: each has one of its own.
    let own: &[&Arg] = if options.len() > 4 { &options } else { &[] };
    let inline =
        options.iter().filter(|_| own.is_empty()).map(|option| match option.is_required_set() {
            true => synopsis(option),
            false => format!("[{}]", synopsis(option)),
        });
    let more = (!own.is_empty()).then(|| "[OPTION]...".to_owned());
    let words = [name.clone()].into_iter().chain(positionals).chain(inline).chain(more);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let about = |text: Option<&clap::builder::StyledStr>| sentence(text.map(ToString::to_string));
    let head = Item { synopsis: words.join(" "), about: about(command.get_about()) };
    let own = own.iter().map(|option| Item {
        synopsis: format!("{name} {}", synopsis(option)),
        about: about(option.get_help()),
    });
    [head].into_iter().chain(own).collect()
}

/// What stands for a word: the values that it may have, else its name.
fn placeholder(word: &Arg) -> String {
    let values: Vec<_> =
        word.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let names = word.get_value_names().unwrap_or_default();
    match names.first() {
        Some(name) if values.is_empty() => name.to_string(),
        _ => values.join("|"),
    }
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
mod tests;
