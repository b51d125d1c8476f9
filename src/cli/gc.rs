//! `capuchin gc`: the collector, made to run now.

use serde_json::{Value as Json, json};

use crate::cli::args::{Args, GcCommand};
use crate::cli::clock;
use crate::cli::run::{misused, variable};
use crate::cli::store::Embedded;
use crate::cli::target::{Target, target};
use crate::cli::upkeep::{print, show};
use crate::engine::{Collected, Pass, collect};
use crate::shell::Status;
use crate::shell::out::Out;
use crate::shell::render::Shape;
use crate::text::printable;

/// Makes a pass on the store that is named.
pub(crate) fn run(mut args: Args, what: GcCommand) -> Status {
    let GcCommand::Run { dry_run, at_once, output, .. } = what;
    args.output = output.or(args.output);
    let store = match target(&args, &variable) {
        Ok(Target::Store(at, _)) => Embedded::new(at, false, false),
        Ok(Target::Server(profile)) => {
            return misused(&format!(
                "{} is a server, which collects by itself; name its store with --store",
                profile.title()
            ));
        }
        Err(why) => return misused(&why),
    };
    let pass = Pass { at_once, only_told: dry_run };
    let collected = existing(&store).and_then(|()| store.engine()).and_then(|engine| {
        collect(engine.store(), pass, clock::now()).map_err(|fault| fault.to_string())
    });
    match collected {
        Ok(collected) => tell(&args, &collected),
        Err(why) => {
            Out::std().error(format_args!("{why}"));
            Status::Unavailable
        }
    }
}

/// Refuses to make a store: there is nothing in it to collect.
fn existing(store: &Embedded) -> Result<(), String> {
    if store.exists() { Ok(()) } else { Err(format!("there is no store at {}", store.place()?)) }
}

fn tell(args: &Args, collected: &[Collected]) -> Status {
    if args.output.is_some() {
        let rows: Vec<Json> = collected.iter().map(row).collect();
        let answer = match rows.is_empty() {
            true => json!({}),
            false => json!({ "count": rows.len(), "collected": rows }),
        };
        let columns = &["what", "freed", "reason", "id"];
        return show(args, &answer, Shape::List { key: "collected" }, columns);
    }
    let line = |one: &Collected| {
        let id = one.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{}{id}: {}\n", one.what, printable(&one.says))
    };
    let text: String = match collected.is_empty() {
        true => "There is nothing to collect.\n".to_owned(),
        false => collected.iter().map(line).collect(),
    };
    print(&text, Status::Done)
}

fn row(one: &Collected) -> Json {
    let mut row = json!({ "what": one.what, "freed": one.freed, "reason": one.says });
    if let (Some(id), Some(row)) = (&one.id, row.as_object_mut()) {
        row.insert("id".to_owned(), json!(id));
    }
    row
}
