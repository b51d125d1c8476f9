//! A cloud made up for pictures: it answers lists from rows, filters and pages as servers do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::schema::{Catalogue, Completes, Kind, Param, Spec, Words};
use crate::transport::{Answer, Failure, Transport};

const fn text(name: &'static str) -> Param {
    let (about, wire) = ("what it is for", "string");
    Param { name, about, wire, required: false, completes: Completes::Nothing, length: 255 }
}

/// What the lists filter by, all of them together.
const FILTERS: &[Param] = &[
    text("id"),
    text("zoneid"),
    text("vpcid"),
    text("networkid"),
    text("vlanid"),
    text("physicalnetworkid"),
    text("associatednetworkid"),
    text("ipaddress"),
    text("forvirtualnetwork"),
    text("issourcenat"),
    text("isstaticnat"),
    text("state"),
    text("type"),
    text("keyword"),
    text("startdate"),
    text("enddate"),
    text("resourceid"),
    text("page"),
    text("pagesize"),
];

const fn list(name: &'static str, key: &'static str) -> Spec {
    Spec { name, key, kind: Kind::List, groups: &[FILTERS], ..Spec::BLANK }
}

static SPECS: &[Spec] = &[
    list("listCapacity", "capacity"),
    list("listConfigurations", "configuration"),
    list("listEvents", "event"),
    list("listFirewallRules", "firewallrule"),
    list("listGuestNetworkIpv6Prefixes", "guestnetworkipv6prefix"),
    list("listLoadBalancerRules", "loadbalancerrule"),
    list("listNetworks", "network"),
    list("listPhysicalNetworks", "physicalnetwork"),
    list("listPods", "pod"),
    list("listPortForwardingRules", "portforwardingrule"),
    list("listPrivateGateways", "privategateway"),
    list("listPublicIpAddresses", "publicipaddress"),
    list("listRouters", "router"),
    list("listTrafficTypes", "traffictype"),
    list("listVirtualMachines", "virtualmachine"),
    list("listVlanIpRanges", "vlaniprange"),
    list("listVPCs", "vpc"),
    list("listZones", "zone"),
];

/// The place of the address of a rank.
pub(super) type Place = fn(u64) -> u64;

/// The cloud.
pub(super) struct Cloud {
    pub(super) catalogue: Catalogue,
    pub(super) lists: BTreeMap<&'static str, Vec<Json>>,
    /// Lists that the caller may not see.
    pub(super) forbidden: Vec<&'static str>,
    /// How many addresses the first range holds besides those in the list, and the address of
    /// each.
    pub(super) many: Option<(u64, Place)>,
    pub(super) calls: RefCell<Vec<String>>,
    pub(super) rows: Cell<usize>,
}

impl Cloud {
    pub(super) fn new() -> Self {
        Self {
            catalogue: Catalogue::new(SPECS),
            lists: BTreeMap::new(),
            forbidden: Vec::new(),
            many: None,
            calls: RefCell::default(),
            rows: Cell::new(0),
        }
    }

    /// Adds rows to a list.
    pub(super) fn with(mut self, api: &'static str, rows: Json) -> Self {
        let rows = rows.as_array().unwrap().clone();
        self.lists.entry(api).or_default().extend(rows);
        self
    }

    fn matching(&self, spec: &Spec, words: &Words) -> Vec<Json> {
        let all = self.lists.get(spec.name).into_iter().flatten();
        all.filter(|row| matches(row, words)).cloned().collect()
    }
}

fn is(own: &Json, value: &str) -> bool {
    match own {
        Json::String(own) => own == value,
        Json::Bool(own) => value.parse() == Ok(*own),
        _ => false,
    }
}

fn matches(row: &Json, words: &Words) -> bool {
    words.iter().all(|(name, value)| match name {
        "page" | "pagesize" => true,
        "keyword" => row.to_string().contains(value),
        "startdate" => row["created"].as_str().unwrap() >= value,
        "enddate" => &row["created"].as_str().unwrap()[..10] <= value,
        "forvirtualnetwork" => row.get(name).is_none_or(|own| is(own, value)),
        _ => is(&row[name], value),
    })
}

impl Transport for Cloud {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        let given: Vec<_> = words.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.calls.borrow_mut().push(format!("{}{}", spec.name, given.concat()));
        if self.forbidden.contains(&spec.name) {
            let text = "The API does not exist or is not for your role".to_owned();
            return Err(Failure::Remote { code: 432, cs_code: Some(9999), text, job: None });
        }
        let number = |name: &str| words.get(name).and_then(|text| text.parse::<u64>().ok());
        let (page, size) = (number("page").unwrap_or(1), number("pagesize").unwrap_or(500));
        let (skip, take) = ((page - 1) * size, usize::try_from(size).unwrap());
        let many = self
            .many
            .filter(|_| spec.name == "listPublicIpAddresses" && words.get("state").is_none());
        let (rows, total): (Vec<Json>, u64) = match many {
            Some((total, place)) => {
                let ranks = (skip..total).take(take);
                let ip = |rank| std::net::Ipv4Addr::from_bits(u32::try_from(place(rank)).unwrap());
                let row = |rank| json!({"ipaddress": ip(rank).to_string(), "state": "Allocated"});
                (ranks.map(row).collect(), total)
            }
            None => {
                let all = self.matching(spec, words);
                let total = all.len() as u64;
                let skip = usize::try_from(skip).unwrap();
                (all.into_iter().skip(skip).take(take).collect(), total)
            }
        };
        self.rows.set(self.rows.get() + rows.len());
        let body = json!({"count": total, spec.key: rows});
        Ok(Answer { body, job: None, made: None })
    }

    fn wait(&self, _: &str) -> Result<Answer, Failure> {
        unreachable!("pictures start no jobs")
    }
}
