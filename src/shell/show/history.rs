//! `show history`: who held an address, and when, from the events about it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::ask::{Ask, Fields, text};
use super::capacity::minute;
use super::held::usage;
use super::scene::{Part, Scene, Span, Strip, Table, Tone};
use crate::model::Time;
use crate::net::parse4;
use crate::shell::resolve::{Unresolved, is_id};
use crate::shell::wrong::Wrong;
use crate::text::quoted;

/// Pages of events about one address.
const PAGES: usize = 4;
/// Events that are shown, the last ones.
const SHOWN: usize = 40;

/// What the picture is drawn from.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) ip: String,
    /// The address as it is now, if anybody knows it.
    pub(super) now: Option<Fields>,
    pub(super) events: Vec<Fields>,
}

/// Asks for what the picture is drawn from.
pub(super) fn ask(ask: &Ask<'_>, name: &str) -> Result<Facts, Unresolved> {
    let given = match parse4(name) {
        Ok(_) => ("ipaddress", name),
        Err(_) if is_id(name) && !name.is_empty() => ("id", name),
        Err(_) => {
            let said = format!("{} is no address; give one, or its id", quoted(name));
            return Err(Unresolved::Wrong(Wrong::new(said)));
        }
    };
    let now = known(ask, given)?;
    let ip = now.as_ref().map_or(name, |row| text(row, "ipaddress")).to_owned();
    let mut events = Vec::new();
    let about = [("resourceid", now.as_ref().map_or("", |row| text(row, "id")))];
    if now.is_some() && ask.takes("listEvents", "resourceid") {
        let given = [about[0], ("resourcetype", "IpAddress")];
        events.extend(ask.pages("listEvents", &given, PAGES)?.unwrap_or_default().rows);
    }
    // Older servers tell of the address in the description only.
    let named = ask.pages("listEvents", &[("keyword", &ip)], PAGES)?.unwrap_or_default().rows;
    events.extend(named.into_iter().filter(|event| tells_of(event, &ip)));
    Ok(Facts { ip, now, events: in_order(events) })
}

