//! `for NAME in ...; do`: commands for each row of a list, or for each of several words.
//!
//! The list is read to its end before the first turn, all its pages: what the body deletes or
//! makes does not change which rows there are. The variable is there inside the loop only.

use std::fs;
use std::io;

use serde_json::{Map, Value as Json};

use super::lists::List;
use super::script::Part;
use super::{Session, Shown, Step};
use crate::schema::Kind;
use crate::shell::command::{self, Found};
use crate::shell::line::{Line, Loop, Word};
use crate::shell::sift::{self, Sifted, Wanted};
use crate::shell::status::Status;
use crate::shell::variables::Variable;
use crate::shell::wrong::Wrong;
use crate::shell::{check, foreign, options, pages};
use crate::text::{is_secret_name, quoted};
use crate::transport::{Failure, Rows};

/// What a loop is carried out for.
enum Turn {
    Row(String),
    Value(Variable),
}

/// Rows put aside.
#[derive(Default)]
struct Collected(Vec<Turn>);

impl Rows for Collected {
    fn begin(&mut self, _: &str, _: &Map<String, Json>) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        self.0.push(Turn::Row(row.to_owned()));
        Ok(())
    }
}

impl Turn {
    fn variable(self) -> Variable {
        match self {
            Self::Row(row) => {
                Variable { value: serde_json::from_str(&row).unwrap_or_default(), is_secret: false }
            }
            Self::Value(variable) => variable,
        }
    }
}

/// The fault of a `for` that is a command of its own.
pub(super) fn alone(words: &[Word]) -> Wrong {
    let span = words.first().map(|word| word.span.clone()).unwrap_or_default();
    let text = "`for` is for the shell and for scripts on standard input: `capuchin < FILE`; here \
                the loop of the system's shell does it";
    Wrong::at(span, text)
}

