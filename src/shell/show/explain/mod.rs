//! `explain`: why things are as they are, and what to do: for those who would otherwise ask the
//! database. It asks by lists alone, so that any server will do, and tells what they tell.

pub(super) mod address;
pub(super) mod network;
pub(super) mod router;

use super::ask::{Ask, Fields, first, number, text};
use super::scene::{Part, Scene, Table, grouped};
use crate::shell::resolve::Unresolved;

/// What is told: facts, and below them what follows from them.
#[derive(Debug, Default)]
struct Told {
    facts: Vec<(&'static str, String)>,
    /// What follows, and what to do.
    so: Vec<String>,
}

impl Told {
    /// A fact, unless there is nothing to say.
    fn fact(&mut self, what: &'static str, is: impl Into<String>) {
        let is = is.into();
        if !is.is_empty() {
            self.facts.push((what, is));
        }
    }

    fn so(&mut self, text: impl Into<String>) {
        self.so.push(text.into());
    }

    fn scene(self, title: String) -> Scene {
        let rows = self.facts.into_iter().map(|(what, is)| vec![what.to_owned(), is]).collect();
        let table = Part::Table(Table { head: vec!["what", "is"], rows });
        Scene { title, parts: vec![table], notes: self.so }
    }
}

/// Who holds something, with the domain in front.
fn owner(row: &Fields) -> String {
    let domain = first(row, &["domainpath", "domain"]);
    let account = first(row, &["account", "project"]);
    [domain, account].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("/")
}

/// A name with its id.
fn named(name: &str, id: &str) -> String {
    match (name.is_empty(), id.is_empty()) {
        (true, _) => id.to_owned(),
        (_, true) => name.to_owned(),
        _ => format!("{name} ({id})"),
    }
}

/// The first row of a list; none where there is no id to ask for.
fn one(ask: &Ask<'_>, api: &str, given: &[(&str, &str)]) -> Result<Option<Fields>, Unresolved> {
    if given.iter().any(|(_, value)| value.is_empty()) {
        return Ok(None);
    }
    Ok(ask.page(api, given, 1, 1)?.unwrap_or_default().rows.into_iter().next())
}

/// Whether an owner may have more addresses: what stands in the way, for each that does.
fn limits(ask: &Ask<'_>, of: &Fields, told: &mut Told) -> Result<(), Unresolved> {
    let (name, domain) = (text(of, "account"), text(of, "domainid"));
    let given = [("name", name), ("domainid", domain)];
    let Some(account) = one(ask, "listAccounts", &given)? else { return Ok(()) };
    let (limit, total) = (text(&account, "iplimit"), number(&account, "iptotal"));
    if !limit.is_empty() {
        told.fact("addresses of the account", format!("{total} of {}", limit.to_lowercase()));
    }
    if text(&account, "ipavailable") == "0" {
        told.so(format!(
            "The account {name} may have no more addresses (error 532): raise its limit with \
             `update resource limit account={name} domainid={domain} resourcetype=1 max=...`, or \
             release some."
        ));
    }
    Ok(())
}

/// How many public addresses a zone has, and whether any is left.
fn capacity(ask: &Ask<'_>, zone: &str, told: &mut Told) -> Result<(), Unresolved> {
    let given = [("zoneid", zone), ("type", "4")];
    let Some(row) = one(ask, "listCapacity", &given)? else { return Ok(()) };
    let (used, total) = (number(&row, "capacityused"), number(&row, "capacitytotal"));
    if total == 0 {
        return Ok(());
    }
    told.fact(
        "public addresses of the zone",
        format!("{} of {} taken", grouped(used), grouped(total)),
    );
    if used >= total {
        told.so(
            "No public address of the zone is free (error 533): `create vlan ip range` adds a \
             range, `show map` shows who holds what.",
        );
    }
    Ok(())
}
