//! Pages, key words and filters, which all lists have.

use crate::api::tags::words_of;
use crate::engine::Cx;
use crate::engine::tags::any_of;
use crate::model::{Cell, Column, Entity, EntityKind, Record, TagKind};
use crate::schema::{Fault, Id, Map, Text, group};

group! {
    /// The parameters that every list has (`BaseListCmd`).
    Paged {
        /// part of a name to look for
        keyword: Option<Text>,
        /// the number of the page, from 1
        page: Option<u32>,
        /// the number of entries on a page; -1 for all
        pagesize: Option<i32>,
    }
}

/// The most entries on a page, and how many there are when nothing is said
/// (`default.page.size`).
const PAGE_SIZE: u64 = 500;

/// A page of a list: so many entries after so many others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Page {
    /// Entries before it.
    pub(crate) skip: u64,
    /// Entries on it at most.
    pub(crate) size: u64,
}

impl Paged {
    /// The page that is asked for (`BaseListCmd.getPageSizeVal` and `getStartIndex`).
    pub(crate) fn page(&self) -> Result<Page, Fault> {
        match (self.page, self.pagesize) {
            (None, None) => Ok(Page { skip: 0, size: PAGE_SIZE }),
            (None, Some(-1)) => Ok(Page { skip: 0, size: u64::from(u32::MAX) }),
            (Some(_), Some(-1)) => {
                Err(Fault::invalid("Can't specify page parameter when pagesize is -1 (Unlimited)"))
            }
            (Some(_), None) => {
                Err(Fault::invalid("\"pagesize\" parameter is required when \"page\" is specified"))
            }
            (None, Some(_)) => {
                Err(Fault::invalid("\"page\" parameter is required when \"pagesize\" is specified"))
            }
            (Some(page), Some(size)) => page_of(page, size),
        }
    }

    /// A filter to which the list adds its own conditions.
    pub(crate) fn filter(&self) -> Filter<'_> {
        Filter { paged: self, conditions: Vec::new(), args: Vec::new() }
    }
}

fn page_of(page: u32, size: i32) -> Result<Page, Fault> {
    let size = u64::try_from(size)
        .map_err(|_| Fault::invalid("Invalid value for parameter pagesize: it is negative"))?;
    if size > PAGE_SIZE {
        let text = format!("Page size can't exceed max allowed page size value: {PAGE_SIZE}");
        return Err(Fault::invalid(text));
    }
    if page == 0 {
        return Err(Fault::invalid("Invalid value for parameter page: pages are counted from 1"));
    }
    Ok(Page { skip: u64::from(page - 1) * size, size })
}

/// The conditions of a list, and its page.
pub(crate) struct Filter<'p> {
    paged: &'p Paged,
    conditions: Vec<String>,
    args: Vec<Cell>,
}

impl Filter<'_> {
    /// A column must have this value, where one is given.
    pub(crate) fn is<T: Column>(&mut self, column: &str, value: Option<T>) {
        if let Some(value) = value {
            self.conditions.push(format!("{column} = ?"));
            self.args.push(value.into());
        }
    }

    /// A column must contain this text, where one is given.
    pub(crate) fn contains(&mut self, column: &str, text: Option<&str>) {
        if let Some(text) = text {
            let pattern = format!("%{}%", like(text));
            self.holds(&format!("{column} LIKE ? ESCAPE '\\'"), [pattern.as_str().into()]);
        }
    }

    /// A column must have the row of one of these.
    pub(crate) fn among<E: Entity>(
        &mut self,
        cx: &Cx<'_>,
        column: &str,
        ids: &[Id<E>],
    ) -> Result<(), Fault> {
        let rows = ids.iter().map(|id| cx.row(&Id::<E>::new(id.text.clone(), "ids")));
        let rows = rows.collect::<Result<Vec<i64>, _>>()?;
        let marks = vec!["?"; rows.len()].join(", ");
        let condition = format!("{column} IN ({marks})");
        self.holds(
            if rows.is_empty() { "1 = 0" } else { &condition },
            rows.into_iter().map(Cell::from),
        );
        Ok(())
    }

    /// Only things of this kind that have one of these tags, where any are given: one is enough,
    /// as in CloudStack.
    pub(crate) fn tagged(&mut self, kind: EntityKind, tags: Option<&Map>) -> Result<(), Fault> {
        if let Some(tags) = tags {
            let (holds, args) = any_of(kind, &words_of(tags)?);
            self.holds(&format!("id IN (SELECT t.b FROM tag t WHERE {holds})"), args);
        }
        Ok(())
    }

    /// A condition of any other form, with the values of its question marks.
    pub(crate) fn holds(&mut self, condition: &str, args: impl IntoIterator<Item = Cell>) {
        self.conditions.push(condition.to_owned());
        self.args.extend(args);
    }

    /// One of the columns must contain the key word, where one is given.
    pub(crate) fn keyword(&mut self, columns: &[&str]) {
        if let Some(keyword) = &self.paged.keyword {
            let any: Vec<_> =
                columns.iter().map(|column| format!("{column} LIKE ? ESCAPE '\\'")).collect();
            self.conditions.push(format!("({})", any.join(" OR ")));
            let pattern = format!("%{}%", like(keyword));
            self.args.extend(columns.iter().map(|_| pattern.as_str().into()));
        }
    }

    /// Whether it has no condition yet, and no key word was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.paged.keyword.is_none()
    }

    /// The records of the page that were not removed, in this order, and how many there are on
    /// all pages.
    pub(crate) fn living<R: Record + Entity>(
        mut self,
        cx: &mut Cx<'_>,
        order: &str,
    ) -> Result<(Vec<R>, u64), Fault> {
        self.conditions.push("removed IS NULL".into());
        self.all(cx, order)
    }

    /// The same, whether they were removed or not.
    pub(crate) fn all<R: Record + Entity>(
        self,
        cx: &mut Cx<'_>,
        order: &str,
    ) -> Result<(Vec<R>, u64), Fault> {
        self.counted(cx, order, None)
    }

    /// The same, where it may be known already how many there are on all pages.
    pub(crate) fn counted<R: Record + Entity>(
        self,
        cx: &mut Cx<'_>,
        order: &str,
        total: Option<u64>,
    ) -> Result<(Vec<R>, u64), Fault> {
        let page = self.paged.page()?;
        let tail = if self.conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.conditions.join(" AND "))
        };
        let total = match total {
            Some(total) => total,
            None => cx.tx.count::<R>(&tail, &self.args)?,
        };
        let (size, skip) = (page.size, page.skip);
        let tail = format!("{tail} ORDER BY {order} LIMIT {size} OFFSET {skip}");
        let found: Vec<R> = cx.tx.select(&tail, &self.args)?;
        if TagKind::of_number(i64::from(R::KIND as u8)).is_some() {
            cx.look_up_tags(R::KIND, found.iter().map(|one| (0, one.id())))?;
        }
        Ok((found, total))
    }
}

/// Cuts the page out of rows that are all there; for lists that are made without the store.
pub(crate) fn cut<V>(rows: Vec<V>, page: Page) -> Vec<V> {
    let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    rows.into_iter().skip(skip).take(size).collect()
}

/// Escapes what LIKE would take for wildcards.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
