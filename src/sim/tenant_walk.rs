//! The proof that a tenant cannot see, name, count or change what is another's: every API is
//! called as somebody else with everything that is Alice's, in every parameter that can name a
//! thing. A parameter that the walk does not know fails it, so a new API cannot be forgotten.

mod things;

use crate::api::{APIS, Api};
use crate::engine::Caller;
use crate::schema::{Completes, Fault, Kind, Param};
use crate::sim::scratch::faulty;
use crate::sim::{EPOCH, Known, Tenants, World, clock};
use crate::store::Faults;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use things::{PUBLIC, Things, furnish};

/// Words of a call.
type Given = Vec<(String, String)>;

/// Parameters with a text of their own, which name nothing that anybody owns.
const TEXTS: &str = "accountid accounttype aclconsistencyhash algorithm broadcastdomainrange \
     category cidr cidrlist clienttoken clusterid currentendip currentpassword currentstartip \
     customer customid description destcidrlist details dhcpprovider diskofferingid \
     displayname dns1 dns2 domain domainid email endip endipv6 endport esppolicy fingerprint \
     firstname format gateway group guestcidraddress guestvlanrange guestvmcidr \
     hostid hosttags hypervisor hypervnetworklabel id ikepolicy imagestoreid imagestoreuuid \
     internaldns1 internaldns2 ip6cidr ip6dns1 ip6dns2 ip6gateway iprange ipsecpsk \
     ip6address iptonetworklist isofilter isolatedpvlan isolationmethod isolationmethods key \
     keypair \
     keypairs kvmnetworklabel lastname ldapdomain level macaddress managementserverid mode \
     netmask networkdomain networkfilter networkspeed newendip newname newstartip nexthop \
     ovm3networklabel parent password permission prefix protocol reason removalreason \
     resourcetype resourcetypename routerip routeripv6 rule rules scheme \
     servicecapabilitylist servicelist serviceproviderlist size startip startipv6 startport \
     state storageid storagetype subgroup subnet supportedservices tags timezone type url \
     userid username usersecretkey value version vlan vlanrange vmguestip vmidipmap \
     vmwarenetworklabel volumeids xennetworklabel";

/// Parameters by which lists look for names.
const NAMES: &[&str] = &["name", "displaytext", "keyword"];

/// What changes nothing of Alice's although her name stands in it: an admin of a project may add
/// whoever is of the project's domain, users of another domain may be called as she is, and who
/// owns a network may let whoever is of the domain use it.
const ALLOWED: &[(&str, &str)] = &[
    ("addAccountToProject", "account"),
    ("updateUser", "username"),
    ("createNetworkPermissions", "accountids"),
    ("createNetworkPermissions", "accounts"),
    ("removeNetworkPermissions", "accountids"),
    ("removeNetworkPermissions", "accounts"),
];

/// A world in which Alice and others own one of everything.
struct Stage {
    world: World,
    who: Tenants,
    faults: Faults,
    alice: Things,
    others: BTreeMap<i64, Things>,
    marks: Vec<String>,
}

impl Stage {
    fn new(with_alice: bool) -> Self {
        let faults = Faults::default();
        let store = faulty(&faults, &mut |tx| {
            crate::engine::seed(tx, EPOCH, crate::engine::Content::Sandbox)
        });
        let engine =
            crate::api::Engine::new(Arc::new(store), clock()).with_secrets(Known::default());
        let world = World { engine };
        let who = world.settle();
        crate::sim::ip6::prepare(&world);
        crate::sim::ip6::prefix(&world, "2001:db8:100::/48");
        crate::sim::routing::prepare(&world);
        let tell = |caller: &Caller| (caller.account_id, Things::of(&world, caller));
        let before = Things::of(&world, &who.alice);
        if with_alice {
            furnish(&world, &who.alice, "alice", 77);
        }
        for (caller, name, net) in
            [(&who.bob, "bob", 78), (&who.bea, "bea", 79), (&who.amir, "amir", 80)]
        {
            furnish(&world, caller, name, net);
        }
        let others = [&who.bob, &who.bea, &who.amir].into_iter().map(tell).collect();
        let alice = Things::of(&world, &who.alice).without(&before);
        let marks = alice.marks();
        Self { world, who, faults, alice, others, marks }
    }

    /// What of Alice's stands in a text, other than what the caller wrote.
    fn leak(&self, text: &str, typed: &[(String, String)]) -> Option<&str> {
        let is_typed = |mark: &str| typed.iter().any(|(_, value)| value.contains(mark));
        let found = |mark: &&String| text.contains(mark.as_str()) && !is_typed(mark);
        self.marks.iter().find(found).map(String::as_str)
    }

