//! The vocabulary in which an API is described once: parameters, reply fields, faults, and the
//! macros that tie typed structs to their description. Knows no API and no entity.

mod catalogue;
mod fault;
mod field;
mod param;
mod phrase;
mod spec;
mod value;
mod words;

pub(crate) use catalogue::{Catalogue, Source};
pub(crate) use fault::{Exception, Fault};
pub(crate) use field::{Field, Shown, Unit, View, count, join, view};
pub(crate) use param::{Param, Params, Refusal, group, params, take};
pub(crate) use phrase::{Phrase, spaced};
pub(crate) use spec::{ClientToken, Kind, Mode, Needs, Spec, takes_token};
pub(crate) use value::{Completes, Id, List, Listed, Map, Text, Value, choices, choose};
pub(crate) use words::Words;
