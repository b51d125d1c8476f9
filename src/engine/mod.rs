//! Use cases, each in one transaction: allocate, release, limits, jobs, events. No clock, no
//! randomness and no environment of its own: they come in the context.

mod access;
pub(crate) mod addresses;
mod alerts;
mod audit;
mod capacity;
mod carve;
mod collector;
mod cx;
pub(crate) mod disk_offerings;
pub(crate) mod elements;
mod events;
pub(crate) mod guest_vlans;
pub(crate) mod guests;
pub(crate) mod ip6;
mod jobs;
mod keys;
mod limits;
mod net_addresses;
mod network_access;
mod network_checks;
mod network_life;
#[cfg(test)]
mod network_life_tests;
pub(crate) mod network_offerings;
#[cfg(test)]
mod network_tests;
mod network_update;
mod networks;
mod obstacles;
mod offering_rules;
pub(crate) mod owners;
mod passwords;
pub(crate) mod physical_networks;
pub(crate) mod pod_addresses;
pub(crate) mod pod_ranges;
pub(crate) mod pods;
mod portable_ranges;
pub(crate) mod private_gateways;
pub(crate) mod projects;
pub(crate) mod providers;
pub(crate) mod ranges;
pub(crate) mod roles;
pub(crate) mod routing;
pub(crate) mod rules;
mod scopes;
mod secrets;
mod seed;
pub(crate) mod service_offerings;
pub(crate) mod services;
mod sessions;
mod settings;
mod shared_networks;
pub(crate) mod static_routes;
pub(crate) mod storage_ranges;
pub(crate) mod system_vms;
pub(crate) mod tags;
mod tiers;
mod tokens;
pub(crate) mod traffic_types;
mod vault;
pub(crate) mod vms;
mod vnets;
pub(crate) mod vpc_offerings;
#[cfg(test)]
mod vpc_tests;
mod vpcs;
pub(crate) mod zones;

pub(crate) use access::{Asked, Guard, Guarded, Scope, in_domain, may_call};
pub(crate) use alerts::alert_types;
pub(crate) use audit::{Finding, Repaired, advice, audit, is_mended, repair};
pub(crate) use capacity::{Capacity, CapacityKind};
pub(crate) use collector::{Collected, Pass, collect, collect_if_due};
pub(crate) use cx::{Caller, Cx, Owner};
pub(crate) use events::{Subject, WhichEvents};
pub(crate) use jobs::{JobOutcome, end_old_jobs, resource_type};
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use keys::KeyPair;
pub(crate) use keys::{give_key, holder, key_of, user_for_key};
pub(crate) use limits::Resource;
pub(crate) use network_access::{
    Access, access_to, of_domain, of_permitted, permit, permit_nobody, permitted, refuse_unshared,
};
pub(crate) use network_checks::NameServers;
pub(crate) use network_life::{delete_network, isolation_of, restart_network};
pub(crate) use network_update::{NetworkChanges, reserved_range, update_network};
pub(crate) use networks::{NewNetwork, create_network};
pub(crate) use passwords::{
    Login, caller_of, domain_of_login, give_password, hash, is_password, is_there, login,
    password_hash, set_password,
};
pub(crate) use portable_ranges::NewPortableRange;
pub(crate) use scopes::Place;
pub(crate) use secrets::{NoSecrets, Prepared, Secrets, new_pair};
pub(crate) use seed::{Content, seed};
#[cfg(test)]
pub(crate) use sessions::MOST_SESSIONS;
pub(crate) use sessions::{
    Session, begin_session, count_sessions, end_old_sessions, end_session, find_session,
    prolong_session,
};
pub(crate) use shared_networks::{Shared, shows_free_direct, subnets_of};
pub(crate) use tags::TagPage;
pub(crate) use tokens::{Answered, ClientToken, end_old_tokens};
pub(crate) use vault::Vault;
pub(crate) use vnets::{first_taken, give_vnet, take_vnet, vnets_of};
pub(crate) use vpcs::{NewVpc, VpcChanges, create_vpc, delete_vpc, restart_vpc, update_vpc};