    /// All that Alice sees.
    fn seen_by_alice(&self) -> Vec<String> {
        let lists = APIS.iter().filter(|api| things::is_list_of_all(api));
        let all = [("listall", "true")];
        let see = |api: &&Api| self.world.call_as(&self.who.alice, api.spec.name, &all);
        lists.map(|api| format!("{:?}", see(api).map_err(|why| why.text))).collect()
    }

    /// A call of `api` by `caller` that is right but for what is hers.
    fn base(&self, caller: &Caller, api: &Api) -> Given {
        let examples = api.spec.example.split_whitespace().filter_map(|word| word.split_once('='));
        let examples: BTreeMap<&str, &str> = examples.collect();
        let own = &self.others[&caller.account_id];
        let value = |param: &Param| match (param.completes, param.wire) {
            (Completes::ListedBy(list), "uuid" | "list") => own.first(list),
            (Completes::Choices([first, ..]), _) => (*first).to_owned(),
            (_, "boolean") => "true".to_owned(),
            (_, "integer" | "long") => "1".to_owned(),
            _ => examples.get(param.name).copied().unwrap_or("walked").replace('"', ""),
        };
        let required = api.spec.params().filter(|param| param.required && param.wire != "map");
        required.map(|param| (param.name.to_owned(), value(param))).collect()
    }

    /// What of Alice's can stand in a parameter, each with what must stand beside it. Panics for
    /// one of which nobody has said what it names.
    fn hers(&self, api: &Api, param: &Param, caller: &Caller) -> Vec<Given> {
        let alone = |values: &[String]| -> Vec<Given> {
            values.iter().map(|value| vec![(param.name.to_owned(), value.clone())]).collect()
        };
        let is_list = api.spec.kind == Kind::List;
        let domain = self.alice.domain.clone();
        match (param.name, param.completes, param.wire) {
            ("account", ..) => {
                let name = ("account".to_owned(), "alice".to_owned());
                let with = vec![name.clone(), ("domainid".to_owned(), domain)];
                vec![vec![name], with]
            }
            ("userapikey", ..) => alone(&self.alice.keys),
            ("username", ..) => alone(&["alice".to_owned()]),
            ("domainid", ..) if caller.domain_id == self.who.alice.domain_id => Vec::new(),
            ("resourceids", ..) => self.tagged("resourceids"),
            ("resourceid", ..) if api.spec.name == "listTags" => self.tagged("resourceid"),
            ("resourceid", ..) => self.resources(),
            ("usageid", ..) => alone(self.alice.ids("listNetworks")),
            ("associatednetworkid", ..) => alone(self.alice.ids("listNetworks")),
            (_, Completes::ListedBy(list), "uuid" | "list") => {
                if PUBLIC.contains(&list) {
                    return Vec::new();
                }
                let ids = self.alice.ids(list);
                assert!(!ids.is_empty(), "{}: she has nothing of {list}", api.spec.name);
                alone(ids)
            }
            (name, ..) if name.ends_with("ipaddress") => alone(&self.alice.addresses),
            (name, ..) if NAMES.contains(&name) => match is_list {
                true => alone(&self.alice.names),
                false => Vec::new(),
            },
            (_, Completes::Choices(_), _) | (.., "boolean" | "integer" | "long" | "date") => {
                Vec::new()
            }
            (name, ..) if TEXTS.split(' ').any(|text| text == name) => Vec::new(),
            (name, ..) => {
                let command = api.spec.name;
                panic!("{command}: the walk does not know what {name} names; tell it")
            }
        }
    }

    /// Her things with their kinds, for those who ask for what is about them.
    fn resources(&self) -> Vec<Given> {
        let kinds = [
            ("listNetworks", "Network"),
            ("listVPCs", "Vpc"),
            ("listPublicIpAddresses", "IpAddress"),
            ("listProjects", "Project"),
            ("listUsers", "User"),
            ("listAccounts", "Account"),
        ];
        let with = |(list, kind): (&'static str, &'static str)| {
            let ids = self.alice.ids(list).iter();
            ids.map(move |id| {
                let id = ("resourceid".to_owned(), id.clone());
                vec![id, ("resourcetype".to_owned(), kind.to_owned())]
            })
        };
        kinds.into_iter().flat_map(with).collect()
    }