/// The address, public or of a shared network, held or not.
fn known(ask: &Ask<'_>, given: (&str, &str)) -> Result<Option<Fields>, Unresolved> {
    let api = "listPublicIpAddresses";
    for public in ["true", "false"] {
        let all = [given, ("allocatedonly", "false"), ("forvirtualnetwork", public)];
        let listed = ask.page(api, &all, 1, 1)?.unwrap_or_default();
        if let Some(row) = listed.rows.into_iter().next() {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Whether an event speaks of this address, not of one that begins like it.
fn tells_of(event: &Fields, ip: &str) -> bool {
    let wanted: Option<Ipv4Addr> = ip.parse().ok();
    let all = [text(event, "description"), text(event, "resourcename")];
    let words = all.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_digit() && c != '.'));
    wanted.is_some() && words.map(|word| word.trim_matches('.').parse().ok()).any(|ip| ip == wanted)
}

/// Each event once, the oldest first.
fn in_order(events: Vec<Fields>) -> Vec<Fields> {
    let mut seen = BTreeSet::new();
    let mut events: Vec<_> = events
        .into_iter()
        .filter(|event| seen.insert(text(event, "id").to_owned()))
        .map(|event| (when(&event), event))
        .collect();
    // Of those in one moment the list has the last one first.
    events.reverse();
    events.sort_by_key(|(time, _)| *time);
    events.into_iter().map(|(_, event)| event).collect()
}

fn when(event: &Fields) -> Time {
    super::capacity::created(event).unwrap_or_default()
}

impl Facts {
    /// Since when the one who holds it now does, as far as events tell.
    pub(super) fn since(&self) -> Option<Time> {
        holds(self).last().filter(|hold| hold.to.is_none())?.from
    }

    /// The last call about it that failed: when, and what it was.
    pub(super) fn refused(&self) -> Option<String> {
        let failed = |event: &&Fields| text(event, "level").eq_ignore_ascii_case("error");
        let event = self.events.iter().rfind(failed)?;
        let what = [text(event, "type"), text(event, "description")].join(", ");
        Some(format!("{} {what}", minute(when(event))))
    }
}

/// A time in which somebody held the address.
#[derive(Debug, Clone, PartialEq)]
struct Hold {
    whose: String,
    /// Nothing where the beginning is not in the events.
    from: Option<Time>,
    /// Nothing while it lasts.
    to: Option<Time>,
    reserved: bool,
}

/// Who held it, the first one first.
fn holds(facts: &Facts) -> Vec<Hold> {
    let mut holds: Vec<Hold> = Vec::new();
    for event in facts.events.iter().filter(|event| is_done(event)) {
        let (time, whose) = (when(event), owner(event));
        let kind = text(event, "type");
        let open = holds.last_mut().filter(|hold| hold.to.is_none());
        match (kind, open) {
            ("NET.IPASSIGN" | "NET.IPRESERVE", Some(hold)) => {
                let reserved = kind == "NET.IPRESERVE";
                // What was reserved is assigned next; nobody holds an address twice.
                if reserved != hold.reserved || whose != hold.whose {
                    hold.to = Some(time);
                    holds.push(Hold { whose, from: Some(time), to: None, reserved });
                }
            }
            ("NET.IPASSIGN" | "NET.IPRESERVE", None) => {
                let reserved = kind == "NET.IPRESERVE";
                holds.push(Hold { whose, from: Some(time), to: None, reserved });
            }
            ("NET.IPRELEASE", Some(hold)) => hold.to = Some(time),
            ("NET.IPRELEASE", None) => {
                holds.push(Hold { whose, from: None, to: Some(time), reserved: false });
            }
            _ => {}
        }
    }
    present(facts, &mut holds);
    holds
}

/// The present state counts for more than what events say.
fn present(facts: &Facts, holds: &mut Vec<Hold>) {
    let Some(row) = &facts.now else { return };
    let is_open = holds.last().is_some_and(|hold| hold.to.is_none());
    let free = text(row, "state").eq_ignore_ascii_case("free");
    if free && is_open {
        // That it was given back is in no event: a network or VPC that went took it along.
        if let Some(hold) = holds.last_mut() {
            hold.to = hold.from;
        }
    } else if !free && !is_open {
        let from = Time::parse(text(row, "allocated"));
        let reserved = text(row, "state").eq_ignore_ascii_case("reserved");
        holds.push(Hold { whose: owner(row), from, to: None, reserved });
    }
}

fn is_done(event: &Fields) -> bool {
    text(event, "state").eq_ignore_ascii_case("completed")
        && !text(event, "level").eq_ignore_ascii_case("error")
}

fn owner(row: &Fields) -> String {
    let domain = super::ask::first(row, &["domainpath", "domain"]);
    let account = super::ask::first(row, &["account", "project", "username"]);
    [domain, account].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("/")
}

/// The picture.
pub(super) fn draw(facts: &Facts, now: Time) -> Scene {
    let mut scene = Scene { title: format!("History of {}", facts.ip), ..Scene::default() };
    let state = match &facts.now {
        None => "It is in no range that is known here.".to_owned(),
        Some(row) => {
            let zone = [text(row, "zonename"), text(row, "vlanname")].join(", ");
            format!("Now: {} ({})", usage(row), zone.trim_matches([',', ' ']))
        }
    };
    scene.parts.push(Part::Heading(state));
    let holds = holds(facts);
    if let Some(strip) = strip(&holds, now) {
        scene.parts.push(Part::Strip(strip));
    }
    if !holds.is_empty() {
        scene.parts.push(Part::Table(table(&holds, now)));
    }
    let skipped = facts.events.len().saturating_sub(SHOWN);
    if !facts.events.is_empty() {
        let mut rows = Vec::new();
        for event in facts.events.iter().skip(skipped).filter(|event| matters(event)) {
            rows.push(vec![
                minute(when(event)),
                text(event, "type").to_owned(),
                text(event, "state").to_owned(),
                text(event, "username").to_owned(),
                text(event, "description").to_owned(),
            ]);
        }
        let head = vec!["when", "event", "state", "by", "what"];
        scene.parts.push(Part::Table(Table { head, rows }));
    }
    if skipped > 0 {
        scene.notes.push(format!("{skipped} older events are not shown."));
    }
    if facts.events.is_empty() {
        scene.notes.push("There are no events about it.".into());
    }
    let unended = |hold: &Hold| hold.to.is_some() && hold.to == hold.from;
    if holds.iter().any(unended) {
        let text = "Where the end is not in the events, the address went with its network or VPC.";
        scene.notes.push(text.into());
    }
    scene
}

/// The steps of a job say no more than its end.
fn matters(event: &Fields) -> bool {
    let state = text(event, "state");
    !state.eq_ignore_ascii_case("scheduled") && !state.eq_ignore_ascii_case("started")
}

fn strip(holds: &[Hold], now: Time) -> Option<Strip> {
    let times = holds.iter().flat_map(|hold| [hold.from, hold.to]).flatten();
    let start = times.map(Time::millis).min()?;
    let length = now.millis().saturating_sub(start);
    if length <= 0 {
        return None;
    }
    let part = |time: Option<Time>, other: u64| {
        let way = time.map(|time| i128::from(time.millis().saturating_sub(start)) * 1000);
        let part = way.and_then(|way| u64::try_from(way / i128::from(length)).ok());
        part.unwrap_or(other).min(1000)
    };
    let mut owners: Vec<&str> = Vec::new();
    let spans = holds.iter().map(|hold| {
        let known = owners.iter().position(|owner| *owner == hold.whose);
        let number = known.unwrap_or_else(|| {
            owners.push(&hold.whose);
            owners.len() - 1
        });
        let tone = match hold.reserved {
            true => Tone::Reserved,
            false => Tone::Block(u8::try_from(number % 26).unwrap_or(0)),
        };
        let (from, to) = (part(hold.from, 0), part(hold.to, 1000));
        Span { from, to, tone, text: hold.whose.clone() }
    });
    let spans = spans.collect();
    Some(Strip { ends: (minute(Time::from_millis(start)), "now".into()), spans })
}

fn table(holds: &[Hold], now: Time) -> Table {
    let rows = holds.iter().rev().map(|hold| {
        let end = hold.to.unwrap_or(now);
        let unended = hold.to.is_some() && hold.to == hold.from;
        let lasted = hold.from.filter(|_| !unended).map_or_else(String::new, |from| {
            duration(end.millis().saturating_sub(from.millis()) / 1000)
        });
        vec![
            hold.whose.clone(),
            if hold.reserved { "reserved" } else { "held" }.to_owned(),
            hold.from.map_or("before the events".into(), minute),
            match hold.to {
                None => "now".into(),
                Some(_) if unended => "not in the events".into(),
                Some(time) => minute(time),
            },
            lasted,
        ]
    });
    let head = vec!["by", "how", "from", "until", "for"];
    Table { head, rows: rows.collect() }
}

/// A length of time in its largest units.
fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min")];
    let mut rest = seconds.max(0);
    let mut words = Vec::new();
    for (size, unit) in units {
        if rest >= size && words.len() < 2 {
            words.push(format!("{} {unit}", rest / size));
            rest %= size;
        }
    }
    if words.is_empty() { "less than a minute".into() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(id: &str, kind: &str, at: &str, account: &str) -> Fields {
        let event = json!({"id": id, "type": kind, "state": "Completed", "level": "INFO",
            "created": at, "account": account, "domainpath": "ROOT",
            "description": "about 192.0.2.7"});
        event.as_object().unwrap().clone()
    }

    fn told(events: Vec<Fields>, now: serde_json::Value) -> Vec<String> {
        let facts = Facts {
            ip: "192.0.2.7".into(),
            now: now.as_object().cloned(),
            events: in_order(events),
        };
        let end = Time::parse("2026-11-10").unwrap();
        table(&holds(&facts), end).rows.into_iter().map(|row| row.join("|")).collect()
    }

    #[test]
    fn holders_follow_each_other() {
        let events = vec![
            event("4", "NET.IPASSIGN", "2026-11-05", "b"),
            event("3", "NET.IPRELEASE", "2026-11-03T12:00:00Z", "a"),
            event("2", "NET.IPASSIGN", "2026-11-02", "a"),
            event("1", "NET.IPRELEASE", "2026-11-01", "z"),
            event("2", "NET.IPASSIGN", "2026-11-02", "a"),
        ];
        assert_eq!(
            told(events, json!({"state": "Allocated", "account": "b"})),
            [
                "ROOT/b|held|2026-11-05 00:00 UTC|now|5 d",
                "ROOT/a|held|2026-11-02 00:00 UTC|2026-11-03 12:00 UTC|1 d 12 h",
                "ROOT/z|held|before the events|2026-11-01 00:00 UTC|",
            ]
        );
    }

    #[test]
    fn the_present_counts_for_more_than_events() {
        let assigned = || vec![event("1", "NET.IPASSIGN", "2026-11-02", "a")];
        assert_eq!(
            told(assigned(), json!({"state": "Free"})),
            ["ROOT/a|held|2026-11-02 00:00 UTC|not in the events|"]
        );
        let now = json!({"state": "Allocated", "account": "q", "allocated": "2026-11-09"});
        assert_eq!(told(Vec::new(), now), ["q|held|2026-11-09 00:00 UTC|now|1 d"]);
    }

    #[test]
    fn an_address_is_not_one_that_begins_like_it() {
        assert!(tells_of(&event("1", "x", "", ""), "192.0.2.7"));
        assert!(!tells_of(&event("1", "x", "", ""), "192.0.2.70"));
        assert!(!tells_of(&event("1", "x", "", ""), "92.0.2.7"));
        assert!(!tells_of(&event("1", "x", "", ""), ""));
    }

    #[test]
    fn lengths_of_time_are_short() {
        assert_eq!(duration(30), "less than a minute");
        assert_eq!(duration(3660), "1 h 1 min");
        assert_eq!(duration(90_000), "1 d 1 h");
    }
}
