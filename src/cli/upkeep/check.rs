//! `capuchin store check`: what does not agree in a store, and `--repair`.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::cli::args::Args;
use crate::cli::clock;
use crate::cli::run::variable;
use crate::cli::store::Embedded;
use crate::cli::target::{Target, target};
use crate::cli::upkeep::{Failure, note_keys, print, say, show};
use crate::engine::{Finding, Repaired, advice, audit, is_mended, repair};
use crate::model::Time;
use crate::shell::Status;
use crate::shell::render::Shape;
use crate::store::{Place, StoreError, backup, look};
use crate::text::printable;

/// Tells what breaks the rules of a store.
pub(super) fn check(args: &Args, place: &Place) -> Result<Status, Failure> {
    let findings = look(place, audit)?;
    let status = if findings.is_empty() { Status::Done } else { Status::Refused };
    if args.output.is_some() {
        return Ok(listed(args, &findings, &[], status));
    }
    if findings.is_empty() {
        return Ok(print(&format!("{place} is sound.\n"), status));
    }
    let shown = print(&findings.iter().map(line).collect::<String>(), status);
    if findings.iter().any(|one| is_mended(one.rule)) {
        say(
            "`capuchin store check --repair` puts right what has one right answer, after writing a \
             backup.",
        );
    }
    tell(&findings);
    Ok(shown)
}

/// Puts right what has one right answer, and tells what has not.
pub(super) fn repair_store(
    args: &Args,
    place: &Place,
    file: Option<PathBuf>,
) -> Result<Status, Failure> {
    let findings = look(place, audit)?;
    if !findings.iter().any(|one| is_mended(one.rule)) {
        if !findings.is_empty() {
            say("Nothing of it has one right answer; nothing was changed.");
        }
        return check(args, place);
    }
    let now = clock::now();
    let file = file.unwrap_or_else(|| beside(place, now));
    backup(place, &file)?;
    say(&format!("Wrote the backup {}.", file.display()));
    note_keys(&Place::File(file.clone()))?;
    let repaired = mended(args, now)?;
    let status = if repaired.left.is_empty() { Status::Done } else { Status::Refused };
    if args.output.is_some() {
        return Ok(listed(args, &repaired.left, &repaired.done, status));
    }
    let done = repaired.done.iter().map(|one| format!("mended {}", line(one)));
    let left = repaired.left.iter().map(|one| format!("left {}", line(one)));
    let shown = print(&done.chain(left).collect::<String>(), status);
    let (done, left) = (repaired.done.len(), repaired.left.len());
    say(&format!(
        "{done} changes in one transaction, {left} findings left; `capuchin store restore {} \
         --replace` takes the changes back.",
        file.display()
    ));
    tell(&repaired.left);
    Ok(shown)
}

/// Mends the store as its only writer for the time of a transaction.
fn mended(args: &Args, now: Time) -> Result<Repaired, Failure> {
    let Target::Store(at, _) = target(args, &variable).map_err(Failure::Misused)? else {
        return Err(Failure::Misused("a server mends its store itself".to_owned()));
    };
    let engine = Embedded::new(at, false, false).engine().map_err(Failure::Store)?;
    let repaired = engine.store().write(move |tx| repair(tx, now));
    repaired.map_err(|why: StoreError| Failure::from(why))
}

/// A file beside the store, or where we are for a store on a server.
fn beside(place: &Place, now: Time) -> PathBuf {
    let stamp: String =
        now.to_string().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
    let (dir, name) = match place {
        Place::File(path) => {
            (path.parent().map(Path::to_owned), path.file_stem().unwrap_or_default().to_owned())
        }
        Place::Server(server) => (None, server.database.clone().into()),
    };
    let name = format!("{}.before-repair-{stamp}.db", name.to_string_lossy());
    dir.unwrap_or_default().join(name)
}

fn line(finding: &Finding) -> String {
    [finding.rule, ": ", &printable(&finding.says), "\n"].concat()
}

/// Says what an administrator does about findings that are left, once for each rule.
fn tell(findings: &[Finding]) {
    let mut rules: Vec<_> = findings.iter().map(|one| one.rule).collect();
    rules.dedup();
    for rule in rules {
        if let Some(advice) = advice(rule) {
            say(&format!("{rule}: {advice}"));
        }
    }
}

fn listed(args: &Args, left: &[Finding], done: &[Finding], status: Status) -> Status {
    let row = |one: &Finding, mended: bool| {
        let mut row = json!({ "rule": one.rule, "finding": one.says, "mended": mended });
        if let (false, Some(advice), Some(row)) = (mended, advice(one.rule), row.as_object_mut()) {
            row.insert("advice".to_owned(), json!(advice));
        }
        row
    };
    let done = done.iter().map(|one| row(one, true));
    let rows: Vec<Json> = done.chain(left.iter().map(|one| row(one, false))).collect();
    let answer =
        if rows.is_empty() { json!({}) } else { json!({ "count": rows.len(), "finding": rows }) };
    let columns = &["rule", "finding", "mended", "advice"];
    let shown = show(args, &answer, Shape::List { key: "finding" }, columns);
    if shown == Status::Done { status } else { shown }
}
