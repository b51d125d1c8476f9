//! The two streams: results go to one, everything said about them to the other.
//!
//! No other file writes to the terminal, which keeps three promises in one place: a script can
//! rely on the result stream holding results only, a reader that closes the pipe early is no
//! error, and nothing that a server wrote drives the terminal through a message.

use std::fmt;
use std::io::{self, BufWriter, Write};

use crate::text::printable;

/// Where a command writes.
pub(crate) struct Out {
    results: Box<dyn Write>,
    messages: Box<dyn Write>,
}

/// Results can no longer be written; the command should end.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The reader has seen enough, as `head` does: this is success.
    Pipe,
    /// Anything else, a full disk for one: results are lost.
    Lost(io::Error),
}

impl Out {
    /// Writes to the streams of the process.
    pub(crate) fn std() -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    pub(crate) fn new(results: Box<dyn Write>, messages: Box<dyn Write>) -> Self {
        Self { results: Box::new(BufWriter::with_capacity(64 * 1024, results)), messages }
    }

    /// Writes one result and flushes, so that results and messages keep their order.
    pub(crate) fn result(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Broken> {
        write(&mut self.results).and_then(|()| self.results.flush()).map_err(Broken::from)
    }

    /// Where results go that come one after the other; whoever writes flushes.
    pub(crate) fn results(&mut self) -> &mut dyn Write {
        &mut self.results
    }

    /// Says something that is neither a result nor a complaint.
    pub(crate) fn message(&mut self, text: fmt::Arguments<'_>) {
        self.say("", text);
    }

    pub(crate) fn warn(&mut self, text: fmt::Arguments<'_>) {
        self.say("warning: ", text);
    }

    pub(crate) fn error(&mut self, text: fmt::Arguments<'_>) {
        self.say("error: ", text);
    }

    /// A message that cannot be written has nowhere to be reported, so failure is ignored.
    fn say(&mut self, prefix: &str, text: fmt::Arguments<'_>) {
        let text = text.to_string();
        let lines: Vec<_> = text.split('\n').map(printable).collect();
        let line = format!("{prefix}{}\n", lines.join("\n"));
        let _ = self.messages.write_all(line.as_bytes()).and_then(|()| self.messages.flush());
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Pipe,
            _ => Self::Lost(error),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipe => f.write_str("the reader of the results has gone"),
            Self::Lost(error) => write!(f, "results could not be written: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::shell::samples::Shared;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn results_and_messages_go_apart() {
        let (results, messages) = (Shared::default(), Shared::default());
        let mut out = Out::new(Box::new(results.clone()), Box::new(messages.clone()));
        out.result(|results| writeln!(results, "1")).unwrap();
        out.message(format_args!("one"));
        out.warn(format_args!("two"));
        out.error(format_args!("three\n  hint \u{1b}[2J"));
        assert_eq!(results.0.take(), b"1\n");
        let messages = String::from_utf8(messages.0.take()).unwrap();
        assert_eq!(messages, "one\nwarning: two\nerror: three\n  hint \\x1b[2J\n");
    }

    #[test]
    fn a_closed_pipe_is_told_from_a_full_disk() {
        let out = |kind| {
            let mut out = Out::new(Box::new(Failing(kind)), Box::new(io::sink()));
            out.result(|results| writeln!(results, "x"))
        };
        assert!(matches!(out(io::ErrorKind::BrokenPipe), Err(Broken::Pipe)));
        assert!(matches!(out(io::ErrorKind::StorageFull), Err(Broken::Lost(_))));
    }

    #[test]
    fn lost_messages_are_ignored() {
        let closed = Box::new(Failing(io::ErrorKind::BrokenPipe));
        Out::new(Box::new(io::sink()), closed).error(format_args!("x"));
    }
}
