//! Private gateways and static routes lead somewhere, and tags are on something.

use super::Findings;
use super::rows::Rule;
use crate::model::{Column, EntityKind, StaticRoute, TagKind};
use crate::net::Cidr4;
use crate::store::{StoreError, Tx};

/// Rows that are not allowed.
pub(super) const GATEWAYS: &[Rule] = &[
    (
        "vpc-of-gateway",
        "the VPC {vpc} is gone, and still has the private gateway {gateway}: it should be gone too",
        "SELECT g.vpc_id, g.id FROM private_gateway g JOIN vpc v ON v.id = g.vpc_id \
         WHERE g.removed IS NULL AND v.removed IS NOT NULL",
    ),
    (
        "vpc-of-route",
        "the VPC {vpc} is gone, and still has the static route {route}: it should be gone too",
        "SELECT r.vpc_id, r.id FROM static_route r JOIN vpc v ON v.id = r.vpc_id \
         WHERE r.removed IS NULL AND v.removed IS NOT NULL",
    ),
    (
        "gateway-of-route",
        "the static route {route} leads to the private gateway {gateway}, which is gone: it should \
         be gone too",
        "SELECT r.id, r.gateway_id FROM static_route r JOIN private_gateway g \
         ON g.id = r.gateway_id WHERE r.removed IS NULL AND g.removed IS NOT NULL",
    ),
    (
        "state-of-gateway",
        "the private gateway {gateway} is {}, which nothing will end: delete it",
        "SELECT id, state FROM private_gateway WHERE removed IS NULL AND state <> 'Ready'",
    ),
    (
        "state-of-route",
        "the static route {route} is {}, which nothing will end: delete it",
        "SELECT id, state FROM static_route WHERE removed IS NULL AND state <> 'Active'",
    ),
    (
        "acl-of-gateway",
        "the ACL list {acl} of the private gateway {gateway} is gone: give it another one",
        "SELECT g.acl_id, g.id FROM private_gateway g JOIN acl a ON a.id = g.acl_id \
         WHERE g.removed IS NULL AND a.removed IS NOT NULL",
    ),
    (
        "network-of-gateway",
        "the private gateway {gateway} uses the network {network}, which is gone: delete it",
        "SELECT g.id, g.associated_id FROM private_gateway g LEFT JOIN network n \
         ON n.id = g.associated_id AND n.removed IS NULL \
         WHERE g.removed IS NULL AND g.associated_id IS NOT NULL AND n.id IS NULL",
    ),
    (
        "guest-address-of-gateway",
        "the private gateway {gateway} has the address {ip} of the network {network}, which is not \
         held for it: somebody else may get it",
        "SELECT g.id, g.ip, g.associated_id FROM private_gateway g JOIN network n \
         ON n.id = g.associated_id AND n.removed IS NULL AND n.cidr IS NOT NULL \
         LEFT JOIN guest_address h ON h.network_id = g.associated_id AND h.ip = g.ip \
         AND h.kind = 'PrivateGateway' AND h.holder_id = g.id \
         WHERE g.removed IS NULL AND h.ip IS NULL",
    ),
    (
        "gateway-of-guest-address",
        "the address {ip} of the network {network} is held for a private gateway that is gone: it \
         should be free",
        "SELECT h.ip, h.network_id FROM guest_address h LEFT JOIN private_gateway g \
         ON g.id = h.holder_id AND g.associated_id = h.network_id AND g.ip = h.ip \
         AND g.removed IS NULL WHERE h.kind = 'PrivateGateway' AND g.id IS NULL",
    ),
];

