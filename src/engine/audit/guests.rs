//! Guests: their addresses are theirs, lie where guests' addresses lie, and what leads to them
//! leads to something.

use super::rows::Rule;
use super::{Findings, ip};
use crate::model::{Column, EntityKind};
use crate::net::Cidr4;
use crate::store::{StoreError, Tx};
use std::net::Ipv4Addr;

/// Addresses of VPCs that a tier has, and no rule of it needs.
pub(super) const UNBOUND: &str = "SELECT (r.gateway & r.netmask) + a.place, a.range_id, a.vpc_id, \
     a.network_id FROM address a JOIN vlan_range r ON r.id = a.range_id \
     JOIN network n ON n.id = a.network_id AND n.vpc_id = a.vpc_id WHERE a.static_nat = 0 \
     AND NOT EXISTS (SELECT 1 FROM port_forwarding_rule p WHERE p.range_id = a.range_id \
     AND p.place = a.place AND p.removed IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM load_balancer_rule p WHERE p.range_id = a.range_id \
     AND p.place = a.place AND p.removed IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM firewall_rule p WHERE p.range_id = a.range_id \
     AND p.place = a.place AND p.removed IS NULL)";

/// Rows that are not allowed.
pub(super) const GUESTS: &[Rule] = &[
    (
        "network-of-guest-address",
        "the address {ip} of the network {network} is held by the {} {}, and the network is gone: \
         it should be free",
        "SELECT g.ip, g.network_id, g.kind, g.holder_id FROM guest_address g \
         LEFT JOIN network n ON n.id = g.network_id WHERE n.id IS NULL OR n.removed IS NOT NULL",
    ),
    (
        "gateway-of-network",
        "the gateway {ip} of the network {network} is held by the {} {} as well: give that another \
         address",
        "SELECT g.ip, g.network_id, g.kind, g.holder_id FROM guest_address g \
         JOIN network n ON n.id = g.network_id WHERE g.ip = n.gateway",
    ),
    (
        "nic-of-guest-address",
        "the address {ip} of the network {network} is held for the interface {nic}, which is gone \
         or has another: it should be free",
        "SELECT g.ip, g.network_id, g.holder_id FROM guest_address g LEFT JOIN nic i \
         ON i.id = g.holder_id AND i.network_id = g.network_id AND i.ip = g.ip \
         AND i.removed IS NULL WHERE g.kind = 'Nic' AND i.id IS NULL",
    ),
    (
        "guest-address-of-nic",
        "the interface {nic} of the virtual machine {vm} has the address {ip} of the network \
         {network}, which is not held for it: somebody else may get it",
        "SELECT i.id, i.vm_id, i.ip, i.network_id FROM nic i LEFT JOIN guest_address g \
         ON g.network_id = i.network_id AND g.ip = i.ip AND g.kind = 'Nic' AND g.holder_id = i.id \
         WHERE i.removed IS NULL AND i.ip IS NOT NULL AND g.ip IS NULL",
    ),
    (
        "nic-of-secondary-address",
        "the further address {ip} of the network {network} is held, and was given back: it should \
         be free",
        "SELECT g.ip, g.network_id FROM guest_address g LEFT JOIN secondary_ip s \
         ON s.id = g.holder_id AND s.network_id = g.network_id AND s.ip = g.ip \
         AND s.removed IS NULL WHERE g.kind = 'SecondaryIp' AND s.id IS NULL",
    ),
    (
        "guest-address-of-secondary-address",
        "the interface {nic} has the further address {ip} of the network {network}, which is not \
         held for it: somebody else may get it",
        "SELECT s.nic_id, s.ip, s.network_id FROM secondary_ip s LEFT JOIN guest_address g \
         ON g.network_id = s.network_id AND g.ip = s.ip AND g.kind = 'SecondaryIp' \
         AND g.holder_id = s.id WHERE s.removed IS NULL AND g.ip IS NULL",
    ),
    (
        "nic-of-secondary-ip",
        "the interface {nic} is gone, and still has the further address {ip}",
        "SELECT s.nic_id, s.ip FROM secondary_ip s JOIN nic i ON i.id = s.nic_id \
         WHERE s.removed IS NULL AND i.removed IS NOT NULL",
    ),
    (
        "vm-of-nic",
        "the virtual machine {vm} is gone, and still has the interface {nic}",
        "SELECT i.vm_id, i.id FROM nic i JOIN vm v ON v.id = i.vm_id \
         WHERE i.removed IS NULL AND v.removed IS NOT NULL",
    ),
    (
        "state-of-vm",
        "the virtual machine {} ({vm}) is {}, which nothing will end: expunge it",
        "SELECT name, id, state FROM vm \
         WHERE removed IS NULL AND state IN ('Starting', 'Stopping', 'Expunging')",
    ),
    (
        "account-of-vm",
        "the account {} ({account}) is gone, and still owns the virtual machine {} ({vm}): expunge \
         it",
        "SELECT c.name, c.id, v.name, v.id FROM vm v JOIN account c ON c.id = v.account_id \
         WHERE v.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "static-nat",
        "the address {ip} of the range {range} is translated to the virtual machine {vm}, which \
         has no {ip} in the network {network}: disable its static NAT",
        "SELECT (r.gateway & r.netmask) + a.place, a.range_id, a.vm_id, a.vm_ip, a.network_id \
         FROM address a JOIN vlan_range r ON r.id = a.range_id \
         LEFT JOIN nic i ON i.vm_id = a.vm_id AND i.network_id = a.network_id \
         AND i.removed IS NULL LEFT JOIN secondary_ip s ON s.nic_id = i.id AND s.ip = a.vm_ip \
         AND s.removed IS NULL WHERE a.static_nat = 1 \
         AND (i.id IS NULL OR (i.ip <> a.vm_ip AND s.id IS NULL))",
    ),
    (
        "tier-of-address",
        "the address {ip} of the range {range} and of the VPC {vpc} is bound to the tier {network} \
         by no rule: it should be free for other tiers",
        UNBOUND,
    ),
    (
        "rule-of-vm",
        "the virtual machine {vm} is gone, and a rule of the network {network} still leads to it",
        "SELECT p.vm_id, p.network_id FROM port_forwarding_rule p JOIN vm v ON v.id = p.vm_id \
         WHERE p.removed IS NULL AND v.removed IS NOT NULL UNION ALL \
         SELECT p.vm_id, p.network_id FROM static_nat_rule p JOIN vm v ON v.id = p.vm_id \
         WHERE p.removed IS NULL AND v.removed IS NOT NULL",
    ),
    (
        "address-of-rule",
        "a rule of the network {network} is about an address of the range {range} that nobody \
         holds",
        "SELECT p.network_id, p.range_id FROM port_forwarding_rule p LEFT JOIN address a \
         ON a.range_id = p.range_id AND a.place = p.place WHERE p.removed IS NULL \
         AND a.range_id IS NULL UNION ALL \
         SELECT p.network_id, p.range_id FROM static_nat_rule p LEFT JOIN address a \
         ON a.range_id = p.range_id AND a.place = p.place WHERE p.removed IS NULL \
         AND (a.range_id IS NULL OR a.static_nat = 0)",
    ),
];

