//! A terminal with a program in it: what is on the screen, not what was written.

use rexpect::process::PtyProcess;
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use vt100::Parser;

/// Longer than any step takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

type Shared = Arc<(Mutex<Parser>, Condvar)>;

/// The terminal; the program in it ends with this value.
pub(crate) struct Screen {
    _process: PtyProcess,
    keys: File,
    shared: Shared,
}

impl Screen {
    /// Starts a program on a screen of so many rows and columns.
    pub(crate) fn open(command: &Command, rows: u16, columns: u16) -> Self {
        let mut sized = Command::new("sh");
        let size = format!("stty rows {rows} cols {columns} echo; exec \"$0\" \"$@\"");
        sized.arg("-c").arg(size).arg(command.get_program()).args(command.get_args());
        sized.env_clear();
        for (name, value) in command.get_envs() {
            value.map(|value| sized.env(name, value));
        }
        sized.env_remove("COLUMNS");
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            sized.env("TERM", "xterm");
        }
        if let Some(dir) = command.get_current_dir() {
            sized.current_dir(dir);
        }
        let mut process = PtyProcess::new(sized).expect("a terminal");
        process.set_kill_timeout(Some(500));
        let keys = process.get_file_handle().expect("a terminal");
        let mut output = process.get_file_handle().expect("a terminal");
        let sides = [rows, columns].map(|side| NonZero::new(side).expect("a size"));
        let parser = Parser::new(sides[0], sides[1], 0);
        let shared: Shared = Arc::new((Mutex::new(parser), Condvar::new()));
        let to = Arc::clone(&shared);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                to.0.lock().expect("a screen").process(&bytes[..count]);
                to.1.notify_all();
            }
        });
        Self { _process: process, keys, shared }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal that takes them");
    }

    /// Gives the terminal another size, as a window that is drawn larger or smaller.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let sides = [rows, columns].map(|side| NonZero::new(side).expect("a size"));
        self.shared.0.lock().expect("a screen").set_size(sides[0], sides[1]);
        let about = format!("/proc/self/fdinfo/{}", self.keys.as_raw_fd());
        let about = std::fs::read_to_string(about).expect("what is known of the terminal");
        let number = about.lines().find_map(|line| line.strip_prefix("tty-index:"));
        let terminal = format!("/dev/pts/{}", number.expect("a number").trim());
        let mut stty = Command::new("stty");
        let (rows, columns) = (rows.to_string(), columns.to_string());
        stty.args(["-F", &terminal, "rows", &rows, "cols", &columns]);
        assert!(stty.status().expect("stty").success());
    }

    /// Waits until the screen is as wanted, and returns what is on it.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) -> String {
        let end = Instant::now() + LIMIT;
        let mut parser = self.shared.0.lock().expect("a screen");
        while !is(parser.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what}:\n{}", parser.screen().contents());
            parser = self.shared.1.wait_timeout(parser, left).expect("a screen").0;
        }
        parser.screen().contents()
    }

    /// Waits until the screen is as wanted or nothing has happened on it for so long.
    pub(crate) fn settles(
        &self,
        quiet: Duration,
        is: impl Fn(&vt100::Screen) -> bool,
    ) -> vt100::Screen {
        let mut parser = self.shared.0.lock().expect("a screen");
        while !is(parser.screen()) {
            let (next, waited) = self.shared.1.wait_timeout(parser, quiet).expect("a screen");
            parser = next;
            if waited.timed_out() {
                break;
            }
        }
        parser.screen().clone()
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the row with the cursor reads so, blanks at its end aside.
    #[track_caller]
    pub(crate) fn line(&self, text: &str) {
        self.until(text, |screen| row(screen) == text.trim_end());
    }
}

/// The cells in which this text stands, each of which must be as wanted.
pub(crate) fn all_of(
    screen: &vt100::Screen,
    text: &str,
    is: impl Fn(&vt100::Cell) -> bool,
) -> bool {
    let (_, columns) = screen.size();
    let rows = screen.rows(0, columns.get());
    let mut places = (0_u16..).zip(rows).filter_map(|(row, line)| {
        // Columns are counted before the text, whose characters are narrow.
        line.find(text).map(|at| (row, line[..at].chars().count()))
    });
    places.by_ref().last().is_some_and(|(row, start)| {
        let start = u16::try_from(start).expect("a column");
        let end = start + u16::try_from(text.chars().count()).expect("a column");
        (start..end).all(|column| screen.cell(row, column).is_some_and(&is))
    })
}

/// The text of the row with the cursor.
fn row(screen: &vt100::Screen) -> String {
    let (at, _) = screen.cursor_position();
    let (_, columns) = screen.size();
    let row = screen.rows(0, columns.get()).nth(at.into()).unwrap_or_default();
    row.trim_end().to_owned()
}
