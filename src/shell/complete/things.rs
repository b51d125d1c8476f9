//! Which things a parameter takes, and the question by which they are found: never more than a
//! page, narrowed by what is typed where the page does not hold all.

use super::known;
use super::{Around, Question, Reply, Row};
use crate::schema::{Catalogue, Completes, Kind, Param, Spec};
use crate::shell::line::{Assignment, Word};
use crate::shell::resolve::is_id;

/// Rows that are asked for at once.
const PAGE: &str = "100";

/// What is looked for.
pub(super) struct Wanted<'w> {
    pub(super) spec: &'w Spec,
    pub(super) param: &'w Param,
    /// What else is given.
    pub(super) others: &'w [Word],
    pub(super) typed: &'w str,
}

/// What was found, and what there is to say about it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    pub(super) note: Option<String>,
}

/// Which list API's things the parameter takes. The name that a list looks for, or by which a
/// thing without id is called, is one of those that the list of such things shows.
pub(crate) fn list(catalogue: &Catalogue, spec: &Spec, param: &Param) -> Option<&'static Spec> {
    let named = match param.completes {
        // Both kinds of rules are one to the allocator.
        Completes::ListedBy("listFirewallRules") if spec.name.contains("EgressFirewall") => {
            Some("listEgressFirewallRules")
        }
        Completes::ListedBy(api) => Some(api),
        Completes::Choices(_) => None,
        Completes::Nothing if param.name != "name" => known::list(spec.name, param.name),
        Completes::Nothing if spec.kind == Kind::List => Some(spec.name),
        Completes::Nothing => {
            let calls_by_name = param.required && spec.param("id").is_none();
            return of_class(catalogue, spec).filter(|_| calls_by_name && !makes(spec));
        }
    };
    catalogue.find(named?)
}

/// The list of the things that the call is about.
fn of_class(catalogue: &Catalogue, spec: &Spec) -> Option<&'static Spec> {
    let noun = spec.name.get(spec.verb().len()..).unwrap_or_default();
    let by_name = ["s", ""].iter().find_map(|end| catalogue.find(&format!("list{noun}{end}")));
    let lists = by_name.filter(|list| list.kind == Kind::List);
    lists.filter(|list| list.class == spec.class || !spec.class.contains("Response"))
}

/// Whether the call makes something, whose name is then a new one.
fn makes(spec: &Spec) -> bool {
    matches!(spec.verb(), "create" | "add" | "register" | "import" | "deploy")
}

/// Finds the things of `list` that are wanted.
pub(super) fn find(list: &'static Spec, wanted: &Wanted<'_>, around: &mut dyn Around) -> Found {
    let mut given = match told(list, wanted) {
        Ok(given) => given,
        Err(note) => return Found { rows: Vec::new(), note: Some(note) },
    };
    if list.param("pagesize").is_some() {
        given.extend([("page".to_owned(), "1".to_owned()), ("pagesize".into(), PAGE.into())]);
    }
    let question = Question { api: list.name, given };
    let mut found = match around.ask(&question) {
        Reply::Rows(rows, true) => Found { rows, note: None },
        Reply::Rows(rows, false) => narrowed(list, wanted.typed, question, rows, around),
        Reply::Late => Found { rows: Vec::new(), note: Some(late()) },
        Reply::Nothing(why) => Found { rows: Vec::new(), note: why },
    };
    found.rows.retain(|row| agrees(row, wanted));
    found
}

pub(super) fn late() -> String {
    "still asking the server\u{2026}".to_owned()
}

/// Asks again for those that have what is typed in their names; the first page goes with them.
fn narrowed(
    list: &Spec,
    typed: &str,
    mut question: Question,
    first: Vec<Row>,
    around: &mut dyn Around,
) -> Found {
    let more = format!("the first {} of more; type more of the name", first.len());
    if typed.trim().is_empty() || list.param("keyword").is_none() {
        return Found { rows: first, note: Some(more) };
    }
    question.given.retain(|(name, _)| name != "keyword");
    question.given.push(("keyword".to_owned(), typed.to_owned()));
    match around.ask(&question) {
        Reply::Rows(mut rows, whole) => {
            let known: std::collections::HashSet<_> =
                rows.iter().map(|row| row.id.clone()).collect();
            rows.extend(first.into_iter().filter(|row| !known.contains(&row.id)));
            Found { rows, note: Some(more).filter(|_| !whole) }
        }
        Reply::Late => Found { rows: first, note: Some(late()) },
        Reply::Nothing(why) => Found { rows: first, note: why },
    }
}

/// What the list is told: what it needs, and the ids on the line that it can be narrowed by.
fn told(list: &'static Spec, wanted: &Wanted<'_>) -> Result<Vec<(String, String)>, String> {
    let mut given: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: &str| {
        if list.param(name).is_some() && !given.iter().any(|(known, _)| known == name) {
            given.push((name.to_owned(), value.to_owned()));
        }
    };
    for (name, value) in known::told(list.name, wanted.spec.name, wanted.param.name) {
        set(name, value);
    }
    set("listall", "true");
    for other in others(wanted).filter(|other| other.name.ends_with("id") && other.name != "id") {
        if is_id(other.value) && !other.value.is_empty() {
            set(&other.name.to_lowercase(), other.value);
        }
    }
    let missing = list
        .params()
        .find(|param| param.required && !given.iter().any(|(name, _)| name == param.name));
    match missing {
        None => Ok(given),
        Some(param) => Err(format!("give the id in {}= first: the list needs it", param.name)),
    }
}

fn others<'w>(wanted: &'w Wanted<'_>) -> impl Iterator<Item = Assignment<'w>> {
    // What a variable holds that has no value yet, nobody knows.
    let known = wanted.others.iter().filter(|word| word.slots.is_empty());
    known.filter_map(Word::assignment)
}

/// Whether the row belongs to the zone, VPC and so on that are given too, by id or by name.
fn agrees(row: &Row, wanted: &Wanted<'_>) -> bool {
    others(wanted).all(|other| {
        let name = other.name.to_lowercase();
        let Some(stem) = name.strip_suffix("id").filter(|stem| !stem.is_empty()) else {
            return true;
        };
        let own = row.text(&name).filter(|own| !own.is_empty());
        if own.is_none_or(|own| own.split(',').any(|own| own == other.value)) {
            return true;
        }
        let called = row.text(&format!("{stem}name")).or_else(|| row.text(stem));
        let same = |called: &str| called.eq_ignore_ascii_case(other.value);
        if is_id(other.value) { false } else { called.is_none_or(same) }
    })
}
