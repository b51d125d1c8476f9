//! `watch [SECONDS] COMMAND...`: a list or a picture that is shown anew in its place, until Ctrl-C.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use super::{Session, Step};
use crate::schema::Kind;
use crate::shell::line::{Line, Word};
use crate::shell::out::{Broken, Out};
use crate::shell::pager::Pager;
use crate::shell::render::{terminal_width, truncate};
use crate::shell::show::draws;
use crate::shell::status::Status;
use crate::shell::wrong::Wrong;
use crate::shell::{command, options};

/// What a session knows of a terminal that can be drawn upon again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tty {
    /// Its lines; none if it cannot be drawn upon.
    pub(crate) rows: fn() -> Option<usize>,
    /// Pauses so long; whether it goes on then.
    pub(crate) pause: fn(Duration) -> bool,
    /// The pager that the environment names.
    pub(crate) pager: fn() -> Option<String>,
}

impl Default for Tty {
    /// No terminal.
    fn default() -> Self {
        Self { rows: || None, pause: |_| false, pager: || None }
    }
}

const SECONDS: f64 = 2.0;
const LONGEST: f64 = 86_400.0;
const SHORTEST: f64 = 0.5;
/// How soon a new size of the terminal is seen.
const SLICE: Duration = Duration::from_millis(250);

/// To the other screen, without a cursor and without wrapping.
const OPEN: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l";
const CLOSE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";

/// What is repeated, and how often.
struct Watched {
    every: Duration,
    line: Line,
    /// What stands above it.
    title: String,
}

/// What a command writes.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Session<'_> {
    /// Carries out `watch`.
    pub(super) fn watch(&mut self, line: &Line, source: &str) -> Result<Step, Wrong> {
        let watched = self.watched(line)?;
        if !self.look.terminal || line.pipe.is_some() || line.redirect.is_some() {
            return Err(Wrong::new(
                "`watch` draws on a terminal, and results go elsewhere; a script repeats the \
                 command itself: `while sleep 5; do capuchin list zones; done`",
            ));
        }
        if (self.look.tty.rows)().is_none() {
            return Err(Wrong::new("`watch` needs a terminal that can be drawn upon again"));
        }
        let written = Written::default();
        let capture = Out::new(Box::new(written.clone()), Box::new(written.clone()));
        let mut screen = std::mem::replace(&mut self.out, capture);
        let pager = std::mem::replace(&mut self.look.pager, Pager::Off);
        let ended = self.frames(&watched, source, &written, &mut screen);
        (self.out, self.look.pager) = (screen, pager);
        match ended? {
            Ended::Enough => Ok(Step::Next(Status::Done)),
            Ended::Failed(status, said) => {
                self.out.message(format_args!("{}", said.trim_end()));
                Ok(Step::Next(status))
            }
            Ended::Broken(Broken::Pipe) => Ok(Step::Leave(Status::Done)),
            Ended::Broken(lost) => {
                self.out.error(format_args!("{lost}"));
                Ok(Step::Leave(Status::Unavailable))
            }
        }
    }

    /// Reads what is to be repeated: what changes nothing.
    fn watched(&self, line: &Line) -> Result<Watched, Wrong> {
        let rest = line.words.get(1..).unwrap_or_default();
        let (every, rest) = match rest.first().and_then(seconds) {
            Some(every) => (every?, rest.get(1..).unwrap_or_default()),
            None => (SECONDS, rest),
        };
        let (words, _) = options::take(rest)?;
        let Some(first) = words.first() else {
            let text = "nothing to watch; write it like `watch 5 list zones`";
            let span = line.words.first().map(|word| word.span.clone()).unwrap_or_default();
            return Err(Wrong::at(span, text));
        };
        if !draws(&first.text) {
            let spec = command::find(self.transport.catalogue(), &words)?.spec;
            if spec.kind != Kind::List || spec.is_async() {
                let text =
                    "only lists and pictures are watched: this would be done again and again";
                return Err(Wrong::at(first.span.clone(), text));
            }
        }
        let texts: Vec<_> = rest.iter().map(|word| word.text.as_str()).collect();
        let title = format!("every {every}s: {}", texts.join(" "));
        let line = Line { words: rest.to_vec(), ..Line::default() };
        Ok(Watched { every: Duration::from_secs_f64(every), line, title })
    }

    /// Draws until Ctrl-C. What fails at first ends it; what fails later may mend itself.
    fn frames(
        &mut self,
        watched: &Watched,
        source: &str,
        written: &Written,
        screen: &mut Out,
    ) -> Result<Ended, Wrong> {
        // From here on Ctrl-C ends the drawing, and not the program with the screen as it is.
        crate::shell::interrupted();
        let mut is_open = false;
        let ended = loop {
            let step = self.filled(&watched.line, source);
            let text = String::from_utf8_lossy(&written.0.take()).into_owned();
            let text = match step {
                Ok(Step::Next(Status::Done)) => text,
                Ok(Step::Next(Status::Interrupted)) => break Ok(Ended::Enough),
                Ok(Step::Next(status) | Step::Leave(status)) if !is_open => {
                    break Ok(Ended::Failed(status, text));
                }
                Ok(_) => text,
                Err(wrong) => break Err(wrong),
            };
            let size = self.size();
            let title = format!("{}  {}", watched.title, (self.look.clock.0)());
            let frame = frame(&title, &text, size);
            let opening = if is_open { "" } else { OPEN };
            if let Err(broken) = screen.result(|to| write!(to, "{opening}{frame}")) {
                return Ok(Ended::Broken(broken));
            }
            is_open = true;
            if !self.rest(watched.every, size) {
                break Ok(Ended::Enough);
            }
        };
        if is_open {
            // There is nothing more to say to a terminal that is gone.
            let _ = screen.result(|to| to.write_all(CLOSE.as_bytes()));
        }
        ended
    }

    /// Waits for the time, or for another size of the terminal; whether it goes on.
    fn rest(&self, every: Duration, size: (usize, usize)) -> bool {
        let mut left = every;
        while !left.is_zero() {
            let slice = left.min(SLICE);
            if !(self.look.tty.pause)(slice) {
                return false;
            }
            if self.size() != size {
                break;
            }
            left -= slice;
        }
        true
    }

    fn size(&self) -> (usize, usize) {
        ((self.look.tty.rows)().unwrap_or(24), terminal_width().unwrap_or(80))
    }
}

