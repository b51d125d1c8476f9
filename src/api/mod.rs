//! THE TABLE: every API, described once next to its handler.

mod dispatch;
mod entry;
mod kinds;
mod list_public_ips;
mod names;
mod paging;
mod public_ip_addresses;
mod vlan_ip_ranges;
mod zones;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &public_ip_addresses::AssociateIpAddress::API,
    &vlan_ip_ranges::CreateVlanIpRange::API,
    &vlan_ip_ranges::DedicatePublicIpRange::API,
    &vlan_ip_ranges::DeleteVlanIpRange::API,
    &public_ip_addresses::DisassociateIpAddress::API,
    &list_public_ips::ListPublicIpAddresses::API,
    &vlan_ip_ranges::ListVlanIpRanges::API,
    &zones::ListZones::API,
    &public_ip_addresses::ReleaseIpAddress::API,
    &vlan_ip_ranges::ReleasePublicIpRange::API,
    &public_ip_addresses::ReserveIpAddress::API,
    &public_ip_addresses::UpdateIpAddress::API,
    &vlan_ip_ranges::UpdateVlanIpRange::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
