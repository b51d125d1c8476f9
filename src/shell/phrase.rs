//! The ways to say a command: what the names of the APIs say, and what people say besides.

use crate::schema::{Catalogue, Phrase};

pub(crate) use crate::schema::spaced;

/// What people say for some APIs, besides what their names say.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("set global configuration", "updateConfiguration"),
    ("update global configuration", "updateConfiguration"),
    ("set configuration", "updateConfiguration"),
    ("list global configurations", "listConfigurations"),
    ("reset global configuration", "resetConfiguration"),
];

/// The ways to say a command that no name of an API says.
pub(crate) fn others(catalogue: &Catalogue) -> Vec<Phrase> {
    let known = OTHER_WORDS.iter().filter_map(|(words, name)| {
        let phrases = catalogue.phrases();
        let meant = phrases.iter().find(|phrase| phrase.name.eq_ignore_ascii_case(name))?;
        let words = words.split(' ').map(str::to_owned).collect();
        Some(Phrase::new(words, meant.name, meant.about))
    });
    known.collect()
}