/// Checks that the addresses of guests lie among those that guests may have.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT n.id, n.cidr, n.network_cidr, MIN(g.ip), MAX(g.ip) FROM guest_address g \
               JOIN network n ON n.id = g.network_id WHERE n.removed IS NULL \
               AND n.guest_type <> 'Shared' \
               GROUP BY n.id, n.cidr, n.network_cidr";
    tx.each(sql, &[], |cell| {
        let (network, guests) = (i64::from_cell(cell(0))?, Option::<Cidr4>::from_cell(cell(1))?);
        let whole = Option::<Cidr4>::from_cell(cell(2))?.or(guests);
        let ends = [Ipv4Addr::from_cell(cell(3))?, Ipv4Addr::from_cell(cell(4))?];
        let is_guests = |ip: &Ipv4Addr| {
            whole.is_some_and(|block| (block.first_host()..=block.last_host()).contains(ip))
        };
        if let Some(outside) = ends.iter().find(|ip| !is_guests(ip)) {
            let outside = ip(i64::from(outside.to_bits()));
            findings.note("guest-address-in-network", |names| {
                let network = names.id(EntityKind::Network, network);
                let block = whole.map_or_else(|| "none".to_owned(), |block| block.to_string());
                format!("the address {outside} is none of the network {network}, which has {block}")
            });
        }
        Ok(true)
    })
}
