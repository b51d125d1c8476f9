//! `set -v name=value`, `unset -v name` and what is kept of answers.

use std::rc::Rc;

use super::{Session, job_only};
use crate::schema::Spec;
use crate::shell::line::{Line, Slot, Word, is_name};
use crate::shell::lookups::Known;
use crate::shell::options::Options;
use crate::shell::set;
use crate::shell::status::Status;
use crate::shell::variables::{Last, Variable};
use crate::shell::wrong::Wrong;
use crate::text::{is_secret_name, quoted};
use crate::transport::Answer;

impl<'t> Session<'t> {
    /// What it knows of itself, for who completes lines.
    pub(crate) fn known(&self) -> Known<'t> {
        Known { variables: Rc::clone(&self.variables), settable: self.settable }
    }

    /// The line with values in place of its variables; nothing if it has none. What `set -v` gives
    /// a variable as a whole need not be a text.
    pub(super) fn values(&self, line: &Line) -> Result<Option<Line>, Wrong> {
        let variables = self.variables.borrow();
        let [first, second, ..] = line.words.as_slice() else { return variables.fill(line, &[]) };
        if first.text != "set" || second.text != "-v" {
            return variables.fill(line, &[]);
        }
        let whole = line.words.iter().filter_map(|word| whole(word));
        let whole: Vec<_> = whole.map(|slot| slot.span.clone()).collect();
        variables.fill(line, &whole)
    }

    /// Keeps the answer for the commands that follow.
    pub(super) fn remember(&mut self, spec: &Spec, answer: &Answer, options: Options) {
        if !self.keeps {
            return;
        }
        let last = match job_only(answer).filter(|_| options.no_wait) {
            Some(job) => Last::of(&Spec::BLANK, &job),
            None => Last::of(spec, &answer.body),
        };
        self.variables.borrow_mut().answered(last);
    }

    /// Carries out `set -v`: all names are looked at before the first is set.
    pub(super) fn assign(&mut self, line: &Line, words: &[Word]) -> Result<Status, Wrong> {
        let given = words.get(2..).unwrap_or_default();
        if self.look.literal_dollar || !self.keeps {
            return Err(Wrong::new(
                "variables are for the shell and for scripts on standard input; for one command \
                 the system's shell has its own",
            ));
        }
        if given.is_empty() {
            let shown = self.variables.borrow().shown();
            return Ok(self.say(line, set::list(&shown)));
        }
        let named: Vec<_> = given.iter().map(|word| self.named(word)).collect::<Result<_, _>>()?;
        let mut variables = self.variables.borrow_mut();
        for (name, variable) in named {
            variables.set(&name, variable);
        }
        Ok(Status::Done)
    }

    /// Name and value of one word.
    fn named(&self, word: &Word) -> Result<(String, Variable), Wrong> {
        let Some(given) = word.assignment() else {
            let text = format!("{} has no value; write name=value", quoted(&word.named()));
            return Err(Wrong::at(word.span.clone(), text));
        };
        let variables = self.variables.borrow();
        let is_secret = is_secret_name(given.name)
            || word.slots.iter().any(|slot| variables.is_secret(&slot.reference));
        name(given.name, word)?;
        // A value that is all one variable is kept with all its fields.
        let only = whole(word).and_then(|slot| variables.value(&slot.reference).ok());
        let value = only.map_or_else(|| given.value.into(), std::borrow::Cow::into_owned);
        Ok((given.name.to_owned(), Variable { value, is_secret }))
    }

    /// Carries out `unset -v`.
    pub(super) fn unset(&mut self, words: &[Word]) -> Result<(), Wrong> {
        let given = match words {
            [_, option, given @ ..] if option.text == "-v" && !given.is_empty() => given,
            _ => return Err(set::wrong(words, "write it like `unset -v zone`".to_owned())),
        };
        let mut variables = self.variables.borrow_mut();
        for word in given {
            name(&word.text, word)?;
            if variables.unset(&word.text).is_none() {
                return Err(Wrong::at(word.span.clone(), variables.unknown(&word.text)));
            }
        }
        Ok(())
    }
}

/// The variable that is all of the word's value.
fn whole(word: &Word) -> Option<&Slot> {
    let given = word.assignment()?;
    word.slots.iter().find(|slot| slot.span == given.span)
}

/// Refuses what cannot be the name of a variable.
fn name(name: &str, word: &Word) -> Result<(), Wrong> {
    if name == "last" {
        let text = "`last` is the last answer and cannot be set";
        return Err(Wrong::at(word.span.clone(), text));
    }
    if is_name(name) {
        return Ok(());
    }
    let text = format!(
        "{} is no name for a variable: it has letters, digits and `_`, and no digit first",
        quoted(name)
    );
    Err(Wrong::at(word.span.clone(), text))
}
