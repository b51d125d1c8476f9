//! What each part of a line is, as far as that can be told while it is typed.
//!
//! A pure function of the line, by the same knowledge that completes it and carries it out: the
//! line language takes it apart, `command` says which words name a command, `check` which
//! parameters it takes. A word that is still being typed is not called wrong as long as it can
//! become right.

use std::ops::Range;

use super::command::{self, head};
use super::complete::OWN;
use super::line::{Assignment, Line, LineError, LineFault, Word, readable};
use super::render::Format;
use super::show::{PICTURES, named, subject};
use super::{ask, check, options, sift};
use crate::schema::{Catalogue, Completes, Kind, Spec};

/// What a part of a line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing in particular: blanks, plain values, text of the system's shell.
    #[default]
    Plain,
    /// Words that name a command.
    Command,
    /// The name of a parameter or of a field.
    Name,
    /// A quoted value.
    Text,
    /// The name of a variable.
    Variable,
    /// The name of a file.
    File,
    /// An option, as `-o csv`.
    Option,
    /// `where` and the words that join conditions; `|`, `>`, `;` and `!`.
    Sign,
    /// A comment.
    Comment,
    /// What cannot be right, whatever follows.
    Wrong,
}

/// The parts of the line in their order; together they are the whole of it.
pub(crate) fn highlight(catalogue: &Catalogue, text: &str) -> Vec<(Range<usize>, Part)> {
    let (lines, error) = readable(text);
    let mut paint = Paint { catalogue, text, parts: vec![Part::Plain; text.len()] };
    let mut read: Vec<_> = lines.iter().flat_map(spans).collect();
    read.sort_unstable_by_key(|span| span.start);
    let unread = error.as_ref().filter(|error| !error.needs_more()).map(|error| error.span.start);
    paint.between(&read, unread.unwrap_or(text.len()));
    for line in &lines {
        paint.line(line);
    }
    if let Some(error) = error {
        let part = if lacks_end(&error, text) { Part::Sign } else { Part::Wrong };
        paint.mark(error.span, part);
    }
    runs(&paint.parts)
}

/// Whether nothing is wrong but that the line ends here: it may be typed on.
fn lacks_end(error: &LineError, text: &str) -> bool {
    use LineFault::{NoFile, NothingToPipeTo, NothingToRun, TrailingBackslash};
    let lacks = [NoFile, NothingToPipeTo, NothingToRun, TrailingBackslash].contains(&error.fault);
    lacks && error.span.end == text.trim_end().len()
}

/// Where the words, files and foreign texts of a line stand.
fn spans(line: &Line) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = line.words.iter().map(|word| word.span.clone());
    let redirect = line.redirect.iter().map(|redirect| redirect.span.clone());
    let foreign = line.pipe.iter().chain(&line.bang).map(|foreign| foreign.span.clone());
    words.chain(redirect).chain(foreign)
}

/// Runs of bytes that are the same.
fn runs(parts: &[Part]) -> Vec<(Range<usize>, Part)> {
    let mut at = 0;
    let each = parts.chunk_by(|a, b| a == b).map(|run| {
        let start = at;
        at += run.len();
        (start..at, run.first().copied().unwrap_or_default())
    });
    each.collect()
}

struct Paint<'p> {
    catalogue: &'p Catalogue,
    text: &'p str,
    /// What each byte is part of.
    parts: Vec<Part>,
}

