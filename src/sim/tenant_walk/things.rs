//! What a tenant owns in a walk, and by which marks it is known.

use crate::api::{APIS, Api};
use crate::engine::Caller;
use crate::model::Uid;
use crate::schema::Kind;
use crate::sim::World;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Lists of what no tenant owns, or of what nobody here has.
pub(super) const PUBLIC: &[&str] = &[
    "listASNRanges",
    "listAlerts",
    "listBgpPeers",
    "listDedicatedGuestVlanRanges",
    "listDiskOfferings",
    "listInternalLoadBalancerElements",
    "listGuestNetworkIpv6Prefixes",
    "listIpv4SubnetsForGuestNetwork",
    "listIpv4SubnetsForZone",
    "listNetworkOfferings",
    "listNetworkServiceProviders",
    "listOsTypes",
    "listPhysicalNetworks",
    "listPods",
    "listPortableIpRanges",
    "listQuarantinedIps",
    "listRolePermissions",
    "listRoles",
    "listServiceOfferings",
    "listStorageNetworkIpRange",
    "listSystemVms",
    "listTemplates",
    "listTrafficTypes",
    "listVPCOfferings",
    "listVirtualRouterElements",
    "listZones",
];

/// Lists that only some roles may call, so that root asks for what is somebody's.
const BY_ROOT: &[&str] =
    &["listAccounts", "listDomains", "listRouters", "listUsers", "listVlanIpRanges"];

/// Ids of each kind that take part at most.
const AT_MOST: usize = 3;

/// What somebody owns.
#[derive(Clone, Debug, Default)]
pub(super) struct Things {
    name: String,
    by_list: BTreeMap<&'static str, Vec<String>>,
    /// All ids, also of what does not take part itself.
    all: BTreeSet<String>,
    /// The public addresses.
    pub(super) addresses: Vec<String>,
    /// The two halves of the user's keys.
    pub(super) keys: Vec<String>,
    /// The names of things.
    pub(super) names: Vec<String>,
    /// The id of the domain.
    pub(super) domain: String,
}

/// Whether a list shows all that somebody sees when nothing else is said.
pub(super) fn is_list_of_all(api: &Api) -> bool {
    api.spec.kind == Kind::List && api.spec.params().all(|param| !param.required)
}

fn rows(body: &Json) -> Vec<Json> {
    let rows = body.as_object().and_then(|body| body.values().find_map(Json::as_array));
    rows.cloned().unwrap_or_default()
}

fn text(row: &Json, field: &str) -> Option<String> {
    row[field].as_str().map(str::to_owned)
}

impl Things {
    /// What somebody owns now.
    pub(super) fn of(world: &World, caller: &Caller) -> Self {
        let mut things = Self::default();
        let users = world.ok("listUsers", &[("listall", "true")]);
        let key = world.engine.store().key();
        let own =
            key.encode(crate::model::EntityKind::Account, 0, caller.account_id.unsigned_abs());
        let own = own.to_string();
        let is_own = |row: &&Json| text(row, "accountid").as_deref() == Some(own.as_str());
        let users = rows(&users);
        let Some(user) = users.iter().find(is_own) else { panic!("a user") };
        things.name = text(user, "account").unwrap_or_default();
        things.domain = text(user, "domainid").unwrap_or_default();
        let keys = [("id", user["id"].as_str().unwrap_or_default())];
        let keys = world.call("getUserKeys", &keys).unwrap_or_default();
        let half = |name| text(&keys["userkeys"], name);
        things.keys = ["apikey", "secretkey"].into_iter().filter_map(half).collect();
        for api in APIS.iter().filter(|api| is_list_of_all(api)) {
            let list = api.spec.name;
            let found = match BY_ROOT.contains(&list) {
                true => rows(&world.ok(list, &[("listall", "true")])),
                false => Self::listed(world, caller, api),
            };
            for row in &found {
                things.take(list, row, !BY_ROOT.contains(&list));
            }
        }
        for vm in things.ids("listVirtualMachines").to_vec() {
            let words = [("virtualmachineid", vm.as_str())];
            for row in rows(&world.call_as(caller, "listNics", &words).unwrap_or_default()) {
                things.take("listNics", &row, true);
            }
        }
        things
    }

