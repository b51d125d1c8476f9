//! What has one right answer is put right: in one transaction, and each change is told. What has
//! several is for a person to decide, who is told what to do.

use super::balancers::BALANCER_MENDS;
use super::guests::UNBOUND;
use super::ip6::{IP6_ADVICE, IP6_MENDS};
use super::rows::told;
use super::{Finding, Findings, appliances, audit, bits, counters, gateways};
use crate::model::{Cell, Column, Time};
use crate::store::{StoreError, Tx};

/// What was put right, and what was not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Repaired {
    /// Each change.
    pub(crate) done: Vec<Finding>,
    /// What a person must decide.
    pub(crate) left: Vec<Finding>,
}

/// A change with one right answer.
pub(super) struct Mend {
    /// The rule that is broken.
    pub(super) rule: &'static str,
    /// What is said of each row; see [`super::rows`].
    pub(super) says: &'static str,
    /// The rows of which it is said.
    pub(super) rows: &'static str,
    /// The change; a `?` stands for the time.
    pub(super) change: &'static str,
}

/// Puts right what can be. Whether there was anything, and what is left, is in the answer.
pub(crate) fn repair(tx: &mut Tx, now: Time) -> Result<Repaired, StoreError> {
    tx.alone()?;
    tx.forget_numbers()?;
    let mut done = Findings::telling_all(tx)?;
    for mend in ALL.iter().copied().flatten() {
        apply(tx, mend, now, &mut done)?;
    }
    gateways::mend(tx, &mut done)?;
    paths(tx, &mut done)?;
    counters::mend(tx, &mut done)?;
    bits::mend(tx, &mut done)?;
    tx.forget_numbers()?;
    Ok(Repaired { done: done.all(), left: audit(tx)? })
}

fn apply(tx: &mut Tx, mend: &Mend, now: Time, done: &mut Findings) -> Result<(), StoreError> {
    let mut found = false;
    tx.each(mend.rows, &[], |cell| {
        found = true;
        done.note(mend.rule, |names| told(names, mend.says, cell));
        Ok(true)
    })?;
    if !found {
        return Ok(());
    }
    let times = mend.change.matches('?').count();
    tx.run(mend.change, &vec![Cell::from(now); times])?;
    Ok(())
}

/// The rows of addresses with their ranges, and what their network and VPC are if those live.
macro_rules! held {
    ($columns:literal, $condition:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM address a JOIN vlan_range r ON r.id = a.range_id \
             LEFT JOIN network n ON n.id = a.network_id AND n.removed IS NULL \
             LEFT JOIN vpc v ON v.id = a.vpc_id AND v.removed IS NULL \
             LEFT JOIN account c ON c.id = a.account_id AND c.removed IS NULL WHERE ",
            $condition
        )
    };
}

/// All that is mended by a statement.
const ALL: &[&[Mend]] = &[MENDS, BALANCER_MENDS, appliances::MENDS, IP6_MENDS];

