//! The scanner: one pass over the text, one character of look-ahead.

use std::ops::Range;

use super::quote::is_escaped_in_quotes;
use super::reference::{self, Malformed, Slot};
use super::{Foreign, Line, LineError, LineFault, Redirect, Word};

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    done: Vec<Line>,
    line: Line,
    /// Whether it reads the language of the system's shell, whose variables are its own.
    is_foreign: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, done: Vec::new(), line: Line::default(), is_foreign: false }
    }

    pub(super) fn finish(mut self) -> Result<Vec<Line>, LineError> {
        self.scan()?;
        self.end_command()?;
        Ok(self.done)
    }

    /// The commands that are whole, the last one as far as it goes, and what is wrong with it.
    pub(super) fn last_command(mut self) -> (Vec<Line>, Line, Option<LineError>) {
        let error = self.scan().err();
        (self.done, self.line, error)
    }

    pub(super) fn all_commands(mut self) -> (Vec<Line>, Option<LineError>) {
        let error = self.scan().err();
        self.done.push(self.line);
        (self.done, error)
    }

    /// Whatever is read goes into `self.line` even if it ends in an error: `last_command`
    /// and `all_commands` depend on it.
    fn scan(&mut self) -> Result<(), LineError> {
        while let Some(c) = self.peek() {
            match c {
                '\n' | ';' => {
                    self.bump(c);
                    self.end_command()?;
                }
                _ if is_blank(c) => self.bump(c),
                '#' => self.skip_comment(),
                '!' if self.is_begun() => self.bang()?,
                '|' => self.pipe()?,
                '>' => self.redirect()?,
                '\\' if self.skip_continuation() => {}
                _ => {
                    let (word, end) = self.word();
                    self.line.words.push(word);
                    end?;
                }
            }
        }
        Ok(())
    }

    /// Whether a command begins here: at its start or behind `do`.
    fn is_begun(&self) -> bool {
        let words = self.line.words.as_slice();
        self.line.redirect.is_none()
            && matches!(words, [] | [_])
            && words.iter().all(|it| it.is("do"))
    }

    fn end_command(&mut self) -> Result<(), LineError> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(());
        }
        if let Some(redirect) = &line.redirect
            && line.words.is_empty()
        {
            return Err(error(LineFault::NoCommand, redirect.span.clone()));
        }
        self.done.push(line);
        Ok(())
    }

    fn bang(&mut self) -> Result<(), LineError> {
        let mark = self.mark('!');
        let (foreign, end) = self.foreign();
        let empty = foreign.text.is_empty();
        self.line.bang = Some(foreign);
        end?;
        if empty { Err(error(LineFault::NothingToRun, mark)) } else { Ok(()) }
    }

    fn pipe(&mut self) -> Result<(), LineError> {
        let mark = self.mark('|');
        if self.peek() == Some('|') {
            return Err(error(LineFault::OrElse, mark.start..mark.end + 1));
        }
        if self.line.redirect.is_some() {
            return Err(error(LineFault::PipeAndRedirect, mark));
        }
        if self.line.words.is_empty() {
            return Err(error(LineFault::NoCommand, mark));
        }
        let (foreign, end) = self.foreign();
        let empty = foreign.text.is_empty();
        self.line.pipe = Some(foreign);
        end?;
        if empty { Err(error(LineFault::NothingToPipeTo, mark)) } else { Ok(()) }
    }

    fn redirect(&mut self) -> Result<(), LineError> {
        let mark = self.mark('>');
        let append = self.peek() == Some('>');
        if append {
            self.bump('>');
        }
        let mark = mark.start..self.at;
        if self.line.redirect.is_some() {
            return Err(error(LineFault::TwoRedirects, mark));
        }
        while let Some(c) = self.peek().filter(|c| is_blank(*c)) {
            self.bump(c);
        }
        let (word, end) = match self.peek() {
            None | Some('\n' | ';' | '|' | '>' | '#') => (Word::opened_at(self.at), Ok(())),
            Some(_) => self.word(),
        };
        let empty = word.text.is_empty();
        self.line.redirect =
            Some(Redirect { path: word.text, append, span: word.span, slots: word.slots });
        end?;
        if empty { Err(error(LineFault::NoFile, mark)) } else { Ok(()) }
    }

    /// Reads one word; also returns it when it ends in an error.
    fn word(&mut self) -> (Word, Result<(), LineError>) {
        let mut word = Word::opened_at(self.at);
        let end = self.fill(&mut word);
        word.span.end = self.at;
        (word, end)
    }

    fn fill(&mut self, word: &mut Word) -> Result<(), LineError> {
        while let Some(c) = self.peek() {
            match c {
                '\n' | ';' | '|' => break,
                _ if is_blank(c) => break,
                '\'' => self.single_quoted(word)?,
                '"' => self.double_quoted(word)?,
                '\\' if self.skip_continuation() => {}
                '\\' => self.escaped(word)?,
                '$' => self.dollar(word)?,
                _ => self.take(c, word),
            }
        }
        Ok(())
    }

    /// Takes a reference as it stands, or a dollar.
    fn dollar(&mut self, word: &mut Word) -> Result<(), LineError> {
        let found = if self.is_foreign { Ok(None) } else { reference::read(self.rest()) };
        let (reference, len) = match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.take('$', word);
                return Ok(());
            }
            Err(Malformed(len)) => {
                return Err(error(LineFault::OpenBrace, self.at..self.at + len));
            }
        };
        let (start, span) = (word.text.len(), self.at..self.at + len);
        word.text.push_str(self.text.get(span.clone()).unwrap_or_default());
        word.quoted = true;
        self.at = span.end;
        word.slots.push(Slot { reference, at: start..word.text.len(), span });
        Ok(())
    }

    fn single_quoted(&mut self, word: &mut Word) -> Result<(), LineError> {
        let mark = self.mark('\'');
        word.quoted = true;
        while let Some(c) = self.peek() {
            if c == '\'' {
                self.bump(c);
                return Ok(());
            }
            self.take(c, word);
        }
        Err(error(LineFault::OpenQuote('\''), mark))
    }

    fn double_quoted(&mut self, word: &mut Word) -> Result<(), LineError> {
        let mark = self.mark('"');
        word.quoted = true;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.bump(c);
                    return Ok(());
                }
                '\\' if self.skip_continuation() => {}
                '\\' if self.peek_second().is_some_and(is_escaped_in_quotes) => {
                    self.escaped(word)?;
                }
                '$' => self.dollar(word)?,
                _ => self.take(c, word),
            }
        }
        Err(error(LineFault::OpenQuote('"'), mark))
    }

    fn escaped(&mut self, word: &mut Word) -> Result<(), LineError> {
        let mark = self.mark('\\');
        word.quoted = true;
        let Some(c) = self.peek() else {
            return Err(error(LineFault::TrailingBackslash, mark));
        };
        self.take(c, word);
        Ok(())
    }

    /// Takes text of the system's shell up to the end of the line.
    ///
    /// Of that language only quotes, escapes and comments are understood: enough to know which
    /// newline ends it.
    fn foreign(&mut self) -> (Foreign, Result<(), LineError>) {
        let start = self.at;
        self.is_foreign = true;
        let end = self.skip_foreign();
        self.is_foreign = false;
        let raw = self.text.get(start..self.at).unwrap_or_default();
        let text = raw.trim_ascii();
        let start = start + (raw.len() - raw.trim_ascii_start().len());
        (Foreign { text: text.to_owned(), span: start..start + text.len() }, end)
    }

    fn skip_foreign(&mut self) -> Result<(), LineError> {
        let mut word_start = true;
        while let Some(c) = self.peek() {
            match c {
                '\n' => break,
                '#' if word_start => self.skip_comment(),
                '\'' => self.single_quoted(&mut Word::default())?,
                '"' => self.double_quoted(&mut Word::default())?,
                '\\' => self.escaped(&mut Word::default())?,
                _ => self.bump(c),
            }
            word_start = is_blank(c) || c == ';';
        }
        Ok(())
    }

    fn skip_comment(&mut self) {
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            self.bump(c);
        }
    }

    /// Skips a backslash and the newline behind it, also a Windows one.
    fn skip_continuation(&mut self) -> bool {
        let rest = self.rest();
        let Some(joint) = ["\\\n", "\\\r\n"].into_iter().find(|joint| rest.starts_with(*joint))
        else {
            return false;
        };
        self.at += joint.len();
        true
    }

    fn take(&mut self, c: char, word: &mut Word) {
        self.bump(c);
        word.push(c, self.at);
    }

    /// Steps over the sign `c` and returns where it stood.
    fn mark(&mut self, c: char) -> Range<usize> {
        let start = self.at;
        self.bump(c);
        start..self.at
    }

    fn bump(&mut self, c: char) {
        self.at += c.len_utf8();
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

/// Only ASCII blanks separate: a no-break space pasted into a name stays in the name.
fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() && c != '\n'
}

fn error(fault: LineFault, span: Range<usize>) -> LineError {
    LineError { fault, span }
}
