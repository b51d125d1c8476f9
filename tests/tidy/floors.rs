//! The floors of the house: a room uses rooms below it, and one place knows each big dependency.

use super::complaint;
use super::source::{Source, find_word, is_word, line_at};

/// Rooms from the ground up.
const FLOORS: &[&str] =
    &["text", "net", "model", "schema", "store", "engine", "api", "transport", "shell", "cli"];

/// Simulation, benchmarks and fuzzing: not in the program, and they may use everything.
const ABOVE_ALL: [&str; 3] = ["sim", "bench", "fuzzing"];

/// A crate and the places (starts of paths) that may know it.
const KNOWN_BY: &[(&str, &[&str])] = &[
    ("rusqlite", &["src/store/sqlite"]),
    ("mysql", &["src/store/mariadb"]),
    ("rustyline", &["src/shell/repl"]),
    ("clap", &["src/cli/args/"]),
    ("comfy_table", &["src/shell/render/table.rs"]),
    ("tracing_subscriber", &["src/cli/log.rs"]),
    ("dirs", &["src/cli/"]),
    ("indicatif", &["src/cli/server.rs"]),
    ("reqwest", &["src/transport/http.rs"]),
    ("rustls", &["src/transport/http.rs", "src/transport/server/tls.rs"]),
    ("tokio_rustls", &["src/transport/server/tls.rs"]),
    ("rcgen", &["src/cli/self_signed.rs"]),
    ("rustix", &["src/cli/descriptors.rs", "src/sim/cluster/"]),
    ("prometheus_client", &["src/transport/server/metrics.rs"]),
    ("tempfile", &["src/shell/render/spool.rs"]),
    ("toml_edit", &["src/cli/config.rs"]),
    ("signal_hook", &["src/shell/foreign.rs"]),
    ("siphasher", &["src/model/", "src/store/"]),
    ("tokio", &["src/transport/server/"]),
    ("hyper", &["src/transport/server/desk.rs"]),
    ("hyper_util", &["src/transport/server/desk.rs"]),
    ("http_body_util", &["src/transport/server/desk.rs"]),
    ("quick_xml", &["src/transport/wire_xml.rs"]),
    ("hmac", &["src/transport/sign.rs"]),
    ("sha1", &["src/transport/sign.rs"]),
    ("sha2", &["src/transport/sign.rs", "src/transport/server/tls.rs", "src/engine/tokens.rs"]),
    ("argon2", &["src/engine/passwords.rs"]),
    ("rpassword", &["src/cli/passwd.rs"]),
    ("x509_parser", &["src/cli/doctor/certificate.rs"]),
    ("jaq_core", &["src/shell/query/jq.rs"]),
    ("jaq_json", &["src/shell/query/jq.rs"]),
    ("jaq_std", &["src/shell/query/jq.rs"]),
    ("chacha20poly1305", &["src/engine/vault.rs"]),
];

/// Crates that a single file of their places may know.
const ONE_FILE: &[&str] = &["siphasher"];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|known| *known == room)
}

/// No room reaches up.
pub(super) fn upward(source: &Source) -> Vec<String> {
    let Some(room) = source.room().filter(|room| !ABOVE_ALL.contains(room)) else {
        return Vec::new();
    };
    let Some(here) = floor(room) else {
        let text = format!("room `{room}` has no floor, use one of {}", FLOORS.join(", "));
        return vec![complaint(source, 1, &text)];
    };
    let mut complaints = Vec::new();
    for (at, used) in rooms_used(source, room) {
        let line = line_at(&source.code, at);
        if used == "*" {
            complaints.push(complaint(source, line, "`crate::*` hides the floors, use names"));
        } else if floor(used).is_some_and(|there| there > here) {
            let text = format!("`{room}` reaches up into `{used}`, use a lower room's trait");
            complaints.push(complaint(source, line, &text));
        }
    }
    complaints
}

/// What stands after each `crate::`, and in a room's own `mod.rs` after each `super::` as well.
fn rooms_used<'a>(source: &'a Source, room: &str) -> Vec<(usize, &'a str)> {
    let code = &source.code;
    let is_door = [format!("src/{room}/mod.rs"), format!("src/{room}.rs")].contains(&source.path);
    let roots: &[&str] = if is_door { &["crate::", "super::"] } else { &["crate::"] };
    let mut used = Vec::new();
    for root in roots {
        for at in find_word(code, root) {
            let rest = &code[at + root.len()..];
            used.extend(first_names(rest).into_iter().map(|name| (at, name)));
        }
    }
    used
}

/// The first name of a path, or of each path of a group: `a::b` has `a`, `{a::{b, c}, d}` a and d.
fn first_names(path: &str) -> Vec<&str> {
    let Some(group) = path.strip_prefix('{') else { return vec![first_name(path)] };
    let mut names = vec![first_name(group)];
    let mut depth = 0;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_name(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|letter| !is_word(letter)).unwrap_or(path.len());
    if path.starts_with('*') { &path[..1] } else { &path[..end] }
}

