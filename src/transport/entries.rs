//! Descriptions of APIs as lines of text, of which one can be read without the others.
//!
//! A line is a key, a tab and JSON; lines are sorted by key, so that a bisection finds one. The
//! key of an API is its lower-case name. The key of a class of answers, whose fields many APIs
//! share, begins with `.`; one line with the key `!` may say where the text comes from.
//!
//! ```text
//! .zoneresponse  [["id","string","the id"],["name","string"]]
//! listzones      {"name":"listZones","mode":"now","kind":"list","key":"zone",
//!                 "class":"ZoneResponse","params":[["id","uuid",0,"listZones"]]}
//! ```
//!
//! `mode` is `now`, `job` or `create`, `kind` is `list`, `object`, `success` or `flat`; `about`,
//! `since` and `answer` (an irregular outermost key) may be there. A parameter is its name, its
//! type, 1 if it must be given, the API that lists its values, its longest length, and what it is
//! for; a field its name, its type and what it says. What is missing at the end is empty.
//!
//! `entries/cloudstack-4.22.apis` is such a text of all commands of CloudStack 4.22, for servers
//! that were not asked yet. It has no descriptions; those of our own APIs fill in.

mod kinds;

use serde_json::{Map, Value as Json};

use crate::schema::{Completes, Field, Kind, Mode, Param, Source, Spec};

/// All commands of CloudStack 4.22.
const BUILT_IN: &str = include_str!("entries/cloudstack-4.22.apis");

/// What stands before the words about an API.
const ABOUT: &str = "\"about\":";

/// The key of the line that says where a text comes from.
pub(crate) const ORIGIN: &str = "!";

/// The longest value of a parameter where nothing else is said, in characters.
const LENGTH: usize = 255;

/// Columns that people want to see, the most wanted first.
const WANTED: &[&str] = &[
    "name",
    "username",
    "ipaddress",
    "displaytext",
    "description",
    "state",
    "type",
    "traffictype",
    "networktype",
    "cidr",
    "startip",
    "endip",
    "vlan",
    "value",
    "zonename",
    "account",
    "domain",
    "created",
    "id",
];

