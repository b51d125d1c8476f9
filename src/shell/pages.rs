//! `--all`: a list fetched page by page, and shown as one.

use serde_json::{Value as Json, json};

use crate::schema::{Kind, Spec, Words};
use crate::transport::{Answer, Failure, Transport};

/// Rows of a page: CloudStack's own limit, unless an operator changed it.
const ROWS: usize = 500;

/// Whether the API lists in pages.
pub(crate) fn has_pages(spec: &Spec) -> bool {
    spec.kind == Kind::List && spec.param("page").is_some() && spec.param("pagesize").is_some()
}

/// All rows that `spec` lists with these parameters; `pagesize` among them is kept to.
pub(crate) fn all(
    transport: &dyn Transport,
    spec: &'static Spec,
    mut words: Words,
) -> Result<Answer, Failure> {
    let given = words.get("pagesize").and_then(|text| text.parse().ok());
    let size = given.filter(|size| *size > 0).unwrap_or(ROWS);
    words.set("pagesize", size.to_string());
    let (mut key, mut rows) = (spec.key.to_owned(), Vec::new());
    for page in 1_u32.. {
        words.set("page", page.to_string());
        let Some((found, next)) = page_of(transport.call(spec, &words)?.body, spec.key) else {
            break;
        };
        // A server that knows no pages answers the same each time.
        if next.is_empty() || rows.first() == next.first() {
            break;
        }
        let is_last = next.len() != size;
        key = found;
        rows.extend(next);
        if is_last {
            break;
        }
    }
    let body = if rows.is_empty() { json!({}) } else { json!({"count": rows.len(), key: rows}) };
    Ok(Answer { body, job: None, made: None })
}

/// The rows of an answer and the key they stand under: the one that was announced, or the only
/// one that has rows.
pub(super) fn page_of(body: Json, key: &str) -> Option<(String, Vec<Json>)> {
    let Json::Object(mut body) = body else { return None };
    if let Some(Json::Array(rows)) = body.remove(key) {
        return Some((key.to_owned(), rows));
    }
    body.into_iter().find_map(|(key, value)| match value {
        Json::Array(rows) => Some((key, rows)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Catalogue;
    use crate::shell::samples::spec;
    use std::cell::Cell;

    /// Has so many zones; `paged` or all at once.
    struct Zones {
        count: usize,
        paged: bool,
        calls: Cell<usize>,
        catalogue: Catalogue,
    }

    impl Transport for Zones {
        fn catalogue(&self) -> &Catalogue {
            &self.catalogue
        }

        fn call(&self, _: &Spec, words: &Words) -> Result<Answer, Failure> {
            self.calls.set(self.calls.get() + 1);
            let number = |name: &str| words.get(name).unwrap().parse::<usize>().unwrap();
            let (page, size) = (number("page"), number("pagesize"));
            let skipped = if self.paged { (page - 1) * size } else { 0 };
            let taken = if self.paged { size } else { usize::MAX };
            let rows: Vec<_> = (0..self.count).skip(skipped).take(taken).collect();
            Ok(Answer { body: json!({"count": self.count, "zone": rows}), job: None, made: None })
        }

        fn wait(&self, _: &str) -> Result<Answer, Failure> {
            unreachable!()
        }
    }

    fn fetched(count: usize, paged: bool, size: &str) -> (usize, usize) {
        let zones = Zones { count, paged, calls: Cell::new(0), catalogue: Catalogue::default() };
        let words = [("pagesize", size)].into_iter().collect();
        let body = all(&zones, spec("listZones"), words).unwrap().body;
        let rows = body["zone"].as_array().map_or(0, Vec::len);
        assert_eq!(body["count"].as_u64().unwrap_or(0), rows as u64);
        (rows, zones.calls.get())
    }

    #[test]
    fn pages_are_fetched_to_the_last() {
        assert!(has_pages(spec("listZones")) && !has_pages(spec("createVPC")));
        assert_eq!(fetched(0, true, "2"), (0, 1));
        assert_eq!(fetched(3, true, "2"), (3, 2));
        assert_eq!(fetched(4, true, "2"), (4, 3));
        assert_eq!(fetched(1001, true, "-1"), (1001, 3));
    }

    #[test]
    fn a_server_without_pages_does_not_go_on_for_ever() {
        assert_eq!(fetched(5, false, "2"), (5, 1));
        assert_eq!(fetched(2, false, "2"), (2, 2));
    }
}
