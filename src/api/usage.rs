//! Who had which addresses, networks and VPCs, and for how long.

use crate::api::events::Until;
use crate::api::names::{Names, shown_path};
use crate::api::paging::Paged;
use crate::api::{EVERYBODY, Rows, api};
use crate::engine::{Asked, Cx};
use crate::model::{
    Account, Domain, EntityKind, Network, NetworkOffering, Project, Time, Uid, UsageRecord, Vpc,
    VpcOffering, Zone,
};
use crate::schema::{Fault, Id, Text, view};
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// Kinds of usage: CloudStack's number, the kind of thing, its name, and what is said of it.
const TYPES: &[(i64, EntityKind, &str, &str)] = &[
    (3, EntityKind::Address, "IP Address Usage", "IP address"),
    (30, EntityKind::Network, "Network Usage", "Network"),
    (31, EntityKind::Vpc, "VPC Usage", "VPC"),
];

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

view! {
    /// A time in which somebody had something, as `listUsageRecords` shows it.
    UsageView in "UsageRecordResponse" shows ["account", "description", "usage", "startdate",
        "enddate", "domainpath", "usageid"] {
        /// the name of the account
        account: Option<String>,
        /// the id of the account
        accountid: Uid,
        /// the id of the project, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain of the account
        domainid: Uid,
        /// the name of that domain
        domain: String,
        /// the path of that domain
        domainpath: String,
        /// the id of the zone
        zoneid: Uid,
        /// what it is
        description: String,
        /// the number of the kind: 3 IP addresses, 30 networks, 31 VPCs
        usagetype: i64,
        /// the id of the thing
        usageid: Uid,
        /// the name of a network or a VPC
        name: Option<String>,
        /// how long somebody had it in the time that is asked for, with the unit
        usage: String,
        /// how long somebody had it in the time that is asked for, in hours
        rawusage: String,
        /// when it began
        startdate: Time,
        /// when it ended; none while it lasts
        enddate: Option<Time>,
        /// whether the address was a source NAT address
        issourcenat: Option<bool>,
        /// whether the system had taken the address for itself
        issystem: Option<bool>,
        /// the id of the network that it is, or is of
        networkid: Option<Uid>,
        /// the id of the VPC that it is, or is of
        vpcid: Option<Uid>,
        /// the id of the offering of a network or a VPC
        offeringid: Option<Uid>,
    }
}

view! {
    /// A kind of usage, as `listUsageTypes` shows it.
    UsageTypeView in "UsageTypeResponse" shows ["id", "name", "description"] {
        /// the number of the kind
        id: i64,
        /// the name of the kind
        name: &'static str,
        /// what it is
        description: &'static str,
    }
}

api! {
    /// Lists who had which addresses, networks and VPCs in a time, and for how long.
    now list "listUsageRecords" {
        key: "usagerecord", roles: EVERYBODY,
        example: "list usage records startdate=2026-11-01 enddate=2026-11-30",
    } => list -> UsageView;
    ListUsageRecords {
        /// the beginning of the time
        startdate: Time,
        /// the end of the time; a date alone means the end of that day
        enddate: Until,
        /// the number of the kind: 3 IP addresses, 30 networks, 31 VPCs
        kind as "type": Option<i64>,
        /// the id of the thing; needs type
        usageid: Option<Text>,
        /// the name of the account
        account: Option<Text>,
        /// the id of the account
        accountid: Option<Id<Account>>,
        /// the id of the domain of the account
        domainid: Option<Id<Domain>>,
        /// the id of the project
        projectid: Option<Id<Project>>,
        /// true for the domains below as well
        isrecursive: Option<bool>,
        /// accepted for older clients; there are no tags
        _includetags as "includetags": Option<bool>,
        /// accepted for older clients; the descriptions are the same
        _oldformat as "oldformat": Option<bool>,
        ..paged: Paged,
    }
}

api! {
    /// Lists the kinds of usage.
    now list "listUsageTypes" {
        key: "usagetype", roles: EVERYBODY, example: "list usage types",
    } => types -> UsageTypeView;
    ListUsageTypes {}
}

