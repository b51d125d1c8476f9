//! Asks the transport for what pictures are drawn from: lists only, as many pages as are said.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value as Json};

use super::scene::grouped;
use crate::schema::Words;
use crate::shell::pages::has_pages;
use crate::shell::phrase::spaced;
use crate::shell::resolve::Unresolved;
use crate::shell::wrong::Wrong;
use crate::text::shorten;
use crate::transport::{Failure, Transport};

/// Rows of a page.
pub(super) const ROWS: usize = 500;
/// Pages of a list, where nothing else is said.
const PAGES: usize = 4;
/// Characters of what a server says about a list that is left out.
const SAID: usize = 160;

/// The fields of a row.
pub(super) type Fields = Map<String, Json>;

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    pub(super) rows: Vec<Fields>,
    /// How many there are in all.
    pub(super) total: u64,
}

/// Somebody who can be asked.
pub(super) struct Ask<'t> {
    transport: &'t dyn Transport,
    /// What is missing from the answers.
    missing: RefCell<Vec<String>>,
    /// Whether anything was answered yet.
    heard: Cell<bool>,
}

impl<'t> Ask<'t> {
    pub(super) fn new(transport: &'t dyn Transport) -> Self {
        Self { transport, missing: RefCell::default(), heard: Cell::new(false) }
    }

    /// What is missing from the answers so far.
    pub(super) fn missing(self) -> Vec<String> {
        self.missing.into_inner()
    }

    /// Whether the parameter is known there.
    pub(super) fn takes(&self, api: &str, param: &str) -> bool {
        let spec = self.transport.catalogue().find(api);
        spec.is_some_and(|spec| spec.param(param).is_some())
    }

    /// The rows of the first pages; none where the API is not there or is not for the caller,
    /// which is then said.
    pub(super) fn rows(
        &self,
        api: &str,
        given: &[(&str, &str)],
    ) -> Result<Vec<Fields>, Unresolved> {
        let listed = self.pages(api, given, PAGES)?.unwrap_or_default();
        let (count, total) = (listed.rows.len(), listed.total);
        if (count as u64) < total {
            let (count, total) = (grouped(count as u64), grouped(total));
            self.say(format!("{}: the first {count} of {total}", spoken(api)));
        }
        Ok(listed.rows)
    }

    /// The rows of a list without which there is no picture.
    pub(super) fn must(
        &self,
        api: &str,
        given: &[(&str, &str)],
    ) -> Result<Vec<Fields>, Unresolved> {
        if self.transport.catalogue().find(api).is_none() {
            let text = format!("there is no {api} here, which the picture is drawn from");
            return Err(Unresolved::Wrong(Wrong::new(text)));
        }
        let mut rows = Vec::new();
        for page in 1..=PAGES {
            let listed = self.call(api, given, page, ROWS).map_err(Unresolved::Failed)?;
            let Listed { rows: next, total } = listed.unwrap_or_default();
            let is_last = next.len() < ROWS || next.first() == rows.first();
            if page == 1 || next.first() != rows.first() {
                rows.extend(next);
            }
            if is_last || rows.len() as u64 >= total {
                break;
            }
        }
        Ok(rows)
    }

    /// The first pages of a list, and how many rows there are on all.
    pub(super) fn pages(
        &self,
        api: &str,
        given: &[(&str, &str)],
        most: usize,
    ) -> Result<Option<Listed>, Unresolved> {
        let mut all: Option<Listed> = None;
        for page in 1..=most {
            let Some(next) = self.page(api, given, page, ROWS)? else { break };
            let known = all.get_or_insert_default();
            // A server that knows no pages answers the same each time.
            if page > 1 && known.rows.first() == next.rows.first() {
                break;
            }
            known.total = next.total;
            let is_last = next.rows.len() < ROWS;
            known.rows.extend(next.rows);
            if is_last || known.rows.len() as u64 >= known.total {
                break;
            }
        }
        Ok(all)
    }

    /// One page; none where the API is not there or refuses to answer, which is then said.
    pub(super) fn page(
        &self,
        api: &str,
        given: &[(&str, &str)],
        page: usize,
        size: usize,
    ) -> Result<Option<Listed>, Unresolved> {
        let why = match self.call(api, given, page, size) {
            Ok(listed) => return Ok(listed),
            Err(Failure::Refused { fault, .. }) => fault.to_string(),
            Err(Failure::Remote { text, .. }) => text,
            // That of one who is known is about this list.
            Err(Failure::Denied { why }) if self.heard.get() => why,
            Err(failure) => return Err(Unresolved::Failed(failure)),
        };
        self.say(format!("left out: {}: {}", spoken(api), shorten(&why, SAID)));
        Ok(None)
    }

    fn call(
        &self,
        api: &str,
        given: &[(&str, &str)],
        page: usize,
        size: usize,
    ) -> Result<Option<Listed>, Failure> {
        let Some(spec) = self.transport.catalogue().find(api) else { return Ok(None) };
        let known = given.iter().filter(|(name, _)| spec.param(name).is_some());
        let mut words: Words = known.copied().collect();
        if spec.param("listall").is_some() {
            words.set("listall", "true");
        }
        if has_pages(spec) {
            words.set("page", page.to_string());
            words.set("pagesize", size.to_string());
        } else if page > 1 {
            return Ok(Some(Listed::default()));
        }
        let body = self.transport.call(spec, &words)?.body;
        self.heard.set(true);
        let total = body.as_object().map_or(0, |body| number(body, "count"));
        let rows: Vec<_> = rows_of(body, spec.key).into_iter().filter_map(fields).collect();
        Ok(Some(Listed { total: total.max(rows.len() as u64), rows }))
    }

    /// Says that something is missing, once.
    fn say(&self, text: String) {
        let mut missing = self.missing.borrow_mut();
        if !missing.contains(&text) {
            missing.push(text);
        }
    }
}

/// The rows of an answer: those under the key that was announced, or the only ones.
fn rows_of(body: Json, key: &str) -> Vec<Json> {
    let Json::Object(mut body) = body else { return Vec::new() };
    if let Some(Json::Array(rows)) = body.remove(key) {
        return rows;
    }
    let found = body.into_iter().find_map(|(_, value)| match value {
        Json::Array(rows) => Some(rows),
        _ => None,
    });
    found.unwrap_or_default()
}

/// The API as people call it: `list networks`.
fn spoken(api: &str) -> String {
    spaced(api).join(" ")
}

fn fields(row: Json) -> Option<Fields> {
    match row {
        Json::Object(fields) => Some(fields),
        _ => None,
    }
}

/// The text of a field; empty if there is none.
pub(super) fn text<'f>(row: &'f Fields, field: &str) -> &'f str {
    row.get(field).and_then(Json::as_str).unwrap_or_default()
}

/// The first of these fields that says something.
pub(super) fn first<'f>(row: &'f Fields, fields: &[&str]) -> &'f str {
    fields.iter().map(|field| text(row, field)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The number in a field, written as a number or as text; 0 if there is none.
pub(super) fn number(row: &Fields, field: &str) -> u64 {
    match row.get(field) {
        Some(Json::Number(number)) => {
            let text = number.to_string();
            text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
        }
        Some(Json::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

/// Whether a field says true.
pub(super) fn flag(row: &Fields, field: &str) -> bool {
    match row.get(field) {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// The rows in a field.
pub(super) fn rows_in<'f>(row: &'f Fields, field: &str) -> impl Iterator<Item = &'f Fields> {
    let rows = row.get(field).and_then(Json::as_array).into_iter().flatten();
    rows.filter_map(Json::as_object)
}