const MENDS: &[Mend] = &[
    Mend {
        rule: "range-of-addresses",
        says: "released {} addresses of the range {range}, which is gone",
        rows: "SELECT COUNT(*), a.range_id FROM address a WHERE NOT EXISTS (SELECT 1 \
               FROM vlan_range r WHERE r.id = a.range_id AND r.removed IS NULL) \
               GROUP BY a.range_id",
        change: "DELETE FROM address WHERE NOT EXISTS (SELECT 1 FROM vlan_range r \
                 WHERE r.id = address.range_id AND r.removed IS NULL)",
    },
    Mend {
        rule: "vpc-of-address",
        says: "the address {ip} of the range {range} is of the VPC of its network {network} again",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, a.network_id",
            "a.vpc_id IS NOT NULL AND v.id IS NULL AND n.id IS NOT NULL \
             AND (n.vpc_id IS NULL OR EXISTS (SELECT 1 FROM vpc o WHERE o.id = n.vpc_id \
             AND o.removed IS NULL))"
        ),
        change: "UPDATE address SET vpc_id = (SELECT n.vpc_id FROM network n \
                 WHERE n.id = address.network_id) WHERE vpc_id IS NOT NULL \
                 AND NOT EXISTS (SELECT 1 FROM vpc v WHERE v.id = address.vpc_id \
                 AND v.removed IS NULL) AND EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = address.network_id AND n.removed IS NULL AND (n.vpc_id IS NULL \
                 OR EXISTS (SELECT 1 FROM vpc o WHERE o.id = n.vpc_id AND o.removed IS NULL)))",
    },
    Mend {
        rule: "network-of-address",
        says: "took the address {ip} of the range {range}, which stays with the VPC {vpc}, from \
               the tier {network}, which is gone",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, a.vpc_id, a.network_id",
            "a.network_id IS NOT NULL AND n.id IS NULL AND v.id IS NOT NULL"
        ),
        change: "UPDATE address SET network_id = NULL, static_nat = 0, vm_id = NULL, vm_ip = NULL \
                 WHERE network_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = address.network_id AND n.removed IS NULL) AND EXISTS (SELECT 1 \
                 FROM vpc v WHERE v.id = address.vpc_id AND v.removed IS NULL)",
    },
    Mend {
        rule: "network-of-address",
        says: "released the address {ip} of the range {range}, whose network {network} or VPC \
               {vpc} is gone",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, a.network_id, a.vpc_id",
            "(a.network_id IS NOT NULL OR a.vpc_id IS NOT NULL) AND n.id IS NULL AND v.id IS NULL"
        ),
        change: "DELETE FROM address WHERE (network_id IS NOT NULL OR vpc_id IS NOT NULL) \
                 AND NOT EXISTS (SELECT 1 FROM network n WHERE n.id = address.network_id \
                 AND n.removed IS NULL) AND NOT EXISTS (SELECT 1 FROM vpc v \
                 WHERE v.id = address.vpc_id AND v.removed IS NULL)",
    },
    Mend {
        rule: "account-of-addresses",
        says: "the address {ip} of the range {range} belongs to the account {account} of its \
               network {network}, as the account {account} is gone",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, n.account_id, a.network_id, \
             a.account_id",
            "c.id IS NULL AND EXISTS (SELECT 1 FROM account o WHERE o.id = n.account_id \
             AND o.removed IS NULL)"
        ),
        change: "UPDATE address SET domain_id = (SELECT n.domain_id FROM network n \
                 WHERE n.id = address.network_id), account_id = (SELECT n.account_id \
                 FROM network n WHERE n.id = address.network_id) WHERE NOT EXISTS (SELECT 1 \
                 FROM account c WHERE c.id = address.account_id AND c.removed IS NULL) \
                 AND EXISTS (SELECT 1 FROM network n JOIN account o ON o.id = n.account_id \
                 WHERE n.id = address.network_id AND n.removed IS NULL AND o.removed IS NULL)",
    },
    Mend {
        rule: "account-of-addresses",
        says: "the address {ip} of the range {range} belongs to the account {account} of its VPC \
               {vpc}, as the account {account} is gone",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, v.account_id, a.vpc_id, a.account_id",
            "c.id IS NULL AND n.id IS NULL AND EXISTS (SELECT 1 FROM account o \
             WHERE o.id = v.account_id AND o.removed IS NULL)"
        ),
        change: "UPDATE address SET domain_id = (SELECT v.domain_id FROM vpc v \
                 WHERE v.id = address.vpc_id), account_id = (SELECT v.account_id FROM vpc v \
                 WHERE v.id = address.vpc_id) WHERE network_id IS NULL AND NOT EXISTS (SELECT 1 \
                 FROM account c WHERE c.id = address.account_id AND c.removed IS NULL) \
                 AND EXISTS (SELECT 1 FROM vpc v JOIN account o ON o.id = v.account_id \
                 WHERE v.id = address.vpc_id AND v.removed IS NULL AND o.removed IS NULL)",
    },
    Mend {
        rule: "account-of-addresses",
        says: "released the address {ip} of the range {range}: the account {account}, for which \
               it was kept, is gone",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id, a.account_id",
            "c.id IS NULL AND a.network_id IS NULL AND a.vpc_id IS NULL"
        ),
        change: "DELETE FROM address WHERE network_id IS NULL AND vpc_id IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM account c WHERE c.id = address.account_id \
                 AND c.removed IS NULL)",
    },
    Mend {
        rule: "address-in-range",
        says: "released the address {ip}, which lay outside its range {range} and served nothing",
        rows: "SELECT (r.gateway & r.netmask) + a.place, r.id FROM address a \
               JOIN vlan_range r ON r.id = a.range_id WHERE a.network_id IS NULL \
               AND a.vpc_id IS NULL AND a.state <> 4 AND (r.first IS NULL \
               OR (r.gateway & r.netmask) + a.place NOT BETWEEN r.first AND r.last)",
        change: "DELETE FROM address WHERE network_id IS NULL AND vpc_id IS NULL AND state <> 4 \
                 AND EXISTS (SELECT 1 FROM vlan_range r WHERE r.id = address.range_id \
                 AND (r.first IS NULL OR (r.gateway & r.netmask) + address.place \
                 NOT BETWEEN r.first AND r.last))",
    },
    Mend {
        rule: "state-of-address",
        says: "released the address {ip} of the range {range}, which was about to be released or \
               to be taken for nothing",
        rows: held!(
            "(r.gateway & r.netmask) + a.place, a.range_id",
            "a.state = 3 OR a.state = 1 AND a.network_id IS NULL AND a.vpc_id IS NULL"
        ),
        change: "DELETE FROM address WHERE state = 3 \
                 OR state = 1 AND network_id IS NULL AND vpc_id IS NULL",
    },
    Mend {
        rule: "state-of-address",
        says: "the address {ip} of the range {range}, which was about to be taken, is Allocated",
        rows: held!("(r.gateway & r.netmask) + a.place, a.range_id", "a.state = 1"),
        change: "UPDATE address SET state = 2 WHERE state = 1",
    },
    Mend {
        rule: "network-of-vnet",
        says: "the VLAN or VNI {} of the physical network {physical} is free: the network \
               {network} is gone",
        rows: "SELECT v.vnet, v.physical_network_id, v.network_id FROM vnet v WHERE NOT EXISTS \
               (SELECT 1 FROM network n WHERE n.id = v.network_id AND n.removed IS NULL)",
        change: "DELETE FROM vnet WHERE NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = vnet.network_id AND n.removed IS NULL)",
    },
    Mend {
        rule: "address-of-rule",
        says: "removed the firewall rule {rule}: nobody holds its address",
        rows: "SELECT f.id FROM firewall_rule f WHERE f.removed IS NULL \
               AND f.range_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM address a \
               WHERE a.range_id = f.range_id AND a.place = f.place)",
        change: "UPDATE firewall_rule SET removed = ? WHERE removed IS NULL \
                 AND range_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM address a \
                 WHERE a.range_id = firewall_rule.range_id AND a.place = firewall_rule.place)",
    },
    Mend {
        rule: "network-of-rule",
        says: "removed the firewall rule {rule}: its network {network} is gone",
        rows: "SELECT f.id, f.network_id FROM firewall_rule f WHERE f.removed IS NULL \
               AND NOT EXISTS (SELECT 1 FROM network n WHERE n.id = f.network_id \
               AND n.removed IS NULL)",
        change: "UPDATE firewall_rule SET removed = ? WHERE removed IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM network n WHERE n.id = firewall_rule.network_id \
                 AND n.removed IS NULL)",
    },
    Mend {
        rule: "account-of-user",
        says: "removed the user {} ({user}), whose account {account} is gone",
        rows: "SELECT u.username, u.id, u.account_id FROM user u WHERE u.removed IS NULL \
               AND EXISTS (SELECT 1 FROM account c WHERE c.id = u.account_id \
               AND c.removed IS NOT NULL)",
        change: "UPDATE user SET state = 'disabled', removed = ? WHERE removed IS NULL \
                 AND EXISTS (SELECT 1 FROM account c WHERE c.id = user.account_id \
                 AND c.removed IS NOT NULL)",
    },
    Mend {
        rule: "secrets-of-user",
        says: "removed the keys of the user {} ({user}), who is gone",
        rows: "SELECT u.username, u.id FROM user u JOIN user_key k ON k.user_id = u.id \
               WHERE u.removed IS NOT NULL",
        change: "DELETE FROM user_key WHERE EXISTS (SELECT 1 FROM user u \
                 WHERE u.id = user_key.user_id AND u.removed IS NOT NULL)",
    },
    Mend {
        rule: "secrets-of-user",
        says: "removed the password of the user {} ({user}), who is gone",
        rows: "SELECT u.username, u.id FROM user u JOIN user_password k ON k.user_id = u.id \
               WHERE u.removed IS NOT NULL",
        change: "DELETE FROM user_password WHERE EXISTS (SELECT 1 FROM user u \
                 WHERE u.id = user_password.user_id AND u.removed IS NOT NULL)",
    },
    Mend {
        rule: "account-of-member",
        says: "the account {account}, which is gone, is no member of the project {project} any \
               more",
        rows: "SELECT m.account_id, m.project_id FROM project_member m \
               JOIN account c ON c.id = m.account_id WHERE c.removed IS NOT NULL",
        change: "DELETE FROM project_member WHERE EXISTS (SELECT 1 FROM account c \
                 WHERE c.id = project_member.account_id AND c.removed IS NOT NULL)",
    },
    Mend {
        rule: "account-of-range",
        says: "the range {range} is dedicated to nobody: the account {account} is gone",
        rows: "SELECT r.id, r.account_id FROM vlan_range r JOIN account c ON c.id = r.account_id \
               WHERE r.removed IS NULL AND c.removed IS NOT NULL",
        change: "UPDATE vlan_range SET account_id = NULL, domain_id = NULL WHERE removed IS NULL \
                 AND EXISTS (SELECT 1 FROM account c WHERE c.id = vlan_range.account_id \
                 AND c.removed IS NOT NULL)",
    },
    Mend {
        rule: "domain-of-range",
        says: "the range {range} is dedicated to nobody: the domain {domain} is gone",
        rows: "SELECT r.id, r.domain_id FROM vlan_range r JOIN domain d ON d.id = r.domain_id \
               WHERE r.removed IS NULL AND r.account_id IS NULL AND d.removed IS NOT NULL",
        change: "UPDATE vlan_range SET domain_id = NULL WHERE removed IS NULL \
                 AND account_id IS NULL AND EXISTS (SELECT 1 FROM domain d \
                 WHERE d.id = vlan_range.domain_id AND d.removed IS NOT NULL)",
    },
    Mend {
        rule: "tier-of-address",
        says: "the address {ip} of the range {range} and of the VPC {vpc} is bound to the tier \
               {network} no longer",
        rows: UNBOUND,
        change: "UPDATE address SET network_id = NULL WHERE static_nat = 0 \
                 AND EXISTS (SELECT 1 FROM network n WHERE n.id = address.network_id \
                 AND n.vpc_id = address.vpc_id) \
                 AND NOT EXISTS (SELECT 1 FROM port_forwarding_rule p \
                 WHERE p.range_id = address.range_id AND p.place = address.place \
                 AND p.removed IS NULL) AND NOT EXISTS (SELECT 1 FROM load_balancer_rule p \
                 WHERE p.range_id = address.range_id AND p.place = address.place \
                 AND p.removed IS NULL) AND NOT EXISTS (SELECT 1 FROM firewall_rule p \
                 WHERE p.range_id = address.range_id AND p.place = address.place \
                 AND p.removed IS NULL)",
    },
    Mend {
        rule: "vpc-of-gateway",
        says: "removed the private gateway {gateway}, whose VPC {vpc} is gone",
        rows: "SELECT g.id, g.vpc_id FROM private_gateway g JOIN vpc v ON v.id = g.vpc_id \
               WHERE g.removed IS NULL AND v.removed IS NOT NULL",
        change: "UPDATE private_gateway SET removed = ? WHERE removed IS NULL AND EXISTS \
                 (SELECT 1 FROM vpc v WHERE v.id = private_gateway.vpc_id \
                 AND v.removed IS NOT NULL)",
    },
    Mend {
        rule: "vpc-of-route",
        says: "removed the static route {route}, whose VPC {vpc} is gone",
        rows: "SELECT r.id, r.vpc_id FROM static_route r JOIN vpc v ON v.id = r.vpc_id \
               WHERE r.removed IS NULL AND v.removed IS NOT NULL",
        change: "UPDATE static_route SET removed = ? WHERE removed IS NULL AND EXISTS \
                 (SELECT 1 FROM vpc v WHERE v.id = static_route.vpc_id \
                 AND v.removed IS NOT NULL)",
    },
    Mend {
        rule: "gateway-of-route",
        says: "removed the static route {route}, whose private gateway {gateway} is gone",
        rows: "SELECT r.id, r.gateway_id FROM static_route r JOIN private_gateway g \
               ON g.id = r.gateway_id WHERE r.removed IS NULL AND g.removed IS NOT NULL",
        change: "UPDATE static_route SET removed = ? WHERE removed IS NULL AND EXISTS \
                 (SELECT 1 FROM private_gateway g WHERE g.id = static_route.gateway_id \
                 AND g.removed IS NOT NULL)",
    },
    Mend {
        rule: "gateway-of-guest-address",
        says: "the address {ip} of the network {network} is free: the private gateway that had it \
               is gone",
        rows: "SELECT h.ip, h.network_id FROM guest_address h WHERE h.kind = 'PrivateGateway' \
               AND NOT EXISTS (SELECT 1 FROM private_gateway g \
               WHERE g.id = h.holder_id AND g.associated_id = h.network_id AND g.ip = h.ip \
               AND g.removed IS NULL)",
        change: "DELETE FROM guest_address WHERE kind = 'PrivateGateway' \
                 AND NOT EXISTS (SELECT 1 FROM private_gateway g \
                 WHERE g.id = guest_address.holder_id \
                 AND g.associated_id = guest_address.network_id AND g.ip = guest_address.ip \
                 AND g.removed IS NULL)",
    },
];

