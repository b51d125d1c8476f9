//! `show capacity`: how full every pool is, and when it will be full.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::ask::{Ask, Fields, ROWS, first, number, text};
use super::forecast::{date, day, forecast, said, used_by_day};
use super::scene::{Bar, Part, Scene};
use crate::model::Time;
use crate::net::Range4;
use crate::shell::resolve::Unresolved;

/// Pages of events that are looked at.
const PAGES: usize = 10;
/// The share of a pool, of a thousand, from which on CloudStack warns by default.
const ALERT: u64 = 750;

/// A kind of pool: CloudStack's number, what people call it, and the setting of its threshold.
const KINDS: [(u64, &str, &str); 5] = [
    (4, "public addresses", "zone.virtualnetwork.publicip.capacity.notificationthreshold"),
    (5, "management addresses", "pod.privateip.capacity.notificationthreshold"),
    (7, "VLANs", "zone.vlan.capacity.notificationthreshold"),
    (8, "shared addresses", "zone.directnetwork.publicip.capacity.notificationthreshold"),
    (10, "IPv6 subnets", "zone.virtualnetwork.ipv6subnet.capacity.notificationthreshold"),
];
const PUBLIC: u64 = 4;
/// The events of addresses that are taken, and given back.
const TAKEN: &str = "NET.IPASSIGN";
const GIVEN: &str = "NET.IPRELEASE";

/// What the picture is drawn from.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) capacities: Vec<Fields>,
    pub(super) settings: Vec<Fields>,
    pub(super) ranges: Vec<Fields>,
    /// The events of addresses that were taken or given back, if they are known.
    pub(super) events: Option<Events>,
}

/// Events of the last days.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) rows: Vec<Fields>,
    /// Where they are too many for rows: days, and how many were taken then.
    pub(super) counts: Vec<(i64, i32)>,
    /// The first day that is looked at.
    pub(super) from: i64,
}

/// Asks for what the picture is drawn from.
pub(super) fn ask(
    ask: &Ask<'_>,
    zone: Option<&str>,
    days: i64,
    now: Time,
) -> Result<Facts, Unresolved> {
    let of_zone: Vec<_> = zone.map(|zone| ("zoneid", zone)).into_iter().collect();
    let capacities = ask.must("listCapacity", &of_zone)?;
    // Old servers know the settings one by one only, and many roles not at all.
    let settings = ask.rows("listConfigurations", &[("keyword", "notificationthreshold")])?;
    let ranges = ask.rows("listVlanIpRanges", &[("forvirtualnetwork", "true")])?;
    let events = events(ask, days, now)?;
    Ok(Facts { capacities, settings, ranges, events })
}

fn events(ask: &Ask<'_>, days: i64, now: Time) -> Result<Option<Events>, Unresolved> {
    let today = day(now);
    let mut events = Events { from: today - days + 1, ..Events::default() };
    let start = date(events.from);
    let mut known = false;
    for (kind, change) in [(TAKEN, 1), (GIVEN, -1)] {
        let given = [("type", kind), ("startdate", start.as_str()), ("state", "Completed")];
        let Some(first) = ask.page("listEvents", &given, 1, ROWS)? else { continue };
        known = true;
        if first.total > (PAGES * ROWS) as u64 {
            counted(ask, kind, change, today, &mut events)?;
        } else if first.total > first.rows.len() as u64 {
            events.rows.extend(ask.pages("listEvents", &given, PAGES)?.unwrap_or_default().rows);
        } else {
            events.rows.extend(first.rows);
        }
    }
    if !known {
        return Ok(None);
    }
    // Of a server that is young there are fewer days to look at.
    let before = date(events.from - 1);
    let older = ask.page("listEvents", &[("enddate", &before)], 1, 1)?;
    if older.is_some_and(|older| older.rows.is_empty()) {
        let days = events.rows.iter().filter_map(created).map(day);
        let oldest = days.chain(events.counts.iter().map(|(day, _)| *day)).min();
        events.from = events.from.max(oldest.unwrap_or(today));
    }
    Ok(Some(events))
}

