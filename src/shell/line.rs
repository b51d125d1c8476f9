//! The line language: from typed text to words, each of which knows where it stood.
//!
//! Positions are byte offsets into the text given to [`parse`]; the completer replaces by them
//! and an error points at them. The grammar, in full:
//!
//! * Blanks separate words; `;` and a newline separate commands; `#` at a word's start begins a
//!   comment that lasts to the end of the line.
//! * `'...'` is literal. In `"..."` a backslash escapes `"`, `\`, `$`, a backquote and a newline
//!   and is kept before anything else, as in POSIX shells. Outside quotes it escapes any
//!   character; before a newline it continues the line.
//! * `> FILE` and `>> FILE` redirect, but only where a word could begin: `a>b` is a word.
//! * An unquoted `|` hands the rest of the line, and `!` at a command's start the whole of it, to
//!   the system's shell. The text is foreign from there on, so `;`, `>` and `&&` belong to it.
//!
//! There are no variables and no globs: what a value holds is what was typed.

mod error;
mod quote;
mod scan;

use std::ops::Range;

pub(crate) use error::{LineError, LineFault};
pub(crate) use quote::quote;

use scan::Scanner;

/// One command, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) words: Vec<Word>,
    /// Where the answer goes instead of the terminal.
    pub(crate) redirect: Option<Redirect>,
    /// What stands after an unquoted `|`, for the system's shell.
    pub(crate) pipe: Option<Foreign>,
    /// What stands after a leading `!`, for the system's shell; there are no words then.
    pub(crate) bang: Option<Foreign>,
}

/// One word, unquoted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Where it stood, quotes included.
    pub(crate) span: Range<usize>,
    /// Whether any part of it was quoted or escaped, so that it is meant literally.
    pub(crate) quoted: bool,
    /// The offset just behind the first `=` of the text.
    value_at: Option<usize>,
}

/// The target of `>` or `>>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) path: String,
    pub(crate) append: bool,
    /// Where the path stood, quotes included.
    pub(crate) span: Range<usize>,
}

/// Text in the language of the system's shell, untouched but for the blanks around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A word of the form `name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    /// Where the value stood, quotes included; empty and at the word's end if there is none.
    pub(crate) span: Range<usize>,
}

impl Line {
    /// Whether nothing was typed but blanks and comments.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.redirect.is_none()
            && self.pipe.is_none()
            && self.bang.is_none()
    }
}

impl Word {
    /// Splits at the first `=`, quoted or not; a second one belongs to the value.
    pub(crate) fn assignment(&self) -> Option<Assignment<'_>> {
        let (name, value) = self.text.split_once('=')?;
        let start = self.value_at.unwrap_or(self.span.end);
        Some(Assignment { name, value, span: start..self.span.end })
    }

    /// The word `name=value` whose value was typed as a word of its own.
    pub(crate) fn assigned(name: &str, value: &Self) -> Self {
        let (text, value_at) = (format!("{name}={}", value.text), Some(value.span.start));
        Self { text, span: value.span.clone(), quoted: value.quoted, value_at }
    }

    pub(crate) fn opened_at(start: usize) -> Self {
        Self { span: start..start, ..Self::default() }
    }

    /// Appends a character whose source ends at `end`.
    fn push(&mut self, c: char, end: usize) {
        if c == '=' && self.value_at.is_none() {
            self.value_at = Some(end);
        }
        self.text.push(c);
        self.span.end = end;
    }
}

/// Reads a line or a whole script: the commands in order, blank ones left out.
pub(crate) fn parse(text: &str) -> Result<Vec<Line>, LineError> {
    Scanner::new(text).finish()
}

/// Reads the command that the end of `text` is in, as far as it can be read.
///
/// For the completer, which is asked in the middle of a word: an open quote is no reason to know
/// nothing. The error, if any, says what is still open.
pub(crate) fn partial(text: &str) -> (Line, Option<LineError>) {
    Scanner::new(text).last_command()
}

/// Takes the words of a one-shot command as the operating system gives them.
///
/// They have been unquoted once and are not again, so `|`, `>`, `#` and quotes are plain
/// characters here. Positions count in the arguments joined by single blanks.
pub(crate) fn split_argv(args: &[String]) -> Line {
    let mut start = 0;
    let words = args.iter().map(|arg| {
        let word = Word {
            text: arg.clone(),
            span: start..start + arg.len(),
            quoted: false,
            value_at: arg.find('=').map(|equals| start + equals + 1),
        };
        start = word.span.end + 1;
        word
    });
    Line { words: words.collect(), ..Line::default() }
}

#[cfg(test)]
mod tests;
