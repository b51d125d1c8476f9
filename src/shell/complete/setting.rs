//! Candidates for the value of a setting: what the answer to `listConfigurations` tells of it, and
//! what we know ourselves.

use super::matching::best;
use super::values::closed;
use super::{Around, Completion, Question, Reply, things};
use crate::model::setting::{Allowed, SettingKind, find};
use crate::schema::{Catalogue, Spec};
use crate::shell::line::{Assignment, Word};

/// Candidates for `value=` of `update configuration`; nothing for other parameters.
pub(super) fn values(
    catalogue: &Catalogue,
    spec: &Spec,
    others: &[Word],
    given: &Assignment<'_>,
    around: &mut dyn Around,
) -> Option<Completion> {
    if spec.name != "updateConfiguration" || !given.name.eq_ignore_ascii_case("value") {
        return None;
    }
    let named = others.iter().filter_map(Word::assignment);
    let name = named.into_iter().find(|other| other.name.eq_ignore_ascii_case("name"));
    let Some(name) = name.map(|other| other.value.to_owned()) else {
        return Some(Completion {
            note: Some("give name= first".to_owned()),
            ..Completion::default()
        });
    };
    let mut values = Values::default();
    let mut note = range(&name);
    let list = catalogue.find("listConfigurations")?;
    let question = Question { api: list.name, given: vec![("name".to_owned(), name.clone())] };
    match around.ask(&question) {
        Reply::Rows(rows, _) => {
            if let Some(row) = rows.iter().find(|row| row.name == name) {
                let text = |field: &str| row.text(field).unwrap_or_default();
                if text("type").eq_ignore_ascii_case("boolean") {
                    values.add("true", "");
                    values.add("false", "");
                }
                for word in text("options").split(',').map(str::trim) {
                    values.add(word, "");
                }
                values.add(text("value"), "as it is now");
                values.add(text("defaultvalue"), "the default");
            }
        }
        Reply::Late => note = note.or_else(|| Some(things::late())),
        Reply::Nothing(why) => note = note.or(why),
    }
    values.know(&name);
    let values = best(given.value, values.0, |(value, _)| value);
    let each = values.into_iter().map(|(value, about)| closed(given, &value, &about));
    Some(Completion { start: 0, candidates: each.collect(), note })
}

/// Values and what is said of each.
#[derive(Default)]
struct Values(Vec<(String, String)>);

impl Values {
    fn add(&mut self, value: &str, about: &str) {
        if value.is_empty() || value.contains(char::is_control) {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| known == value) {
            Some((_, said)) if said.is_empty() => about.clone_into(said),
            Some((_, said)) if !about.is_empty() => *said = format!("{said}, {about}"),
            Some(_) => {}
            None => self.0.push((value.to_owned(), about.to_owned())),
        }
    }

    /// Adds what we know of the setting ourselves.
    fn know(&mut self, name: &str) {
        let Some(setting) = find(name) else { return };
        if setting.kind == SettingKind::Boolean {
            self.add("true", "");
            self.add("false", "");
        }
        if let Allowed::Choices(words) = setting.allowed {
            for word in words {
                self.add(word, "");
            }
        }
    }
}

/// What is allowed, where it is a range.
fn range(name: &str) -> Option<String> {
    let setting = find(name)?;
    match (setting.allowed, setting.kind) {
        (Allowed::Range { min, max: i64::MAX }, _) => Some(format!("a whole number from {min}")),
        (Allowed::Range { min, max }, _) if max == i64::from(i32::MAX) => {
            Some(format!("a whole number from {min}"))
        }
        (Allowed::Range { min, max }, _) => Some(format!("a whole number from {min} to {max}")),
        (Allowed::Share, _) => Some("a number from 0 to 1".to_owned()),
        (_, SettingKind::Integer | SettingKind::Long) => Some("a whole number".to_owned()),
        (_, SettingKind::CidrList) => Some("blocks, separated by commas".to_owned()),
        _ => None,
    }
}
