//! THE TABLE: every API, described once next to its handler.

mod dispatch;
mod entry;
mod kinds;
mod paging;
mod zones;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[&zones::ListZones::API];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