/// Lines of the code that name the crate `name` as the start of a path or in a `use`.
fn mentions(source: &Source, name: &str) -> Vec<usize> {
    let code = &source.code;
    let starts_path = |at: usize| {
        let before = code[..at].trim_end();
        let inside = before.strip_suffix("::").is_some_and(|before| before.ends_with(is_word));
        let used = before.ends_with("use") || before.ends_with("extern crate");
        !inside && (used || code[at + name.len()..].starts_with("::"))
    };
    let found = find_word(code, name).into_iter().filter(|&at| starts_path(at));
    found.map(|at| line_at(code, at)).collect()
}

/// No room knows another room's dependency.
pub(super) fn strangers(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, places) in KNOWN_BY {
        let at_home = places.iter().any(|place| source.path.starts_with(place));
        if at_home || !source.path.starts_with("src/") {
            continue;
        }
        for line in mentions(source, name) {
            let text = format!("`{name}`, use it in {} instead", places.join(" or "));
            complaints.push(complaint(source, line, &text));
        }
    }
    complaints
}

/// A crate of [`ONE_FILE`] stands in one file.
pub(super) fn spread(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    let inside = || sources.iter().filter(|source| source.path.starts_with("src/"));
    for name in ONE_FILE {
        let mut users = inside().filter(|source| !mentions(source, name).is_empty());
        let Some(first) = users.next() else { continue };
        for other in users {
            let text = format!("`{name}`, use it through {} instead", first.path);
            complaints.push(complaint(other, mentions(other, name)[0], &text));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(path: &str, code: &str) -> Vec<String> {
        upward(&Source::new(path, code))
    }

    #[test]
    fn looking_down_is_fine() {
        let code = "use crate::{net::Cidr, text::{Count, List}};\npub(crate) fn a() {}\n";
        assert_eq!(up("src/model/zone.rs", code), [""; 0]);
        assert_eq!(
            up("src/model/zone.rs", "/// See [`crate::cli::Run`].\nf(\"crate::cli::a\");"),
            [""; 0]
        );
        assert_eq!(up("src/lib.rs", "use crate::cli::run;\n"), [""; 0]);
        assert_eq!(up("src/sim/mod.rs", "use crate::cli::run;\n"), [""; 0]);
    }

    #[test]
    fn reaching_up_is_found_in_every_spelling() {
        let spellings = [
            "use crate::shell::Line;",
            "use crate::shell;",
            "fn a() { crate::shell::b() }",
            "$crate::shell::b!()",
            "use crate::{net::Cidr, shell::Line};",
            "use crate::{\n    net::{self, Cidr},\n    shell::{Line, Word},\n};",
            "use {std::fmt, crate::shell::Line};",
        ];
        for code in spellings {
            let found = up("src/engine/nat.rs", code);
            assert_eq!(
                found,
                ["src/engine/nat.rs:1: `engine` reaches up into `shell`, use a lower room's trait"],
                "{code}"
            );
        }
    }

    #[test]
    fn a_door_does_not_reach_up_by_super() {
        assert_eq!(up("src/net/mod.rs", "use super::model::Zone;\n").len(), 1);
        assert_eq!(up("src/net/addr.rs", "use super::model::Zone;\n"), [""; 0]);
    }

    #[test]
    fn a_room_without_floor_and_a_glob_are_found() {
        assert_eq!(up("src/attic/mod.rs", "//! A.\n").len(), 1);
        assert_eq!(
            up("src/net/addr.rs", "use crate::*;"),
            ["src/net/addr.rs:1: `crate::*` hides the floors, use names"]
        );
    }

    #[test]
    fn dependencies_stay_where_they_are_known() {
        let found = |path, code| strangers(&Source::new(path, code)).len();
        assert_eq!(found("src/store/sqlite.rs", "use rusqlite::Connection;\n"), 0);
        assert_eq!(found("src/store/sqlite_pragmas.rs", "use rusqlite::Connection;\n"), 0);
        assert_eq!(found("tests/store.rs", "use rusqlite::Connection;\n"), 0);
        assert_eq!(found("src/shell/repl/mod.rs", "use rustyline as r;\n"), 0);
        assert_eq!(found("src/engine/a.rs", "let dirs = 1; crate::text::dirs::f();\n"), 0);
        assert_eq!(found("src/engine/a.rs", "fn a(b: &rusqlite::Connection) {}\n"), 1);
        assert_eq!(found("src/cli/run.rs", "use clap;\n"), 1);
        assert_eq!(
            strangers(&Source::new("src/shell/out.rs", "//! A.\nuse comfy_table::Table;\n")),
            ["src/shell/out.rs:2: `comfy_table`, use it in src/shell/render/table.rs instead"]
        );
    }

    #[test]
    fn one_file_only_hashes() {
        let source = |path| Source::new(path, "use siphasher::sip::SipHasher;\n");
        assert_eq!(spread(&[source("src/model/id.rs"), source("tests/a.rs")]), [""; 0]);
        assert_eq!(
            spread(&[source("src/model/id.rs"), source("src/store/key.rs")]),
            ["src/store/key.rs:1: `siphasher`, use it through src/model/id.rs instead"]
        );
    }
}
