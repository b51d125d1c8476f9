//! Use cases, each in one transaction: allocate, release, limits, jobs, events. No clock, no
//! randomness and no environment of its own: they come in the context.

pub(crate) mod addresses;
mod capacity;
mod cx;
mod events;
mod jobs;
mod limits;
pub(crate) mod network_offerings;
mod obstacles;
mod offering_rules;
pub(crate) mod physical_networks;
pub(crate) mod pods;
mod portable_ranges;
pub(crate) mod ranges;
mod scopes;
mod seed;
pub(crate) mod services;
mod settings;
pub(crate) mod traffic_types;
mod vnets;
pub(crate) mod vpc_offerings;
pub(crate) mod zones;

pub(crate) use capacity::{Capacity, CapacityKind};
pub(crate) use cx::{Caller, Cx, Owner};
pub(crate) use events::{Subject, WhichEvents};
pub(crate) use jobs::{JobOutcome, resource_type};
pub(crate) use limits::Resource;
pub(crate) use portable_ranges::NewPortableRange;
pub(crate) use scopes::Place;
pub(crate) use seed::{Content, seed};
pub(crate) use vnets::{first_taken, give_vnet, take_vnet, vnets_of};