fn list(cx: &mut Cx<'_>, args: &ListUsageRecords) -> Result<Rows<UsageView>, Fault> {
    let (from, to) = (args.startdate, args.enddate.time());
    if from > to {
        return Err(Fault::invalid("Invalid parameter enddate: it lies before startdate"));
    }
    let mut filter = args.paged.filter();
    filter.holds("started <= ?", [to.into()]);
    filter.holds("(ended IS NULL OR ended >= ?)", [from.into()]);
    filter.is("usage_type", args.kind);
    if let Some(account) = cx.find_opt(args.accountid.as_ref())? {
        filter.is("account_id", Some(account.id));
    }
    let scope = cx.scope(&Asked {
        account: args.account.as_deref(),
        domain: args.domainid.as_ref(),
        project: args.projectid.as_ref(),
        recursive: args.isrecursive == Some(true),
        all: true,
        named: false,
    })?;
    if let Some((sql, values)) = scope.condition("account_id") {
        filter.holds(&sql, values);
    }
    if let Some(id) = &args.usageid {
        let (a, b) = numbers(cx, args.kind, id)?;
        filter.is("a", Some(a));
        filter.is("b", Some(b));
    }
    filter.keyword(&["name"]);
    let order = "started, usage_type, a, b";
    let (records, total) = filter.all::<UsageRecord>(cx, order)?;
    let mut names = Names::default();
    let rows = records.into_iter().map(|record| show(cx, &mut names, &record, (from, to)));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

/// The numbers of the id of a thing of a kind.
fn numbers(cx: &Cx<'_>, kind: Option<i64>, id: &str) -> Result<(i64, i64), Fault> {
    let Some(number) = kind else {
        return Err(Fault::invalid("Invalid parameter usageid: it needs type, the kind of thing"));
    };
    let known = TYPES.iter().find(|(known, ..)| *known == number).map(|(_, kind, ..)| *kind);
    let found = known.and_then(|kind| cx.tx.key().decode(kind, Uid::parse(id)?));
    let found = found.and_then(|(a, b)| Some((i64::try_from(a).ok()?, i64::try_from(b).ok()?)));
    found.ok_or_else(|| {
        let id = crate::text::quoted(id);
        Fault::invalid(format!("Invalid parameter usageid: {id} names nothing of type {number}"))
    })
}

fn show(
    cx: &mut Cx<'_>,
    names: &mut Names,
    record: &UsageRecord,
    (from, to): (Time, Time),
) -> Result<UsageView, Fault> {
    let owner = names.owner(cx, record.account_id)?;
    let domain: Domain = cx.must(record.domain_id)?;
    let known = TYPES.iter().find(|one| one.0 == record.usage_type);
    let odd = || StoreError::Damaged("there is usage of an unknown kind".into());
    let (_, kind, _, what) = known.ok_or_else(odd)?;
    let until = record.ended.unwrap_or(cx.now).min(to).min(cx.now);
    let millis = until.millis().saturating_sub(record.started.max(from).millis()).max(0);
    let rawusage = hours(millis);
    let ip = record.ip.and_then(|ip| u32::try_from(ip).ok()).map(Ipv4Addr::from_bits);
    let is_address = *kind == EntityKind::Address;
    let offering = record.offering_id.filter(|_| !is_address).map(|id| match kind {
        EntityKind::Vpc => cx.uid::<VpcOffering>(id),
        _ => cx.uid::<NetworkOffering>(id),
    });
    Ok(UsageView {
        account: owner.account,
        accountid: cx.uid::<Account>(record.account_id),
        projectid: owner.projectid,
        project: owner.project,
        domainid: cx.uid::<Domain>(domain.id),
        domainpath: shown_path(&domain.path),
        domain: domain.name,
        zoneid: cx.uid::<Zone>(record.zone_id),
        description: match ip {
            Some(ip) => format!("{what} {ip}"),
            None => format!("{what} {}", record.name),
        },
        usagetype: record.usage_type,
        usageid: cx.tx.key().encode(*kind, record.a.unsigned_abs(), record.b.unsigned_abs()),
        name: Some(record.name.clone()).filter(|_| !is_address),
        usage: format!("{rawusage} Hrs"),
        rawusage,
        startdate: record.started,
        enddate: record.ended,
        issourcenat: Some(record.source_nat).filter(|_| is_address),
        issystem: Some(record.is_system).filter(|_| is_address),
        networkid: cx.uid_opt::<Network>(record.network_id),
        vpcid: cx.uid_opt::<Vpc>(record.vpc_id),
        offeringid: offering,
    })
}

/// Hours, with as many digits behind the point as are needed, six at most.
fn hours(millis: i64) -> String {
    let millionths = i128::from(millis) * 1_000_000 / i128::from(HOUR);
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[allow(clippy::unnecessary_wraps, reason = "a handler is something that may fail")]
fn types(_: &mut Cx<'_>, _: &ListUsageTypes) -> Result<Rows<UsageTypeView>, Fault> {
    let view = |(id, _, name, description): &(i64, EntityKind, &'static str, &'static str)| {
        UsageTypeView { id: *id, name, description }
    };
    let rows: Vec<_> = TYPES.iter().map(view).collect();
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::World;
    use serde_json::Value as Json;

    const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

    #[test]
    fn hours_have_the_digits_that_they_need() {
        for (millis, hours) in [(0, "0"), (HOUR, "1"), (HOUR / 2, "0.5"), (1000, "0.000277")] {
            assert_eq!(super::hours(millis), hours);
        }
    }

    fn network(world: &World, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
        let zone = world.id("listZones", &[]);
        let words = [("name", "web"), ("networkofferingid", &offering), ("zoneid", &zone)];
        let all = words.iter().chain(more);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn words(owned: &[(String, String)]) -> Vec<(&str, &str)> {
        owned.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    const DAY: [(&str, &str); 2] = [("startdate", "2026-01-02"), ("enddate", "2026-01-02")];

    fn told(body: &Json) -> Vec<(String, bool)> {
        let rows = body["usagerecord"].as_array().cloned().unwrap_or_default();
        let row = |row: &Json| {
            (row["description"].as_str().unwrap().to_owned(), row["enddate"].is_null())
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn what_was_given_back_is_told_with_its_end() {
        let world = World::sandbox();
        let made = world.ok("createNetwork", &words(&network(&world, &[])));
        let id = made["network"]["id"].as_str().unwrap();
        world.ok("associateIpAddress", &[("networkid", id)]);
        let second = world.ok("associateIpAddress", &[("networkid", id)]);
        let second = second["ipaddress"]["id"].as_str().unwrap();
        world.ok("disassociateIpAddress", &[("id", second)]);
        let open = |name: &str| (name.to_owned(), true);
        let all = world.ok("listUsageRecords", &DAY);
        let over = ("IP address 203.0.113.3".to_owned(), false);
        let wanted = [open("Network web"), open("IP address 203.0.113.2"), over];
        assert_eq!(told(&all), wanted);
        let row = &all["usagerecord"][2];
        assert_eq!((row["usageid"].as_str(), row["usagetype"].as_i64()), (Some(second), Some(3)));
        assert_eq!(row["rawusage"], "0.000277");
        let of = [DAY[0], DAY[1], ("type", "3"), ("usageid", second)];
        assert_eq!(told(&world.ok("listUsageRecords", &of)).len(), 1);
        world.ok("deleteNetwork", &[("id", id)]);
        let all = world.ok("listUsageRecords", &DAY);
        assert!(told(&all).iter().all(|(_, lasts)| !lasts), "{all}");
        let before = [("startdate", "2026-01-01"), ("enddate", "2026-01-01")];
        assert_eq!(world.ok("listUsageRecords", &before), serde_json::json!({}));
        let page = [DAY[0], DAY[1], ("page", "2"), ("pagesize", "1")];
        let page = world.ok("listUsageRecords", &page);
        assert_eq!((page["count"].as_u64(), told(&page).len()), (Some(3), 1));
    }

    #[test]
    fn tenants_see_their_own() {
        let (world, who) = World::tenants();
        for caller in [&who.alice, &who.bob] {
            world.ok_as(caller, "createNetwork", &words(&network(&world, &[])));
        }
        let count = |caller| told(&world.ok_as(caller, "listUsageRecords", &DAY)).len();
        assert_eq!([count(&who.alice), count(&who.amir), count(&who.ada)], [1, 0, 1]);
        assert_eq!(told(&world.ok("listUsageRecords", &DAY)).len(), 2);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let world = World::sandbox();
        let wrong = [("startdate", "2026-01-03"), ("enddate", "2026-01-02")];
        assert!(world.refused("listUsageRecords", &wrong).1.contains("enddate"));
        for more in [vec![("usageid", "x")], vec![("usageid", "x"), ("type", "3")]] {
            let words = [&DAY[..], &more].concat();
            assert!(world.refused("listUsageRecords", &words).1.contains("usageid"));
        }
        assert_eq!(world.ok("listUsageTypes", &[])["usagetype"].as_array().unwrap().len(), 3);
    }
}
