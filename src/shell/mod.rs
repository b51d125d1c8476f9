//! The room of the person at the terminal: what was typed, and how the answer looks.
//!
//! Most of it is pure (text in, text out). [`out`] owns the two streams, `repl` the terminal,
//! `session` carries out what was typed, and `foreign` runs programs of the system's shell.

pub(crate) mod ask;
mod check;
mod command;
mod complete;
pub(crate) mod docs;
mod endings;
mod fill;
mod foreign;
mod groups;
mod help;
pub(crate) mod highlight;
mod hints;
pub(crate) mod line;
mod listed;
mod lookups;
pub(crate) mod man;
mod maps;
mod options;
pub(crate) mod out;
mod pager;
mod pages;
mod phrase;
mod place;
pub(crate) mod query;
pub(crate) mod render;
mod repl;
mod resolve;
#[cfg(test)]
mod samples;
mod session;
pub(crate) mod set;
mod show;
mod sift;
mod since;
mod status;
mod topics;
mod variables;
mod wrong;

pub(crate) use complete::{
    Around, Candidate, Completion, File, Question, Reply, Row, best, complete, files, folder,
};
pub(crate) use foreign::{interrupted, pause};
pub(crate) use lookups::{Lookups, PATIENCE};
pub(crate) use pager::Pager;
pub(crate) use repl::{AtTerminal, Repl, repl};
pub(crate) use session::{Clock, Look, Session, Tty};
pub(crate) use status::Status;