/// Counts the events of a kind day by day, which tells nothing of zones but needs no rows.
fn counted(
    ask: &Ask<'_>,
    kind: &str,
    change: i32,
    today: i64,
    events: &mut Events,
) -> Result<(), Unresolved> {
    for day in events.from..=today {
        let date = date(day);
        let given =
            [("type", kind), ("startdate", &date), ("enddate", &date), ("state", "Completed")];
        let total = ask.page("listEvents", &given, 1, 1)?.unwrap_or_default().total;
        if total > 0 {
            let count = i32::try_from(total).unwrap_or(i32::MAX);
            events.counts.push((day, count.saturating_mul(change)));
        }
    }
    Ok(())
}

/// When something was made or happened.
pub(super) fn created(row: &Fields) -> Option<Time> {
    Time::parse(text(row, "created"))
}

/// The picture.
pub(super) fn draw(facts: &Facts, now: Time) -> Scene {
    let title = format!("Capacity at {}", minute(now));
    let mut scene = Scene { title, ..Scene::default() };
    let mut zones: BTreeMap<(&str, &str), Vec<&Fields>> = BTreeMap::new();
    for row in &facts.capacities {
        let is_pool = KINDS.iter().any(|(number, ..)| *number == kind(row));
        if is_pool {
            zones.entry((text(row, "zonename"), text(row, "zoneid"))).or_default().push(row);
        }
    }
    let only = zones.values().flatten().filter(|row| kind(row) == PUBLIC).count() == 1;
    for ((name, id), mut rows) in zones {
        rows.sort_by_key(|row| (kind(row), text(row, "podname")));
        let (full, empty): (Vec<&Fields>, Vec<_>) =
            rows.into_iter().partition(|row| number(row, "capacitytotal") > 0);
        let bars = full.into_iter().map(|row| bar(facts, row, only, now)).collect();
        scene.parts.push(Part::Heading(if name.is_empty() { id } else { name }.to_owned()));
        scene.parts.push(Part::Bars(bars));
        if !empty.is_empty() {
            let names: Vec<_> = empty.into_iter().map(label).collect();
            scene.notes.push(format!(
                "{name} has no {}.",
                crate::text::or_list(&refs(&names)).replace('`', "")
            ));
        }
    }
    if scene.parts.is_empty() {
        scene.notes.push("There are no pools; `create zone` begins one.".into());
    }
    let alert = format!("Marks: alert at {} %, critical at", ALERT / 10);
    scene.notes.push(match facts.settings.is_empty() {
        true => format!("{alert} {} % (the defaults).", critical(ALERT) / 10),
        false => "Marks: where the settings notificationthreshold alert, and two fifths of the \
                  way from there to full."
            .into(),
    });
    if facts.events.is_none() && !facts.capacities.is_empty() {
        scene.notes.push("No forecast: the events are not known.".into());
    }
    scene
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn kind(row: &Fields) -> u64 {
    row.get("type").map_or(u64::MAX, |_| number(row, "type"))
}

fn label(row: &Fields) -> String {
    let known = KINDS.iter().find(|(number, ..)| *number == kind(row));
    let name = known.map_or("", |(_, name, _)| *name);
    match first(row, &["podname", "podid"]) {
        "" => name.to_owned(),
        pod => format!("pod {pod}"),
    }
}

fn bar(facts: &Facts, row: &Fields, only: bool, now: Time) -> Bar {
    let (used, total) = (number(row, "capacityused"), number(row, "capacitytotal"));
    let alert = threshold(&facts.settings, kind(row));
    let mut past = Vec::new();
    let about = match &facts.events {
        // Which zone counted events are of cannot be told.
        Some(events) if kind(row) == PUBLIC && !only && !events.counts.is_empty() => {
            "no forecast: too many events to tell zones apart".into()
        }
        Some(events) if kind(row) == PUBLIC => {
            let changes = changes(facts, events, text(row, "zoneid"), only);
            let today = day(now);
            let free = total.saturating_sub(used);
            past = used_by_day(&changes, events.from, today, used);
            said(forecast(&changes, events.from, today, free), events.from, today)
        }
        _ => String::new(),
    };
    Bar { label: label(row), used, total, alert, critical: critical(alert), past, about }
}

/// The threshold of a kind, of a thousand.
fn threshold(settings: &[Fields], kind: u64) -> u64 {
    let known = KINDS.iter().find(|(number, ..)| *number == kind);
    let setting = known
        .and_then(|(_, _, name)| settings.iter().find(|setting| text(setting, "name") == *name));
    let value = setting.and_then(|setting| text(setting, "value").parse::<f64>().ok());
    // Written as a part of one, in digits: thousandths are cut off.
    value.filter(|part| (0.0..=1.0).contains(part)).map_or(ALERT, |part| {
        (0..=1000).rev().find(|n: &u32| f64::from(*n) <= part * 1000.0 + 0.001).map_or(0, u64::from)
    })
}

/// Two fifths of the way from the alert to the end: 85 % for 75 %.
fn critical(alert: u64) -> u64 {
    alert + (1000_u64.saturating_sub(alert)) * 2 / 5
}

/// Days, and what was taken on them in a zone.
fn changes(facts: &Facts, events: &Events, zone: &str, only: bool) -> Vec<(i64, i32)> {
    let of_zone = |event: &&Fields| match zone_of(&facts.ranges, event) {
        Some(known) => known == zone,
        None => only,
    };
    let done = |event: &&Fields| {
        text(event, "state").eq_ignore_ascii_case("completed")
            && !text(event, "level").eq_ignore_ascii_case("error")
    };
    let rows = events.rows.iter().filter(done).filter(of_zone);
    let change = |event: &Fields| if text(event, "type") == TAKEN { 1 } else { -1 };
    let changes = rows.filter_map(|event| Some((day(created(event)?), change(event))));
    changes.chain(events.counts.iter().copied()).collect()
}

/// The zone of the address that an event is about, as far as it can be told.
fn zone_of<'r>(ranges: &'r [Fields], event: &Fields) -> Option<&'r str> {
    let named = address_in(text(event, "resourcename"));
    let ip = named.or_else(|| address_in(text(event, "description")))?;
    let holds = |range: &&Fields| {
        let ends = text(range, "startip").parse().ok().zip(text(range, "endip").parse().ok());
        ends.and_then(|(from, to)| Range4::new(from, to).ok()).is_some_and(|all| all.contains(ip))
    };
    ranges.iter().find(holds).map(|range| text(range, "zoneid"))
}

