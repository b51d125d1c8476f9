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
    /// `do` or `done` where no loop is open, or a second `do`.
    NoLoop,
    /// A command between the head of a loop and its `do`.
    NoDo,
    /// A name that no variable can have.
    BadName,
    /// A head of a loop that is no `for NAME in ...`.
    BadHead,
    /// Words, a redirection or a pipe behind `done`.
    BehindDone,
    /// A `done` that went to the system's shell.
    ForeignDone,
    /// A redirection or a pipe in the head of a loop.
    RedirectedHead,
    /// A loop that has no `done` yet.
    OpenLoop,
    /// Too many loops inside each other.
    TooDeep,
    /// `${` that names nothing.
    OpenBrace,
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
        use LineFault::{OpenLoop, OpenQuote, TrailingBackslash};
        matches!(self.fault, OpenQuote(_) | TrailingBackslash | OpenLoop)
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            LineFault::NoLoop => f.write_str("no `for NAME in ...` is open before this"),
            LineFault::NoDo => {
                f.write_str("a loop goes on with `do`: `for zone in list zones; do`")
            }
            LineFault::BadName => f.write_str(
                "a variable's name has letters, digits and `_`, no digit first; `last` is taken",
            ),
            LineFault::BadHead => f.write_str(
                "a loop begins like `for zone in list zones; do` or `for name in web db; do`",
            ),
            LineFault::BehindDone => {
                f.write_str("`done` stands alone; `>` and `|` stand behind the commands inside")
            }
            LineFault::ForeignDone => f.write_str(
                "this `done` goes to the system's shell with all that is behind `|` or `!`; put it \
                 on a line of its own",
            ),
            LineFault::RedirectedHead => {
                f.write_str("the rows go into the loop; `>` and `|` stand behind commands inside")
            }
            LineFault::OpenLoop => f.write_str("this loop has no `done`"),
            LineFault::TooDeep => f.write_str("there are 16 loops inside each other already"),
            LineFault::OpenBrace => {
                f.write_str("`${` wants a name and `}` behind it; a plain dollar is `\\$`")
            }
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
