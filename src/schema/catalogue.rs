//! All the APIs that somebody answers: ours, or those that a server told of.

use crate::schema::Spec;

/// Descriptions sorted by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue(Vec<&'static Spec>);

impl Catalogue {
    /// A catalogue of these APIs.
    pub(crate) fn new(specs: impl IntoIterator<Item = &'static Spec>) -> Self {
        let mut specs: Vec<_> = specs.into_iter().collect();
        specs.sort_unstable_by_key(|spec| spec.name);
        Self(specs)
    }

    /// All of them, sorted by name.
    pub(crate) fn specs(&self) -> &[&'static Spec] {
        &self.0
    }

    /// The API of this name, whatever the letter case: people type `listzones`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Spec> {
        self.0.iter().copied().find(|spec| spec.name.eq_ignore_ascii_case(name))
    }
}