impl Session<'_> {
    /// Carries out a loop, up to the first command that fails.
    pub(super) fn repeat(&mut self, repeated: &Loop, part: Part<'_>) -> Result<Step, Wrong> {
        if self.look.literal_dollar {
            let text = "under the name `cmk` there are no variables and no loops";
            return Err(Wrong::at(repeated.span.clone(), text));
        }
        if self.loops == 0 {
            // Ctrl-C that was meant for something before is not meant for the loop.
            foreign::interrupted();
        }
        let turns = match self.turns(&repeated.over, part.source)? {
            Ok(turns) => turns,
            Err(status) => return Ok(Step::Next(status)),
        };
        let before = self.variables.borrow_mut().unset(&repeated.name);
        self.loops += 1;
        self.has_looped = true;
        let step = self.all(repeated, turns, part);
        self.loops -= 1;
        let mut variables = self.variables.borrow_mut();
        match before {
            Some(before) => variables.set(&repeated.name, before),
            None => drop(variables.unset(&repeated.name)),
        }
        Ok(step)
    }

    fn all(&mut self, repeated: &Loop, turns: Vec<Turn>, part: Part<'_>) -> Step {
        let count = turns.len();
        for (turn, number) in turns.into_iter().zip(1_usize..) {
            let mut variable = turn.variable();
            variable.is_secret |= is_secret_name(&repeated.name);
            self.variables.borrow_mut().set(&repeated.name, variable);
            match self.part(Part { statements: &repeated.body, ..part }) {
                Step::Next(Status::Done) => {}
                Step::Next(status) => {
                    let name = &repeated.name;
                    self.out.message(format_args!(
                        "the loop of `${name}` was left in turn {number} of {count}"
                    ));
                    return Step::Next(status);
                }
                leave @ Step::Leave(_) => return leave,
            }
        }
        Step::Next(Status::Done)
    }

    /// What the loop is carried out for; the inner error is one that was told of.
    fn turns(&mut self, over: &Line, source: &str) -> Result<Result<Vec<Turn>, Status>, Wrong> {
        if let Some(rows) = self.rows_of_variable(over)? {
            return Ok(Ok(rows));
        }
        let filled = self.variables.borrow().fill(over, &[])?;
        let words = filled.as_ref().map_or(over.words.as_slice(), |line| line.words.as_slice());
        if let Some(found) = self.listing(words)? {
            return self.listed(found, words, source);
        }
        let variables = self.variables.borrow();
        let turns = words.iter().map(|word| {
            let is_secret = word.slots.iter().any(|slot| variables.is_secret(&slot.reference));
            Turn::Value(Variable { value: word.text.clone().into(), is_secret })
        });
        Ok(Ok(turns.collect()))
    }

    /// The rows of `$last`, or of another variable that is a list, if it is the only word.
    fn rows_of_variable(&self, over: &Line) -> Result<Option<Vec<Turn>>, Wrong> {
        let [word] = over.words.as_slice() else { return Ok(None) };
        let [slot] = word.slots.as_slice() else { return Ok(None) };
        let variables = self.variables.borrow();
        let is_secret = variables.is_secret(&slot.reference);
        if slot.span != word.span {
            return Ok(None);
        }
        let value = variables.value(&slot.reference);
        let value = value.map_err(|why| Wrong::at(slot.span.clone(), why))?;
        let turn = |value: &Json| Turn::Value(Variable { value: value.clone(), is_secret });
        Ok(match &*value {
            Json::Array(rows) => Some(rows.iter().map(turn).collect()),
            Json::Object(_) => Some(vec![turn(&value)]),
            _ => None,
        })
    }

    /// The command that lists, if the words are one: its verb is `list`, or it is known to list.
    fn listing(&self, words: &[Word]) -> Result<Option<Found>, Wrong> {
        let catalogue = self.transport.catalogue();
        let (words, _) = options::take(words)?;
        let Some(first) = words.first().filter(|first| !first.quoted) else { return Ok(None) };
        let is_list = first.text.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case("list"));
        let found = match command::find(catalogue, &words) {
            Ok(found) => found,
            Err(wrong) if is_list => return Err(wrong),
            Err(_) => return Ok(None),
        };
        if found.spec.kind == Kind::List && !found.spec.is_async() {
            return Ok(Some(found));
        }
        if found.words == 1 {
            return Ok(None);
        }
        let name = command::spelled(found.spec);
        let text = format!(
            "a loop goes over the rows of a list or over words, and {} lists nothing; quote a \
             word that is meant",
            quoted(&name)
        );
        Err(Wrong::at(first.span.clone(), text))
    }

    /// All rows of the list.
    fn listed(
        &mut self,
        found: Found,
        words: &[Word],
        source: &str,
    ) -> Result<Result<Vec<Turn>, Status>, Wrong> {
        let (words, mut options) = options::take(words)?;
        let (rest, condition) = sift::split(words.get(found.words..).unwrap_or_default());
        let call = check::read(found.spec, rest, source, &|path| fs::read_to_string(path))?;
        let wanted = Wanted::read(found.spec, &call.sort, condition, source)?;
        let words = match self.completed(found.spec, call.words)? {
            Ok(words) => words,
            Err(failure) => return Ok(Err(self.failed(&failure))),
        };
        if self.look.dry_run || options.dry_run {
            let text = "`--dry-run` knows no rows, so it cannot carry out a loop over them";
            return Err(Wrong::new(text));
        }
        options.all = pages::has_pages(found.spec) && words.get("page").is_none();
        let shown = Shown { spec: found.spec, filter: &[], exclude: &[], query: None };
        let list = List { shown, words, options, wanted: &wanted };
        let mut rows = Collected::default();
        let mut sifted = Sifted::new(&wanted, found.spec, &mut rows);
        let after = list.ask(self.transport, &mut sifted);
        if let Some(wrong) = sifted.wrong() {
            return Err(wrong);
        }
        match after.and_then(|after| sifted.end(after).map_err(Failure::from)) {
            Ok(_) => Ok(Ok(rows.0)),
            Err(failure) => Ok(Err(self.refused(found.spec, &failure))),
        }
    }
}