/// A text of descriptions.
#[derive(Clone, Copy)]
pub(crate) struct Entries(&'static str);

impl Entries {
    /// The commands of CloudStack 4.22.
    pub(crate) const fn built_in() -> Self {
        Self(BUILT_IN)
    }

    /// A text that was kept; it stays in memory until the program ends.
    pub(crate) fn kept(text: String) -> Self {
        Self(text.leak())
    }

    /// What stands behind this key.
    pub(crate) fn json(self, key: &str) -> Option<Json> {
        serde_json::from_str(find(self.0, key)?).ok()
    }

    fn spec(self, line: &str) -> Option<Spec> {
        let Json::Object(entry) = serde_json::from_str(line).ok()? else { return None };
        let name = text(&entry, "name");
        let class = text(&entry, "class");
        let fields = self.json(&class_key(class));
        let own = crate::api::find(name).map(|api| &api.spec);
        let fields: Vec<_> = rows(fields.as_ref()).filter_map(|row| field(row, own)).collect();
        let params = rows(entry.get("params")).filter_map(|row| param(row, name, own));
        let about = Some(text(&entry, "about")).filter(|about| !about.is_empty());
        Some(Spec {
            name,
            about: about.or(own.map(|own| own.about)).unwrap_or_default(),
            mode: mode(text(&entry, "mode")),
            kind: kind(text(&entry, "kind")),
            key: text(&entry, "key"),
            // Nobody knows the type of event; that there is one is what counts.
            event: if reads_only(name) { "" } else { name },
            own: params.collect::<Vec<_>>().leak(),
            columns: own.map_or_else(|| columns(&fields), |own| own.columns),
            fields: fields.leak(),
            class,
            since: text(&entry, "since"),
            example: own.map(|own| own.example).unwrap_or_default(),
            ..Spec::BLANK
        })
    }
}

/// The catalogue of the commands of CloudStack 4.22.
#[cfg(any(test, feature = "bench"))]
pub(crate) fn built_in() -> crate::schema::Catalogue {
    crate::schema::Catalogue::read_from(Entries::built_in())
}

impl Source for Entries {
    fn find(&self, name: &str) -> Option<Spec> {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.spec(find(self.0, name).filter(|_| is_name)?)
    }

    fn all(&self) -> Vec<Spec> {
        let apis = self.0.lines().filter(|line| !line.starts_with(['.', '!']));
        apis.filter_map(|line| self.spec(line.split_once('\t')?.1)).collect()
    }

    fn names(&self) -> Vec<(&'static str, &'static str)> {
        let apis = self.0.lines().filter(|line| !line.starts_with(['.', '!']));
        apis.filter_map(|line| named(line.split_once('\t')?.1)).collect()
    }
}

/// The name of an API and what it is for, from the beginning of its line: both stand before the
/// parameters, which are most of it and are not looked at.
fn named(line: &'static str) -> Option<(&'static str, &'static str)> {
    let name = plain(line, "{\"name\":\"")?;
    let before = line.split_once('[').map_or(line, |(before, _)| before);
    let about = match before.contains(ABOUT) {
        false => "",
        true => {
            let (_, rest) = line.split_once(ABOUT)?;
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            leaked(&values.next()?.ok()?)
        }
    };
    let own = || crate::api::find(name).map(|api| api.spec.about);
    Some((name, if about.is_empty() { own().unwrap_or_default() } else { about }))
}

/// The text behind `key` up to the next quote.
fn plain(line: &'static str, key: &str) -> Option<&'static str> {
    line.strip_prefix(key)?.split_once('"').map(|(text, _)| text)
}

/// Whether a command of this name changes nothing, so that calling it twice does no harm.
pub(crate) fn reads_only(name: &str) -> bool {
    let end = name.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(name.len());
    matches!(name.split_at(end), ("list" | "query" | "find" | "get", noun) if !noun.is_empty())
        && !name.starts_with("getUploadParams")
}

/// The key of a class's line.
pub(crate) fn class_key(class: &str) -> String {
    format!(".{}", class.to_ascii_lowercase())
}

/// What stands behind `key` in the sorted lines of `text`.
fn find<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let bytes = text.as_bytes();
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = bytes.get(low..middle)?.iter().rposition(|&byte| byte == b'\n');
        let start = start.map_or(low, |at| low + at + 1);
        let end = bytes.get(middle..high)?.iter().position(|&byte| byte == b'\n');
        let end = end.map_or(high, |at| middle + at);
        let (found, rest) = text.get(start..end)?.split_once('\t')?;
        match found.cmp(key) {
            std::cmp::Ordering::Equal => return Some(rest),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

fn leaked(text: &str) -> &'static str {
    if text.is_empty() { "" } else { text.to_owned().leak() }
}

fn text(entry: &Map<String, Json>, key: &str) -> &'static str {
    leaked(entry.get(key).and_then(Json::as_str).unwrap_or_default())
}

fn rows(json: Option<&Json>) -> impl Iterator<Item = &[Json]> {
    let rows = json.and_then(Json::as_array).into_iter().flatten();
    rows.filter_map(|row| row.as_array().map(Vec::as_slice))
}

fn column(row: &[Json], at: usize) -> &str {
    row.get(at).and_then(Json::as_str).unwrap_or_default()
}

fn field(row: &[Json], own: Option<&Spec>) -> Option<Field> {
    let name = Some(column(row, 0)).filter(|name| !name.is_empty())?;
    let own = own.and_then(|own| own.fields.iter().find(|field| field.name == name));
    let about = Some(column(row, 2)).filter(|about| !about.is_empty());
    Some(Field {
        name: leaked(name),
        wire: leaked(column(row, 1)),
        about: about.map(leaked).or(own.map(|own| own.about)).unwrap_or_default(),
    })
}

fn param(row: &[Json], api: &str, own: Option<&Spec>) -> Option<Param> {
    let name = Some(column(row, 0)).filter(|name| !name.is_empty())?;
    let own = own.and_then(|own| own.param(name));
    let wire = leaked(column(row, 1));
    let lister = kinds::lister(api, name, column(row, 3));
    let about = Some(column(row, 5)).filter(|about| !about.is_empty());
    let completes = match (own.map(|own| own.completes), lister) {
        (Some(known @ Completes::Choices(_)), _) => known,
        _ if wire == "boolean" => Completes::Choices(&["true", "false"]),
        (own, "") => own.unwrap_or(Completes::Nothing),
        (_, lister) => Completes::ListedBy(leaked(lister)),
    };
    let length = row.get(4).and_then(Json::as_u64).and_then(|length| length.try_into().ok());
    Some(Param {
        // Some have capitals, which nobody need type: words are known by their lower-case names.
        name: leaked(&name.to_ascii_lowercase()),
        about: about.map(leaked).or(own.map(|own| own.about)).unwrap_or_default(),
        wire,
        required: row.get(2).and_then(Json::as_u64) == Some(1),
        completes,
        length: length.unwrap_or(LENGTH),
    })
}

fn columns(fields: &[Field]) -> &'static [&'static str] {
    let is_there = |wanted: &&&'static str| fields.iter().any(|field| field.name == **wanted);
    WANTED.iter().filter(is_there).copied().collect::<Vec<_>>().leak()
}

fn mode(text: &str) -> Mode {
    match text {
        "job" => Mode::Job,
        "create" => Mode::Create,
        _ => Mode::Now,
    }
}

fn kind(text: &str) -> Kind {
    match text {
        "list" => Kind::List,
        "object" => Kind::Object,
        "success" => Kind::Success,
        _ => Kind::Flat,
    }
}

#[cfg(test)]
mod tests;
