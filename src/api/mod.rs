//! THE TABLE: every API, described once next to its handler.

mod acls;
mod dispatch;
mod domains;
mod entry;
mod kinds;
mod owners;
#[cfg(test)]
mod owners_tests;
mod paging;
mod physical_networks;
#[cfg(test)]
mod physical_networks_tests;
mod pods;
#[cfg(test)]
mod pods_tests;
mod traffic_types;
mod zones;
#[cfg(test)]
mod zones_tests;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &traffic_types::AddTrafficType::API,
    &physical_networks::CreatePhysicalNetwork::API,
    &pods::CreatePod::API,
    &zones::CreateZone::API,
    &physical_networks::DeletePhysicalNetwork::API,
    &pods::DeletePod::API,
    &traffic_types::DeleteTrafficType::API,
    &zones::DeleteZone::API,
    &owners::ListAccounts::API,
    &domains::ListDomains::API,
    &acls::ListNetworkAclLists::API,
    &physical_networks::ListPhysicalNetworks::API,
    &pods::ListPods::API,
    &domains::ListRegions::API,
    &domains::ListRoles::API,
    &traffic_types::ListTrafficTypes::API,
    &owners::ListUsers::API,
    &zones::ListZones::API,
    &physical_networks::UpdatePhysicalNetwork::API,
    &pods::UpdatePod::API,
    &traffic_types::UpdateTrafficType::API,
    &zones::UpdateZone::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
