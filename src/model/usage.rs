//! Who had what from when to when, and what administrators should know.

use crate::model::{Time, record};

record! {
    /// A time in which somebody held an address that was given back since.
    AddressUsage in "address_usage" {
        /// The range of the address.
        range_id: i64,
        /// Its place in the range.
        place: i64,
        /// The account that held it.
        account_id: i64,
        /// That account's domain.
        domain_id: i64,
        /// Whether it was a source NAT address at the end.
        source_nat: bool,
        /// Whether the system had taken it for itself.
        is_system: bool,
        /// When it was taken.
        started: Time,
        /// When it was given back.
        ended: Time,
    }
}

record! {
    /// A time in which somebody had something, whether or not it has ended.
    UsageRecord in "(SELECT 0 AS id, 3 AS usage_type, a.account_id AS account_id, \
         a.domain_id AS domain_id, r.zone_id AS zone_id, a.range_id AS a, a.place AS b, \
         '' AS name, (r.gateway & r.netmask) + a.place AS ip, a.network_id AS network_id, \
         a.vpc_id AS vpc_id, NULL AS offering_id, a.source_nat AS source_nat, \
         a.system AS is_system, a.allocated AS started, NULL AS ended \
         FROM address a JOIN vlan_range r ON r.id = a.range_id \
         UNION ALL SELECT 0, 3, a.account_id, a.domain_id, r.zone_id, a.range_id, a.place, '', \
         (r.gateway & r.netmask) + a.place, NULL, NULL, NULL, a.source_nat, a.is_system, \
         a.started, a.ended FROM address_usage a JOIN vlan_range r ON r.id = a.range_id \
         UNION ALL SELECT 0, 30, n.account_id, n.domain_id, n.zone_id, 0, n.id, n.name, NULL, \
         n.id, n.vpc_id, n.offering_id, 0, 0, n.created, n.removed FROM network n \
         WHERE n.traffic_type = 'Guest' AND n.system = 0 \
         UNION ALL SELECT 0, 31, v.account_id, v.domain_id, v.zone_id, 0, v.id, v.name, NULL, \
         NULL, v.id, v.offering_id, 0, 0, v.created, v.removed FROM vpc v) held" {
        /// CloudStack's number of what it is: 3 an address, 30 a network, 31 a VPC.
        usage_type: i64,
        /// The account that had it.
        account_id: i64,
        /// That account's domain.
        domain_id: i64,
        /// The zone.
        zone_id: i64,
        /// The first number of its id; 0 for all but addresses.
        a: i64,
        /// The second one.
        b: i64,
        /// Its name; addresses have none.
        name: String,
        /// The address, as a number.
        ip: Option<i64>,
        /// The network that it is, or is of.
        network_id: Option<i64>,
        /// The VPC that it is, or is of.
        vpc_id: Option<i64>,
        /// The offering of a network or a VPC.
        offering_id: Option<i64>,
        /// Whether it was a source NAT address.
        source_nat: bool,
        /// Whether the system had taken it for itself.
        is_system: bool,
        /// Since when.
        started: Time,
        /// Until when; none while it lasts.
        ended: Option<Time>,
    }
}

record! {
    /// What an administrator should know.
    Alert in "alert" {
        /// CloudStack's number of the kind, as 4 for public addresses.
        kind: i64,
        /// CloudStack's name of the kind.
        name: String,
        /// What is the matter, and what to do.
        description: String,
        /// The zone that it is about.
        zone_id: Option<i64>,
        /// The pod that it is about.
        pod_id: Option<i64>,
        /// Whether it was archived.
        archived: bool,
        /// When it was raised.
        created: Time,
        /// When what it is about was over; none while it lasts.
        ended: Option<Time>,
    }
}