    /// Her things with the kinds that tags know them by, and a tag.
    fn tagged(&self, param: &str) -> Vec<Given> {
        let kinds = [
            ("listNetworks", "Network"),
            ("listVPCs", "Vpc"),
            ("listPublicIpAddresses", "PublicIpAddress"),
            ("listProjects", "Project"),
            ("listUsers", "User"),
            ("listAccounts", "Account"),
            ("listVirtualMachines", "UserVm"),
            ("listNics", "Nic"),
            ("listFirewallRules", "FirewallRule"),
            ("listIpForwardingRules", "FirewallRule"),
            ("listPortForwardingRules", "PortForwardingRule"),
            ("listNetworkACLs", "NetworkACL"),
            ("listNetworkACLLists", "NetworkACLList"),
            ("listPrivateGateways", "PrivateGateway"),
            ("listStaticRoutes", "StaticRoute"),
        ];
        let mut all = Vec::new();
        for (list, kind) in kinds {
            let ids = self.alice.ids(list);
            assert!(!ids.is_empty(), "she has nothing of {list}");
            all.extend(ids.iter().map(|id| {
                [(param, id.as_str()), ("resourcetype", kind)]
                    .into_iter()
                    .chain([("tags[0].key", "k"), ("tags[0].value", "v")])
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect()
            }));
        }
        all
    }

    fn call(&self, caller: &Caller, api: &Api, given: &Given) -> Result<Json, Fault> {
        let words: Vec<_> = given.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.world.call_as(caller, api.spec.name, &words)
    }

    /// Calls with what is hers; a complaint if anything of it gets out or changes.
    fn probe(
        &self,
        caller: &Caller,
        api: &Api,
        given: &Given,
        usual: Option<u64>,
    ) -> Option<String> {
        let (before, committed) = (self.watched(api), self.faults.committed());
        let outcome = self.call(caller, api, given);
        let changed = self.faults.committed() != committed && before != self.watched(api);
        let told = match &outcome {
            Ok(body) => body.to_string(),
            Err(fault) => format!("{} {:?}", fault.text, fault.about),
        };
        let count = outcome.as_ref().ok().map_or(0, count);
        let why = if let Some(mark) = self.leak(&told, given) {
            format!("tells {mark}")
        } else if changed {
            "changes something".to_owned()
        } else if count > 0 && usual != Some(count) {
            format!("counts {count}")
        } else if outcome.is_ok() && !api.spec.event.is_empty() {
            "is accepted".to_owned()
        } else {
            return None;
        };
        Some(format!("{} {given:?} {why}: {told:.300}", api.spec.name))
    }

    /// The rows that a call may not change; none of a call that only reads.
    fn watched(&self, api: &Api) -> String {
        if api.spec.event.is_empty() { String::new() } else { self.world.dump() }
    }
}

fn count(body: &Json) -> u64 {
    body["count"].as_u64().unwrap_or_default()
}

/// The ways of asking a list for more than the caller's own.
fn wider(api: &Api) -> Vec<Given> {
    let mut ways: Vec<Given> = vec![Vec::new()];
    for name in ["listall", "isrecursive"] {
        if api.spec.kind == Kind::List && api.spec.param(name).is_some() {
            let with = |way: &Given| [&way[..], &[(name.into(), "true".into())]].concat();
            let more: Vec<Given> = ways.iter().map(with).collect();
            ways.extend(more);
        }
    }
    ways
}

fn walk(pick: fn(&Tenants) -> &Caller) {
    let stage = Stage::new(true);
    let caller = pick(&stage.who);
    let (mut complaints, mut calls) = (Vec::new(), 0);
    let seen = stage.seen_by_alice();
    for api in APIS {
        let base = stage.base(caller, api);
        for way in wider(api) {
            let plain = [&base[..], &way[..]].concat();
            let usual = match api.spec.kind {
                Kind::List => stage.call(caller, api, &plain).ok().as_ref().map(count),
                _ => None,
            };
            for param in api.spec.params() {
                if ALLOWED.contains(&(api.spec.name, param.name)) {
                    continue;
                }
                for hers in stage.hers(api, param, caller) {
                    let is_free = |(name, _): &&(String, String)| {
                        !hers.iter().any(|(other, _)| other == name)
                    };
                    let mut given: Given = plain.iter().filter(is_free).cloned().collect();
                    given.extend(hers.clone());
                    complaints.extend(stage.probe(caller, api, &given, usual));
                    calls += 1;
                }
            }
        }
    }
    let text = complaints.join("\n");
    assert!(complaints.is_empty(), "{} complaints:\n{text}", complaints.len());
    assert!(stage.seen_by_alice() == seen, "Alice sees something else than before");
    assert!(calls > 500, "only {calls} calls");
}

#[test]
fn a_user_of_another_domain_gets_at_nothing_of_hers() {
    walk(|who| &who.bob);
}

#[test]
fn the_admin_of_another_domain_gets_at_nothing_of_hers() {
    walk(|who| &who.bea);
}

#[test]
fn another_user_of_her_domain_gets_at_nothing_of_hers() {
    walk(|who| &who.amir);
}

