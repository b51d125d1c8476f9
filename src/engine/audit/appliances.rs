//! Pods, providers, routers and system VMs: what they hold is theirs, lies where it should, and is
//! given back when they stop.

use super::repair::Mend;
use super::rows::Rule;

/// The name of the system VM in a row `v`.
macro_rules! name {
    () => {
        "(CASE v.kind WHEN 'DomainRouter' THEN 'r-' WHEN 'ConsoleProxy' THEN 'v-' ELSE 's-' END \
         || v.id || '-VM')"
    };
}

/// Whether the system VM in a row `v` has addresses of its own.
macro_rules! runs {
    () => {
        "v.removed IS NULL AND v.state IN ('Starting', 'Running', 'Stopping')"
    };
}

/// Rows that are not allowed.
pub(super) const APPLIANCES: &[Rule] = &[
    (
        "range-of-pod-address",
        "the {} address {ip} of the pod {pod} lies in none of its ranges: release it, or give a \
         range its old ends",
        "SELECT a.traffic, a.ip, a.pod_id FROM pod_address a WHERE a.traffic = 'Management' \
         AND NOT EXISTS (SELECT 1 FROM pod_range r WHERE r.pod_id = a.pod_id \
         AND r.removed IS NULL AND a.ip BETWEEN r.first AND r.last) \
         OR a.traffic = 'Storage' AND NOT EXISTS (SELECT 1 FROM storage_range r \
         WHERE r.pod_id = a.pod_id AND r.removed IS NULL AND a.ip BETWEEN r.first AND r.last)",
    ),
    (
        "holder-of-pod-address",
        "the {} address {ip} of the pod {pod} is held for the {} {}, which is gone or does not \
         run: it should be free",
        concat!(
            "SELECT a.traffic, a.ip, a.pod_id, a.kind, a.holder_id FROM pod_address a \
             WHERE a.kind = 'SystemVm' AND NOT EXISTS (SELECT 1 FROM system_vm v \
             WHERE v.id = a.holder_id AND ",
            runs!(),
            ") OR a.kind = 'Account' AND NOT EXISTS (SELECT 1 FROM account c \
             WHERE c.id = a.holder_id AND c.removed IS NULL)"
        ),
    ),
    (
        "pod-of-address",
        "the pod {pod} is gone, and {} of its addresses are still held, the first {ip}: they \
         should be free",
        "SELECT a.pod_id, COUNT(*), MIN(a.ip) FROM pod_address a LEFT JOIN pod p \
         ON p.id = a.pod_id AND p.removed IS NULL WHERE p.id IS NULL GROUP BY a.pod_id",
    ),
    (
        "address-of-system-vm",
        "{} runs and has no link-local address: stop it and start it again",
        concat!(
            "SELECT ",
            name!(),
            " FROM system_vm v WHERE ",
            runs!(),
            " AND NOT EXISTS (SELECT 1 FROM pod_address a WHERE a.kind = 'SystemVm' \
             AND a.holder_id = v.id AND a.traffic = 'Control')"
        ),
    ),
    (
        "public-address-of-system-vm",
        "{} has a public address that is not held for it, at offset {} of the range {range}: stop \
         it and start it again",
        concat!(
            "SELECT ",
            name!(),
            ", v.public_place, v.public_range_id FROM system_vm v LEFT JOIN address a \
             ON a.range_id = v.public_range_id AND a.place = v.public_place AND a.system = 1 \
             WHERE v.public_range_id IS NOT NULL AND (a.range_id IS NULL OR NOT (",
            runs!(),
            "))"
        ),
    ),
    (
        "state-of-system-vm",
        "{} is {}, and no call leaves it so: stop it",
        concat!(
            "SELECT ",
            name!(),
            ", v.state FROM system_vm v WHERE v.removed IS NULL \
             AND v.state NOT IN ('Running', 'Stopped')"
        ),
    ),
    (
        "network-of-router",
        "the router {} is that of the network {network}, VPC {vpc}, which is gone: it should \
         have gone with it",
        concat!(
            "SELECT ",
            name!(),
            ", v.network_id, v.vpc_id FROM system_vm v LEFT JOIN network n \
             ON n.id = v.network_id AND n.removed IS NULL LEFT JOIN vpc p ON p.id = v.vpc_id \
             AND p.removed IS NULL WHERE v.removed IS NULL AND v.kind = 'DomainRouter' \
             AND n.id IS NULL AND p.id IS NULL"
        ),
    ),
    (
        "primary-router",
        "{} routers of the network {network}, VPC {vpc}, do the work of one: stop all but one",
        "SELECT COUNT(*), v.network_id, v.vpc_id FROM system_vm v WHERE v.removed IS NULL \
         AND v.is_primary = 1 GROUP BY v.network_id, v.vpc_id HAVING COUNT(*) > 1",
    ),
    (
        "router-of-guest-address",
        "the address {ip} of the network {network} is held for a router, and none has it: it \
         should be free",
        "SELECT g.ip, g.network_id FROM guest_address g LEFT JOIN router_nic i \
         ON i.id = g.holder_id AND i.network_id = g.network_id AND i.ip = g.ip \
         LEFT JOIN system_vm v ON v.id = i.router_id AND v.removed IS NULL \
         WHERE g.kind = 'Router' AND g.holder_id > 0 AND v.id IS NULL",
    ),
    (
        "guest-address-of-router",
        "the router {router} has the address {ip} of the network {network}, which is not held for \
         it: somebody else may get it",
        "SELECT i.router_id, i.ip, i.network_id FROM router_nic i JOIN system_vm v \
         ON v.id = i.router_id AND v.removed IS NULL LEFT JOIN guest_address g \
         ON g.network_id = i.network_id AND g.ip = i.ip AND g.kind = 'Router' \
         AND g.holder_id = i.id WHERE g.ip IS NULL",
    ),
    (
        "ranges-of-pod",
        "the pod {pod} has {ip} to {ip} in two of its ranges: shrink or delete one of them",
        "SELECT a.pod_id, b.first, CASE WHEN a.last < b.last THEN a.last ELSE b.last END \
         FROM pod_range a JOIN pod_range b ON b.pod_id = a.pod_id AND b.id <> a.id \
         AND b.first BETWEEN a.first AND a.last AND (b.first > a.first OR b.id > a.id) \
         WHERE a.removed IS NULL AND b.removed IS NULL",
    ),
    (
        "pod-of-range",
        "the pod {pod} is gone, and still has the management addresses {ip} to {ip}",
        "SELECT p.id, r.first, r.last FROM pod_range r JOIN pod p ON p.id = r.pod_id \
         WHERE r.removed IS NULL AND p.removed IS NOT NULL",
    ),
    (
        "network-of-provider",
        "the physical network {physical} is gone, and still has the provider {}",
        "SELECT p.physical_network_id, p.name FROM provider p JOIN physical_network n \
         ON n.id = p.physical_network_id WHERE p.removed IS NULL AND n.removed IS NOT NULL",
    ),
];

