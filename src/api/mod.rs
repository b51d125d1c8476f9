//! THE TABLE: every API, described once next to its handler.

mod capacity;
mod configurations;
mod discovery;
mod dispatch;
mod entry;
mod events;
mod jobs;
mod kinds;
mod list_public_ips;
mod names;
mod owned;
mod paging;
mod portable_ranges;
mod public_ip_addresses;
mod vlan_ip_ranges;
mod zones;

pub(crate) use dispatch::{Engine, JobRef, Reply};
pub(crate) use entry::{Api, Done, Rows, SUCCESS_FIELDS, api, json, refuse};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &events::ArchiveEvents::API,
    &public_ip_addresses::AssociateIpAddress::API,
    &portable_ranges::CreatePortableIpRange::API,
    &vlan_ip_ranges::CreateVlanIpRange::API,
    &vlan_ip_ranges::DedicatePublicIpRange::API,
    &events::DeleteEvents::API,
    &portable_ranges::DeletePortableIpRange::API,
    &vlan_ip_ranges::DeleteVlanIpRange::API,
    &public_ip_addresses::DisassociateIpAddress::API,
    &discovery::ListApis::API,
    &jobs::ListAsyncJobs::API,
    &discovery::ListCapabilities::API,
    &capacity::ListCapacity::API,
    &configurations::ListConfigurations::API,
    &events::ListEventTypes::API,
    &events::ListEvents::API,
    &portable_ranges::ListPortableIpRanges::API,
    &list_public_ips::ListPublicIpAddresses::API,
    &vlan_ip_ranges::ListVlanIpRanges::API,
    &zones::ListZones::API,
    &jobs::QueryAsyncJobResult::API,
    &public_ip_addresses::ReleaseIpAddress::API,
    &vlan_ip_ranges::ReleasePublicIpRange::API,
    &public_ip_addresses::ReserveIpAddress::API,
    &configurations::ResetConfiguration::API,
    &configurations::UpdateConfiguration::API,
    &public_ip_addresses::UpdateIpAddress::API,
    &vlan_ip_ranges::UpdateVlanIpRange::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
