//! What a session talks to: a transport that `set` can exchange for another.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::cli::args::Args;
use crate::cli::cmk;
use crate::cli::config::Config;
use crate::cli::settings::{self, EMBEDDED, Profile};
use crate::cli::store::Embedded;
use crate::cli::target::{Target, Variable, config_file, target};
use crate::cli::{run, server};
use crate::schema::{Catalogue, Spec, Words};
use crate::shell::Look;
use crate::shell::set::{self, Effect, Options};
use crate::transport::{Answer, Apart, Failure, Rows, Transport};

/// Whom the session asks, and the options that say so.
pub(crate) struct Console<'t> {
    first: &'t dyn Transport,
    /// Whom `set` put in its place. It stays until the program ends: people seldom change.
    now: Cell<Option<&'static dyn Transport>>,
    args: RefCell<Args>,
    /// What the prompt says.
    name: RefCell<String>,
    /// The name of the file with the history of the profile.
    history: RefCell<String>,
    /// Settings of the profile that `set` changed for this session.
    changed: RefCell<Vec<(String, String)>>,
    /// Whether the session goes on after a command, so that setting an option makes sense.
    lasts: bool,
    variable: Variable<'t>,
}

impl<'t> Console<'t> {
    /// A console that begins with `first`, which is called `name` and is of this profile.
    pub(crate) fn new(
        first: &'t dyn Transport,
        (name, profile): (String, &Profile),
        args: Args,
        lasts: bool,
        variable: Variable<'t>,
    ) -> Self {
        Self {
            first,
            now: Cell::new(None),
            args: RefCell::new(args),
            name: RefCell::new(name),
            history: RefCell::new(history_of(profile)),
            changed: RefCell::default(),
            lasts,
            variable,
        }
    }

    /// What the prompt says.
    pub(crate) fn name(&self) -> String {
        self.name.borrow().clone()
    }

    /// The name of the file with the history of the profile.
    pub(crate) fn history(&self) -> String {
        self.history.borrow().clone()
    }

    fn current(&self) -> &dyn Transport {
        match self.now.get() {
            Some(now) => now,
            None => self.first,
        }
    }

    /// The answer as it is shown: CloudMonkey sorts the fields by name.
    fn shown(&self, answer: Answer) -> Answer {
        if self.args.borrow().cmk { Answer { body: sorted(answer.body), ..answer } } else { answer }
    }

    /// Asks whomever options and configuration say now.
    fn exchange(&self) -> Result<Effect, String> {
        let args = self.args.borrow();
        let (profile, embedded) = match target(&args, self.variable)? {
            Target::Store(at, profile) => (profile, Some(Embedded::new(at, args.empty, true))),
            Target::Server(profile) => (self.with_changes(profile)?, None),
        };
        let look = run::look(&args, Some(&profile));
        let name = embedded.as_ref().map_or_else(|| profile.title(), Embedded::name);
        let next: Box<dyn Transport> = match embedded {
            Some(store) => Box::new(store),
            None => Box::new(server::connect(&profile, args.get, false)),
        };
        self.now.set(Some(Box::leak(next)));
        *self.name.borrow_mut() = name;
        *self.history.borrow_mut() = history_of(&profile);
        Ok(Effect::Look(look))
    }

    fn with_changes(&self, mut profile: Profile) -> Result<Profile, String> {
        for (key, value) in self.changed.borrow().iter() {
            profile.set(key, value, Path::new(""))?;
        }
        Ok(profile)
    }

    /// Goes on with another profile.
    fn switch(&self, name: &str) -> Result<Effect, String> {
        let mut args = self.args.borrow().clone();
        args.profile = Some(name.to_owned());
        (args.url, args.key, args.secret, args.store) = (None, None, None, None);
        let before = self.args.replace(args);
        let changed = self.changed.take();
        self.exchange().inspect_err(|_| {
            self.args.replace(before);
            self.changed.replace(changed);
        })
    }

    /// Changes a setting of the profile for this session.
    fn change(&self, name: &str, value: &str) -> Result<Effect, String> {
        if !value.is_empty() {
            settings::setting(name, value)?;
        }
        let is_server = matches!(target(&self.args.borrow(), self.variable)?, Target::Server(_));
        if !is_server {
            return Err(format!("{name}: the embedded store has no such option"));
        }
        let before = self.changed.borrow().clone();
        self.changed.borrow_mut().push((name.to_owned(), value.to_owned()));
        self.exchange().inspect_err(|_| drop(self.changed.replace(before)))
    }

