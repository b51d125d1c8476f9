//! The log: warnings go to a file beside the store, which is made when there is one to write.
//!
//! Only this file knows `tracing_subscriber`.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::cli::args::LogFormat;
use crate::cli::clock;
use crate::cli::store::make_private;
use crate::text::printable;

/// What is logged, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Everything, to standard error.
    All(LogFormat),
    /// What a server does, request by request, to standard error.
    Requests(LogFormat),
    /// Warnings, to the file.
    Warnings,
}

/// Begins to log what is wanted.
pub(crate) fn start(wanted: Wanted, file: Option<PathBuf>) {
    let log = tracing_subscriber::fmt().with_timer(Clock).with_target(false).with_ansi(false);
    let (level, format) = match wanted {
        Wanted::All(format) => (Level::DEBUG, format),
        Wanted::Requests(format) => (Level::INFO, format),
        Wanted::Warnings => {
            let log = log.with_max_level(Level::WARN).with_writer(LogFile(file.map(Arc::new)));
            return begin(log.finish());
        }
    };
    let log = log.with_max_level(level);
    match format {
        LogFormat::Text => begin(log.with_writer(|| OneLine).finish()),
        LogFormat::Json => begin(log.json().flatten_event(true).with_writer(io::stderr).finish()),
    }
}

fn begin(log: impl tracing::Subscriber + Send + Sync) {
    // A second one is refused, which only happens when there is one already.
    let _ = tracing::subscriber::set_global_default(log);
}

/// Standard error, where an entry is one line whatever is in it: nobody forges a second.
struct OneLine;

impl Write for OneLine {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(line(entry).as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn line(entry: &[u8]) -> String {
    let text = String::from_utf8_lossy(entry);
    format!("{}\n", printable(text.trim_end_matches('\n')))
}

struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{}", clock::now())
    }
}

/// The file, opened for every entry: there are few, and a run without any leaves no file.
#[derive(Clone)]
struct LogFile(Option<Arc<PathBuf>>);

impl MakeWriter<'_> for LogFile {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for LogFile {
    /// Writes one entry, which is one line whatever is in it: nobody forges a second.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        let Some(path) = &self.0 else { return Ok(entry.len()) };
        if let Some(dir) = path.parent() {
            make_private(dir).map_err(io::Error::other)?;
        }
        let mut how = OpenOptions::new();
        how.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        how.open(&**path)?.write_all(line(entry).as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_a_private_file() {
        let path = std::env::temp_dir().join(format!("capuchin-log-{}", std::process::id()));
        let mut file = LogFile(Some(Arc::new(path.clone())));
        assert!(!path.exists());
        file.write_all(b"WARN a\nINFO forged\n").unwrap();
        file.write_all(b"WARN b\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(text, "WARN a\\nINFO forged\nWARN b\n");
    }

    #[test]
    fn without_a_place_for_it_the_log_is_dropped() {
        LogFile(None).write_all(b"WARN a\n").unwrap();
    }
}