/// Rules whose findings are mended in another way than by statements of their own.
const COMPUTED: &[&str] =
    &["bits", "counters", "open-chunks", "path-of-domain", "thing-of-tag", "vpc-of-address"];

/// Whether some finding of the rule may be put right by [`repair`].
pub(crate) fn is_mended(rule: &str) -> bool {
    COMPUTED.contains(&rule) || ALL.iter().copied().flatten().any(|mend| mend.rule == rule)
}

/// Gives domains the paths and levels that follow from their parents', from the top down.
fn paths(tx: &mut Tx, done: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT d.id, p.path || d.name || '/', p.level + 1, d.path FROM domain d \
               JOIN domain p ON p.id = d.parent_id WHERE d.removed IS NULL \
               AND (d.path <> p.path || d.name || '/' OR d.level <> p.level + 1) \
               ORDER BY p.level LIMIT 1";
    // A tree that is a ring ends too.
    let domains: Option<i64> = tx.one("SELECT COUNT(*) FROM domain", &[])?;
    for _ in 0..domains.unwrap_or(0) {
        let mut wrong = None;
        tx.each(sql, &[], |cell| {
            let (id, level) = (i64::from_cell(cell(0))?, i64::from_cell(cell(2))?);
            let (path, was) = (String::from_cell(cell(1))?, String::from_cell(cell(3))?);
            wrong = Some((id, path, level, was));
            Ok(false)
        })?;
        let Some((id, path, level, was)) = wrong else { break };
        done.note("path-of-domain", |names| {
            let id = names.id(crate::model::EntityKind::Domain, id);
            format!("the domain {id} has the path {path} at level {level}, and no longer {was}")
        });
        let args = [path.as_str().into(), level.into(), id.into()];
        tx.run("UPDATE domain SET path = ?, level = ? WHERE id = ?", &args)?;
    }
    Ok(())
}

