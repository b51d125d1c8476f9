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
//! * `$name` and what [`mod@reference`] says of it stands for a value, outside quotes and in
//!   `"..."`. The value is put in behind the reading: whatever it holds, it is a part of that one
//!   word. A dollar with no name behind it, an escaped one and one in `'...'` is a dollar.
//! * `for NAME in ...; do ...; done` repeats what is inside, see [`block`].
//!
//! There are no globs: what a value holds is what was typed.

mod block;
mod error;
mod quote;
mod reference;
mod scan;

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

pub(crate) use block::{Loop, Stage, Statement, Unfinished};
pub(crate) use error::{LineError, LineFault};
pub(crate) use quote::quote;
pub(crate) use reference::{Part, Reference, Slot, is_name};

use block::Blocks;
use reference::fill;
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
    /// Whether any part of it was quoted or escaped or is a variable's, so that it is meant
    /// literally.
    pub(crate) quoted: bool,
    /// The variables in it, in their order.
    pub(crate) slots: Vec<Slot>,
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
    /// The variables in the path.
    pub(crate) slots: Vec<Slot>,
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

    /// Where it begins.
    pub(crate) fn start(&self) -> usize {
        let word = self.words.first().map(|word| word.span.start);
        let bang = self.bang.as_ref().map(|bang| bang.span.start);
        word.or(bang).unwrap_or_default()
    }

    /// The line with values in place of its variables; nothing if it has none.
    pub(crate) fn filled<E>(
        &self,
        mut value: impl FnMut(&Slot) -> Result<String, E>,
    ) -> Result<Option<Self>, E> {
        let in_path = self.redirect.as_ref().is_some_and(|redirect| !redirect.slots.is_empty());
        if !in_path && self.words.iter().all(|word| word.slots.is_empty()) {
            return Ok(None);
        }
        let mut line = self.clone();
        for word in &mut line.words {
            (word.text, word.slots) = fill(&word.text, &word.slots, &mut value)?;
        }
        if let Some(redirect) = &mut line.redirect {
            (redirect.path, redirect.slots) = fill(&redirect.path, &redirect.slots, value)?;
        }
        Ok(Some(line))
    }
}

impl Word {
    /// Splits at the first `=` that was typed, quoted or not; a second one belongs to the value.
    pub(crate) fn assignment(&self) -> Option<Assignment<'_>> {
        let is_typed = |at: usize| !self.slots.iter().any(|slot| slot.at.contains(&at));
        let (at, _) = self.text.match_indices('=').find(|(at, _)| is_typed(*at))?;
        let (name, value) = (self.text.get(..at)?, self.text.get(at + 1..)?);
        let start = self.value_at.unwrap_or(self.span.end);
        Some(Assignment { name, value, span: start..self.span.end })
    }

    /// The word with its variables by name: their values may be secret.
    pub(crate) fn named(&self) -> Cow<'_, str> {
        if self.slots.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let named = fill(&self.text, &self.slots, |slot| Ok(slot.reference.to_string()));
        Cow::Owned(named.map_or_else(|never: Infallible| match never {}, |(text, _)| text))
    }

    /// Whether it is this keyword.
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }

    /// The word `name=value` whose value was typed as a word of its own.
    pub(crate) fn assigned(name: &str, value: &Self) -> Self {
        let (text, value_at) = (format!("{name}={}", value.text), Some(value.span.start));
        let before = name.len() + 1;
        let mut slots = value.slots.clone();
        for slot in &mut slots {
            slot.at = slot.at.start + before..slot.at.end + before;
        }
        Self { text, span: value.span.clone(), quoted: value.quoted, value_at, slots }
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

/// Reads a line or a whole script with its loops.
pub(crate) fn script(text: &str) -> Result<Vec<Statement>, LineError> {
    let mut blocks = Blocks::default();
    for line in parse(text)? {
        blocks.add(line)?;
    }
    blocks.finish()
}

/// Reads the command that the end of `text` is in, as far as it can be read.
///
/// For the completer, which is asked in the middle of a word: an open quote is no reason to know
/// nothing. The error, if any, says what is still open.
pub(crate) fn partial(text: &str) -> (Line, Option<LineError>) {
    let (_, mut line, error) = Scanner::new(text).last_command();
    block::stage(&mut line, text.len());
    (line, error)
}

/// The same, with what there is to know of the loops around it.
pub(crate) fn unfinished(text: &str) -> Unfinished {
    let (done, mut line, error) = Scanner::new(text).last_command();
    let stage = Blocks::after(done).stage(&mut line, text.len());
    Unfinished { line, stage, error }
}

/// The variables of the loops that the end of `text` is in, and what each goes over.
pub(crate) fn heads(text: &str) -> Vec<(String, Line)> {
    let (done, _, _) = Scanner::new(text).last_command();
    Blocks::after(done).heads()
}

/// The reference that is being typed at the end of `text`, and where it begins; an empty field if
/// there is no more than the dot yet.
pub(crate) fn naming(text: &str) -> Option<(Reference, usize)> {
    // With a letter more, `$` and `$last.` are references as well.
    ["_", "_}"].into_iter().find_map(|more| {
        let probe = format!("{text}{more}");
        let (_, line, _) = Scanner::new(&probe).last_command();
        let in_path = line.redirect.into_iter().flat_map(|redirect| redirect.slots);
        let slot = line.words.into_iter().flat_map(|word| word.slots).chain(in_path).last()?;
        let is_there = slot.span.end == probe.len() && slot.span.start < text.len();
        is_there.then(|| (slot.reference.shortened(), slot.span.start))
    })
}

/// Reads all commands as far as they can be read, the unfinished one at the end too; the error
/// says what keeps the rest from being read.
pub(crate) fn readable(text: &str) -> (Vec<Line>, Option<LineError>) {
    Scanner::new(text).all_commands()
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
            value_at: arg.find('=').map(|equals| start + equals + 1),
            ..Word::default()
        };
        start = word.span.end + 1;
        word
    });
    Line { words: words.collect(), ..Line::default() }
}

#[cfg(test)]
mod tests;
