//! THE TABLE: every API, described once next to its handler.

mod dispatch;
mod entry;
mod kinds;
#[cfg(test)]
mod network_offering_rules_tests;
mod network_offerings;
#[cfg(test)]
mod network_offerings_tests;
mod paging;
mod vpc_offerings;
mod zones;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &network_offerings::CreateNetworkOffering::API,
    &vpc_offerings::CreateVpcOffering::API,
    &network_offerings::DeleteNetworkOffering::API,
    &vpc_offerings::DeleteVpcOffering::API,
    &network_offerings::ListNetworkOfferings::API,
    &vpc_offerings::ListVpcOfferings::API,
    &zones::ListZones::API,
    &network_offerings::UpdateNetworkOffering::API,
    &vpc_offerings::UpdateVpcOffering::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
