//! Which fields are shown: all, those asked for, or all but those that are not wanted.

use super::View;
use super::row::{Field, Row};

/// The choice of fields.
#[derive(Debug, Clone)]
pub(super) struct Choice<'v> {
    /// The columns that are known without looking at a row.
    known: &'v [&'v str],
    filter: Vec<&'v str>,
    exclude: Vec<&'v str>,
}

impl<'v> Choice<'v> {
    pub(super) fn new(view: &View<'v>) -> Self {
        Self { known: view.columns, filter: names(view.filter), exclude: names(view.exclude) }
    }

    /// The fields asked for, as they were asked for; `None` if all were.
    pub(super) fn filter(&self) -> Option<Vec<&'v str>> {
        (!self.filter.is_empty()).then(|| self.wanted(&self.filter))
    }

    /// The columns that are known beforehand, less those left out.
    pub(super) fn preferred(&self) -> Vec<&'v str> {
        self.wanted(self.known)
    }

    /// What stands above a list without rows: the columns asked for, or those known beforehand.
    pub(super) fn header(&self) -> Vec<&'v str> {
        self.filter().unwrap_or_else(|| self.preferred())
    }

    /// Whether this field is not wanted.
    pub(super) fn leaves_out(&self, name: &str) -> bool {
        self.exclude.contains(&name)
    }

    /// The chosen fields that `row` has.
    pub(super) fn pick<'t>(&self, mut row: Row<'t>) -> Vec<Field<'t>>
    where
        'v: 't,
    {
        if self.filter.is_empty() {
            if !self.exclude.is_empty() {
                row.fields.retain(|(name, _)| !self.leaves_out(name));
            }
            return row.fields;
        }
        let chosen = self.wanted(&self.filter).into_iter();
        chosen.filter_map(|name| Some((name.into(), row.get(name)?))).collect()
    }

    fn wanted(&self, names: &[&'v str]) -> Vec<&'v str> {
        names.iter().copied().filter(|name| !self.leaves_out(name)).collect()
    }
}

/// Takes field names apart at commas, forgives blanks and drops repetitions.
fn names(given: &[String]) -> Vec<&str> {
    let mut names = Vec::new();
    for name in given.iter().flat_map(|list| list.split(',')).map(str::trim) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