/// What an administrator does about a finding of a rule that has no one right answer.
const ADVICE: &[(&str, &str)] = &[
    ("acl-of-gateway", "`replace network acl list gatewayid=... aclid=...`"),
    (
        "account-of-addresses",
        "delete the network or the VPC that still uses the addresses: `delete network`, \
         `delete vpc`",
    ),
    ("account-of-network", "`delete network id=...` as the root admin"),
    ("account-of-project", "`delete project id=... cleanup=true` as the root admin"),
    ("account-of-vpc", "delete its tiers, then `delete vpc id=...` as the root admin"),
    (
        "address-in-range",
        "`update vlan ip range` gives the range its old ends; or `disassociate ip address`",
    ),
    (
        "address-of-member",
        "`remove from load balancer rule id=... virtualmachineids=...`, then assign it anew",
    ),
    (
        "address-of-shared-guest",
        "`destroy virtual machine id=... expunge=true` for the guest that `list nics` shows",
    ),
    ("database", "`capuchin store restore FILE --replace` puts a backup in its place"),
    ("domain-of-account", "`delete account id=...` as the root admin"),
    ("domain-of-domain", "`delete domain id=... cleanup=true` as the root admin"),
    ("domain-of-project", "`delete project id=... cleanup=true` as the root admin"),
    ("domain-of-zone", "decide who may use the zone: make another one, or delete it"),
    ("guest-address-of-gateway", "`delete private gateway id=...`, and make it anew"),
    ("name-of-user", "`update user id=... username=...` renames one of them"),
    ("network-of-gateway", "`delete private gateway id=...`"),
    ("one-holder", "`disassociate ip address id=...` for the one that does not use it"),
    ("one-source-nat", "`disassociate ip address id=...` for all but the one in use"),
    ("port-of-balancer", "`delete load balancer rule id=...` for all but the one in use"),
    ("ranges-apart", "`update vlan ip range` or `delete vlan ip range` for one of them"),
    ("routes-apart", "`delete static route id=...` for one of them"),
    ("state-of-gateway", "`delete private gateway id=...`"),
    ("state-of-route", "`delete static route id=...`"),
    ("references", "`capuchin store restore FILE --replace`, or write to the authors"),
    ("source-of-balancer", "`delete load balancer id=...`, and make it anew at another address"),
];

/// What to do about a finding that was not mended.
pub(crate) fn advice(rule: &str) -> Option<&'static str> {
    let mut all = ADVICE.iter().chain(appliances::ADVICE).chain(IP6_ADVICE);
    all.find(|(known, _)| *known == rule).map(|(_, advice)| *advice)
}
