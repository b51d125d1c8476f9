//! Calls that end something: which they are, and what goes with the thing that ends.
//!
//! What hangs on a thing is found by list calls alone, a page of each. It is shown to a person who
//! has to decide; that a list is refused is no reason to say nothing at all.

use serde_json::Value as Json;

use super::command::spelled;
use super::listed::{Row, rows};
use crate::schema::{Completes, Param, Spec, Words};
use crate::text::{is_secret_name, printable};
use crate::transport::Transport;

/// Verbs of calls that take something away for good.
const VERBS: &[&str] = &["delete", "destroy", "disassociate", "expunge", "release", "remove"];
/// Calls that stop what others work with.
const STOPS: &[&str] =
    &["disableAccount", "disableUser", "lockAccount", "lockUser", "suspendProject"];

/// Things that go with another.
struct Hanging {
    /// The call that ends the other.
    api: &'static str,
    what: &'static str,
    /// What lists them.
    list: &'static str,
    /// Parameters of the list, each with the field of the other that it is; `=x` is x itself.
    by: &'static [(&'static str, &'static str)],
}

const fn hanging(
    api: &'static str,
    what: &'static str,
    list: &'static str,
    by: &'static [(&'static str, &'static str)],
) -> Hanging {
    Hanging { api, what, list, by }
}

const OF_VPC: &[(&str, &str)] = &[("vpcid", "id")];
const OF_ADDRESS: &[(&str, &str)] = &[("ipaddressid", "id")];
const OF_ACCOUNT: &[(&str, &str)] = &[("account", "name"), ("domainid", "domainid")];
const OF_DOMAIN: &[(&str, &str)] = &[("domainid", "id"), ("isrecursive", "=true")];
const OF_PROJECT: &[(&str, &str)] = &[("projectid", "id")];

const HANGING: &[Hanging] = &[
    hanging("deleteVPC", "tiers", "listNetworks", OF_VPC),
    hanging("deleteVPC", "addresses", "listPublicIpAddresses", OF_VPC),
    hanging("deleteVPC", "private gateways", "listPrivateGateways", OF_VPC),
    hanging(
        "deleteNetwork",
        "addresses",
        "listPublicIpAddresses",
        &[("associatednetworkid", "id")],
    ),
    hanging("deleteNetwork", "machines", "listVirtualMachines", &[("networkid", "id")]),
    hanging("disassociateIpAddress", "forwarded ports", "listPortForwardingRules", OF_ADDRESS),
    hanging("disassociateIpAddress", "firewall rules", "listFirewallRules", OF_ADDRESS),
    hanging(
        "disassociateIpAddress",
        "load balancers",
        "listLoadBalancerRules",
        &[("publicipid", "id")],
    ),
    hanging("deleteAccount", "users", "listUsers", OF_ACCOUNT),
    hanging("deleteAccount", "VPCs", "listVPCs", OF_ACCOUNT),
    hanging("deleteAccount", "networks", "listNetworks", OF_ACCOUNT),
    hanging("deleteAccount", "addresses", "listPublicIpAddresses", OF_ACCOUNT),
    hanging(
        "deleteDomain",
        "domains",
        "listDomainChildren",
        &[("id", "id"), ("isrecursive", "=true")],
    ),
    hanging("deleteDomain", "accounts", "listAccounts", OF_DOMAIN),
    hanging("deleteDomain", "networks", "listNetworks", OF_DOMAIN),
    hanging("deleteDomain", "addresses", "listPublicIpAddresses", OF_DOMAIN),
    hanging("deleteProject", "VPCs", "listVPCs", OF_PROJECT),
    hanging("deleteProject", "networks", "listNetworks", OF_PROJECT),
    hanging("deleteProject", "addresses", "listPublicIpAddresses", OF_PROJECT),
];

/// Things that are named at most.
const NAMED: usize = 5;

/// Whether the call takes something away for good.
pub(super) fn takes_away(spec: &Spec) -> bool {
    VERBS.contains(&spec.verb())
}

/// Whether a person is to be asked first.
pub(super) fn is_dangerous(spec: &Spec) -> bool {
    takes_away(spec) || STOPS.contains(&spec.name)
}

/// Lines about what will go.
pub(super) fn what_goes(transport: &dyn Transport, spec: &Spec, words: &Words) -> Vec<String> {
    let command = spelled(spec);
    let id = spec.params().find(|param| matches!(param.name, "id" | "ids"));
    let Some((param, ids)) = id.and_then(|param| Some((param, words.get(param.name)?))) else {
        return vec![format!("{command} {}", given(words))];
    };
    let ids: Vec<_> = ids.split(',').map(str::trim).collect();
    let mut lines = Vec::new();
    for id in ids.iter().take(NAMED) {
        let thing = thing(transport, param, id);
        let name = thing.as_ref().map(|thing| thing.name.as_str()).unwrap_or_default();
        let line = if name.is_empty() {
            format!("{command} {id}")
        } else {
            format!("{command} {name} ({id})")
        };
        lines.push(line);
        let hangs = HANGING.iter().filter(|hanging| hanging.api == spec.name);
        let hangs = hangs.filter(|_| cleans_up(spec, words));
        lines.extend(hangs.filter_map(|hanging| hanging.line(transport, id, thing.as_ref())));
    }
    if ids.len() > NAMED {
        lines.push(format!("and {} more", ids.len() - NAMED));
    }
    lines
}