/// How it ended.
enum Ended {
    Enough,
    Failed(Status, String),
    Broken(Broken),
}

/// The seconds, if the word is a number.
fn seconds(word: &Word) -> Option<Result<f64, Wrong>> {
    let seconds: f64 = word.text.parse().ok().filter(|_| !word.quoted)?;
    let is_allowed = (SHORTEST..=LONGEST).contains(&seconds);
    let wrong = || Wrong::at(word.span.clone(), "SECONDS must be 0.5 to 86400");
    Some(if is_allowed { Ok(seconds) } else { Err(wrong()) })
}

/// What is written to show the text on a screen of so many rows and columns, without clearing it
/// before: nothing flickers.
fn frame(title: &str, text: &str, (rows, columns): (usize, usize)) -> String {
    let room = rows.saturating_sub(2).max(1);
    let lines: Vec<_> = text.lines().collect();
    let shown = if lines.len() > room { room - 1 } else { lines.len() };
    let mut frame =
        format!("\u{1b}[?2026h\u{1b}[H{}\u{1b}[K\r\n\u{1b}[K", truncate(title, columns));
    for line in lines.iter().take(shown) {
        frame.push_str("\r\n");
        frame.push_str(line);
        frame.push_str("\u{1b}[K");
    }
    if lines.len() > shown {
        let more = lines.len() - shown;
        frame.extend(["\r\n(", &more.to_string(), " more lines)\u{1b}[K"]);
    }
    frame.push_str("\u{1b}[J\u{1b}[?2026l");
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_to_the_screen() {
        let text = "a\nb\nc\nd\n";
        let fits = frame("title", text, (6, 20));
        assert!(fits.contains("title\u{1b}[K") && fits.contains("\r\nd\u{1b}[K\u{1b}[J"));
        let cut = frame("a long title", text, (5, 6));
        assert!(!cut.contains("long t") && cut.contains("\r\nb") && !cut.contains("\r\nc"));
        assert!(cut.contains("(2 more lines)") && cut.matches("\r\n").count() == 4);
        assert!(!frame("t", text, (0, 0)).is_empty());
    }
}
