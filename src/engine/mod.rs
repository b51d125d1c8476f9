//! Use cases, each in one transaction: allocate, release, limits, jobs, events. No clock, no
//! randomness and no environment of its own: they come in the context.

pub(crate) mod addresses;
mod cx;
mod events;
mod jobs;
mod limits;
pub(crate) mod ranges;
mod seed;
mod settings;
mod vnets;

pub(crate) use cx::{Caller, Cx, Owner};
pub(crate) use events::Subject;
pub(crate) use jobs::JobOutcome;
pub(crate) use limits::Resource;
pub(crate) use seed::{Content, seed};
pub(crate) use vnets::{first_taken, give_vnet, take_vnet, vnets_of};
