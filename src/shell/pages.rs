//! `--all`: a list fetched page by page, and shown as one.

use std::io;

use serde_json::{Map, Value as Json};

use crate::schema::{Kind, Spec, Words};
use crate::transport::{Failure, Rows, Transport};

/// Rows of a page: CloudStack's own limit, unless an operator changed it.
const ROWS: usize = 500;

/// Whether the API lists in pages.
pub(crate) fn has_pages(spec: &Spec) -> bool {
    spec.kind == Kind::List && spec.param("page").is_some() && spec.param("pagesize").is_some()
}

/// Hands on all rows that `spec` lists with these parameters, page by page; `pagesize` among them
/// is kept to. Their number, which is known at the end, is returned as `count`.
pub(crate) fn all(
    transport: &dyn Transport,
    spec: &'static Spec,
    mut words: Words,
    rows: &mut dyn Rows,
) -> Result<Map<String, Json>, Failure> {
    let given = words.get("pagesize").and_then(|text| text.parse().ok());
    let size = given.filter(|size| *size > 0).unwrap_or(ROWS);
    words.set("pagesize", size.to_string());
    let mut pages =
        Pages { rows, has_begun: false, first: None, on_page: 0, count: 0, again: false };
    let mut after = Map::new();
    for page in 1_u32.. {
        words.set("page", page.to_string());
        pages.on_page = 0;
        match transport.list(spec, &words, &mut pages) {
            Ok(behind) => after = behind,
            Err(Failure::Unread(_)) if pages.again => break,
            Err(failure) => return Err(failure),
        }
        if pages.on_page != size {
            break;
        }
    }
    after.insert("count".to_owned(), pages.count.into());
    Ok(after)
}

/// Makes one list of many pages.
struct Pages<'r> {
    rows: &'r mut dyn Rows,
    has_begun: bool,
    /// The first row of all.
    first: Option<String>,
    on_page: usize,
    count: u64,
    /// Whether the first row came again: a server that knows no pages answers the same each time.
    again: bool,
}

impl Rows for Pages<'_> {
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        let mut before = before.clone();
        before.shift_remove("count");
        self.rows.begin(key, &before)
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        if self.on_page == 0 {
            self.again = self.first.as_deref() == Some(row);
            if self.again {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.first.get_or_insert_with(|| row.to_owned());
        }
        self.on_page += 1;
        self.count += 1;
        self.rows.row(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Catalogue;
    use crate::shell::samples::spec;
    use crate::transport::Answer;
    use serde_json::json;
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

    struct Counted(usize);

    impl Rows for Counted {
        fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
            assert_eq!((key, before.len(), self.0), ("zone", 0, 0));
            Ok(())
        }

        fn row(&mut self, _: &str) -> io::Result<()> {
            self.0 += 1;
            Ok(())
        }
    }

    fn fetched(count: usize, paged: bool, size: &str) -> (usize, usize) {
        let zones = Zones { count, paged, calls: Cell::new(0), catalogue: Catalogue::default() };
        let words = [("pagesize", size)].into_iter().collect();
        let mut rows = Counted(0);
        let after = all(&zones, spec("listZones"), words, &mut rows).unwrap();
        assert_eq!(after["count"], rows.0);
        (rows.0, zones.calls.get())
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
