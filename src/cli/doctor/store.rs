//! Whether the store is sound, and has room.

use std::path::Path;
use std::process::Stdio;

use super::{Finding, database};
use crate::cli::at::At;
use crate::cli::descriptors::free;
use crate::cli::server::found;
use crate::cli::store::data_dir;
use crate::store::{Health, Place, StoreError, examine};

const CHECK: &str = "store";
/// Less room than this is none, in bytes.
const NO_ROOM: u64 = 100 << 20;
/// Less room than this is little.
const LITTLE_ROOM: u64 = 1 << 30;

/// Looks at the store, if there is one.
pub(super) fn check(at: Option<Box<At>>) -> Vec<Finding> {
    let place = at.map(|at| at.place(|hidden| found("password", hidden, Stdio::null)));
    let path = match place.transpose() {
        Ok(Some(Place::File(path))) => Some(path),
        Ok(Some(Place::Server(server))) => return database::check(&server),
        Ok(None) => None,
        Err(why) => {
            let mend = "give the password of the store anew";
            return vec![Finding::wrong(CHECK, why, mend)];
        }
    };
    let Some(path) = path.or_else(|| data_dir().map(|dir| dir.join("store.db"))) else {
        return vec![Finding::wrong(CHECK, "there is no home directory to keep it in", "set HOME")];
    };
    let mut findings = Vec::new();
    if path.exists() {
        findings.extend(health(&path, examine(&path)));
    } else {
        let says = format!("there is none; the first command makes {}", path.display());
        findings.push(Finding::ok(CHECK, says));
    }
    let above = path.ancestors().skip(1).find(|dir| dir.exists());
    findings.extend(above.and_then(free).map(|bytes| room(&path, bytes)));
    findings
}

fn health(path: &Path, found: Result<Health, StoreError>) -> Vec<Finding> {
    let place = path.display();
    let health = match found {
        Ok(health) => health,
        Err(why) => {
            let mend = match &why {
                StoreError::Newer { .. } => "use the newer Capuchin that wrote it".to_owned(),
                StoreError::Damaged(_) => {
                    format!("move {place} away and put a copy of it in its place")
                }
                StoreError::ReadOnly(_) => format!("chown and chmod 600 {place}"),
                _ => format!("look at {place}, or name another with --store"),
            };
            return vec![Finding::wrong(CHECK, why.to_string(), mend)];
        }
    };
    let mut findings = vec![match &health.problem {
        Some(problem) => Finding::wrong(
            CHECK,
            format!("{place} is damaged: {problem}"),
            format!("move {place} away and put a copy of it in its place"),
        ),
        None => Finding::ok(CHECK, format!("{place} is sound, schema version {}", health.version)),
    }];
    if health.version < health.known {
        findings.push(Finding::advice(
            CHECK,
            format!("it is of an older Capuchin; this one has schema version {}", health.known),
            "any command brings it up to date; older programs refuse it from then on",
        ));
    }
    if health.is_held {
        findings.push(Finding::wrong(
            CHECK,
            "another process has held its lock for seconds",
            format!("if none is at work, find the one that hangs: fuser '{place}-lock'"),
        ));
    }
    findings
}

fn room(path: &Path, bytes: u64) -> Finding {
    let megabytes = bytes >> 20;
    let says = format!("{megabytes} MB are free where {} is", path.display());
    let mend = "remove what is not needed; a store that is full refuses what would change it";
    if bytes < NO_ROOM {
        Finding::wrong("disk", says, mend)
    } else if bytes < LITTLE_ROOM {
        Finding::advice("disk", says, mend)
    } else {
        Finding::ok("disk", says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    fn states(found: Result<Health, StoreError>) -> Vec<State> {
        health(Path::new("s.db"), found).iter().map(|finding| finding.state).collect()
    }

    fn sound() -> Health {
        Health { version: 4, known: 4, problem: None, is_held: false }
    }

    #[test]
    fn each_kind_of_harm_is_found() {
        assert_eq!(states(Ok(sound())), [State::Ok]);
        assert_eq!(states(Ok(Health { version: 3, ..sound() })), [State::Ok, State::Advice]);
        assert_eq!(states(Ok(Health { is_held: true, ..sound() })), [State::Ok, State::Wrong]);
        let damaged = Health { problem: Some("page 3".into()), ..sound() };
        assert_eq!(states(Ok(damaged)), [State::Wrong]);
        let newer = health(Path::new("s.db"), Err(StoreError::Newer { found: 9, known: 4 }));
        assert!(newer[0].mend.contains("newer Capuchin"), "{newer:?}");
        assert_eq!(states(Err(StoreError::Damaged("x".into()))), [State::Wrong]);
    }

    #[test]
    fn room_is_measured() {
        let state = |bytes| room(Path::new("s.db"), bytes).state;
        assert_eq!(state(1 << 20), State::Wrong);
        assert_eq!(state(500 << 20), State::Advice);
        assert_eq!(state(1 << 40), State::Ok);
        assert!(free(Path::new("/")).is_some());
    }
}