    /// What a list shows somebody, what projects own included.
    fn listed(world: &World, caller: &Caller, api: &Api) -> Vec<Json> {
        let mut ways = vec![vec![("listall", "true")]];
        if api.spec.param("projectid").is_some() {
            ways.push(vec![("projectid", "-1")]);
        }
        if api.spec.name == "listPublicIpAddresses" {
            ways.push(vec![("state", "Reserved"), ("allocatedonly", "false")]);
        }
        let see = |way: Vec<(&str, &str)>| world.call_as(caller, api.spec.name, &way);
        ways.into_iter().flat_map(|way| rows(&see(way).unwrap_or_default())).collect()
    }

    /// Takes a row of a list; of what root sees only what is the owner's.
    fn take(&mut self, list: &'static str, row: &Json, own: bool) {
        let is = |field: &str| row[field].as_str() == Some(self.name.as_str());
        let is_domain = list == "listDomains" && row["id"].as_str() == Some(&self.domain);
        let is_account = list == "listAccounts" && is("name");
        if !own && !is("account") && !is_domain && !is_account {
            return;
        }
        if let Some(id) = text(row, "id").or_else(|| text(row, "jobid")) {
            let ids = self.by_list.entry(list).or_default();
            if Uid::parse(&id).is_some() && !ids.contains(&id) {
                ids.push(id.clone());
            }
            if !is_domain {
                self.all.insert(id);
            }
        }
        self.addresses.extend(text(row, "ipaddress"));
        let name = text(row, "name").filter(|name| name.starts_with(&self.name));
        self.names.extend(name);
    }

    /// These without those; but accounts, users and domains stay.
    pub(super) fn without(mut self, before: &Self) -> Self {
        for (list, ids) in &mut self.by_list {
            if !BY_ROOT.contains(list) && !PUBLIC.contains(list) {
                ids.retain(|id| !before.all.contains(id));
            }
            if ids.len() > AT_MOST {
                let last = ids.pop();
                ids.truncate(AT_MOST - 1);
                ids.extend(last);
            }
        }
        let own: BTreeSet<String> =
            BY_ROOT.iter().flat_map(|list| self.ids(list)).cloned().collect();
        self.all.retain(|id| !before.all.contains(id) || own.contains(id));
        self
    }

    /// Ids of what a list shows.
    pub(super) fn ids(&self, list: &str) -> &[String] {
        self.by_list.get(list).map_or(&[], Vec::as_slice)
    }

    /// The first of them, which the caller may use.
    pub(super) fn first(&self, list: &str) -> String {
        let nothing = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        self.ids(list).first().map_or(nothing, String::as_str).to_owned()
    }

    /// What must not be in an answer to others: ids, addresses, the name with which all begins.
    pub(super) fn marks(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(|ip| format!("\"{ip}\""));
        let subnets = ["10.77.".to_owned(), "198.51.77.".to_owned()];
        let all = self.all.iter().cloned().chain(addresses).chain(subnets);
        all.chain([self.name.clone()]).chain(self.keys.clone()).collect()
    }
}

