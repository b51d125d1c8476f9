//! The words of a condition, taken apart at operators and brackets.

use std::ops::Range;

use crate::shell::line::Word;
use crate::shell::wrong::Wrong;

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Is,
    IsNot,
    Has,
    HasNot,
    Less,
    LessOrSame,
    More,
    MoreOrSame,
}

/// The operators; of two that begin alike the longer one comes first.
const OPS: &[(&str, Op)] = &[
    ("==", Op::Is),
    ("!=", Op::IsNot),
    ("!~", Op::HasNot),
    ("<=", Op::LessOrSame),
    (">=", Op::MoreOrSame),
    ("=", Op::Is),
    ("~", Op::Has),
    ("<", Op::Less),
    (">", Op::More),
];

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Open,
    Close,
    And,
    Or,
    Not,
    Compare(Op),
    /// A field, or more of a value that has blanks.
    Text(String),
    /// What stands behind an operator.
    Value(String),
}

/// A piece and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) what: What,
    pub(super) span: Range<usize>,
    pub(super) quoted: bool,
}

/// Takes the words apart; `source` is the text that their spans count in.
pub(super) fn pieces(words: &[Word], source: &str) -> Result<Vec<Piece>, Wrong> {
    let mut pieces = Vec::new();
    for word in words {
        let text = source.get(word.span.clone()).unwrap_or(&word.text);
        Scan { word, text, at: 0, start: word.span.start, pieces: &mut pieces }.word()?;
    }
    Ok(pieces)
}

/// Reads one word, which may have blanks if it came from a program.
struct Scan<'s> {
    word: &'s Word,
    text: &'s str,
    at: usize,
    /// Where the word stands.
    start: usize,
    pieces: &'s mut Vec<Piece>,
}

impl Scan<'_> {
    fn word(mut self) -> Result<(), Wrong> {
        loop {
            let from = self.at;
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return Ok(()) };
            if c.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            if let Some((sign, what)) = self.sign() {
                self.at += sign;
                self.add(what, from, false);
                continue;
            }
            let is_next = from > 0 && !self.text[..from].ends_with(|c: char| c.is_whitespace());
            let behind = self.is_behind_operator();
            let (text, quoted) = self.take(behind)?;
            let keyword = if quoted || behind && is_next { None } else { keyword(&text) };
            let what = match keyword {
                Some(keyword) => keyword,
                None if behind => What::Value(text),
                None => What::Text(text),
            };
            self.add(what, from, quoted);
        }
    }

    /// A bracket or an operator, and how long it is.
    fn sign(&self) -> Option<(usize, What)> {
        let rest = self.rest();
        if rest.starts_with(')') {
            return Some((1, What::Close));
        }
        if self.is_behind_operator() {
            return None;
        }
        if rest.starts_with('(') {
            return Some((1, What::Open));
        }
        if let Some((sign, op)) = OPS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            return Some((sign.len(), What::Compare(*op)));
        }
        rest.starts_with('!').then_some((1, What::Not))
    }

    fn is_behind_operator(&self) -> bool {
        matches!(self.pieces.last(), Some(Piece { what: What::Compare(_), .. }))
    }

    /// Takes a text, in which operators are plain characters if it is a value.
    fn take(&mut self, is_value: bool) -> Result<(String, bool), Wrong> {
        let (mut text, mut quoted) = (String::new(), false);
        while let Some(c) = self.rest().chars().next() {
            match c {
                '$' if self.variable(&mut text) => {
                    quoted = true;
                    continue;
                }
                ')' => break,
                '(' | '=' | '!' | '~' | '<' | '>' if !is_value => break,
                _ if c.is_ascii_whitespace() => break,
                '\'' | '"' => {
                    quoted = true;
                    self.quoted(c, &mut text)?;
                    continue;
                }
                '\\' => {
                    quoted = true;
                    self.at += 1;
                    self.escaped(&mut text);
                    continue;
                }
                _ => text.push(c),
            }
            self.at += c.len_utf8();
        }
        Ok((text, quoted))
    }

    fn quoted(&mut self, quote: char, text: &mut String) -> Result<(), Wrong> {
        let from = self.start + self.at;
        self.at += 1;
        while let Some(c) = self.rest().chars().next() {
            if c == '$' && self.variable(text) {
                continue;
            }
            self.at += c.len_utf8();
            match c {
                _ if c == quote => return Ok(()),
                '\\' if quote == '"' && self.rest().starts_with(['"', '\\', '$', '`', '\n']) => {
                    self.escaped(text);
                }
                _ => text.push(c),
            }
        }
        Err(Wrong::at(from..from + 1, "the quote is not closed"))
    }

    /// Takes the value of a variable, if one stands here.
    fn variable(&mut self, text: &mut String) -> bool {
        let here = self.start + self.at;
        let Some(slot) = self.word.slots.iter().find(|slot| slot.span.start == here) else {
            return false;
        };
        text.push_str(self.word.text.get(slot.at.clone()).unwrap_or_default());
        self.at = slot.span.end - self.start;
        true
    }

    /// Takes the character behind a backslash; a newline there joins two lines.
    fn escaped(&mut self, text: &mut String) {
        if let Some(c) = self.rest().chars().next() {
            self.at += c.len_utf8();
            if c != '\n' {
                text.push(c);
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn add(&mut self, what: What, from: usize, quoted: bool) {
        let span = self.start + from..self.start + self.at;
        self.pieces.push(Piece { what, span, quoted });
    }
}

fn keyword(text: &str) -> Option<What> {
    match text.to_ascii_lowercase().as_str() {
        "and" => Some(What::And),
        "or" => Some(What::Or),
        "not" => Some(What::Not),
        _ => None,
    }
}
