//! THE TABLE: every API, described once next to its handler.

mod accounts;
mod acl_items;
mod acls;
mod alerts;
mod as_numbers;
mod bgp_peers;
mod capacity;
mod configuration_groups;
mod configurations;
mod discovery;
mod disk_offerings;
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
mod load_balancer_members;
mod load_balancer_rules;
mod load_balancers;
mod management_ranges;
#[cfg(test)]
mod management_ranges_tests;
mod names;
#[cfg(test)]
mod network_offering_rules_tests;
mod network_offerings;
#[cfg(test)]
mod network_offerings_tests;
mod network_permissions;
mod network_rules;
mod network_service_providers;
#[cfg(test)]
mod network_service_providers_tests;
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
mod private_gateways;
mod privileges;
mod project_members;
mod projects;
mod provider_elements;
mod public_ip_addresses;
mod quarantined_ips;
mod resource_limits;
mod role_permissions;
mod roles;
mod routed_view;
mod router_view;
mod routers;
mod service_offerings;
mod static_nat;
mod static_routes;
mod storage_ranges;
mod system_vms;
mod tags;
mod templates;
mod traffic_types;
mod unsupported;
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
    &management_ranges::AcquirePodIpAddress::API,
    &projects::ActivateProject::API,
    &project_members::AddAccountToProject::API,
    &nics::AddIpToNic::API,
    &network_service_providers::AddNetworkServiceProvider::API,
    &nics::AddNicToVirtualMachine::API,
    &traffic_types::AddTrafficType::API,
    &alerts::ArchiveAlerts::API,
    &events::ArchiveEvents::API,
    &load_balancer_members::AssignToLoadBalancerRule::API,
    &public_ip_addresses::AssociateIpAddress::API,
    &bgp_peers::ChangeBgpPeersForNetwork::API,
    &bgp_peers::ChangeBgpPeersForVpc::API,
    &routers::ChangeServiceForRouter::API,
    &virtual_machines::ChangeServiceForVirtualMachine::API,
    &provider_elements::ConfigureInternalLoadBalancerElement::API,
    &provider_elements::ConfigureVirtualRouterElement::API,
    &as_numbers::CreateAsnRange::API,
    &accounts::CreateAccount::API,
    &bgp_peers::CreateBgpPeer::API,
    &disk_offerings::CreateDiskOffering::API,
    &domain_changes::CreateDomain::API,
    &firewall_rules::CreateEgressFirewallRule::API,
    &firewall_rules::CreateFirewallRule::API,
    &ip6_prefixes::CreateGuestNetworkIpv6Prefix::API,
    &provider_elements::CreateInternalLoadBalancerElement::API,
    &static_nat::CreateIpForwardingRule::API,
    &ip4_network_subnets::CreateIpv4SubnetForGuestNetwork::API,
    &ip4_zone_subnets::CreateIpv4SubnetForZone::API,
    &network_rules::CreateIpv6FirewallRule::API,
    &load_balancers::CreateLoadBalancer::API,
    &load_balancer_rules::CreateLoadBalancerRule::API,
    &management_ranges::CreateManagementNetworkIpRange::API,
    &networks::CreateNetwork::API,
    &acl_items::CreateNetworkAcl::API,
    &acls::CreateNetworkAclList::API,
    &network_offerings::CreateNetworkOffering::API,
    &network_permissions::CreateNetworkPermissions::API,
    &physical_networks::CreatePhysicalNetwork::API,
    &pods::CreatePod::API,
    &port_forwarding_rules::CreatePortForwardingRule::API,
    &portable_ranges::CreatePortableIpRange::API,
    &private_gateways::CreatePrivateGateway::API,
    &projects::CreateProject::API,
    &unsupported::CreateRemoteAccessVpn::API,
    &roles::CreateRole::API,
    &role_permissions::CreateRolePermission::API,
    &network_rules::CreateRoutingFirewallRule::API,
    &service_offerings::CreateServiceOffering::API,
    &static_routes::CreateStaticRoute::API,
    &storage_ranges::CreateStorageNetworkIpRange::API,
    &tags::CreateTags::API,
    &users::CreateUser::API,
    &vpcs::CreateVpc::API,
    &vpc_offerings::CreateVpcOffering::API,
    &provider_elements::CreateVirtualRouterElement::API,
    &vlan_ip_ranges::CreateVlanIpRange::API,
    &unsupported::CreateVpnCustomerGateway::API,
    &unsupported::CreateVpnGateway::API,
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
    &disk_offerings::DeleteDiskOffering::API,
    &domain_changes::DeleteDomain::API,
    &firewall_rules::DeleteEgressFirewallRule::API,
    &events::DeleteEvents::API,
    &firewall_rules::DeleteFirewallRule::API,
    &ip6_prefixes::DeleteGuestNetworkIpv6Prefix::API,
    &static_nat::DeleteIpForwardingRule::API,
    &ip4_network_subnets::DeleteIpv4SubnetForGuestNetwork::API,
    &ip4_zone_subnets::DeleteIpv4SubnetForZone::API,
    &network_rules::DeleteIpv6FirewallRule::API,
    &load_balancers::DeleteLoadBalancer::API,
    &load_balancer_rules::DeleteLoadBalancerRule::API,
    &management_ranges::DeleteManagementNetworkIpRange::API,
    &networks::DeleteNetwork::API,
    &acl_items::DeleteNetworkAcl::API,
    &acls::DeleteNetworkAclList::API,
    &network_offerings::DeleteNetworkOffering::API,
    &network_service_providers::DeleteNetworkServiceProvider::API,
    &physical_networks::DeletePhysicalNetwork::API,
    &pods::DeletePod::API,
    &port_forwarding_rules::DeletePortForwardingRule::API,
    &portable_ranges::DeletePortableIpRange::API,
    &private_gateways::DeletePrivateGateway::API,
    &projects::DeleteProject::API,
    &roles::DeleteRole::API,
    &role_permissions::DeleteRolePermission::API,
    &network_rules::DeleteRoutingFirewallRule::API,
    &service_offerings::DeleteServiceOffering::API,
    &static_routes::DeleteStaticRoute::API,
    &storage_ranges::DeleteStorageNetworkIpRange::API,
    &tags::DeleteTags::API,
    &traffic_types::DeleteTrafficType::API,
    &users::DeleteUser::API,
    &vpcs::DeleteVpc::API,
    &vpc_offerings::DeleteVpcOffering::API,
    &vlan_ip_ranges::DeleteVlanIpRange::API,
    &zones::DeleteZone::API,
    &virtual_machines::DeployVirtualMachine::API,
    &routers::DestroyRouter::API,
    &system_vms::DestroySystemVm::API,
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
    &unsupported::ExtractTemplate::API,
    &user_keys::GetUser::API,
    &user_keys::GetUserKeys::API,
    &unsupported::GetUserData::API,
    &roles::ImportRole::API,
    &unsupported::LdapCreateAccount::API,
    &unsupported::LinkAccountToLdap::API,
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
    &unsupported::ListClusters::API,
    &configuration_groups::ListConfigurationGroups::API,
    &configurations::ListConfigurations::API,
    &guest_vlan_ranges::ListDedicatedGuestVlanRanges::API,
    &disk_offerings::ListDiskOfferings::API,
    &domain_changes::ListDomainChildren::API,
    &domains::ListDomains::API,
    &firewall_rules::ListEgressFirewallRules::API,
    &events::ListEventTypes::API,
    &events::ListEvents::API,
    &firewall_rules::ListFirewallRules::API,
    &ip6_prefixes::ListGuestNetworkIpv6Prefixes::API,
    &unsupported::ListHosts::API,
    &templates::ListHypervisors::API,
    &provider_elements::ListInternalLoadBalancerElements::API,
    &static_nat::ListIpForwardingRules::API,
    &ip4_network_subnets::ListIpv4SubnetsForGuestNetwork::API,
    &ip4_zone_subnets::ListIpv4SubnetsForZone::API,
    &network_rules::ListIpv6FirewallRules::API,
    &unsupported::ListIsos::API,
    &unsupported::ListKubernetesVersions::API,
    &load_balancer_members::ListLoadBalancerRuleInstances::API,
    &load_balancer_rules::ListLoadBalancerRules::API,
    &load_balancers::ListLoadBalancers::API,
    &acls::ListNetworkAclLists::API,
    &acl_items::ListNetworkAcls::API,
    &network_offerings::ListNetworkOfferings::API,
    &network_permissions::ListNetworkPermissions::API,
    &network_service_providers::ListNetworkServiceProviders::API,
    &networks::ListNetworks::API,
    &nics::ListNics::API,
    &templates::ListOsTypes::API,
    &physical_networks::ListPhysicalNetworks::API,
    &pods::ListPods::API,
    &port_forwarding_rules::ListPortForwardingRules::API,
    &portable_ranges::ListPortableIpRanges::API,
    &private_gateways::ListPrivateGateways::API,
    &project_members::ListProjectAccounts::API,
    &projects::ListProjects::API,
    &list_public_ips::ListPublicIpAddresses::API,
    &quarantined_ips::ListQuarantinedIps::API,
    &domains::ListRegions::API,
    &resource_limits::ListResourceLimits::API,
    &role_permissions::ListRolePermissions::API,
    &roles::ListRoles::API,
    &routers::ListRouters::API,
    &network_rules::ListRoutingFirewallRules::API,
    &unsupported::ListSshKeyPairs::API,
    &service_offerings::ListServiceOfferings::API,
    &static_routes::ListStaticRoutes::API,
    &storage_ranges::ListStorageNetworkIpRange::API,
    &unsupported::ListStoragePools::API,
    &system_vms::ListSystemVms::API,
    &tags::ListTags::API,
    &templates::ListTemplates::API,
    &traffic_types::ListTrafficTypes::API,
    &usage::ListUsageRecords::API,
    &usage::ListUsageTypes::API,
    &unsupported::ListUserData::API,
    &owners::ListUsers::API,
    &vpc_offerings::ListVpcOfferings::API,
    &vpcs::ListVpcs::API,
    &virtual_machines::ListVirtualMachines::API,
    &provider_elements::ListVirtualRouterElements::API,
    &vlan_ip_ranges::ListVlanIpRanges::API,
    &unsupported::ListVolumes::API,
    &unsupported::ListVpnGateways::API,
    &zones::ListZones::API,
    &accounts::LockAccount::API,
    &users::LockUser::API,
    &unsupported::MigrateVirtualMachine::API,
    &domain_changes::MoveDomain::API,
    &acl_items::MoveNetworkAclItem::API,
    &users::MoveUser::API,
    &jobs::QueryAsyncJobResult::API,
    &routers::RebootRouter::API,
    &system_vms::RebootSystemVm::API,
    &virtual_machines::RebootVirtualMachine::API,
    &virtual_machines::RecoverVirtualMachine::API,
    &unsupported::RegisterTemplate::API,
    &user_keys::RegisterUserKeys::API,
    &as_numbers::ReleaseAsNumber::API,
    &bgp_peers::ReleaseBgpPeer::API,
    &guest_vlan_ranges::ReleaseDedicatedGuestVlanRange::API,
    &public_ip_addresses::ReleaseIpAddress::API,
    &ip4_zone_subnets::ReleaseIpv4SubnetForZone::API,
    &management_ranges::ReleasePodIpAddress::API,
    &vlan_ip_ranges::ReleasePublicIpRange::API,
    &load_balancer_members::RemoveFromLoadBalancerRule::API,
    &nics::RemoveIpFromNic::API,
    &network_permissions::RemoveNetworkPermissions::API,
    &nics::RemoveNicFromVirtualMachine::API,
    &quarantined_ips::RemoveQuarantinedIp::API,
    &acls::ReplaceNetworkAclList::API,
    &public_ip_addresses::ReserveIpAddress::API,
    &configurations::ResetConfiguration::API,
    &network_permissions::ResetNetworkPermissions::API,
    &unsupported::ResetSshKey::API,
    &unsupported::ResizeVolume::API,
    &networks::RestartNetwork::API,
    &vpcs::RestartVpc::API,
    &unsupported::RestoreVirtualMachine::API,
    &routers::StartRouter::API,
    &system_vms::StartSystemVm::API,
    &virtual_machines::StartVirtualMachine::API,
    &routers::StopRouter::API,
    &system_vms::StopSystemVm::API,
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
    &load_balancers::UpdateLoadBalancer::API,
    &load_balancer_rules::UpdateLoadBalancerRule::API,
    &networks::UpdateNetwork::API,
    &acl_items::UpdateNetworkAclItem::API,
    &acls::UpdateNetworkAclList::API,
    &network_offerings::UpdateNetworkOffering::API,
    &network_service_providers::UpdateNetworkServiceProvider::API,
    &physical_networks::UpdatePhysicalNetwork::API,
    &pods::UpdatePod::API,
    &management_ranges::UpdatePodManagementNetworkIpRange::API,
    &port_forwarding_rules::UpdatePortForwardingRule::API,
    &projects::UpdateProject::API,
    &quarantined_ips::UpdateQuarantinedIp::API,
    &resource_limits::UpdateResourceCount::API,
    &resource_limits::UpdateResourceLimit::API,
    &roles::UpdateRole::API,
    &role_permissions::UpdateRolePermission::API,
    &network_rules::UpdateRoutingFirewallRule::API,
    &storage_ranges::UpdateStorageNetworkIpRange::API,
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
