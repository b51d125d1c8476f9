//! THE TABLE: every API, described once next to its handler.

mod accounts;
mod acl_items;
mod acls;
mod alerts;
mod as_numbers;
mod bgp_peers;
mod capacity;
mod configurations;
mod discovery;
mod dispatch;
mod domain_changes;
mod domains;
mod entry;
mod events;
mod firewall_rules;
mod guest_vlan_ranges;
mod ip4_network_subnets;
mod ip4_zone_subnets;
mod ip6_prefixes;
mod jobs;
mod kinds;
mod list_public_ips;
mod names;
#[cfg(test)]
mod network_offering_rules_tests;
mod network_offerings;
#[cfg(test)]
mod network_offerings_tests;
mod network_permissions;
mod network_rules;
mod network_view;
mod networks;
mod nics;
mod owned;
mod owner_view;
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
mod port_forwarding_rules;
mod portable_ranges;
mod privileges;
mod project_members;
mod projects;
mod public_ip_addresses;
mod quarantined_ips;
mod resource_limits;
mod role_permissions;
mod roles;
mod routed_view;
mod service_offerings;
mod static_nat;
mod templates;
mod traffic_types;
mod usage;
mod user_keys;
mod users;
mod virtual_machines;
mod vlan_ip_ranges;
mod vm_view;
mod vpc_offerings;
mod vpcs;
mod zones;
#[cfg(test)]
mod zones_tests;

pub(crate) use discovery::VERSION;
#[cfg(test)]
pub(crate) use dispatch::JobRef;
pub(crate) use dispatch::{Engine, Reply};
pub(crate) use entry::{ADMINS, Api, Done, EVERYBODY, Rows, SUCCESS_FIELDS, api, refuse, text};

