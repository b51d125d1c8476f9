//! Rules: what firewalls and ACL lists let through.

mod acl_items;
mod acls;
mod conflict;
mod firewall;
mod guests;
pub(crate) mod internal_lb;
pub(crate) mod load_balancer;
mod members;
mod network_rules;
pub(crate) mod port_forwarding;
pub(crate) mod static_nat;
mod targets;
mod traffic;

pub(crate) use acl_items::{
    AclItemChanges, Neighbours, NewAclItem, create_acl_item, delete_acl_item, move_acl_item,
    update_acl_item,
};
pub(crate) use acls::{
    AclChanges, create_acl, delete_acl, forget_acls_of_vpc, replace_acl, replace_acl_of_gateway,
    update_acl,
};
pub(crate) use firewall::{
    NewEgressRule, NewIngressRule, close, create_egress, create_ingress, has_rules, revoke_of,
    revoke_of_network, show_rule,
};
pub(crate) use guests::{forget_vm, lead_to, leading_to};
pub(crate) use members::{Member, assign, members_of, release_members};
pub(crate) use network_rules::{
    NetworkRuleChange, NewNetworkRule, close_all, close_network_rule, create_network_rule, kind_of,
    update_network_rule,
};
pub(crate) use traffic::Traffic;

#[cfg(test)]
mod acl_tests;
#[cfg(test)]
mod firewall_tests;
#[cfg(test)]
mod internal_lb_tests;
#[cfg(test)]
mod load_balancer_tests;
#[cfg(test)]
mod port_forwarding_tests;
#[cfg(test)]
mod static_nat_tests;