/// The first address in a text.
fn address_in(text: &str) -> Option<Ipv4Addr> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.find_map(|word| word.trim_matches('.').parse().ok())
}

/// A time to the minute, as people write it.
pub(super) fn minute(time: Time) -> String {
    let text = time.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(minute)) => format!("{date} {minute} UTC"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(fields: serde_json::Value) -> Fields {
        fields.as_object().unwrap().clone()
    }

    #[test]
    fn thresholds_come_from_the_settings() {
        let name = KINDS[0].2;
        let settings = [row(json!({"name": name, "value": "0.9"}))];
        assert_eq!(threshold(&settings, PUBLIC), 900);
        assert_eq!(threshold(&settings, 7), ALERT);
        assert_eq!(threshold(&[row(json!({"name": name, "value": "nonsense"}))], PUBLIC), ALERT);
        assert_eq!(critical(750), 850);
        assert_eq!(critical(1000), 1000);
    }

    #[test]
    fn an_event_belongs_to_the_zone_of_its_address() {
        let range = |zone: &str, from: &str, to: &str| {
            row(json!({"zoneid": zone, "startip": from, "endip": to}))
        };
        let ranges = [range("a", "192.0.2.2", "192.0.2.9"), range("b", "192.0.2.10", "192.0.2.20")];
        let event = row(json!({"description": "acquiring 192.0.2.10."}));
        assert_eq!(zone_of(&ranges, &event), Some("b"));
        let event = row(json!({"resourcename": "192.0.2.3", "description": "192.0.2.10"}));
        assert_eq!(zone_of(&ranges, &event), Some("a"));
        assert_eq!(zone_of(&ranges, &row(json!({"description": "Ip Id: 12"}))), None);
    }
}
