//! The event log.

use crate::api::names::Names;
use crate::api::owned::Owned;
use crate::api::paging::{Filter, Paged};
use crate::api::{APIS, Rows, api};
use crate::engine::{Cx, WhichEvents, resource_type};
use crate::model::{Cell, Domain, EntityKind, Event, Time, Uid};
use crate::schema::{Fault, Id, List, Text, Value, group, view};
use crate::text::{or_list, quoted};
use std::collections::BTreeSet;

view! {
    /// An event, as `listEvents` shows it.
    EventView in "EventResponse" shows ["created", "type", "level", "state", "description",
        "username"] {
        /// the id of the event
        id: Uid,
        /// the type of the event, as `NET.IPASSIGN`
        kind as "type": String,
        /// `INFO`, `WARN` or `ERROR`
        level: String,
        /// how far what happened is: `Created`, `Scheduled`, `Started` or `Completed`
        state: String,
        /// what happened
        description: String,
        /// the name of the account that it concerns
        account: Option<String>,
        /// the id of the project that it concerns, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the account's domain
        domainid: Uid,
        /// the name of the account's domain
        domain: String,
        /// the path of the account's domain
        domainpath: String,
        /// the name of the user who did it
        username: String,
        /// the id of the first event of the same job
        parentid: Option<Uid>,
        /// the id of the thing that it is about
        resourceid: Option<Uid>,
        /// the kind of thing that it is about
        resourcetype: Option<&'static str>,
        /// the name of the thing that it is about
        resourcename: Option<String>,
        /// when it happened
        created: Time,
        /// whether it was archived
        archived: bool,
    }
}

view! {
    /// A type of event, as `listEventTypes` shows it.
    EventTypeView in "EventTypeResponse" shows ["name"] {
        /// the type, as `NET.IPASSIGN`
        name: &'static str,
    }
}

/// The end of a span of time. A date alone means the end of that day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Until(Time);

impl Until {
    /// That time.
    pub(crate) fn time(self) -> Time {
        self.0
    }
}

impl Value for Until {
    const WIRE: &'static str = "date";
    fn parse(text: &str) -> Result<Self, String> {
        let time = <Time as Value>::parse(text)?;
        let is_date = !text.contains([':', 'T', 't']);
        let last_millis = if is_date { 24 * 3600 * 1000 - 1 } else { 0 };
        Ok(Self(Time::from_millis(time.millis().saturating_add(last_millis))))
    }
}

