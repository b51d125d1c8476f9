//! Completion: of a line in this process, and of a whole run as a shell's Tab starts it.

use std::hint::black_box;
use std::time::Instant;

use crate::bench::callers::Seen;
use crate::bench::{Failed, Report, line, startup as programs};
use crate::schema::Catalogue;
use crate::shell::highlight::highlight;
use crate::shell::{Around, File, Question, Reply, complete as candidates};
use crate::transport::built_in;

const LINES: &[&str] = &[
    "",
    "li",
    "list z",
    "lpia",
    "create network ",
    "deploy virtual machine name=x zo",
    "list virtual machines state=R",
];

/// Nobody is asked: what is measured is our own work.
struct Nobody;

impl Around for Nobody {
    fn ask(&mut self, _: &Question) -> Reply {
        Reply::Nothing(None)
    }

    fn files(&mut self, _: &str) -> Vec<File> {
        Vec::new()
    }
}

fn timed(catalogue: &Catalogue, text: &str) -> f64 {
    let began = Instant::now();
    black_box(candidates(catalogue, black_box(text), text.len(), &mut Nobody));
    began.elapsed().as_secs_f64()
}

/// A line among all commands of a cloud, and whole runs beside a program that does nothing.
pub(super) fn complete(report: &mut Report) -> Result<(), Failed> {
    line("\ncompletion among 917 commands (first of a process, then again)")?;
    for text in LINES {
        let first = Seen::of((0..20).map(|_| timed(&built_in(), text)).collect());
        let known = built_in();
        timed(&known, text);
        let again = Seen::of((0..1000).map(|_| timed(&known, text)).collect());
        line(&format!(
            "{:<34} {:>8.3} ms  {:>8.3} ms",
            format!("`{text}`"),
            first.quantile(0.5) * 1e3,
            again.quantile(0.5) * 1e3
        ))?;
    }
    line("\nwhat is told of a line for its colours, at each key")?;
    for text in LINES {
        let known = built_in();
        drop(highlight(&known, text));
        let seen = (0..1000).map(|_| {
            let began = Instant::now();
            black_box(highlight(&known, black_box(text)));
            began.elapsed().as_secs_f64()
        });
        let seen = Seen::of(seen.collect());
        let (median, p99) = (seen.quantile(0.5) * 1e3, seen.quantile(0.99) * 1e3);
        line(&format!("{:<34} {median:>8.3} ms  {p99:>8.3} ms", format!("`{text}`")))?;
    }
    let home = report.folder.join("home");
    std::fs::create_dir_all(&home)?;
    programs::runs(&report.program, &["list", "zones"], &home, 1)?;
    let nothing = programs::runs("/bin/true".as_ref(), &[], &home, 100)?;
    line(&format!("an empty program                   {}", nothing.show()))?;
    for text in
        ["capuchin list z", "capuchin list zones id=", "capuchin -u http://127.0.0.1:9 list z"]
    {
        let seen = programs::runs(&report.program, &["complete", text], &home, 100)?;
        line(&format!("{:<34} {}", format!("`{text}`"), seen.show()))?;
    }
    Ok(())
}