/// The tables of things that may have tags, but for addresses.
const TABLES: &[(EntityKind, &str)] = &[
    (EntityKind::Vm, "vm"),
    (EntityKind::Network, "network"),
    (EntityKind::Vpc, "vpc"),
    (EntityKind::Nic, "nic"),
    (EntityKind::FirewallRule, "firewall_rule"),
    (EntityKind::StaticNatRule, "static_nat_rule"),
    (EntityKind::NetworkRule, "network_rule"),
    (EntityKind::PortForwardingRule, "port_forwarding_rule"),
    (EntityKind::LoadBalancerRule, "load_balancer_rule"),
    (EntityKind::AclItem, "acl_item"),
    (EntityKind::Acl, "acl"),
    (EntityKind::PrivateGateway, "private_gateway"),
    (EntityKind::StaticRoute, "static_route"),
    (EntityKind::Project, "project"),
    (EntityKind::Account, "account"),
    (EntityKind::User, "user"),
];

/// Checks that the routes of a VPC are apart, and that every tag is on something.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    routes_apart(tx, findings)?;
    for (_, name, kind) in stray_tags(tx)? {
        let thing = TagKind::of_number(kind).map_or("thing", TagKind::word);
        findings.note("thing-of-tag", |_| {
            format!("the tag `{name}` is on a {thing} that is gone: it should be gone too")
        });
    }
    Ok(())
}

/// Blocks lie apart or in each other, so that of overlapping ones two are neighbours in order.
fn routes_apart(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    let routes: Vec<StaticRoute> = tx.select("WHERE removed IS NULL ORDER BY vpc_id, id", &[])?;
    let mut blocks: Vec<(i64, Cidr4, i64)> = Vec::new();
    for route in &routes {
        match Cidr4::parse(&route.cidr) {
            Ok(block) => blocks.push((route.vpc_id, block, route.id)),
            Err(why) => findings.note("routes-apart", |names| {
                let id = names.id(EntityKind::StaticRoute, route.id);
                format!("the static route {id} leads nowhere: {why}; delete it")
            }),
        }
    }
    blocks.sort_unstable_by_key(|(vpc, block, id)| (*vpc, block.network(), block.len(), *id));
    for (one, other) in blocks.iter().zip(blocks.iter().skip(1)) {
        if one.0 == other.0 && one.1.overlaps(other.1) {
            findings.note("routes-apart", |names| {
                let [a, b] = [one.2, other.2].map(|id| names.id(EntityKind::StaticRoute, id));
                format!("the static routes {a} to {} and {b} to {} overlap", one.1, other.1)
            });
        }
    }
    Ok(())
}

/// Tags of what is gone: their rows, keys and kinds.
fn stray_tags(tx: &mut Tx) -> Result<Vec<(i64, String, i64)>, StoreError> {
    if tx.one::<i64>("SELECT 1 FROM tag LIMIT 1", &[])?.is_none() {
        return Ok(Vec::new());
    }
    let mut ways = vec![(
        EntityKind::Address,
        "LEFT JOIN address x ON x.range_id = t.a AND x.place = t.b \
         WHERE t.kind = ? AND x.place IS NULL"
            .to_owned(),
    )];
    ways.extend(TABLES.iter().map(|(kind, table)| {
        let way = format!(
            "LEFT JOIN {table} x ON x.id = t.b AND x.removed IS NULL WHERE t.kind = ? \
             AND x.id IS NULL"
        );
        (*kind, way)
    }));
    let mut found = Vec::new();
    for (kind, way) in ways {
        let sql = format!("SELECT t.id, t.name, t.kind FROM tag t {way} ORDER BY t.id");
        tx.each(&sql, &[i64::from(kind as u8).into()], |cell| {
            let (id, kind) = (i64::from_cell(cell(0))?, i64::from_cell(cell(2))?);
            found.push((id, String::from_cell(cell(1))?, kind));
            Ok(true)
        })?;
    }
    Ok(found)
}

/// Takes away the tags of what is gone.
pub(super) fn mend(tx: &mut Tx, done: &mut Findings) -> Result<(), StoreError> {
    for (id, name, kind) in stray_tags(tx)? {
        tx.run("DELETE FROM tag WHERE id = ?", &[id.into()])?;
        let thing = TagKind::of_number(kind).map_or("thing", TagKind::word);
        done.note("thing-of-tag", |_| {
            format!("removed the tag `{name}` of a {thing} that is gone")
        });
    }
    Ok(())
}