/// What has one right answer.
pub(super) const MENDS: &[Mend] = &[
    Mend {
        rule: "network-of-router",
        says: "removed the router {router}, whose network {network} or VPC {vpc} is gone",
        rows: "SELECT v.id, v.network_id, v.vpc_id FROM system_vm v WHERE v.removed IS NULL \
               AND v.kind = 'DomainRouter' AND NOT EXISTS (SELECT 1 FROM network n \
               WHERE n.id = v.network_id AND n.removed IS NULL) AND NOT EXISTS (SELECT 1 \
               FROM vpc p WHERE p.id = v.vpc_id AND p.removed IS NULL)",
        change: "UPDATE system_vm SET removed = ?, state = 'Expunging', is_primary = 0 \
                 WHERE removed IS NULL AND kind = 'DomainRouter' AND NOT EXISTS (SELECT 1 \
                 FROM network n WHERE n.id = system_vm.network_id AND n.removed IS NULL) \
                 AND NOT EXISTS (SELECT 1 FROM vpc p WHERE p.id = system_vm.vpc_id \
                 AND p.removed IS NULL)",
    },
    Mend {
        rule: "holder-of-pod-address",
        says: "released the {} address {ip} of the pod {pod}: who had it is gone or does not run",
        rows: concat!(
            "SELECT a.traffic, a.ip, a.pod_id FROM pod_address a \
             WHERE a.kind = 'SystemVm' AND NOT EXISTS (SELECT 1 FROM system_vm v \
             WHERE v.id = a.holder_id AND ",
            runs!(),
            ") OR a.kind = 'Account' AND NOT EXISTS (SELECT 1 FROM account c \
             WHERE c.id = a.holder_id AND c.removed IS NULL)"
        ),
        change: concat!(
            "DELETE FROM pod_address WHERE kind = 'SystemVm' AND NOT EXISTS (SELECT 1 \
             FROM system_vm v WHERE v.id = pod_address.holder_id AND ",
            runs!(),
            ") OR kind = 'Account' AND NOT EXISTS (SELECT 1 FROM account c \
             WHERE c.id = pod_address.holder_id AND c.removed IS NULL)"
        ),
    },
    Mend {
        rule: "router-of-guest-address",
        says: "released the address {ip} of the network {network}, which no router has any more",
        rows: "SELECT g.ip, g.network_id FROM guest_address g WHERE g.kind = 'Router' \
               AND g.holder_id > 0 AND NOT EXISTS (SELECT 1 FROM router_nic i \
               JOIN system_vm v ON v.id = i.router_id AND v.removed IS NULL \
               WHERE i.id = g.holder_id AND i.network_id = g.network_id AND i.ip = g.ip)",
        change: "DELETE FROM guest_address WHERE kind = 'Router' AND holder_id > 0 \
                 AND NOT EXISTS (SELECT 1 FROM router_nic i JOIN system_vm v \
                 ON v.id = i.router_id AND v.removed IS NULL WHERE i.id = guest_address.holder_id \
                 AND i.network_id = guest_address.network_id AND i.ip = guest_address.ip)",
    },
    Mend {
        rule: "pod-of-range",
        says: "removed the management addresses {ip} to {ip} of the pod {pod}, which is gone",
        rows: "SELECT r.first, r.last, r.pod_id FROM pod_range r JOIN pod p ON p.id = r.pod_id \
               WHERE r.removed IS NULL AND p.removed IS NOT NULL",
        change: "UPDATE pod_range SET removed = ? WHERE removed IS NULL AND EXISTS (SELECT 1 \
                 FROM pod p WHERE p.id = pod_range.pod_id AND p.removed IS NOT NULL)",
    },
    Mend {
        rule: "network-of-provider",
        says: "removed the provider {} of the physical network {physical}, which is gone",
        rows: "SELECT p.name, p.physical_network_id FROM provider p JOIN physical_network n \
               ON n.id = p.physical_network_id WHERE p.removed IS NULL AND n.removed IS NOT NULL",
        change: "UPDATE provider SET removed = ?, state = 'Shutdown' WHERE removed IS NULL \
                 AND EXISTS (SELECT 1 FROM physical_network n \
                 WHERE n.id = provider.physical_network_id AND n.removed IS NOT NULL)",
    },
];

/// What an administrator does about the others.
pub(super) const ADVICE: &[(&str, &str)] = &[
    (
        "range-of-pod-address",
        "`update pod management network ip range` gives the range its old ends; or `stop system \
         vm`, `release pod ip address`",
    ),
    ("address-of-system-vm", "`stop router id=...`, then `start router id=...`"),
    ("public-address-of-system-vm", "`stop system vm id=...`, then `start system vm id=...`"),
    ("state-of-system-vm", "`stop router id=...` or `stop system vm id=...`"),
    ("primary-router", "`stop router id=...` for the one that should not do the work"),
    ("guest-address-of-router", "`restart network id=... cleanup=true` makes the routers anew"),
    ("ranges-of-pod", "`update pod management network ip range` for one of them"),
];
