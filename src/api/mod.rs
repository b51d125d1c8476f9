//! THE TABLE: every API, described once next to its handler.

mod acls;
mod dispatch;
mod domains;
mod entry;
mod kinds;
mod list_public_ips;
mod names;
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
mod public_ip_addresses;
mod traffic_types;
mod vlan_ip_ranges;
mod zones;
#[cfg(test)]
mod zones_tests;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &traffic_types::AddTrafficType::API,
    &public_ip_addresses::AssociateIpAddress::API,
    &physical_networks::CreatePhysicalNetwork::API,
    &pods::CreatePod::API,
    &vlan_ip_ranges::CreateVlanIpRange::API,
    &zones::CreateZone::API,
    &vlan_ip_ranges::DedicatePublicIpRange::API,
    &physical_networks::DeletePhysicalNetwork::API,
    &pods::DeletePod::API,
    &traffic_types::DeleteTrafficType::API,
    &vlan_ip_ranges::DeleteVlanIpRange::API,
    &zones::DeleteZone::API,
    &public_ip_addresses::DisassociateIpAddress::API,
    &owners::ListAccounts::API,
    &domains::ListDomains::API,
    &acls::ListNetworkAclLists::API,
    &physical_networks::ListPhysicalNetworks::API,
    &pods::ListPods::API,
    &list_public_ips::ListPublicIpAddresses::API,
    &domains::ListRegions::API,
    &domains::ListRoles::API,
    &traffic_types::ListTrafficTypes::API,
    &owners::ListUsers::API,
    &vlan_ip_ranges::ListVlanIpRanges::API,
    &zones::ListZones::API,
    &public_ip_addresses::ReleaseIpAddress::API,
    &vlan_ip_ranges::ReleasePublicIpRange::API,
    &public_ip_addresses::ReserveIpAddress::API,
    &public_ip_addresses::UpdateIpAddress::API,
    &physical_networks::UpdatePhysicalNetwork::API,
    &pods::UpdatePod::API,
    &traffic_types::UpdateTrafficType::API,
    &vlan_ip_ranges::UpdateVlanIpRange::API,
    &zones::UpdateZone::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