api! {
    /// Lists events, the newest first.
    now list "listEvents" { key: "event", example: "list events type=NETWORK.CREATE" }
    => list -> EventView;
    ListEvents {
        /// the id of the event
        id: Option<Id<Event>>,
        /// the type of the events
        kind as "type": Option<Text>,
        /// the level of the events: INFO, WARN or ERROR
        level: Option<Text>,
        /// the state of the events: Created, Scheduled, Started or Completed
        state: Option<Text>,
        /// the earliest time of the events
        startdate: Option<Time>,
        /// the latest time of the events
        enddate: Option<Until>,
        /// the greatest age of the events in seconds
        entrytime: Option<u32>,
        /// the least age of the events in seconds
        duration: Option<u32>,
        /// the id of the first event of a job, to list all events of that job
        startid: Option<Id<Event>>,
        /// the id of the thing that the events are about
        resourceid: Option<Text>,
        /// the kind of thing that the events are about, as Network
        resourcetype: Option<Text>,
        /// true to list the archived events instead of the others
        archived: Option<bool>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

group! {
    /// Which events to archive or to delete.
    Chosen {
        /// the ids of the events
        ids: Option<List<Id<Event>>>,
        /// the type of the events
        kind as "type": Option<Text>,
        /// the earliest time of the events
        startdate: Option<Time>,
        /// the latest time of the events
        enddate: Option<Until>,
    }
}

api! {
    /// Archives events: lists show them no more, unless archived ones are asked for.
    now success "archiveEvents" {
        event: "EVENT.ARCHIVE", example: "archive events enddate=2026-12-31",
    } => archive;
    ArchiveEvents {
        ..chosen: Chosen,
    }
}

api! {
    /// Deletes events for good.
    now success "deleteEvents" {
        event: "EVENT.DELETE", example: "delete events enddate=2026-12-31",
    } => delete;
    DeleteEvents {
        ..chosen: Chosen,
    }
}

api! {
    /// Lists the types of events.
    now list "listEventTypes" { key: "eventtype", example: "list event types" }
    => types -> EventTypeView;
    ListEventTypes {}
}

fn list(cx: &mut Cx<'_>, args: &ListEvents) -> Result<Rows<EventView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    args.owned.narrow(cx, &mut filter, "account_id", args.id.is_some())?;
    words(args, &mut filter);
    times(cx, args, &mut filter)?;
    resource(cx, args, &mut filter)?;
    if let Some(start) = cx.row_opt(args.startid.as_ref())? {
        let (holds, values) = Cx::events_from(start);
        filter.holds(holds, values);
    }
    let archived = args.archived == Some(true);
    let all = filter.is_empty() && !archived;
    let known = if all { Some(cx.living_events()?) } else { None };
    filter.is("archived", Some(archived));
    let (events, total) = filter.counted::<Event>(cx, "id DESC", known)?;
    let mut names = Names::default();
    let rows = events.into_iter().map(|event| show(cx, &mut names, event));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

fn words(args: &ListEvents, filter: &mut Filter<'_>) {
    filter.is("type", args.kind.as_deref().map(str::to_ascii_uppercase));
    filter.is("level", args.level.as_deref().map(str::to_ascii_uppercase));
    if let Some(state) = args.state.as_deref() {
        filter.holds("LOWER(state) = ?", [state.to_ascii_lowercase().into()]);
    }
    filter.keyword(&["type", "level", "description"]);
}

fn times(cx: &Cx<'_>, args: &ListEvents, filter: &mut Filter<'_>) -> Result<(), Fault> {
    if let (Some(entry), Some(duration)) = (args.entrytime, args.duration)
        && entry <= duration
    {
        return Err(Fault::invalid(format!(
            "Invalid parameter entrytime: {entry} is not greater than duration, {duration}"
        )));
    }
    let ago = |seconds: u32| cx.now.plus_seconds(-i64::from(seconds));
    let end = args.enddate.map(|end| end.0);
    for from in [args.startdate, args.entrytime.map(ago)].into_iter().flatten() {
        filter.holds("created >= ?", [from.into()]);
    }
    for to in [end, args.duration.map(ago)].into_iter().flatten() {
        filter.holds("created <= ?", [to.into()]);
    }
    Ok(())
}

/// The thing that the events are about: an id tells its kind, so either may be given alone.
fn resource(cx: &Cx<'_>, args: &ListEvents, filter: &mut Filter<'_>) -> Result<(), Fault> {
    if let Some(word) = &args.resourcetype {
        let kind = kind_named(word)?;
        filter.is("resource_kind", Some(i64::from(kind as u8)));
    }
    let Some(text) = &args.resourceid else { return Ok(()) };
    let key = cx.tx.key();
    let found = Uid::parse(text).and_then(|uid| {
        let kind = key.kind_of(uid)?;
        key.decode(kind, uid).map(|(a, b)| (kind, a, b))
    });
    let Some((kind, a, b)) = found else {
        let text = quoted(text);
        return Err(Fault::invalid(format!("Invalid parameter resourceid: {text} names nothing")));
    };
    let numbers = [i64::from(kind as u8), a.cast_signed(), b.cast_signed()];
    let holds = "resource_kind = ? AND resource_a = ? AND resource_b = ?";
    filter.holds(holds, numbers.map(Cell::from));
    Ok(())
}

fn kind_named(word: &str) -> Result<EntityKind, Fault> {
    let mut words = EntityKind::ALL.iter().filter_map(|kind| Some((resource_type(*kind)?, *kind)));
    let found = words.clone().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, kind)| kind).ok_or_else(|| {
        let names: Vec<_> = words.by_ref().map(|(name, _)| name).collect();
        let (word, names) = (quoted(word), or_list(&names));
        Fault::invalid(format!("Invalid parameter resourcetype: {word} is none of {names}"))
    })
}

fn show(cx: &mut Cx<'_>, names: &mut Names, event: Event) -> Result<EventView, Fault> {
    let about = about(&event);
    let resourcename = about.map(|(kind, a, b)| cx.name_of(kind, (a, b))).transpose()?.flatten();
    let key = cx.tx.key();
    let owner = names.owner(cx, event.account_id)?;
    let resourceid =
        |(kind, a, b): (EntityKind, i64, i64)| key.encode(kind, a.unsigned_abs(), b.unsigned_abs());
    Ok(EventView {
        id: cx.uid::<Event>(event.id),
        kind: event.kind,
        level: event.level,
        state: event.state,
        description: event.description,
        account: owner.account,
        projectid: owner.projectid,
        project: owner.project,
        domainid: cx.uid::<Domain>(event.domain_id),
        domain: names.domain(cx, event.domain_id)?,
        domainpath: names.domain_path(cx, event.domain_id)?,
        username: names.user(cx, event.user_id)?,
        parentid: cx.uid_opt::<Event>(event.start_id),
        resourceid: about.map(resourceid),
        resourcetype: about.and_then(|(kind, ..)| resource_type(kind)),
        resourcename,
        created: event.created,
        archived: event.archived,
    })
}

fn about(event: &Event) -> Option<(EntityKind, i64, i64)> {
    let number = event.resource_kind?;
    let kind = EntityKind::ALL.iter().copied().find(|kind| i64::from(*kind as u8) == number)?;
    Some((kind, event.resource_a?, event.resource_b?))
}

fn archive(cx: &mut Cx<'_>, args: &ArchiveEvents) -> Result<(), Fault> {
    let which = args.chosen.which(cx)?;
    cx.archive_events(&which).map(drop)
}

fn delete(cx: &mut Cx<'_>, args: &DeleteEvents) -> Result<(), Fault> {
    let which = args.chosen.which(cx)?;
    cx.delete_events(&which).map(drop)
}

impl Chosen {
    fn which(&self, cx: &mut Cx<'_>) -> Result<WhichEvents, Fault> {
        let ids = rows(cx, self.ids.as_ref())?;
        let kind = self.kind.as_deref().map(str::to_ascii_uppercase);
        let to = self.enddate.map(|to| to.0);
        // Others than root admins manage their own.
        let account_id = (!cx.caller.is_root()).then_some(cx.caller.account_id);
        Ok(WhichEvents { ids, kind, from: self.startdate, to, account_id })
    }
}

/// The rows of the events with these ids, which must all be there.
fn rows(cx: &mut Cx<'_>, ids: Option<&List<Id<Event>>>) -> Result<Option<Vec<i64>>, Fault> {
    let Some(List(ids)) = ids else { return Ok(None) };
    if ids.is_empty() {
        return Err(Fault::invalid("Invalid parameter ids: it is empty"));
    }
    let mut rows = Vec::new();
    for id in ids {
        let id = Id::<Event>::new(id.text.as_str(), "ids");
        let row = cx.row(&id)?;
        let event: Option<Event> = cx.tx.get(row)?;
        let event = event.ok_or_else(|| cx.unknown(&id))?;
        cx.check_access(&event)?;
        rows.push(event.id);
    }
    Ok(Some(rows))
}

#[allow(clippy::unnecessary_wraps, reason = "a handler is something that may fail")]
fn types(_: &mut Cx<'_>, _: &ListEventTypes) -> Result<Rows<EventTypeView>, Fault> {
    let names: BTreeSet<_> = APIS.iter().map(|api| api.spec.event).collect();
    let names = names.into_iter().filter(|name| !name.is_empty());
    let rows: Vec<_> = names.map(|name| EventTypeView { name }).collect();
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

#[cfg(test)]
mod tests;
