//! What a session asks a person before it calls: for what is missing, and whether they are sure.

use super::{Look, Session};
use crate::schema::{Param, Spec, Words};
use crate::shell::ask::{self, Person};
use crate::shell::options::Options;
use crate::shell::resolve::{self, Unresolved};
use crate::shell::status::Status;
use crate::shell::wrong::Wrong;
use crate::shell::{check, endings, fill};
use crate::text::is_secret_name;
use crate::transport::Failure;

impl<'t> Session<'t> {
    /// A session that may ask this person.
    pub(crate) fn with_person(self, person: Option<&'t dyn Person>) -> Self {
        Self { person, ..self }
    }

    /// Whom to ask: a script asks nobody.
    fn person(&self) -> Option<&'t dyn Person> {
        self.person.filter(|_| self.place.is_none())
    }

    /// The parameters with ids for names and with what goes without saying; the outer error is one
    /// of the line.
    pub(super) fn completed(
        &mut self,
        spec: &'static Spec,
        mut words: Words,
    ) -> Result<Result<Words, Failure>, Wrong> {
        let missing = check::missing(spec, &words);
        let mut said = fill::fill(self.transport, spec, &missing, &mut words);
        let missing = check::missing(spec, &words);
        let can_ask = missing.iter().all(|param| ask::can_be_asked(param));
        let person = self.person().filter(|_| can_ask);
        if !missing.is_empty() && person.is_none() {
            return Err(check::incomplete(spec, &missing));
        }
        let mut resolved = resolve::resolve(self.transport, spec, &mut words);
        if let Some(person) = person.filter(|_| resolved.is_ok() && !missing.is_empty()) {
            self.say_all(said.drain(..));
            resolved =
                missing.into_iter().try_for_each(|it| self.ask(person, spec, it, &mut words));
        }
        match resolved {
            Ok(()) => {}
            Err(Unresolved::Wrong(wrong)) => return Err(wrong),
            Err(Unresolved::Failed(failure)) => return Ok(Err(failure)),
        }
        self.say_all(said.into_iter());
        Ok(Ok(words))
    }

    fn say_all(&mut self, said: impl Iterator<Item = String>) {
        for said in said {
            self.out.message(format_args!("{said}"));
        }
    }

    /// Asks for a parameter until it has a value that can be used.
    fn ask(
        &mut self,
        person: &dyn Person,
        spec: &'static Spec,
        param: &'static Param,
        words: &mut Words,
    ) -> Result<(), Unresolved> {
        let (transport, prompt) = (self.transport, ask::prompt(param));
        let choices = || ask::choices(transport, spec, param);
        loop {
            let secret = is_secret_name(param.name);
            let typed = match secret {
                true => person.unseen(&prompt),
                false => person.asked(&prompt, &choices).map(|typed| ask::value(&typed)),
            };
            let Some(value) = typed else {
                self.out.message(format_args!("nothing was done"));
                return Err(Unresolved::Failed(Failure::Interrupted { job: None }));
            };
            if value.is_empty() {
                let allowed = ask::allowed(param, &choices());
                self.out.message(format_args!("{allowed}"));
                continue;
            }
            if let Some(why) = ask::wrong(param, &value) {
                self.out.error(format_args!("{why}"));
                continue;
            }
            let mut tried = words.clone();
            tried.set(param.name, value);
            match resolve::resolve(transport, spec, &mut tried) {
                Err(Unresolved::Wrong(wrong)) => self.out.error(format_args!("{wrong}")),
                done => {
                    *words = tried;
                    return done;
                }
            }
        }
    }

    /// Whether to go on with the call; how it ended if not.
    pub(super) fn sure(&mut self, spec: &Spec, words: &Words, options: Options) -> Option<Status> {
        let Look { sure, .. } = self.look;
        let person = self.person().filter(|_| !sure && !options.yes)?;
        if !endings::is_dangerous(spec) {
            return None;
        }
        self.say_all(endings::what_goes(self.transport, spec, words).into_iter());
        let answer = person.asked("Really? [y/N] ", &Vec::new);
        let yes = |answer: &String| ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
        if answer.as_ref().is_some_and(yes) {
            return None;
        }
        self.out.message(format_args!("nothing was done"));
        Some(if answer.is_some() { Status::Refused } else { Status::Interrupted })
    }
}