/// Gives somebody one of everything, called by their name.
pub(super) fn furnish(world: &World, caller: &Caller, name: &str, net: u8) {
    let zone = world.id("listZones", &[]);
    let offering = |name| world.id("listNetworkOfferings", &[("name", name)]);
    let (plain, tier) = (
        offering("DefaultIsolatedNetworkOfferingWithSourceNatService"),
        offering("DefaultIsolatedNetworkOfferingForVpcNetworks"),
    );
    let make = |command: &str, what: &str, words: &[(&str, &str)]| {
        let called = format!("{name}-{what}");
        let words = [words, &[("name", &called), ("displaytext", &called)]].concat();
        let body = world.ok_as(caller, command, &words);
        let made = body.as_object().and_then(|body| body.values().next()).cloned();
        made.and_then(|made| text(&made, "id")).unwrap_or_default()
    };
    let get = |words: &[(&str, &str)]| world.ok_as(caller, "associateIpAddress", words);
    let network = make("createNetwork", "net", &[("zoneid", &zone), ("networkofferingid", &plain)]);
    get(&[("networkid", &network)]);
    let address = get(&[("networkid", &network)]);
    open_firewall(world, caller, &network, &address);
    balancer(&address, &make);
    filter_networks(world, caller, &zone, &make);
    let vpc_offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let cidr = format!("10.{net}.0.0/16");
    let words = [("zoneid", &*zone), ("vpcofferingid", &vpc_offering), ("cidr", &cidr)];
    let vpc = make("createVPC", "vpc", &words);
    let acl = world.id("listNetworkACLLists", &[("name", "default_allow")]);
    let gateway = format!("10.{net}.1.1");
    let words = [
        ("zoneid", &*zone),
        ("networkofferingid", &tier),
        ("vpcid", &vpc),
        ("aclid", &acl),
        ("gateway", &gateway),
        ("netmask", "255.255.255.0"),
    ];
    let tier_id = make("createNetwork", "tier", &words);
    let list = make("createNetworkACLList", "acl", &[("vpcid", &vpc)]);
    let words = [("aclid", list.as_str()), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createNetworkACL", &words);
    let public = [get(&[("vpcid", &vpc)]), get(&[("vpcid", &vpc)])];
    let public = public.map(|body| text(&body["ipaddress"], "id").unwrap_or_default());
    let make_vm = |words: &[(&str, &str)]| make("deployVirtualMachine", "vm", words);
    machine(world, caller, (&zone, &tier_id), &public, make_vm);
    lead_out(world, caller, (&zone, &vpc), net, name);
    inner_balancer(world, (&zone, &vpc), net, &make);
    let project = make("createProject", "project", &[]);
    let words = [("zoneid", &*zone), ("networkofferingid", &plain), ("projectid", &project)];
    let shop = make("createNetwork", "shop", &words);
    get(&[("networkid", &shop)]);
    reserve(world, caller);
    dedicate(world, caller, &zone, net);
    let (kind, row) = (crate::model::EntityKind::User, caller.user_id.unsigned_abs());
    let user = world.engine.store().key().encode(kind, 0, row);
    world.ok_as(caller, "registerUserKeys", &[("id", &user.to_string())]);
    fail_a_job(world, caller, &vpc);
}

/// Reserves an address for somebody.
fn reserve(world: &World, caller: &Caller) {
    let words = [("state", "Free"), ("allocatedonly", "false")];
    let free = world.ok_as(caller, "listPublicIpAddresses", &words);
    let free = rows(&free).pop().and_then(|row| text(&row, "id")).unwrap_or_default();
    world.ok_as(caller, "reserveIpAddress", &[("id", &free)]);
}

/// Gives somebody a load balancer at an address.
fn balancer(address: &Json, make: &impl Fn(&str, &str, &[(&str, &str)]) -> String) {
    let address = text(&address["ipaddress"], "id").unwrap_or_default();
    let ports = [("publicport", "99"), ("privateport", "99"), ("algorithm", "source")];
    let words = [&[("publicipid", &*address)][..], &ports].concat();
    make("createLoadBalancerRule", "balancer", &words);
}

/// Gives somebody a tier with a load balancer inside.
fn inner_balancer(
    world: &World,
    (zone, vpc): (&str, &str),
    net: u8,
    make: &impl Fn(&str, &str, &[(&str, &str)]) -> String,
) {
    let offering = "DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let gateway = format!("10.{net}.2.1");
    let words = [
        ("zoneid", zone),
        ("networkofferingid", &offering),
        ("vpcid", vpc),
        ("gateway", &gateway),
        ("netmask", "255.255.255.0"),
    ];
    let tier = make("createNetwork", "inner", &words);
    let tier = tier.as_str();
    let words = [
        ("scheme", "Internal"),
        ("algorithm", "source"),
        ("networkid", tier),
        ("sourceipaddressnetworkid", tier),
        ("sourceport", "99"),
        ("instanceport", "99"),
    ];
    make("createLoadBalancer", "inner", &words);
}

/// Gives somebody networks that have firewall rules as a whole.
fn filter_networks(
    world: &World,
    caller: &Caller,
    zone: &str,
    make: &impl Fn(&str, &str, &[(&str, &str)]) -> String,
) {
    let offering = |name| world.id("listNetworkOfferings", &[("name", name)]);
    let dual = offering("dual");
    let six = make("createNetwork", "six", &[("zoneid", zone), ("networkofferingid", &dual)]);
    let words = [("networkid", six.as_str()), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createIpv6FirewallRule", &words);
    let routed = offering("routed");
    let words = [("zoneid", zone), ("networkofferingid", &routed), ("cidrsize", "28")];
    let routed = make("createNetwork", "routed", &words);
    let words = [("networkid", routed.as_str()), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createRoutingFirewallRule", &words);
}

/// Leaves a job that failed: a source NAT address stays with its VPC.
fn fail_a_job(world: &World, caller: &Caller, vpc: &str) {
    let words = [("vpcid", vpc), ("issourcenat", "true")];
    let body = world.ok_as(caller, "listPublicIpAddresses", &words);
    let id = text(&rows(&body)[0], "id").unwrap_or_default();
    world.refused_as(caller, "disassociateIpAddress", &[("id", &id)]);
}

/// Gives somebody a virtual machine, to which public addresses lead.
fn machine(
    world: &World,
    caller: &Caller,
    (zone, network): (&str, &str),
    public: &[String; 2],
    make: impl Fn(&[(&str, &str)]) -> String,
) {
    let offering = world.id("listServiceOfferings", &[]);
    let template = world.id("listTemplates", &[("templatefilter", "executable")]);
    let vm = make(&[
        ("zoneid", zone),
        ("serviceofferingid", &offering),
        ("templateid", &template),
        ("networkids", network),
    ]);
    let nics = world.ok_as(caller, "listNics", &[("virtualmachineid", &vm)]);
    let nic = text(&nics["nic"][0], "id").unwrap_or_default();
    world.ok_as(caller, "addIpToNic", &[("nicid", &nic)]);
    let [one, other] = public;
    let to = |address| {
        [("ipaddressid", address), ("virtualmachineid", vm.as_str()), ("networkid", network)]
    };
    world.ok_as(caller, "enableStaticNat", &to(one));
    let words = [("ipaddressid", one.as_str()), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createIpForwardingRule", &words);
    let ports = [("protocol", "tcp"), ("publicport", "77"), ("privateport", "77")];
    world.ok_as(caller, "createPortForwardingRule", &[&to(other)[..], &ports].concat());
}

/// Gives somebody's VPC a way out into another network of theirs, and tags the VPC.
fn lead_out(world: &World, caller: &Caller, (zone, vpc): (&str, &str), net: u8, name: &str) {
    let offering = world.id("listNetworkOfferings", &[("name", "DefaultL2NetworkOffering")]);
    let called = format!("{name}-l2");
    let words = [("name", &*called), ("zoneid", zone), ("networkofferingid", &*offering)];
    let l2 = world.ok_as(caller, "createNetwork", &words);
    let l2 = text(&l2["network"], "id").unwrap_or_default();
    let (ip, gateway) = (format!("198.51.{net}.130"), format!("198.51.{net}.129"));
    let words = [
        ("vpcid", vpc),
        ("associatednetworkid", &l2),
        ("ipaddress", &ip),
        ("gateway", &gateway),
        ("netmask", "255.255.255.128"),
    ];
    let made = world.ok_as(caller, "createPrivateGateway", &words);
    let gateway = text(&made["privategateway"], "id").unwrap_or_default();
    let cidr = format!("192.168.{net}.0/24");
    let words = [("cidr", &*cidr), ("gatewayid", &*gateway)];
    world.ok_as(caller, "createStaticRoute", &words);
    let value = format!("{name}-tag");
    let words = [
        ("resourcetype", "Vpc"),
        ("resourceids", vpc),
        ("tags[0].key", "owner"),
        ("tags[0].value", &value),
    ];
    world.ok_as(caller, "createTags", &words);
}

/// Lets traffic in to an address, and out of a network.
fn open_firewall(world: &World, caller: &Caller, network: &str, address: &Json) {
    let address = text(&address["ipaddress"], "id").unwrap_or_default();
    let words = [("ipaddressid", address.as_str()), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createFirewallRule", &words);
    let words = [("networkid", network), ("protocol", "tcp"), ("startport", "77")];
    world.ok_as(caller, "createEgressFirewallRule", &words);
}

/// Gives somebody a range of their own.
fn dedicate(world: &World, caller: &Caller, zone: &str, net: u8) {
    let key = world.engine.store().key();
    let id = |kind, row: i64| key.encode(kind, 0, row.unsigned_abs()).to_string();
    let domain = id(crate::model::EntityKind::Domain, caller.domain_id);
    let account = id(crate::model::EntityKind::Account, caller.account_id);
    let body = world.ok("listAccounts", &[("id", &account)]);
    let account = text(&body["account"][0], "name").unwrap_or_default();
    let (gateway, first, last) =
        (format!("198.51.{net}.1"), format!("198.51.{net}.10"), format!("198.51.{net}.12"));
    let vlan = (u16::from(net) + 900).to_string();
    let words = [
        ("zoneid", zone),
        ("vlan", &vlan),
        ("gateway", &gateway),
        ("netmask", "255.255.255.0"),
        ("startip", &first),
        ("endip", &last),
        ("account", &account),
        ("domainid", &domain),
    ];
    world.ok("createVlanIpRange", &words);
}
