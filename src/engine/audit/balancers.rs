//! Load balancers and guests of shared networks: what they hold is theirs, and what leads to them
//! leads to something. With what is put right by itself.

use super::repair::Mend;
use super::rows::Rule;

/// Rows that are not allowed.
pub(super) const BALANCERS: &[Rule] = &[
    (
        "vm-of-member",
        "the virtual machine {vm} is gone, and still among the guests of the load balancer \
         {balancer}",
        "SELECT m.vm_id, m.rule_id FROM load_balancer_member m LEFT JOIN vm v ON v.id = m.vm_id \
         AND v.removed IS NULL WHERE m.removed IS NULL AND v.id IS NULL",
    ),
    (
        "balancer-of-member",
        "the load balancer {balancer} is gone, and still has the guest {vm}",
        "SELECT m.rule_id, m.vm_id FROM load_balancer_member m LEFT JOIN load_balancer_rule b \
         ON b.id = m.rule_id AND b.removed IS NULL WHERE m.removed IS NULL AND b.id IS NULL",
    ),
    (
        "address-of-member",
        "the load balancer {balancer} leads to {ip} of the virtual machine {vm}, which has no \
         such address in the network {network}",
        "SELECT m.rule_id, m.vm_ip, m.vm_id, b.network_id FROM load_balancer_member m \
         JOIN load_balancer_rule b ON b.id = m.rule_id AND b.removed IS NULL \
         JOIN vm v ON v.id = m.vm_id AND v.removed IS NULL \
         LEFT JOIN nic i ON i.vm_id = m.vm_id AND i.network_id = b.network_id \
         AND i.removed IS NULL LEFT JOIN secondary_ip s ON s.nic_id = i.id AND s.ip = m.vm_ip \
         AND s.removed IS NULL WHERE m.removed IS NULL \
         AND (i.id IS NULL OR (COALESCE(i.ip, 0) <> m.vm_ip AND s.id IS NULL))",
    ),
    (
        "network-of-balancer",
        "the network {network} is gone, and still has the load balancer {balancer}",
        "SELECT b.network_id, b.id FROM load_balancer_rule b LEFT JOIN network n \
         ON n.id = b.network_id AND n.removed IS NULL WHERE b.removed IS NULL AND n.id IS NULL",
    ),
    (
        "address-of-balancer",
        "the load balancer {balancer} is for an address of the range {range} that nobody holds: \
         it should have been removed with it",
        "SELECT b.id, b.range_id FROM load_balancer_rule b LEFT JOIN address a \
         ON a.range_id = b.range_id AND a.place = b.place \
         WHERE b.removed IS NULL AND b.scheme = 'Public' AND a.range_id IS NULL",
    ),
    (
        "port-of-balancer",
        "{} load balancers have the port {} of one address of the range {range}: one only may, \
         delete the others",
        "SELECT COUNT(*), b.public_port, b.range_id FROM load_balancer_rule b \
         WHERE b.removed IS NULL AND b.scheme = 'Public' \
         GROUP BY b.range_id, b.place, b.public_port HAVING COUNT(*) > 1",
    ),
    (
        "source-of-balancer",
        "the load balancer {balancer} is reached at {ip} of the network {network}, which is not \
         held for load balancers: somebody else may get it",
        "SELECT b.id, b.source_ip, b.source_network_id FROM load_balancer_rule b \
         LEFT JOIN guest_address g ON g.network_id = b.source_network_id AND g.ip = b.source_ip \
         AND g.kind = 'LoadBalancer' \
         WHERE b.removed IS NULL AND b.scheme = 'Internal' AND g.ip IS NULL",
    ),
    (
        "balancer-of-guest-address",
        "the address {ip} of the network {network} is held for the load balancer {balancer}, \
         which is gone or has another: it should be free, or that of the one that has it",
        "SELECT g.ip, g.network_id, g.holder_id FROM guest_address g \
         LEFT JOIN load_balancer_rule b ON b.id = g.holder_id \
         AND b.source_network_id = g.network_id AND b.source_ip = g.ip AND b.removed IS NULL \
         WHERE g.kind = 'LoadBalancer' AND b.id IS NULL",
    ),
    (
        "address-of-shared-guest",
        "the address {ip} of the shared network {network} is a guest's, and free in the range: \
         somebody else may get it",
        "SELECT g.ip, g.network_id FROM guest_address g \
         JOIN network n ON n.id = g.network_id AND n.guest_type = 'Shared' \
         LEFT JOIN vlan_range r ON r.network_id = g.network_id AND g.ip BETWEEN r.first AND r.last \
         AND r.removed IS NULL \
         LEFT JOIN address a ON a.range_id = r.id AND a.place = g.ip - (r.gateway & r.netmask) \
         WHERE a.range_id IS NULL",
    ),
    (
        "guest-of-shared-address",
        "the address {ip} of the range {range} of a shared network is held, and no guest has it: \
         it should be free",
        "SELECT (r.gateway & r.netmask) + a.place, r.id FROM address a \
         JOIN vlan_range r ON r.id = a.range_id AND r.type = 'DirectAttached' \
         AND r.removed IS NULL LEFT JOIN guest_address g ON g.network_id = r.network_id \
         AND g.ip = (r.gateway & r.netmask) + a.place WHERE g.ip IS NULL",
    ),
];