/// The lists with what others see of them, asked in every way.
fn lists(stage: &Stage, caller: &Caller) -> BTreeMap<String, Json> {
    let mut found = BTreeMap::new();
    for api in APIS.iter().filter(|api| api.spec.kind == Kind::List) {
        let base = stage.base(caller, api);
        for way in wider(api) {
            let mut given = [&base[..], &way[..]].concat();
            for projects in [false, true] {
                if projects && api.spec.param("projectid").is_none_or(|param| param.required) {
                    continue;
                }
                if projects {
                    given.push(("projectid".into(), "-1".into()));
                }
                let body = stage.call(caller, api, &given).unwrap_or_default();
                let name = api.spec.name;
                found.insert(format!("{name} {way:?} {projects}"), body);
            }
        }
    }
    found
}

#[test]
fn lists_of_others_are_as_long_as_if_she_had_nothing() {
    let (with, without) = (Stage::new(true), Stage::new(false));
    assert!(without.alice.ids("listNetworks").is_empty());
    for (caller, same) in [
        (&with.who.bob, &without.who.bob),
        (&with.who.bea, &without.who.bea),
        (&with.who.amir, &without.who.amir),
    ] {
        let (seen, alone) = (lists(&with, caller), lists(&without, same));
        assert!(seen.len() > 50, "{}", seen.len());
        for (asked, body) in seen {
            assert_eq!(count(&body), count(&alone[&asked]), "{asked}");
            let leak = with.leak(&body.to_string(), &[]);
            assert_eq!(leak, None, "{asked}: {body:.500}");
        }
    }
}

#[test]
fn she_and_her_admins_do_see_what_is_hers() {
    let stage = Stage::new(true);
    let wanted = [
        "listFirewallRules",
        "listNetworkACLs",
        "listNetworkACLLists",
        "listNetworks",
        "listPrivateGateways",
        "listStaticRoutes",
        "listVPCs",
        "listPublicIpAddresses",
        "listEvents",
        "listAsyncJobs",
        "listAccounts",
        "listUsers",
        "listProjects",
    ];
    for caller in [&stage.who.alice, &stage.who.ada, &Caller::ADMIN] {
        for list in wanted {
            let body = stage.world.ok_as(caller, list, &[("listall", "true")]);
            assert!(stage.leak(&body.to_string(), &[]).is_some(), "{list}: {body:.300}");
        }
        let ranges = stage.world.call_as(caller, "listVlanIpRanges", &[]);
        assert_eq!(ranges.is_ok(), caller.is_root());
    }
    for list in wanted {
        let Some(id) = stage.alice.ids(list).first() else { panic!("{list}") };
        let name = if list == "listAsyncJobs" { "resourceid" } else { "id" };
        if name == "id" {
            let body = stage.world.ok_as(&stage.who.alice, list, &[(name, id)]);
            assert_eq!(count(&body), 1, "{list} {id}");
        }
    }
}

#[test]
fn the_walk_notices_what_it_looks_for() {
    let stage = Stage::new(true);
    let probe = |caller: &Caller, command: &str, words: &[(&str, &str)]| {
        let api = crate::api::find(command).expect("an API");
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        stage.probe(caller, api, &words.iter().map(own).collect(), None)
    };
    let id = stage.alice.first("listNetworks");
    let (alice, ada, bob) = (&stage.who.alice, &stage.who.ada, &stage.who.bob);
    for (caller, command, words, complaint) in [
        (alice, "listNetworks", vec![("id", id.as_str())], Some("tells")),
        (ada, "listNetworks", vec![("id", id.as_str())], Some("tells")),
        (bob, "listNetworks", vec![("id", id.as_str())], None),
        (bob, "listNetworks", vec![("listall", "true")], Some("counts")),
        (bob, "updateNetwork", vec![("id", id.as_str()), ("displaytext", "x")], None),
        (ada, "restartVPC", vec![("id", &stage.alice.first("listVPCs"))], Some("is accepted")),
        (
            ada,
            "deleteNetworkACL",
            vec![("id", &stage.alice.first("listNetworkACLs"))],
            Some("changes something"),
        ),
    ] {
        let found = probe(caller, command, &words);
        match complaint {
            Some(what) => assert!(found.as_ref().is_some_and(|it| it.contains(what)), "{found:?}"),
            None => assert_eq!(found, None),
        }
    }
}

/// A refusal for want of room does not tell users how much the others of their domain have.
#[test]
fn how_much_her_domain_has_others_do_not_learn() {
    let stage = Stage::new(true);
    let name = ("name", "max.domain.projects");
    stage.world.ok("updateConfiguration", &[name, ("value", "1")]);
    let words = [("name", "one-more")];
    let (code, text) = stage.world.refused_as(&stage.who.amir, "createProject", &words);
    assert_eq!(code, 535);
    assert!(text.contains("for the domain would be exceeded"), "{text}");
    assert!(!text.contains(|letter: char| letter.is_ascii_digit()), "{text}");
    let (_, text) = stage.world.refused_as(&stage.who.ada, "createProject", &words);
    assert!(text.contains("2 in use"), "{text}");
}
