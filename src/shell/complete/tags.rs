//! Candidates for the short entries of tags, `tags.env=prod`: keys and values that things have.

use super::matching::best;
use super::{Around, Candidate, Completion, Question, Reply, Row, things};
use crate::schema::{Catalogue, Spec};
use crate::shell::line::{Assignment, Word, quote};

const TAGS: &str = "tags.";
const LIST: &str = "listTags";
/// Tags that are asked for at once.
const PAGE: &str = "500";

/// The key that is being typed, if it is one of a tag.
pub(super) fn entry<'t>(spec: &Spec, typed: &'t str) -> Option<&'t str> {
    let (start, key) = typed.split_at_checked(TAGS.len())?;
    let is_map = spec.param("tags").is_some_and(|param| param.wire == "map");
    Some(key).filter(|_| is_map && start.eq_ignore_ascii_case(TAGS))
}

/// The keys in use that are not given yet.
pub(super) fn keys(
    catalogue: &Catalogue,
    typed: &str,
    given: &[Word],
    around: &mut dyn Around,
) -> Completion {
    let taken: Vec<_> = given.iter().filter_map(Word::assignment).collect();
    let (rows, note) = ask(catalogue, None, around);
    let open = texts(&rows, "key").into_iter().filter(|key| {
        let name = format!("{TAGS}{key}");
        !taken.iter().any(|given| given.name.eq_ignore_ascii_case(&name))
    });
    // A key with other letters in it would have to be quoted in the middle of the word.
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-/:.".contains(c);
    let open = open.filter(|key| key.chars().all(plain));
    let keys = best(typed, open, |key| key).into_iter();
    let candidates = keys.map(|key| Candidate::open(format!("{TAGS}{key}="), "")).collect();
    Completion { start: 0, candidates, note }
}

/// The values in use with a key.
pub(super) fn values(
    catalogue: &Catalogue,
    key: &str,
    given: &Assignment<'_>,
    around: &mut dyn Around,
) -> Completion {
    let (rows, note) = ask(catalogue, Some(key), around);
    let rows: Vec<_> = rows.into_iter().filter(|row| row.text("key") == Some(key)).collect();
    let words = best(given.value, texts(&rows, "value"), |value| value).into_iter();
    let candidates = words.map(|value| Candidate {
        text: format!("{}={} ", given.name, quote(value)),
        shown: value.to_owned(),
        ..Candidate::default()
    });
    Completion { start: 0, candidates: candidates.collect(), note }
}

fn ask(
    catalogue: &Catalogue,
    key: Option<&str>,
    around: &mut dyn Around,
) -> (Vec<Row>, Option<String>) {
    let Some(list) = catalogue.find(LIST) else { return (Vec::new(), None) };
    let given = [("listall", Some("true")), ("page", Some("1")), ("pagesize", Some(PAGE))];
    let given = given.into_iter().chain([("key", key)]).filter_map(|(name, value)| {
        list.param(name)?;
        Some((name.to_owned(), value?.to_owned()))
    });
    match around.ask(&Question { api: list.name, given: given.collect() }) {
        Reply::Rows(rows, _) => (rows, None),
        Reply::Late => (Vec::new(), Some(things::late())),
        Reply::Nothing(why) => (Vec::new(), why),
    }
}

/// The texts of a field, each once, in order.
fn texts<'r>(rows: &'r [Row], field: &str) -> Vec<&'r str> {
    let mut texts: Vec<_> = rows.iter().filter_map(|row| row.text(field)).collect();
    texts.retain(|text| !text.is_empty() && !text.contains(char::is_control));
    texts.sort_unstable();
    texts.dedup();
    texts
}
