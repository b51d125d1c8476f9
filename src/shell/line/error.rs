//! Why a line cannot be read, and where.

use std::fmt;
use std::ops::Range;

/// A fault in a typed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineError {
    pub(crate) fault: LineFault,
    /// The bytes to point at; never empty, always on character boundaries.
    pub(crate) span: Range<usize>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFault {
    /// A command begins with `|` or consists of a redirection only.
    NoCommand,
    /// `>` without a file name.
    NoFile,
    /// `!` with nothing behind it.
    NothingToRun,
    /// `|` with nothing behind it.
    NothingToPipeTo,
    /// A quote that is never closed.
    OpenQuote(char),
    /// `||`, which people expect to mean "or else".
    OrElse,
    /// Both `>` and `|` on one line.
    PipeAndRedirect,
    /// A backslash with nothing behind it.
    TrailingBackslash,
    /// A second `>`.
    TwoRedirects,
}

impl LineError {
    /// Whether more input may mend it: the shell then asks for another line.
    pub(crate) fn needs_more(&self) -> bool {
        matches!(self.fault, LineFault::OpenQuote(_) | LineFault::TrailingBackslash)
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            LineFault::NoCommand => f.write_str("no command before this"),
            LineFault::NoFile => f.write_str("no file name after `>`"),
            LineFault::NothingToRun => f.write_str("no command after `!`"),
            LineFault::NothingToPipeTo => f.write_str("no command after `|`"),
            LineFault::OpenQuote(quote) => write!(f, "the quote {quote} is never closed"),
            LineFault::OrElse => f.write_str("`||` is not known here; quote it if it is a value"),
            LineFault::PipeAndRedirect => {
                f.write_str("either `>` or `|`; put the file name behind the piped command")
            }
            LineFault::TrailingBackslash => f.write_str("nothing after the backslash"),
            LineFault::TwoRedirects => {
                f.write_str("a second `>`; quote it if it is part of a value")
            }
        }
    }
}

impl std::error::Error for LineError {}
