//! Long answers on a terminal: what does not fit on the screen goes through a pager.
//!
//! What comes is held back until it fills the screen; then the pager is started and gets what was
//! held and all that follows, while it comes.

use std::io::{self, Write};
use std::mem;

use super::foreign::{self, Fed, outlive_interrupts};
use super::out::Out;
use super::render::width;
use super::status::Status;

/// Which pager long answers go through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Pager {
    /// None: answers are printed.
    #[default]
    Off,
    /// The one that the environment names.
    Auto,
    /// This command. What a person sets stays until the program ends.
    Command(&'static str),
}

impl Pager {
    /// What a person sets.
    pub(crate) fn named(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("pager must be `off`, `auto` or a command, as `less -S`".to_owned()),
            "off" => Ok(Self::Off),
            "auto" => Ok(Self::Auto),
            // Nobody sets it often.
            command => Ok(Self::Command(Box::leak(command.into()))),
        }
    }

    /// As it is set.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Auto => "auto",
            Self::Command(command) => command,
        }
    }
}

/// The exit codes of a system's shell for a command that it has not.
const NO_COMMAND: std::ops::RangeInclusive<u8> = 126..=127;

/// An answer that may turn out to be long.
pub(crate) struct Pages {
    command: String,
    rows: usize,
    columns: usize,
    held: Vec<u8>,
    /// The lines that end in what is held.
    lines: usize,
    /// Where in it the last of them ended.
    line_at: usize,
    fed: Option<Fed>,
}

impl Pages {
    /// For a screen of so many rows and columns.
    pub(crate) fn new(command: String, rows: usize, columns: usize) -> Self {
        let held = Vec::new();
        Self { command, rows, columns: columns.max(1), held, lines: 0, line_at: 0, fed: None }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(fed) = &mut self.fed {
            return fed.write(bytes);
        }
        self.held.extend_from_slice(bytes);
        self.count();
        // The line below the last is for the prompt.
        if self.lines + 1 > self.rows {
            self.start()?;
        }
        Ok(bytes.len())
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.fed.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Ends the answer: what was short is printed, what was long is read to its end.
    pub(crate) fn end(mut self, out: &mut Out) -> io::Result<()> {
        let Some(mut fed) = self.fed.take() else {
            let to = out.results();
            return to.write_all(&self.held).and_then(|()| to.flush());
        };
        // Who has seen enough leaves early.
        let _ = fed.flush();
        let ended = fed.end();
        // Ctrl-C was for the pager.
        foreign::interrupted();
        match ended? {
            Status::Foreign(code) if NO_COMMAND.contains(&code) => {
                let why = format!(
                    "the pager `{}` cannot be run; `set pager off` or `--no-pager` does without",
                    self.command
                );
                Err(io::Error::other(why))
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self) -> io::Result<()> {
        outlive_interrupts()?;
        let mut fed = Fed::start_pager(&self.command)?;
        fed.write_all(&mem::take(&mut self.held))?;
        // There is a screenful to read, whenever the rest comes.
        fed.flush()?;
        self.fed = Some(fed);
        Ok(())
    }

    /// Counts the lines of the screen that have been filled.
    fn count(&mut self) {
        while let Some(rest) = self.held.get(self.line_at..)
            && let Some(end) = rest.iter().position(|byte| *byte == b'\n')
        {
            let text = rest.get(..end).unwrap_or_default();
            let taken = width(&without_colours(&String::from_utf8_lossy(text)));
            self.lines += taken.div_ceil(self.columns).max(1);
            self.line_at += end + 1;
        }
    }
}

/// The text less what only sets colours.
fn without_colours(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        seen.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    seen.push_str(rest);
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::Shared;
    use std::sync::atomic::{AtomicU32, Ordering};

    static NUMBER: AtomicU32 = AtomicU32::new(0);

    /// What is printed, and what the pager got.
    fn paged(text: &str, rows: usize, columns: usize) -> (String, Option<String>) {
        let shared = Shared::default();
        let mut out = Out::new(Box::new(shared.clone()), Box::new(io::sink()));
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = format!("capuchin-pager-{}-{number}", std::process::id());
        let file = std::env::temp_dir().join(file);
        let command = format!("cat > {}", file.display());
        let mut pages = Pages::new(command, rows, columns);
        for byte in text.as_bytes() {
            pages.write(&[*byte]).unwrap();
        }
        let has_begun = pages.fed.is_some();
        pages.end(&mut out).unwrap();
        let got = has_begun.then(|| std::fs::read_to_string(&file).unwrap());
        let _ = std::fs::remove_file(&file);
        (String::from_utf8(shared.0.take()).unwrap(), got)
    }

    #[test]
    fn what_fits_is_printed_and_the_rest_is_paged() {
        assert_eq!(paged("a\nb\n", 3, 10), ("a\nb\n".into(), None));
        assert_eq!(paged("a\nb\nc\n", 3, 10), (String::new(), Some("a\nb\nc\n".into())));
        assert_eq!(paged("", 3, 10), (String::new(), None));
        // A line of eleven columns takes two, whatever its bytes.
        assert!(paged("12345678901\nb\n", 3, 10).1.is_some());
        assert!(paged("\u{1b}[38;5;2m1234567890\u{1b}[39m\nb\n", 3, 10).1.is_none());
        assert!(paged("\u{6771}\u{6771}\u{6771}\u{6771}\u{6771}\nb\n", 3, 10).1.is_none());
    }

    #[test]
    fn who_leaves_early_is_in_their_right() {
        let mut pages = Pages::new("true".to_owned(), 2, 80);
        let line = "x".repeat(79) + "\n";
        let lost = (0..10_000).find_map(|_| pages.write(line.as_bytes()).err());
        assert_eq!(lost.unwrap().kind(), io::ErrorKind::BrokenPipe);
        let mut out = Out::new(Box::new(io::sink()), Box::new(io::sink()));
        assert!(pages.end(&mut out).is_ok());
        let mut pages = Pages::new("/nowhere/pager".to_owned(), 1, 80);
        let _ = pages.write(b"a\nb\n");
        assert!(pages.end(&mut out).unwrap_err().to_string().contains("`set pager off`"));
    }
}
