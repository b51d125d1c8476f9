//! What `show map` and `show topology` are asked to draw: a range, a network, a VPC or an IPv6
//! prefix, by id or by whatever people call it.

use std::fmt::Write as _;

use super::ask::{Ask, Fields, first, text};
use crate::shell::listed::Row;
use crate::shell::resolve::{Unresolved, called};
use crate::shell::wrong::Wrong;
use crate::text::{nearest_many, or_list, printable, quoted};

/// Candidates in a message at most.
const SHOWN: usize = 10;

/// The kinds of things that have a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Range,
    Network,
    Vpc,
    Prefix,
}

/// Which lists to look in, and what their things are called.
pub(super) const MAPPED: &[(Kind, &str, &str)] = &[
    (Kind::Range, "listVlanIpRanges", "range"),
    (Kind::Network, "listNetworks", "network"),
    (Kind::Vpc, "listVPCs", "VPC"),
    (Kind::Prefix, "listGuestNetworkIpv6Prefixes", "IPv6 prefix"),
];

/// Finds the only thing that is called `name` in these lists.
pub(super) fn find(
    ask: &Ask<'_>,
    name: &str,
    lists: &[(Kind, &'static str, &'static str)],
    zone: Option<&str>,
) -> Result<(Kind, Fields), Unresolved> {
    let of_zone: Vec<_> = zone.map(|zone| ("zoneid", zone)).into_iter().collect();
    let mut found: Vec<(Kind, &str, Fields)> = Vec::new();
    let mut names = Vec::new();
    for (kind, api, noun) in lists {
        // A VPC or network beyond the first pages is found by what it is called.
        let mut rows = ask.rows(api, &of_zone)?;
        if !rows.iter().any(|row| is_called(name, row)) && ask.takes(api, "keyword") {
            let given = [("keyword", name)];
            rows.extend(ask.rows(api, &given)?);
        }
        names.extend(rows.iter().map(|row| first(row, &["name", "startip", "prefix"]).to_owned()));
        let those = matching(name, rows);
        found.extend(those.into_iter().map(|fields| (*kind, *noun, fields)));
    }
    // Tiers and ranges may have the CIDR of their network: a name counts for more.
    if found.len() > 1 && found.iter().any(|(.., fields)| is_named(name, fields)) {
        found.retain(|(.., fields)| is_named(name, fields));
    }
    match found.len() {
        0 => Err(none(name, &names, lists)),
        1 => found
            .pop()
            .map(|(kind, _, fields)| (kind, fields))
            .ok_or_else(|| none(name, &names, lists)),
        _ => Err(several(name, &found)),
    }
}

fn is_called(name: &str, fields: &Fields) -> bool {
    !matching(name, vec![fields.clone()]).is_empty()
}

fn is_named(name: &str, fields: &Fields) -> bool {
    let own = [text(fields, "id"), text(fields, "name"), text(fields, "startip")];
    own.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The rows that are called `name`, by the strictest way that finds one.
fn matching(name: &str, rows: Vec<Fields>) -> Vec<Fields> {
    if let Some(row) = rows.iter().find(|row| text(row, "id") == name) {
        return vec![row.clone()];
    }
    let is_number = name.bytes().all(|b| b.is_ascii_digit());
    let vlan = |row: &&Fields| text(row, "vlan").rsplit("://").next() == Some(name);
    if is_number && rows.iter().any(|row| vlan(&row)) {
        return rows.into_iter().filter(|row| vlan(&row)).collect();
    }
    let other = |row: &&Fields| {
        ["prefix", "ip6cidr", "startipv6", "networkcidr"]
            .iter()
            .any(|field| !name.is_empty() && text(row, field).eq_ignore_ascii_case(name))
    };
    let known: Vec<Row> = rows.iter().cloned().map(Row::new).collect();
    let ids: Vec<_> = called(name, &known).into_iter().map(|row| row.id.clone()).collect();
    rows.into_iter()
        .filter(|row| ids.iter().any(|id| id == text(row, "id")) || other(&row))
        .collect()
}

fn several(name: &str, found: &[(Kind, &str, Fields)]) -> Unresolved {
    let mut said = format!("{} of them are called {}; give an id:", found.len(), quoted(name));
    for (_, noun, fields) in found.iter().take(SHOWN) {
        let about = first(fields, &["name", "startip", "prefix"]);
        let zone = first(fields, &["zonename", "cidr", "vlan"]);
        let _ = write!(
            said,
            "\n  {noun}  {}  {}  {}",
            printable(about),
            printable(text(fields, "id")),
            printable(zone)
        );
    }
    Unresolved::Wrong(Wrong::new(said))
}

fn none(name: &str, names: &[String], lists: &[(Kind, &str, &str)]) -> Unresolved {
    let near = nearest_many(name, names.iter().map(String::as_str).filter(|n| !n.is_empty()), 3);
    let nouns: Vec<_> = lists.iter().map(|(.., noun)| *noun).collect();
    let nouns = or_list(&nouns).replace('`', "");
    let hint = if near.is_empty() {
        "`list vlanipranges`, `list networks` and `list vpcs` list what is there".to_owned()
    } else {
        format!("did you mean {}?", or_list(&near))
    };
    let said = format!("no {nouns} is called {}; {hint}", quoted(name));
    Unresolved::Wrong(Wrong::new(said))
}