/// Whether the call takes along what hangs on the thing, instead of being refused.
fn cleans_up(spec: &Spec, words: &Words) -> bool {
    let asked = || words.get("cleanup").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    spec.name != "deleteDomain" || asked()
}

/// The parameters, without secrets.
fn given(words: &Words) -> String {
    let shown = words.iter().map(|(name, value)| match is_secret_name(name) {
        true => format!("{name}=********"),
        false => format!("{name}={}", printable(value)),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// The thing that the id is of.
fn thing(transport: &dyn Transport, param: &Param, id: &str) -> Option<Row> {
    let Completes::ListedBy(api) = param.completes else { return None };
    transport.catalogue().find(api)?.param("id")?;
    page(transport, api, &[("id", id)])?.0.into_iter().find(|row| row.id == id)
}

impl Hanging {
    /// A line about those of them that there are.
    fn line(&self, transport: &dyn Transport, id: &str, of: Option<&Row>) -> Option<String> {
        let value = |from: &'static str| match from.strip_prefix('=') {
            Some(value) => Some(value.to_owned()),
            None if from == "id" => Some(id.to_owned()),
            None => of?.text(from).map(str::to_owned),
        };
        let given = self.by.iter().map(|(name, from)| Some((*name, value(from)?)));
        let given = given.collect::<Option<Vec<_>>>()?;
        let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (rows, count) = page(transport, self.list, &given)?;
        if rows.is_empty() {
            return None;
        }
        let names = rows.iter().take(NAMED);
        let names = names.map(|row| if row.name.is_empty() { &row.id } else { &row.name });
        let names: Vec<_> = names.map(|name| printable(name).into_owned()).collect();
        let more = if count > names.len() { ", ..." } else { "" };
        Some(format!("  with {} ({count}): {}{more}", self.what, names.join(", ")))
    }
}

/// The first rows of a list and how many there are; nothing if it cannot be asked so.
fn page(transport: &dyn Transport, api: &str, given: &[(&str, &str)]) -> Option<(Vec<Row>, usize)> {
    let list = transport.catalogue().find(api)?;
    if given.iter().any(|(name, _)| list.param(name).is_none()) {
        return None;
    }
    let mut words: Words = given.iter().copied().collect();
    for (name, value) in [("listall", "true"), ("page", "1"), ("pagesize", "20")] {
        if list.param(name).is_some() {
            words.set(name, value);
        }
    }
    let body = transport.call(list, &words).ok()?.body;
    let count = body.get("count").and_then(Json::as_u64).and_then(|count| count.try_into().ok());
    let rows = rows(list, body);
    let count = count.unwrap_or(0).max(rows.len());
    Some((rows, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::{ADDRESS, SANDBOX, Sample, spec};
    use crate::transport::catalogue;

    fn goes(api: &str, given: &[(&str, &str)]) -> Vec<String> {
        what_goes(&Sample::new(), spec(api), &given.iter().copied().collect())
    }

    #[test]
    fn only_what_ends_things_is_dangerous() {
        for (api, dangerous) in [("deleteZone", true), ("createVPC", false), ("listZones", false)] {
            assert_eq!(is_dangerous(spec(api)), dangerous, "{api}");
        }
    }

    #[test]
    fn things_are_called_by_name() {
        assert_eq!(
            goes("deleteZone", &[("id", SANDBOX)]),
            [format!("delete zone sandbox ({SANDBOX})")]
        );
        let nothing_known = "00000000-0000-8000-8000-0000000000ff";
        assert_eq!(
            goes("deleteZone", &[("id", nothing_known)]),
            [format!("delete zone {nothing_known}")]
        );
        assert_eq!(goes("deleteZone", &[("password", "x")]), ["delete zone password=********"]);
        let many = [ADDRESS; 7].join(",");
        assert_eq!(goes("deleteZone", &[("id", &many)]).last().unwrap(), "and 2 more");
    }

    #[test]
    fn the_tables_name_calls_and_parameters_that_there_are() {
        let known = catalogue();
        for hanging in HANGING {
            let Some(ends) = known.find(hanging.api) else { continue };
            assert!(is_dangerous(ends), "{}", hanging.api);
            let Some(list) = known.find(hanging.list) else { continue };
            for (name, _) in hanging.by {
                assert!(list.param(name).is_some(), "{} {name}", hanging.list);
            }
        }
    }
}
