//! All the APIs that somebody answers: ours, or those that a server told of.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::schema::{Phrase, Spec};

/// Where descriptions come from that are read one at a time.
pub(crate) trait Source: Send + Sync {
    /// The API of this lower-case name.
    fn find(&self, name: &str) -> Option<Spec>;
    /// All of them.
    fn all(&self) -> Vec<Spec>;
    /// The names of all of them and what each is for, without the rest of the descriptions.
    fn names(&self) -> Vec<(&'static str, &'static str)>;
}

/// Descriptions sorted by name.
#[derive(Default)]
pub(crate) struct Catalogue {
    all: OnceLock<Vec<&'static Spec>>,
    /// Where they come from; none if they are there.
    source: Option<Box<dyn Source>>,
    /// Those that were asked for by name.
    found: Mutex<Vec<&'static Spec>>,
    /// Their names as people say them.
    phrases: OnceLock<Vec<Phrase>>,
}

impl Catalogue {
    /// A catalogue of these APIs.
    pub(crate) fn new(specs: impl IntoIterator<Item = &'static Spec>) -> Self {
        Self { all: OnceLock::from(sorted(specs)), ..Self::default() }
    }

    /// A catalogue whose APIs are read when they are asked for. What was read stays in memory
    /// until the program ends: descriptions are passed on everywhere, and there are few.
    pub(crate) fn read_from(source: impl Source + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..Self::default() }
    }

    /// All of them, sorted by name.
    pub(crate) fn specs(&self) -> &[&'static Spec] {
        self.all.get_or_init(|| {
            let read = self.source.iter().flat_map(|source| source.all());
            sorted(read.map(|spec| &*Box::leak(Box::new(spec))))
        })
    }

    /// Their names as people say them, sorted. The descriptions need not be read for it: there may
    /// be nearly a thousand, and a person waits for Tab.
    pub(crate) fn phrases(&self) -> &[Phrase] {
        self.phrases.get_or_init(|| {
            let mut names = match &self.source {
                Some(source) if self.all.get().is_none() => source.names(),
                _ => self.specs().iter().map(|spec| (spec.name, spec.about)).collect(),
            };
            names.sort_unstable();
            names.into_iter().map(|(name, about)| Phrase::of(name, about)).collect()
        })
    }

    /// The API of this name, whatever the letter case: people type `listzones`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Spec> {
        let is_it = |spec: &&&'static Spec| spec.name.eq_ignore_ascii_case(name);
        let Some(source) = self.source.as_ref().filter(|_| self.all.get().is_none()) else {
            return self.specs().iter().find(is_it).copied();
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.iter().find(is_it) {
            return Some(known);
        }
        let read: &'static Spec = Box::leak(Box::new(source.find(&name.to_ascii_lowercase())?));
        found.push(read);
        Some(read)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue")
            .field("all", &self.all.get().map(Vec::len))
            .finish_non_exhaustive()
    }
}

fn sorted(specs: impl IntoIterator<Item = &'static Spec>) -> Vec<&'static Spec> {
    let mut specs: Vec<_> = specs.into_iter().collect();
    specs.sort_unstable_by_key(|spec| spec.name);
    specs
}
