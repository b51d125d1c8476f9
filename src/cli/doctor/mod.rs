//! `capuchin doctor`: looks at configuration, files, server, store and shell, and says how to mend
//! what is wrong.
//!
//! Each check is a probe, which asks the system, and a function from what it found to findings.

mod certificate;
mod config;
mod database;
mod files;
mod server;
mod shells;
mod store;

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::args::Args;
use crate::cli::run::{look, variable};
use crate::cli::target::{Target, config_file, target};
use crate::shell::out::{Broken, Out};
use crate::shell::render::{Shape, View, render};
use crate::shell::{Look, Status};
use crate::text::printable;

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    /// It works, and could be better.
    Advice,
    Wrong,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    state: State,
    says: String,
    /// What to do; empty where there is nothing to do.
    mend: String,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Advice => "advice",
            Self::Wrong => "wrong",
        }
    }
}

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, state: State::Ok, says: says.into(), mend: String::new() }
    }

    fn advice(check: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Advice, says: says.into(), mend: mend.into() }
    }

    fn wrong(check: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Wrong, says: says.into(), mend: mend.into() }
    }
}

/// Looks at everything and tells what was found; the exit code is 1 if anything is wrong.
pub(crate) fn run(args: &Args) -> Status {
    let findings = findings(args);
    let any_wrong = findings.iter().any(|finding| finding.state == State::Wrong);
    match told(&findings, look(args, None)) {
        Ok(()) | Err(Broken::Pipe) if any_wrong => Status::Refused,
        Ok(()) | Err(Broken::Pipe) => Status::Done,
        Err(lost) => {
            Out::std().error(format_args!("{lost}"));
            Status::Unavailable
        }
    }
}

fn findings(args: &Args) -> Vec<Finding> {
    let mut findings = match config_file(args, &variable) {
        Ok(file) => config::check(&file),
        Err(why) => vec![Finding::wrong("configuration", why, "set HOME")],
    };
    findings.extend(files::check(args));
    match target(args, &variable) {
        Ok(Target::Server(profile)) => findings.extend(server::check(&profile, args.get)),
        Ok(Target::Store(at, _)) => findings.extend(store::check(at)),
        // What is wrong with the configuration was said; this may be an option.
        Err(why) if findings.iter().all(|finding| finding.state != State::Wrong) => {
            findings.push(Finding::wrong("target", why, "correct the option or the variable"));
        }
        Err(_) => {}
    }
    findings.push(shells::check());
    findings
}

fn told(findings: &[Finding], look: Look) -> Result<(), Broken> {
    let mut out = Out::std();
    let Some(format) = look.format else {
        let text: String = findings.iter().map(line).collect();
        return out.result(|to| to.write_all(text.as_bytes()));
    };
    let rows: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({ "check": finding.check, "state": finding.state.name(),
                "finding": finding.says, "mend": finding.mend })
        })
        .collect();
    let answer = json!({ "count": rows.len(), "check": rows });
    let view = View {
        shape: Shape::List { key: "check" },
        columns: &["check", "state", "finding", "mend"],
        filter: &[],
        exclude: &[],
        width: None,
        colour: look.colour,
        human: None,
    };
    out.result(|to| render(format, &answer, &view, to))
}

/// A finding for people.
fn line(finding: &Finding) -> String {
    let (state, check) = (finding.state.name(), finding.check);
    let mut text = format!("{state:6}  {check:13}  {}\n", printable(&finding.says));
    if !finding.mend.is_empty() {
        let _ = writeln!(text, "{:23}to mend it: {}", "", printable(&finding.mend));
    }
    text
}

/// Whole days between two times in milliseconds.
const fn days(millis: i64) -> i64 {
    millis.div_euclid(24 * 60 * 60 * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_lines() {
        assert_eq!(line(&Finding::ok("clock", "right")), "ok      clock          right\n");
        let mend = line(&Finding::wrong("files", "open\u{1b}", "chmod 600 x"));
        let wanted =
            "wrong   files          open\\x1b\n                       to mend it: chmod 600 x\n";
        assert_eq!(mend, wanted);
    }
}
