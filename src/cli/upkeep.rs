//! `capuchin store`: what is in the store, whether it is sound, and copies of it.

mod check;
mod tables;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Map, Value as Json, json};

use crate::cli::args::{Args, StoreCommand};
use crate::cli::keys::key_file;
use crate::cli::run::{look as looks, misused, variable};
use crate::cli::server::found;
use crate::cli::store::Embedded;
use crate::cli::target::{Target, at, target};
use crate::shell::Status;
use crate::shell::out::{Broken, Out};
use crate::shell::render::{Format, Shape, View, render, terminal_width};
use crate::store::{Copied, Place, StoreError, backup, info, migrate_to, restore};

/// Why nothing was done.
enum Failure {
    /// The command line is wrong.
    Misused(String),
    /// The store cannot be used.
    Store(String),
}

impl From<StoreError> for Failure {
    fn from(why: StoreError) -> Self {
        Self::Store(why.to_string())
    }
}

/// Does what is to be done with the store that is named.
pub(crate) fn run(mut args: Args, what: StoreCommand, store: Option<PathBuf>) -> Status {
    args.store = store.or(args.store);
    match act(&mut args, what) {
        Ok(status) => status,
        Err(Failure::Misused(why)) => misused(&why),
        Err(Failure::Store(why)) => {
            Out::std().error(format_args!("{why}"));
            Status::Unavailable
        }
    }
}

fn act(args: &mut Args, what: StoreCommand) -> Result<Status, Failure> {
    if let StoreCommand::Schema { table, output, .. } = what {
        args.output = output.or(args.output);
        return tables::show_schema(args, table.as_deref());
    }
    let place = place(args)?;
    match what {
        StoreCommand::Info { output, .. } => {
            args.output = output.or(args.output);
            Ok(show(args, &told(&place)?, Shape::Flat, &[]))
        }
        StoreCommand::Check { repair: true, backup, output, .. } => {
            args.output = output.or(args.output);
            check::repair_store(args, &place, backup)
        }
        StoreCommand::Check { output, .. } => {
            args.output = output.or(args.output);
            check::check(args, &place)
        }
        StoreCommand::Schema { .. } => Ok(Status::Done),
        StoreCommand::Backup { file, .. } => {
            backup(&place, &file)?;
            say(&format!("Wrote {}, which is a store itself.", file.display()));
            note_keys(&Place::File(file))?;
            Ok(Status::Done)
        }
        StoreCommand::Restore { file, replace, .. } => {
            let copied = restore(&file, &place, replace)?;
            say(&compared(&copied, &format!("Restored {place}")));
            if replace {
                say("Servers that run on it must be started anew.");
            }
            note_keys(&place)?;
            Ok(Status::Done)
        }
        StoreCommand::Migrate { to, output, .. } => {
            args.output = output.or(args.output);
            let to = other(&to)?;
            let copied = migrate_to(&place, &to)?;
            let status = show(args, &listed(&copied), Shape::List { key: "table" }, COPIED);
            say(&compared(&copied, &format!("Copied {place} to {to}")));
            say("Start servers with the new store; what is written to the old one stays there.");
            note_keys(&to)?;
            Ok(status)
        }
    }
}

/// The store that the options, the environment or the profile name.
fn place(args: &Args) -> Result<Place, Failure> {
    match target(args, &variable).map_err(Failure::Misused)? {
        Target::Store(at, _) => Embedded::new(at, false, false).place().map_err(Failure::Store),
        Target::Server(profile) => Err(Failure::Misused(format!(
            "{} is a server, whose store is not here; name a store with --store",
            profile.title()
        ))),
    }
}

/// The place that a store is copied to.
fn other(to: &Path) -> Result<Place, Failure> {
    let at = at(to, None, &variable).map_err(Failure::Misused)?;
    at.place(|hidden| found("password", hidden, Stdio::null)).map_err(Failure::Store)
}

fn say(text: &str) {
    Out::std().message(format_args!("{text}"));
}

fn told(place: &Place) -> Result<Json, Failure> {
    let info = info(place)?;
    let mut fields = Map::new();
    let mut set = |name: &str, value: Json| drop(fields.insert(name.to_owned(), value));
    set("store", json!(place.to_string()));
    set("driver", json!(info.driver));
    set("driverversion", json!(info.server));
    set("schemaversion", json!(info.version));
    set("schemaversionknown", json!(info.known));
    set("bytes", json!(info.bytes));
    let mut addresses = 0;
    for (what, rows) in info.rows {
        set(what, json!(rows));
        if what == "addresses" {
            addresses = rows;
        }
    }
    if let Some(each) = info.address_bytes.checked_div(addresses) {
        set("bytesperaddress", json!(each));
    }
    Ok(Json::Object(fields))
}

const COPIED: &[&str] = &["name", "rows", "before", "hash"];

fn listed(copied: &[Copied]) -> Json {
    let row = |one: &Copied| {
        json!({ "name": one.table, "rows": one.rows, "before": one.before,
                "hash": format!("{:016x}", one.hash) })
    };
    let rows: Vec<_> = copied.iter().map(row).collect();
    json!({ "count": rows.len(), "table": rows })
}

fn compared(copied: &[Copied], done: &str) -> String {
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    format!("{done}: {rows} rows of {} tables, all of them compared.", copied.len())
}

/// Shows an answer in the format that was asked for.
pub(crate) fn show(
    args: &Args,
    answer: &Json,
    shape: Shape<'_>,
    columns: &'static [&'static str],
) -> Status {
    let look = looks(args, None);
    let preferred = if look.terminal { Format::Table } else { Format::Json };
    let view = View {
        shape,
        columns,
        filter: &[],
        exclude: &[],
        human: None,
        width: if look.terminal { terminal_width() } else { None },
        colour: look.colour,
    };
    let format = look.format.unwrap_or(preferred);
    written(Out::std().result(|to| render(format, answer, &view, to)), Status::Done)
}

/// Writes a text as the result.
pub(crate) fn print(text: &str, status: Status) -> Status {
    written(Out::std().result(|to| to.write_all(text.as_bytes())), status)
}

fn written(outcome: Result<(), Broken>, status: Status) -> Status {
    match outcome {
        Ok(()) | Err(Broken::Pipe) => status,
        Err(Broken::Lost(_)) => Status::Unavailable,
    }
}

/// Says what a copy does not have: the key under which secrets are sealed is no part of a store.
fn note_keys(copy: &Place) -> Result<(), Failure> {
    let sealed = info(copy)?.sealed;
    let Some(file) = key_file().filter(|_| sealed > 0) else { return Ok(()) };
    let file = file.display();
    say(&format!(
        "Note: the secret keys of {sealed} users are sealed under the key file of the machine that \
         gave them, here {file}, which is not in it: keep a copy of that file elsewhere, and give \
         one to each machine that serves this store; without it users need new keys."
    ));
    Ok(())
}
