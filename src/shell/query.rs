//! `--query`: what is asked of an answer, in jq's language.
//!
//! The query is answered by a second process of this program: Ctrl-C ends a query that never ends,
//! and one that takes all memory takes only its own. It reads the answer as JSON and writes a line
//! for each value as soon as there is one.

mod jq;

use std::io::{self, BufWriter, Read, Write};
use std::ops::Range;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::foreign::outlive_interrupts;
use super::status::Status;
use super::wrong::Wrong;
use jq::Manner;

/// The hidden command of the second process.
pub(crate) const COMMAND: &str = "run-query";

/// A query that can be understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    text: String,
    raw: bool,
}

/// How a query ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Done,
    /// It has no answer, and why.
    Failed(String),
    Interrupted,
}

impl Query {
    /// Reads the query that stands at `span` of `source`, quotes included.
    pub(crate) fn read(
        text: &str,
        raw: bool,
        span: Range<usize>,
        source: &str,
    ) -> Result<Self, Wrong> {
        if text.trim().is_empty() {
            return Err(Wrong::at(span, "the query is empty; `--query .` shows all"));
        }
        let Some(fault) = jq::check(text) else {
            return Ok(Self { text: text.to_owned(), raw });
        };
        let inside = source.get(span.clone()).and_then(|typed| typed.find(text));
        let place = match inside {
            Some(at) => {
                let start = span.start + at;
                start + fault.span.start..start + fault.span.end
            }
            // With escapes in it nobody can tell.
            None => span,
        };
        Err(Wrong::at(place, fault.text))
    }

    /// Starts to answer; `visible` if a terminal will show it.
    pub(crate) fn start(&self, visible: bool) -> io::Result<Asked> {
        outlive_interrupts()?;
        let mut command = Command::new(std::env::current_exe()?);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, "capuchin");
        command.arg(COMMAND);
        command.args(self.raw.then_some("--raw")).args(visible.then_some("--visible"));
        command.arg("--").arg(&self.text);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().map(|input| BufWriter::with_capacity(64 * 1024, input));
        Ok(Asked { child, input })
    }
}

/// A query that is being answered; the answer that it is about is written here.
pub(crate) struct Asked {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
}

impl Asked {
    /// Hands the values on, as they come, once all of the answer was written.
    pub(crate) fn end(mut self, to: &mut dyn Write) -> io::Result<Ended> {
        let given = self.input.take().map_or(Ok(()), |mut input| {
            let flushed = input.flush();
            drop(input.into_parts());
            flushed
        });
        // One that ended early says why itself.
        given.or_else(|why| if is_closed(&why) { Ok(()) } else { Err(why) })?;
        if let Err(why) = self.hand_on(to) {
            self.give_up();
            return Err(why);
        }
        let mut said = String::new();
        if let Some(errors) = &mut self.child.stderr {
            errors.read_to_string(&mut said)?;
        }
        let status = self.child.wait()?;
        if status.success() {
            return Ok(Ended::Done);
        }
        Ok(match (status.code(), said.trim_end()) {
            (None, _) if is_interrupt(status) => Ended::Interrupted,
            (None, _) => Ended::Failed(format!("the query ended badly ({status})")),
            (Some(code), "") => Ended::Failed(format!("the query ended with code {code}")),
            (Some(_), said) => Ended::Failed(format!("the query failed: {said}")),
        })
    }

    /// Ends it without an answer.
    pub(crate) fn give_up(mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        drop(self.input.take().map(BufWriter::into_parts));
        let _ = self.child.wait();
    }

    fn hand_on(&mut self, to: &mut dyn Write) -> io::Result<()> {
        let Some(values) = &mut self.child.stdout else { return Ok(()) };
        let mut bytes = vec![0; 64 * 1024];
        loop {
            match values.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    to.write_all(bytes.get(..count).unwrap_or_default())?;
                    to.flush()?;
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
    }
}

impl Write for Asked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.input.as_mut().map_or(Ok(bytes.len()), |input| input.write(bytes)) {
            // What it did not read it does not need.
            Err(why) if is_closed(&why) => {
                drop(self.input.take().map(BufWriter::into_parts));
                Ok(bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_closed(why: &io::Error) -> bool {
    why.kind() == io::ErrorKind::BrokenPipe
}

/// Whether Ctrl-C ended it.
fn is_interrupt(status: std::process::ExitStatus) -> bool {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = status.code();
    signal == Some(2)
}

/// The second process: answers the query about the JSON that it reads.
pub(crate) fn run(text: &str, raw: bool, visible: bool, out: &mut dyn Write) -> Result<u8, String> {
    let mut json = Vec::new();
    io::stdin().lock().read_to_end(&mut json).map_err(|why| why.to_string())?;
    let ended = jq::answer(text, &json, Manner { raw, visible }, out);
    let flushed = out.flush();
    match ended {
        jq::Ended::Failed(why) => Err(why),
        jq::Ended::Halted(code) => Ok(u8::try_from(code).unwrap_or(1)),
        jq::Ended::Lost(why) if !is_closed(&why) => Err(why.to_string()),
        // Nobody reads it any more.
        jq::Ended::Lost(_) => Ok(Status::Done.code()),
        jq::Ended::Done => match flushed {
            Err(why) if !is_closed(&why) => Err(why.to_string()),
            _ => Ok(Status::Done.code()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_that_in_the_line() {
        let line = "list zones --query '.zone | nope'";
        let wrong = Query::read(".zone | nope", false, 19..33, line).unwrap_err();
        assert_eq!(wrong.span, Some(28..32));
        assert!(wrong.pointer(line).unwrap().ends_with("^^^^"));
        assert_eq!(Query::read("", false, 3..5, "x  ''").unwrap_err().span, Some(3..5));
        let escaped = Query::read(".a |", true, 0..5, ".a\\ |").unwrap_err();
        assert_eq!(escaped.span, Some(0..5));
        assert!(Query::read(".", true, 0..1, ".").is_ok());
    }
}