/// All APIs, sorted by name.
pub(crate) static APIS: &[&Api] = &[
    &projects::ActivateProject::API,
    &project_members::AddAccountToProject::API,
    &nics::AddIpToNic::API,
    &nics::AddNicToVirtualMachine::API,
    &traffic_types::AddTrafficType::API,
    &alerts::ArchiveAlerts::API,
    &events::ArchiveEvents::API,
    &public_ip_addresses::AssociateIpAddress::API,
    &bgp_peers::ChangeBgpPeersForNetwork::API,
    &bgp_peers::ChangeBgpPeersForVpc::API,
    &as_numbers::CreateAsnRange::API,
    &accounts::CreateAccount::API,
    &bgp_peers::CreateBgpPeer::API,
    &domain_changes::CreateDomain::API,
    &firewall_rules::CreateEgressFirewallRule::API,
    &firewall_rules::CreateFirewallRule::API,
    &ip6_prefixes::CreateGuestNetworkIpv6Prefix::API,
    &static_nat::CreateIpForwardingRule::API,
    &ip4_network_subnets::CreateIpv4SubnetForGuestNetwork::API,
    &ip4_zone_subnets::CreateIpv4SubnetForZone::API,
    &network_rules::CreateIpv6FirewallRule::API,
    &networks::CreateNetwork::API,
    &acl_items::CreateNetworkAcl::API,
    &acls::CreateNetworkAclList::API,
    &network_offerings::CreateNetworkOffering::API,
    &network_permissions::CreateNetworkPermissions::API,
    &physical_networks::CreatePhysicalNetwork::API,
    &pods::CreatePod::API,
    &port_forwarding_rules::CreatePortForwardingRule::API,
    &portable_ranges::CreatePortableIpRange::API,
    &projects::CreateProject::API,
    &roles::CreateRole::API,
    &role_permissions::CreateRolePermission::API,
    &network_rules::CreateRoutingFirewallRule::API,
    &service_offerings::CreateServiceOffering::API,
    &users::CreateUser::API,
    &vpcs::CreateVpc::API,
    &vpc_offerings::CreateVpcOffering::API,
    &vlan_ip_ranges::CreateVlanIpRange::API,
    &zones::CreateZone::API,
    &bgp_peers::DedicateBgpPeer::API,
    &guest_vlan_ranges::DedicateGuestVlanRange::API,
    &ip4_zone_subnets::DedicateIpv4SubnetForZone::API,
    &vlan_ip_ranges::DedicatePublicIpRange::API,
    &as_numbers::DeleteAsnRange::API,
    &accounts::DeleteAccount::API,
    &project_members::DeleteAccountFromProject::API,
    &alerts::DeleteAlerts::API,
    &bgp_peers::DeleteBgpPeer::API,
    &domain_changes::DeleteDomain::API,
    &firewall_rules::DeleteEgressFirewallRule::API,
    &events::DeleteEvents::API,
    &firewall_rules::DeleteFirewallRule::API,
    &ip6_prefixes::DeleteGuestNetworkIpv6Prefix::API,
    &static_nat::DeleteIpForwardingRule::API,
    &ip4_network_subnets::DeleteIpv4SubnetForGuestNetwork::API,
    &ip4_zone_subnets::DeleteIpv4SubnetForZone::API,
    &network_rules::DeleteIpv6FirewallRule::API,
    &networks::DeleteNetwork::API,
    &acl_items::DeleteNetworkAcl::API,
    &acls::DeleteNetworkAclList::API,
    &network_offerings::DeleteNetworkOffering::API,
    &physical_networks::DeletePhysicalNetwork::API,
    &pods::DeletePod::API,
    &port_forwarding_rules::DeletePortForwardingRule::API,
    &portable_ranges::DeletePortableIpRange::API,
    &projects::DeleteProject::API,
    &roles::DeleteRole::API,
    &role_permissions::DeleteRolePermission::API,
    &network_rules::DeleteRoutingFirewallRule::API,
    &service_offerings::DeleteServiceOffering::API,
    &traffic_types::DeleteTrafficType::API,
    &users::DeleteUser::API,
    &vpcs::DeleteVpc::API,
    &vpc_offerings::DeleteVpcOffering::API,
    &vlan_ip_ranges::DeleteVlanIpRange::API,
    &zones::DeleteZone::API,
    &virtual_machines::DeployVirtualMachine::API,
    &virtual_machines::DestroyVirtualMachine::API,
    &accounts::DisableAccount::API,
    &roles::DisableRole::API,
    &static_nat::DisableStaticNat::API,
    &users::DisableUser::API,
    &public_ip_addresses::DisassociateIpAddress::API,
    &accounts::EnableAccount::API,
    &roles::EnableRole::API,
    &static_nat::EnableStaticNat::API,
    &users::EnableUser::API,
    &virtual_machines::ExpungeVirtualMachine::API,
    &user_keys::GetUser::API,
    &user_keys::GetUserKeys::API,
    &roles::ImportRole::API,
    &as_numbers::ListAsnRanges::API,
    &as_numbers::ListAsNumbers::API,
    &owners::ListAccounts::API,
    &alerts::ListAlertTypes::API,
    &alerts::ListAlerts::API,
    &discovery::ListApis::API,
    &jobs::ListAsyncJobs::API,
    &bgp_peers::ListBgpPeers::API,
    &discovery::ListCapabilities::API,
    &capacity::ListCapacity::API,
    &configurations::ListConfigurations::API,
    &guest_vlan_ranges::ListDedicatedGuestVlanRanges::API,
    &templates::ListDiskOfferings::API,
    &domain_changes::ListDomainChildren::API,
    &domains::ListDomains::API,
    &firewall_rules::ListEgressFirewallRules::API,
    &events::ListEventTypes::API,
    &events::ListEvents::API,
    &firewall_rules::ListFirewallRules::API,
    &ip6_prefixes::ListGuestNetworkIpv6Prefixes::API,
    &templates::ListHypervisors::API,
    &static_nat::ListIpForwardingRules::API,
    &ip4_network_subnets::ListIpv4SubnetsForGuestNetwork::API,
    &ip4_zone_subnets::ListIpv4SubnetsForZone::API,
    &network_rules::ListIpv6FirewallRules::API,
    &acls::ListNetworkAclLists::API,
    &acl_items::ListNetworkAcls::API,
    &network_offerings::ListNetworkOfferings::API,
    &network_permissions::ListNetworkPermissions::API,
    &networks::ListNetworks::API,
    &nics::ListNics::API,
    &templates::ListOsTypes::API,
    &physical_networks::ListPhysicalNetworks::API,
    &pods::ListPods::API,
    &port_forwarding_rules::ListPortForwardingRules::API,
    &portable_ranges::ListPortableIpRanges::API,
    &project_members::ListProjectAccounts::API,
    &projects::ListProjects::API,
    &list_public_ips::ListPublicIpAddresses::API,
    &quarantined_ips::ListQuarantinedIps::API,
    &domains::ListRegions::API,
    &resource_limits::ListResourceLimits::API,
    &role_permissions::ListRolePermissions::API,
    &roles::ListRoles::API,
    &network_rules::ListRoutingFirewallRules::API,
    &service_offerings::ListServiceOfferings::API,
    &templates::ListTemplates::API,
    &traffic_types::ListTrafficTypes::API,
    &usage::ListUsageRecords::API,
    &usage::ListUsageTypes::API,
    &owners::ListUsers::API,
    &vpc_offerings::ListVpcOfferings::API,
    &vpcs::ListVpcs::API,
    &virtual_machines::ListVirtualMachines::API,
    &vlan_ip_ranges::ListVlanIpRanges::API,
    &zones::ListZones::API,
    &accounts::LockAccount::API,
    &users::LockUser::API,
    &domain_changes::MoveDomain::API,
    &acl_items::MoveNetworkAclItem::API,
    &users::MoveUser::API,
    &jobs::QueryAsyncJobResult::API,
    &virtual_machines::RebootVirtualMachine::API,
    &virtual_machines::RecoverVirtualMachine::API,
    &user_keys::RegisterUserKeys::API,
    &as_numbers::ReleaseAsNumber::API,
    &bgp_peers::ReleaseBgpPeer::API,
    &guest_vlan_ranges::ReleaseDedicatedGuestVlanRange::API,
    &public_ip_addresses::ReleaseIpAddress::API,
    &ip4_zone_subnets::ReleaseIpv4SubnetForZone::API,
    &vlan_ip_ranges::ReleasePublicIpRange::API,
    &nics::RemoveIpFromNic::API,
    &network_permissions::RemoveNetworkPermissions::API,
    &nics::RemoveNicFromVirtualMachine::API,
    &quarantined_ips::RemoveQuarantinedIp::API,
    &acls::ReplaceNetworkAclList::API,
    &public_ip_addresses::ReserveIpAddress::API,
    &configurations::ResetConfiguration::API,
    &network_permissions::ResetNetworkPermissions::API,
    &networks::RestartNetwork::API,
    &vpcs::RestartVpc::API,
    &virtual_machines::StartVirtualMachine::API,
    &virtual_machines::StopVirtualMachine::API,
    &projects::SuspendProject::API,
    &accounts::UpdateAccount::API,
    &bgp_peers::UpdateBgpPeer::API,
    &configurations::UpdateConfiguration::API,
    &nics::UpdateDefaultNicForVirtualMachine::API,
    &domain_changes::UpdateDomain::API,
    &firewall_rules::UpdateEgressFirewallRule::API,
    &firewall_rules::UpdateFirewallRule::API,
    &public_ip_addresses::UpdateIpAddress::API,
    &ip4_zone_subnets::UpdateIpv4SubnetForZone::API,
    &network_rules::UpdateIpv6FirewallRule::API,
    &networks::UpdateNetwork::API,
    &acl_items::UpdateNetworkAclItem::API,
    &acls::UpdateNetworkAclList::API,
    &network_offerings::UpdateNetworkOffering::API,
    &physical_networks::UpdatePhysicalNetwork::API,
    &pods::UpdatePod::API,
    &port_forwarding_rules::UpdatePortForwardingRule::API,
    &projects::UpdateProject::API,
    &quarantined_ips::UpdateQuarantinedIp::API,
    &resource_limits::UpdateResourceCount::API,
    &resource_limits::UpdateResourceLimit::API,
    &roles::UpdateRole::API,
    &role_permissions::UpdateRolePermission::API,
    &network_rules::UpdateRoutingFirewallRule::API,
    &traffic_types::UpdateTrafficType::API,
    &users::UpdateUser::API,
    &vpcs::UpdateVpc::API,
    &vpc_offerings::UpdateVpcOffering::API,
    &virtual_machines::UpdateVirtualMachine::API,
    &vlan_ip_ranges::UpdateVlanIpRange::API,
    &nics::UpdateVmNicIp::API,
    &zones::UpdateZone::API,
];

/// The API of this name; the letter case counts, as in CloudStack.
pub(crate) fn find(name: &str) -> Option<&'static Api> {
    APIS.binary_search_by(|api| api.spec.name.cmp(name)).ok().and_then(|at| APIS.get(at).copied())
}
