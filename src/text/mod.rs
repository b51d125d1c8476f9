//! Words for people: counts, lists, suggestions, secrets and what a terminal may be sent.

pub(crate) mod count;
pub(crate) mod escape;
pub(crate) mod list;
pub(crate) mod nearest;
pub(crate) mod secret;

pub(crate) use count::Count;
pub(crate) use escape::{printable, quoted, shorten};
pub(crate) use list::{and_list, or_list};
pub(crate) use nearest::{nearest, nearest_many};
pub(crate) use secret::{Secret, is_secret_name, redact_line};
