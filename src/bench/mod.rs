//! Benchmarks: figures beside those of the alternative, in one run. Only for
//! `benches/allocations.rs`.

mod baseline;
mod callers;
mod client;
mod complete;
mod disk;
mod engine;
mod mariadb;
mod networks;
mod sections;
mod server;
mod startup;
mod upkeep;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A section of the report: what it is called and what prints it.
type Section = (&'static str, fn(&mut Report) -> Result<(), Failed>);

/// Why a benchmark could not be run.
type Failed = Box<dyn std::error::Error + Send + Sync>;

const SECTIONS: &[Section] = &[
    ("disk", sections::disk),
    ("callers", sections::callers),
    ("calls", sections::calls),
    ("cloudstack", sections::cloudstack),
    ("sizes", sections::sizes),
    ("million", sections::million),
    ("networks", networks::networks),
    ("guests", upkeep::guests),
    ("collector", upkeep::collector),
    ("check", upkeep::check),
    ("startup", sections::startup),
    ("complete", complete::complete),
    ("client", client::client),
    ("server", server::server),
    ("mariadb", mariadb::mariadb),
];

/// Where the figures go, and what later sections need of earlier ones.
struct Report {
    program: PathBuf,
    folder: PathBuf,
    /// Median of a 4 KiB overwrite with fdatasync, in seconds.
    sync: f64,
    /// How long the server is under load.
    load: Duration,
}

impl Report {
    /// A path for a new file.
    fn fresh(&self, name: &str) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        self.folder.join(format!("{name}-{}.db", COUNT.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Prints a line.
fn line(text: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

/// Prints the sections whose names are given, or all. A number is the seconds of the load on the
/// server.
pub fn run(words: &[String], program: &str) -> ExitCode {
    let folder = PathBuf::from(program).with_file_name(format!("bench-{}", std::process::id()));
    let seconds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(10);
    let load = Duration::from_secs(seconds);
    let mut report = Report { program: program.into(), folder, sync: 0.0, load };
    let words: Vec<_> = words.iter().filter(|word| word.parse::<u64>().is_err()).collect();
    let done = std::fs::create_dir_all(&report.folder).map_err(Failed::from).and_then(|()| {
        SECTIONS
            .iter()
            .filter(|(name, _)| {
                words.is_empty() || *name == "disk" || words.iter().any(|w| *w == name)
            })
            .try_for_each(|(_, section)| section(&mut report))
    });
    // What is left there is only a benchmark's.
    let _ = std::fs::remove_dir_all(&report.folder);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = line(&format!("failed: {why}"));
            ExitCode::FAILURE
        }
    }
}
