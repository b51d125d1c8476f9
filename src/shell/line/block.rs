//! Loops: `for NAME in ...; do`, commands, `done`, over several lines or on one.
//!
//! The words `for`, `do` and `done` are keywords where a command begins and where nothing of them
//! is quoted. What stands behind `in` is for whoever carries it out: a command that lists, or the
//! words themselves.

use std::ops::Range;

use super::{Foreign, Line, LineError, LineFault, Word, is_name};

/// Loops inside each other at most: what reads and runs them takes one step down for each.
const DEEPEST: usize = 16;

/// A part of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    Command(Line),
    Loop(Loop),
}

/// Commands that are carried out for each of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loop {
    /// The variable that holds the value.
    pub(crate) name: String,
    /// What stands behind `in`.
    pub(crate) over: Line,
    pub(crate) body: Vec<Statement>,
    /// Where `for` stood.
    pub(crate) span: Range<usize>,
}

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A command, in a loop or not.
    Command { in_loop: bool },
    /// The name behind `for`.
    Name,
    /// The `in` behind the name.
    In,
    /// What stands behind `in`.
    Over,
    /// The `do` behind a loop's head.
    Do,
}

/// The command that is being typed.
#[derive(Debug)]
pub(crate) struct Unfinished {
    /// Its words, without those of loops around it.
    pub(crate) line: Line,
    pub(crate) stage: Stage,
    pub(crate) error: Option<LineError>,
}

/// Puts commands into the loops that they belong to.
#[derive(Default)]
pub(super) struct Blocks {
    open: Vec<Open>,
    done: Vec<Statement>,
}

/// A loop that has no `done` yet.
struct Open {
    is_begun: bool,
    of: Loop,
}

impl Blocks {
    /// The blocks after these commands, as far as they make sense.
    pub(super) fn after(lines: Vec<Line>) -> Self {
        let mut blocks = Self::default();
        for line in lines {
            // The line is only being typed: what is wrong with it is said later.
            let _ = blocks.add(line);
        }
        blocks
    }

    /// The variables of the loops that are open, and what each goes over.
    pub(super) fn heads(self) -> Vec<(String, Line)> {
        self.open.into_iter().map(|open| (open.of.name, open.of.over)).collect()
    }

    pub(super) fn add(&mut self, mut line: Line) -> Result<(), LineError> {
        let is_behind_head = |open: &Open| !open.is_begun;
        loop {
            let first = line.words.first();
            let waits = self.open.last().is_some_and(is_behind_head);
            let keyword = first.filter(|first| ["for", "do", "done"].iter().any(|it| first.is(it)));
            let Some(word) = keyword else {
                if waits {
                    return Err(error(LineFault::NoDo, place(&line)));
                }
                return self.command(line);
            };
            match (word.text.as_str(), waits) {
                ("for", false) => return self.head(line),
                ("do", true) => {
                    if let Some(open) = self.open.last_mut() {
                        open.is_begun = true;
                    }
                    line.words.remove(0);
                    if line.is_empty() {
                        return Ok(());
                    }
                }
                ("done", false) if !self.open.is_empty() => return self.end(&line),
                (_, true) => return Err(error(LineFault::NoDo, word.span.clone())),
                _ => return Err(error(LineFault::NoLoop, word.span.clone())),
            }
        }
    }

    pub(super) fn finish(self) -> Result<Vec<Statement>, LineError> {
        match self.open.into_iter().next_back() {
            Some(open) => Err(error(LineFault::OpenLoop, open.of.span)),
            None => Ok(self.done),
        }
    }

    /// What is being typed behind the commands so far; its keywords are taken from the line.
    pub(super) fn stage(&self, line: &mut Line, end: usize) -> Stage {
        let waits = self.open.last().is_some_and(|open| !open.is_begun);
        let has_do = line.words.first().is_some_and(|word| word.is("do") && word.span.end < end);
        match stage(line, end) {
            Stage::Command { .. } if waits && !has_do => Stage::Do,
            Stage::Command { .. } => Stage::Command { in_loop: !self.open.is_empty() },
            stage => stage,
        }
    }

