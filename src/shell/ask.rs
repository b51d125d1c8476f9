//! Questions to the person at the terminal, instead of a refusal for what can be said now.
//!
//! What is asked and what may be answered is decided here; [`Person`] only reads what is typed.

use super::complete::list_of;
use super::line::parse;
use super::listed::listed;
use super::resolve::{is_id, takes_ids};
use crate::schema::{Completes, Param, Spec};
use crate::text::{and_list, or_list, printable, quoted};
use crate::transport::Transport;

/// Somebody who answers questions.
pub(crate) trait Person {
    /// What is typed; nothing if they leave by Ctrl-C or Ctrl-D.
    fn asked(&self, prompt: &str, choices: &dyn Fn() -> Vec<Choice>) -> Option<String>;
    /// What is typed unseen.
    fn unseen(&self, prompt: &str) -> Option<String>;
}

/// One of the answers that there are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    /// A few words about it; may be empty.
    pub(crate) about: String,
}

/// Choices that are shown at most.
const SHOWN: usize = 10;
/// Things that are offered at most.
const PAGE: &str = "500";
/// The longest description in a prompt, in characters.
const ABOUT: usize = 60;

/// The prompt for a parameter.
pub(super) fn prompt(param: &Param) -> String {
    let about = printable(param.about.trim_end_matches('.')).into_owned();
    let about = match about.char_indices().nth(ABOUT) {
        Some((end, _)) => format!("{}...", about.get(..end).unwrap_or_default().trim_end()),
        None => about,
    };
    if about.is_empty() {
        format!("{}: ", param.name)
    } else {
        format!("{} ({about}): ", param.name)
    }
}

/// Whether the parameter's value can be typed in one line.
pub(super) fn can_be_asked(param: &Param) -> bool {
    param.wire != "map"
}

/// The values that the parameter can have, as far as they can be listed.
pub(super) fn choices(transport: &dyn Transport, spec: &Spec, param: &Param) -> Vec<Choice> {
    let plain = |value: &str| Choice { value: value.to_owned(), about: String::new() };
    if let Completes::Choices(words) = param.completes {
        return words.iter().map(|word| plain(word)).collect();
    }
    let catalogue = transport.catalogue();
    let Some(list) = list_of(catalogue, spec, param) else { return Vec::new() };
    let has_pages = list.param("pagesize").is_some();
    let page: &[_] = if has_pages { &[("page", "1"), ("pagesize", PAGE)] } else { &[] };
    let Ok(rows) = listed(transport, list, page) else { return Vec::new() };
    let is_only = |name: &str| {
        rows.iter().filter(|row| row.name.eq_ignore_ascii_case(name)).count() == 1
            && !is_id(name)
            && !name.contains([',', '\n', '\r'])
    };
    let mut choices: Vec<_> = rows
        .iter()
        .filter(|row| takes_ids(param) || !row.name.is_empty())
        .map(|row| match is_only(&row.name) || !takes_ids(param) {
            true => Choice { value: row.name.clone(), about: row.about.clone() },
            false => Choice { value: row.id.clone(), about: row.name.clone() },
        })
        .collect();
    choices.sort_by(|a, b| a.value.cmp(&b.value));
    choices
}

/// Where the text that a choice replaces begins, and the choices that go on as typed.
pub(super) fn matching<'c>(choices: &'c [Choice], typed: &str) -> (usize, Vec<&'c Choice>) {
    let at = typed.rfind(',').map_or(0, |at| at + 1);
    let (before, last) = typed.split_at(at);
    let start = before.len() + (last.len() - last.trim_start().len());
    let last = last.trim_start();
    let goes_on = |choice: &&Choice| {
        let start = choice.value.get(..last.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(last))
    };
    (start, choices.iter().filter(goes_on).collect())
}

/// The value that is meant: quotes are those of the line language, but blanks need none.
pub(super) fn value(typed: &str) -> String {
    let typed = typed.trim();
    if typed.starts_with(['\'', '"'])
        && let Ok(lines) = parse(typed)
        && let [line] = lines.as_slice()
        && let [word] = line.words.as_slice()
        && word.span == (0..typed.len())
    {
        return word.text.clone();
    }
    typed.to_owned()
}