/// Of a load balancer that is gone, its guests go last.
pub(super) const BALANCER_MENDS: &[Mend] = &[
    Mend {
        rule: "network-of-balancer",
        says: "removed the load balancer {balancer}: its network {network} is gone",
        rows: "SELECT b.id, b.network_id FROM load_balancer_rule b WHERE b.removed IS NULL \
               AND NOT EXISTS (SELECT 1 FROM network n WHERE n.id = b.network_id \
               AND n.removed IS NULL)",
        change: "UPDATE load_balancer_rule SET removed = ? WHERE removed IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM network n WHERE n.id = load_balancer_rule.network_id \
                 AND n.removed IS NULL)",
    },
    Mend {
        rule: "address-of-balancer",
        says: "removed the load balancer {balancer}: nobody holds its address",
        rows: "SELECT b.id FROM load_balancer_rule b WHERE b.removed IS NULL \
               AND b.scheme = 'Public' AND NOT EXISTS (SELECT 1 FROM address a \
               WHERE a.range_id = b.range_id AND a.place = b.place)",
        change: "UPDATE load_balancer_rule SET removed = ? WHERE removed IS NULL \
                 AND scheme = 'Public' AND NOT EXISTS (SELECT 1 FROM address a \
                 WHERE a.range_id = load_balancer_rule.range_id \
                 AND a.place = load_balancer_rule.place)",
    },
    Mend {
        rule: "balancer-of-member",
        says: "took the guest {vm} from the load balancer {balancer}, which is gone",
        rows: "SELECT m.vm_id, m.rule_id FROM load_balancer_member m WHERE m.removed IS NULL \
               AND NOT EXISTS (SELECT 1 FROM load_balancer_rule b WHERE b.id = m.rule_id \
               AND b.removed IS NULL)",
        change: "UPDATE load_balancer_member SET removed = ? WHERE removed IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM load_balancer_rule b \
                 WHERE b.id = load_balancer_member.rule_id AND b.removed IS NULL)",
    },
    Mend {
        rule: "vm-of-member",
        says: "took the virtual machine {vm}, which is gone, from the load balancer {balancer}",
        rows: "SELECT m.vm_id, m.rule_id FROM load_balancer_member m WHERE m.removed IS NULL \
               AND NOT EXISTS (SELECT 1 FROM vm v WHERE v.id = m.vm_id AND v.removed IS NULL)",
        change: "UPDATE load_balancer_member SET removed = ? WHERE removed IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM vm v WHERE v.id = load_balancer_member.vm_id \
                 AND v.removed IS NULL)",
    },
    Mend {
        rule: "balancer-of-guest-address",
        says: "the address {ip} of the network {network} is held for a load balancer that has it, \
               and no longer for {balancer}",
        rows: "SELECT g.ip, g.network_id, g.holder_id FROM guest_address g \
               WHERE g.kind = 'LoadBalancer' AND NOT EXISTS (SELECT 1 FROM load_balancer_rule b \
               WHERE b.id = g.holder_id AND b.source_network_id = g.network_id \
               AND b.source_ip = g.ip AND b.removed IS NULL) AND EXISTS (SELECT 1 \
               FROM load_balancer_rule b WHERE b.source_network_id = g.network_id \
               AND b.source_ip = g.ip AND b.removed IS NULL)",
        change: "UPDATE guest_address SET holder_id = (SELECT MIN(b.id) FROM load_balancer_rule b \
                 WHERE b.source_network_id = guest_address.network_id \
                 AND b.source_ip = guest_address.ip AND b.removed IS NULL) \
                 WHERE kind = 'LoadBalancer' AND NOT EXISTS (SELECT 1 FROM load_balancer_rule b \
                 WHERE b.id = guest_address.holder_id \
                 AND b.source_network_id = guest_address.network_id \
                 AND b.source_ip = guest_address.ip AND b.removed IS NULL) AND EXISTS (SELECT 1 \
                 FROM load_balancer_rule b WHERE b.source_network_id = guest_address.network_id \
                 AND b.source_ip = guest_address.ip AND b.removed IS NULL)",
    },
    Mend {
        rule: "balancer-of-guest-address",
        says: "the address {ip} of the network {network} is free: no load balancer has it",
        rows: "SELECT g.ip, g.network_id FROM guest_address g WHERE g.kind = 'LoadBalancer' \
               AND NOT EXISTS (SELECT 1 FROM load_balancer_rule b \
               WHERE b.source_network_id = g.network_id AND b.source_ip = g.ip \
               AND b.removed IS NULL)",
        change: "DELETE FROM guest_address WHERE kind = 'LoadBalancer' AND NOT EXISTS (SELECT 1 \
                 FROM load_balancer_rule b WHERE b.source_network_id = guest_address.network_id \
                 AND b.source_ip = guest_address.ip AND b.removed IS NULL)",
    },
    Mend {
        rule: "source-of-balancer",
        says: "the address {ip} of the network {network} is held for the load balancer {balancer}",
        rows: "SELECT b.source_ip, b.source_network_id, MIN(b.id) FROM load_balancer_rule b \
               WHERE b.removed IS NULL AND b.scheme = 'Internal' AND NOT EXISTS (SELECT 1 \
               FROM guest_address g WHERE g.network_id = b.source_network_id \
               AND g.ip = b.source_ip) GROUP BY b.source_ip, b.source_network_id",
        change: "INSERT INTO guest_address (network_id, ip, kind, holder_id) \
                 SELECT b.source_network_id, b.source_ip, 'LoadBalancer', MIN(b.id) \
                 FROM load_balancer_rule b WHERE b.removed IS NULL AND b.scheme = 'Internal' \
                 AND NOT EXISTS (SELECT 1 FROM guest_address g \
                 WHERE g.network_id = b.source_network_id AND g.ip = b.source_ip) \
                 GROUP BY b.source_network_id, b.source_ip",
    },
    Mend {
        rule: "guest-of-shared-address",
        says: "released the address {ip} of the range {range}, which no guest has",
        rows: "SELECT (r.gateway & r.netmask) + a.place, r.id FROM address a \
               JOIN vlan_range r ON r.id = a.range_id AND r.type = 'DirectAttached' \
               AND r.removed IS NULL WHERE NOT EXISTS (SELECT 1 FROM guest_address g \
               WHERE g.network_id = r.network_id AND g.ip = (r.gateway & r.netmask) + a.place)",
        change: "DELETE FROM address WHERE EXISTS (SELECT 1 FROM vlan_range r \
                 WHERE r.id = address.range_id AND r.type = 'DirectAttached' \
                 AND r.removed IS NULL AND NOT EXISTS (SELECT 1 FROM guest_address g \
                 WHERE g.network_id = r.network_id \
                 AND g.ip = (r.gateway & r.netmask) + address.place))",
    },
];