    fn command(&mut self, line: Line) -> Result<(), LineError> {
        if line.words.is_empty() && line.bang.is_none() {
            return Err(error(LineFault::NoCommand, place(&line)));
        }
        let foreign = line.pipe.as_ref().or(line.bang.as_ref());
        if let Some(span) = foreign.filter(|_| !self.open.is_empty()).and_then(done_behind) {
            return Err(error(LineFault::ForeignDone, span));
        }
        self.put(Statement::Command(line));
        Ok(())
    }

    fn head(&mut self, mut line: Line) -> Result<(), LineError> {
        let span = line.words.first().map(|word| word.span.clone()).unwrap_or_default();
        if self.open.len() >= DEEPEST {
            return Err(error(LineFault::TooDeep, span));
        }
        let Some(name) = line.words.get(1) else { return Err(error(LineFault::BadHead, span)) };
        if name.quoted || !is_name(&name.text) || name.text == "last" {
            return Err(error(LineFault::BadName, name.span.clone()));
        }
        let name = name.text.clone();
        match line.words.get(2) {
            Some(word) if word.is("in") && line.words.len() > 3 => {}
            Some(word) => return Err(error(LineFault::BadHead, word.span.clone())),
            None => return Err(error(LineFault::BadHead, span)),
        }
        let redirect = line.redirect.as_ref().map(|redirect| &redirect.span);
        if let Some(span) = redirect.or(line.pipe.as_ref().map(|pipe| &pipe.span)) {
            return Err(error(LineFault::RedirectedHead, span.clone()));
        }
        line.words.drain(..3);
        let of = Loop { name, over: line, body: Vec::new(), span };
        self.open.push(Open { is_begun: false, of });
        Ok(())
    }

    fn end(&mut self, line: &Line) -> Result<(), LineError> {
        let is_alone = line.words.len() == 1 && line.redirect.is_none() && line.pipe.is_none();
        match self.open.pop() {
            Some(open) if is_alone => self.put(Statement::Loop(open.of)),
            _ => return Err(error(LineFault::BehindDone, place(line))),
        }
        Ok(())
    }

    fn put(&mut self, statement: Statement) {
        match self.open.last_mut() {
            Some(open) => open.of.body.push(statement),
            None => self.done.push(statement),
        }
    }
}

/// What the line is about, whose text ends at `end`; keywords and what they need are taken from
/// it. A word that the text ends in may still become another.
pub(super) fn stage(line: &mut Line, end: usize) -> Stage {
    let is_whole = |word: Option<&Word>| word.is_some_and(|word| word.span.end < end);
    let is = |word: Option<&Word>, keyword| is_whole(word) && word.is_some_and(|it| it.is(keyword));
    if is(line.words.first(), "do") {
        line.words.remove(0);
    }
    if !is(line.words.first(), "for") {
        return Stage::Command { in_loop: false };
    }
    let (taken, stage) = match (is_whole(line.words.get(1)), is(line.words.get(2), "in")) {
        (true, true) => (3, Stage::Over),
        (true, false) => (2, Stage::In),
        (false, _) => (1, Stage::Name),
    };
    line.words.drain(..taken);
    stage
}

/// Where a `done` stands that ends the text, which has no loop of its own.
fn done_behind(foreign: &Foreign) -> Option<Range<usize>> {
    let before = foreign.text.strip_suffix("done")?;
    let is_word = before.ends_with([';', ' ', '\t']);
    let is_end = before.trim_end().ends_with(';');
    let has_loop = before.split([';', ' ', '\t', '\n']).any(|word| word == "do");
    let end = foreign.span.end;
    (is_word && is_end && !has_loop).then(|| end - "done".len()..end)
}

/// What of the line can be pointed at.
fn place(line: &Line) -> Range<usize> {
    let words = line.words.first().zip(line.words.last());
    let words = words.map(|(first, last)| first.span.start..last.span.end);
    let others = [
        line.redirect.as_ref().map(|redirect| &redirect.span),
        line.pipe.as_ref().map(|pipe| &pipe.span),
        line.bang.as_ref().map(|bang| &bang.span),
    ];
    words.or(others.into_iter().flatten().next().cloned()).unwrap_or_default()
}

fn error(fault: LineFault, span: Range<usize>) -> LineError {
    LineError { fault, span }
}