/// What may be answered.
pub(super) fn allowed(param: &Param, choices: &[Choice]) -> String {
    let name = param.name;
    let shown: Vec<_> = choices.iter().take(SHOWN).map(|choice| choice.value.as_str()).collect();
    match choices.len() {
        0 => format!("{name} is needed, a value of the type {}; Ctrl-C leaves", param.wire),
        count if count > SHOWN => {
            let shown = shown.join(", ");
            format!("{name} may be {shown} or one of {} more; Tab lists them", count - SHOWN)
        }
        _ => format!("{name} may be {}; Ctrl-C leaves", or_list(&shown)),
    }
}

/// What is wrong with the value, where that can be told without asking anybody.
pub(super) fn wrong(param: &Param, value: &str) -> Option<String> {
    let Completes::Choices(words) = param.completes else { return None };
    let parts: Vec<_> = match param.wire {
        "list" => value.split(',').map(str::trim).collect(),
        _ => vec![value],
    };
    let odd =
        parts.iter().find(|part| !words.iter().any(|word| word.eq_ignore_ascii_case(part)))?;
    Some(format!("{}={}: there is {}", param.name, quoted(odd), and_list(words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::{ADDRESS, SANDBOX, Sample, spec};

    fn param(api: &str, name: &str) -> &'static Param {
        spec(api).param(name).unwrap()
    }

    #[test]
    fn prompts_say_what_is_asked_for() {
        assert_eq!(prompt(param("createVPC", "zoneid")), "zoneid (what it is for): ");
        let long = Param { about: "x".repeat(99).leak(), ..*param("createVPC", "name") };
        assert_eq!(prompt(&long), format!("name ({}...): ", "x".repeat(60)));
    }

    #[test]
    fn things_are_chosen_by_name_and_twins_by_id() {
        let found = choices(&Sample::new(), spec("createVPC"), param("createVPC", "vpcofferingid"));
        let values: Vec<_> = found.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(values, [SANDBOX, ADDRESS, "Default VPC offering", "fast"]);
        let state = choices(
            &Sample::new(),
            spec("listPublicIpAddresses"),
            param("listPublicIpAddresses", "state"),
        );
        assert_eq!(state.len(), 2);
        assert_eq!(choices(&Sample::new(), spec("createVPC"), param("createVPC", "name")), []);
    }

    #[test]
    fn what_is_typed_narrows_the_choices() {
        let choice = |value: &str| Choice { value: value.into(), about: String::new() };
        let all = [choice("Default VPC offering"), choice("fast")];
        assert_eq!(matching(&all, "def"), (0, vec![&all[0]]));
        assert_eq!(matching(&all, "fast, "), (6, vec![&all[0], &all[1]]));
        assert_eq!(matching(&all, "\u{e9}"), (0, vec![]));
    }

    #[test]
    fn blanks_need_no_quotes_in_an_answer() {
        assert_eq!(value(" Default VPC offering "), "Default VPC offering");
        assert_eq!(value("'Default VPC offering'"), "Default VPC offering");
        assert_eq!(value("\"a\" b"), "\"a\" b");
        assert_eq!(value("it's # so; really"), "it's # so; really");
        assert_eq!(value("'open"), "'open");
    }

    #[test]
    fn an_empty_answer_brings_what_is_allowed() {
        let choice = |value: &str| Choice { value: value.into(), about: String::new() };
        let zone = param("createVPC", "zoneid");
        assert_eq!(allowed(zone, &[choice("a")]), "zoneid may be `a`; Ctrl-C leaves");
        assert!(allowed(zone, &[]).contains("a value of the type uuid"));
        let many: Vec<_> = (0..12).map(|number| choice(&number.to_string())).collect();
        assert!(allowed(zone, &many).contains("or one of 2 more"));
    }

    #[test]
    fn a_value_that_is_no_choice_is_refused_at_once() {
        let state = param("listPublicIpAddresses", "state");
        assert_eq!(wrong(state, "free"), None);
        assert_eq!(wrong(state, "Gone").unwrap(), "state=`Gone`: there is `Free` and `Allocated`");
        assert_eq!(wrong(param("createVPC", "name"), "x"), None);
    }
}