impl Paint<'_> {
    fn mark(&mut self, span: Range<usize>, part: Part) {
        if let Some(parts) = self.parts.get_mut(span) {
            parts.fill(part);
        }
    }

    fn mark_all(&mut self, words: &[Word], part: Part) {
        for word in words {
            self.mark(word.span.clone(), part);
        }
    }

    /// Whether the word is still being typed: nothing stands behind it.
    fn is_typed(&self, word: &Word) -> bool {
        word.span.end == self.text.len() && !word.quoted
    }

    /// Marks a word that is no good, unless it can become so.
    fn doubt(&mut self, word: &Word, goes_on: bool) {
        let part = if goes_on && self.is_typed(word) { Part::Plain } else { Part::Wrong };
        self.mark(word.span.clone(), part);
    }

    /// Marks what stands between words: signs and comments, as nothing else can be there.
    fn between(&mut self, read: &[Range<usize>], end: usize) {
        let mut at = 0;
        let whole = end..end;
        for span in read.iter().chain([&whole]) {
            while let Some(c) = self.text.get(at..span.start).and_then(|gap| gap.chars().next()) {
                let length = match c {
                    '#' => self.text.get(at..end).and_then(|rest| rest.find('\n')),
                    _ => Some(c.len_utf8()),
                };
                let next = length.map_or(end, |length| at + length);
                match c {
                    '#' => self.mark(at..next, Part::Comment),
                    '|' | '>' | ';' | '!' => self.mark(at..next, Part::Sign),
                    _ => {}
                }
                at = next;
            }
            at = at.max(span.end);
        }
    }

    fn line(&mut self, line: &Line) {
        if let Some(redirect) = &line.redirect {
            self.mark(redirect.span.clone(), Part::File);
        }
        let words = self.without_options(line.words.clone());
        self.command(&words);
    }

    /// Marks the options and takes them out of the words.
    fn without_options(&mut self, mut words: Vec<Word>) -> Vec<Word> {
        loop {
            let wrong = match options::take(&words) {
                Ok((rest, _)) => {
                    words.retain(|word| !rest.iter().any(|other| other.span == word.span));
                    self.mark_all(&words, Part::Option);
                    return rest;
                }
                Err(wrong) => wrong.span,
            };
            // A format that is none, alone or behind `-o`; or `-o` alone.
            let Some(at) = words.iter().position(|word| Some(&word.span) == wrong.as_ref()) else {
                return words;
            };
            let word = words.remove(at);
            if word.text == "-o" || word.text == "--output" {
                self.mark(word.span, Part::Option);
                continue;
            }
            let begins = |format: Format| format.name().starts_with(&word.text.to_lowercase());
            self.doubt(&word, Format::ALL.into_iter().any(begins));
            let before = at.checked_sub(1).filter(|_| !word.text.starts_with('-'));
            if let Some(option) = before.map(|at| words.remove(at)) {
                self.mark(option.span, Part::Option);
            }
        }
    }

    fn command(&mut self, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else { return };
        match first.text.as_str() {
            "help" => {
                self.mark(first.span.clone(), Part::Command);
                if let Some(found) = command::meant(self.catalogue, rest) {
                    self.mark_all(rest.get(..found.words).unwrap_or_default(), Part::Command);
                }
            }
            "show" | "explain" => self.picture(first, words),
            "watch" => {
                self.mark(first.span.clone(), Part::Command);
                let seconds = rest.first().is_some_and(|word| word.text.parse::<f64>().is_ok());
                self.command(rest.get(usize::from(seconds)..).unwrap_or_default());
            }
            "source" => {
                self.mark(first.span.clone(), Part::Command);
                self.mark_all(rest, Part::File);
            }
            _ => self.call(first, words),
        }
    }

    /// A call of an API, or what may become one.
    fn call(&mut self, first: &Word, words: &[Word]) {
        let head = head(words);
        let is_typed = head.last().is_some_and(|last| self.is_typed(last));
        if let Some(found) = command::meant(self.catalogue, words) {
            self.mark_all(words.get(..found.words).unwrap_or_default(), Part::Command);
            let longer = is_typed && command::begun(self.catalogue, head, true) == head.len();
            self.given(found.spec, words.get(found.words..).unwrap_or_default(), longer);
            return;
        }
        let begun = command::begun(self.catalogue, head, is_typed);
        self.mark_all(head.get(..begun).unwrap_or_default(), Part::Command);
        let own = |name: &str| OWN.iter().any(|(known, _)| *known == name);
        if own(&first.text) {
            self.mark(first.span.clone(), Part::Command);
            if first.text == "set" {
                self.option(words.get(1));
            }
        } else if let Some(unknown) = head.get(begun) {
            let goes_on = begun == 0 && OWN.iter().any(|(own, _)| own.starts_with(&unknown.text));
            self.doubt(unknown, goes_on);
        } else if let Some(last) = head.last().filter(|_| is_typed) {
            // It names nothing yet.
            self.mark(last.span.clone(), Part::Plain);
        }
    }

    /// The name of the option that `set` sets.
    fn option(&mut self, word: Option<&Word>) {
        let Some(word) = word else { return };
        let end = word.assignment().map_or(word.span.end, |given| given.span.start);
        self.mark(word.span.start..end, Part::Name);
    }

    /// What stands behind the name of a command; the last word may belong to a longer name.
    fn given(&mut self, spec: &Spec, words: &[Word], is_longer: bool) {
        let (words, condition) = sift::split(words);
        let mut seen = Vec::with_capacity(words.len());
        for word in words {
            match word.assignment() {
                Some(given) => self.assignment(spec, word, &given, &mut seen),
                None => {
                    let typed = word.text.to_lowercase();
                    let begins = |name: &str| name.starts_with(&typed);
                    let of_map = check::base(&typed) != typed
                        && spec.param(check::base(&typed)).is_some_and(|map| map.wire == "map");
                    let goes_on = is_longer
                        || of_map
                        || "where".starts_with(&typed)
                        || spec.params().any(|param| begins(param.name))
                        || check::SHAPING.iter().any(|(name, _)| begins(name))
                        || check::takes(spec, &word.text);
                    self.doubt(word, goes_on);
                }
            }
        }
        if let Some((mark, said)) = condition {
            let is_list = spec.kind == Kind::List;
            self.mark(mark.span.clone(), if is_list { Part::Sign } else { Part::Wrong });
            for word in said {
                self.condition(spec, word);
            }
        }
    }

    fn assignment(
        &mut self,
        spec: &Spec,
        word: &Word,
        given: &Assignment<'_>,
        seen: &mut Vec<String>,
    ) {
        let name = given.name.to_lowercase();
        let is_known = check::takes(spec, given.name) && !seen.contains(&name);
        let part = if is_known { Part::Name } else { Part::Wrong };
        self.mark(word.span.start..given.span.start, part);
        let odd = spec.param(&name).is_some_and(|param| {
            let last = given.value.rsplit(',').next().unwrap_or_default().trim().to_lowercase();
            let begins = |choice: &&str| choice.to_lowercase().starts_with(&last);
            let goes_on = self.is_typed(word)
                && matches!(param.completes, Completes::Choices(words) if words.iter().any(begins));
            !given.value.is_empty() && !goes_on && ask::wrong(param, given.value).is_some()
        });
        self.value(word, given, odd);
        seen.push(name);
    }

    fn value(&mut self, word: &Word, given: &Assignment<'_>, is_odd: bool) {
        let raw = self.text.get(given.span.clone()).unwrap_or_default();
        let part = match raw.chars().next() {
            Some('@') => Part::File,
            Some('$') => Part::Variable,
            _ if is_odd => Part::Wrong,
            _ if word.quoted => Part::Text,
            _ => Part::Plain,
        };
        self.mark(given.span.clone(), part);
    }

    /// A word of a condition: what joins, or a field and what it is compared with.
    fn condition(&mut self, spec: &Spec, word: &Word) {
        if word.quoted {
            self.mark(word.span.clone(), Part::Text);
        } else if ["and", "or", "not"].contains(&word.text.to_lowercase().as_str()) {
            self.mark(word.span.clone(), Part::Sign);
        }
        let raw = self.text.get(word.span.clone()).unwrap_or_default();
        let bare = raw.trim_start_matches('(');
        let start = word.span.start + (raw.len() - bare.len());
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = bare.find(|c| !is_name(c)).unwrap_or(bare.len());
        let name = bare.get(..end).unwrap_or_default();
        if spec.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
            self.mark(start..start + end, Part::Name);
        }
    }

    /// A command that draws.
    fn picture(&mut self, show: &Word, words: &[Word]) {
        self.mark(show.span.clone(), Part::Command);
        let Some(noun) = words.get(1) else { return };
        let Some(spec) = named(words) else {
            let typed = noun.text.to_lowercase();
            let start = format!("{}{typed}", show.text);
            let begins = |spec: &Spec| spec.name.to_lowercase().starts_with(&start);
            self.doubt(noun, PICTURES.iter().any(begins));
            return;
        };
        self.mark(noun.span.clone(), Part::Command);
        let mut given = Vec::new();
        let mut has_subject = subject(spec).is_none();
        let mut before = "";
        for word in words.get(2..).unwrap_or_default() {
            let text = word.text.as_str();
            match text {
                _ if before == "--svg" => self.mark(word.span.clone(), Part::File),
                "--svg" | "--ascii" => self.mark(word.span.clone(), Part::Option),
                _ if word.assignment().is_none() && !has_subject => has_subject = true,
                _ => given.push(word.clone()),
            }
            before = text;
        }
        self.given(spec, &given, false);
    }
}

#[cfg(test)]
mod tests;