    /// Sets an option as CloudMonkey does: it is kept.
    fn keep(&self, name: &str, value: &str) -> Result<(Effect, Option<String>), String> {
        let (file, profile) = {
            let args = self.args.borrow();
            (config_file(&args, self.variable)?, args.profile.clone())
        };
        let said = cmk::keep(&file, profile.as_deref(), name, value)?;
        let effect = match name {
            _ if !self.lasts => Effect::Nothing,
            "profile" => self.switch(value)?,
            "prompt" | "debug" | "autocomplete" => Effect::Nothing,
            _ => match set::effect(name, value) {
                Some(effect) => effect?,
                None => self.exchange()?,
            },
        };
        Ok((effect, said))
    }
}

/// The name of the file with the history: stores without a profile share one.
fn history_of(profile: &Profile) -> String {
    match profile.url.is_none() && profile.name == EMBEDDED {
        true => "history".to_owned(),
        false => format!("history-{}", server::called(profile)),
    }
}

impl Options for Console<'_> {
    fn known(&self) -> Vec<(String, Vec<String>)> {
        let mut known = set::Plain.known();
        let args = self.args.borrow();
        if matches!(target(&args, self.variable), Ok(Target::Server(_))) {
            let others = settings::names().filter(|name| set::effect(name, "").is_none());
            let words = |name| settings::words(name).into_iter().map(str::to_owned).collect();
            known.extend(others.map(|name| (name.to_owned(), words(name))));
        }
        let config = config_file(&args, self.variable).and_then(|file| match args.cmk {
            true => cmk::config(&file),
            false => Config::load(&file),
        });
        let mut profiles = config.map(|config| config.names()).unwrap_or_default();
        profiles.push(EMBEDDED.to_owned());
        known.push(("profile".to_owned(), profiles));
        known
    }

    fn shown(&self, look: Look) -> Vec<(String, String)> {
        let mut shown: Vec<_> = set::own(look).map(|(name, value)| (name.to_owned(), value)).into();
        let found = target(&self.args.borrow(), self.variable);
        if let Ok(Target::Server(profile)) = found
            && let Ok(profile) = self.with_changes(profile)
        {
            shown.extend(profile.shown());
        }
        shown.push(("profile".to_owned(), self.name()));
        shown.sort();
        shown
    }

    fn set(&self, name: &str, value: &str) -> Result<(Effect, Option<String>), String> {
        if self.args.borrow().cmk {
            return self.keep(name, value);
        }
        if !self.lasts {
            return Err(format!(
                "`set` is for a session, which ends with this command; `capuchin profile edit \
                 PROFILE {name}={value}` keeps it, -o and --no-wait are for one command"
            ));
        }
        if let Some(effect) = set::effect(name, value) {
            return Ok((effect?, None));
        }
        let effect =
            if name == "profile" { self.switch(value)? } else { self.change(name, value)? };
        Ok((effect, None))
    }
}

impl Transport for Console<'_> {
    fn catalogue(&self) -> &Catalogue {
        self.current().catalogue()
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        self.current().call(spec, words).map(|answer| self.shown(answer))
    }

    fn list(
        &self,
        spec: &Spec,
        words: &Words,
        rows: &mut dyn Rows,
    ) -> Result<Map<String, Json>, Failure> {
        if !self.args.borrow().cmk {
            return self.current().list(spec, words, rows);
        }
        self.current().list(spec, words, &mut Sorted(rows))
    }

    fn start(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        self.current().start(spec, words).map(|answer| self.shown(answer))
    }

    fn apart(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        self.current().apart(spec, words)
    }

    fn wait(&self, job: &str) -> Result<Answer, Failure> {
        self.current().wait(job).map(|answer| self.shown(answer))
    }

    fn learn(&self) -> Option<Result<usize, Failure>> {
        self.current().learn()
    }

    fn rehearse(&self, spec: &Spec, words: &Words) -> Option<String> {
        self.current().rehearse(spec, words)
    }
}

/// Hands rows on with their fields sorted by name.
struct Sorted<'r>(&'r mut dyn Rows);

impl Rows for Sorted<'_> {
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
        self.0.begin(key, before)
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        match serde_json::from_str(row) {
            Ok(value) => self.0.row(&sorted(value).to_string()),
            Err(_) => self.0.row(row),
        }
    }
}

/// The value with all objects in it sorted by key.
fn sorted(value: Json) -> Json {
    match value {
        Json::Object(fields) => {
            let mut fields: Vec<_> =
                fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_sorted_all_the_way_down() {
        let value = json!({"b": [{"d": 1, "c": 2}], "a": {"z": 0, "y": null}});
        let text = r#"{"a":{"y":null,"z":0},"b":[{"c":2,"d":1}]}"#;
        assert_eq!(sorted(value).to_string(), text);
    }
}
