//! The event log: who did what to which thing.

use crate::engine::{Cx, Owner};
use crate::model::{Cell, EntityKind, Event, Time, VlanRange};
use crate::schema::Fault;
use crate::store::Counter;
use crate::text::Count;

/// What a call is about, for its events and its job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subject {
    /// The kind of thing.
    pub(crate) kind: EntityKind,
    /// The first number of its id; 0 for all but addresses.
    pub(crate) a: i64,
    /// The second one.
    pub(crate) b: i64,
    /// Whom it concerns.
    pub(crate) owner: Owner,
    /// What is done, for example `acquiring 203.0.113.2`.
    pub(crate) what: String,
}

impl Cx<'_> {
    /// Says what the call is about.
    pub(crate) fn concerns(
        &mut self,
        kind: EntityKind,
        (a, b): (i64, i64),
        owner: Owner,
        what: impl Into<String>,
    ) {
        self.subject = Some(Subject { kind, a, b, owner, what: what.into() });
    }

    /// Writes an event about the present subject; returns its row.
    pub(crate) fn event(
        &mut self,
        kind: &str,
        state: &str,
        level: &str,
        start_id: Option<i64>,
    ) -> Result<i64, Fault> {
        let subject = self.subject.clone();
        let owner = subject.as_ref().map_or_else(|| self.caller_owner(), |about| about.owner);
        let about = subject.as_ref();
        let what = about.map(|about| about.what.as_str()).or(self.what.as_deref());
        let event = Event {
            id: 0,
            kind: self.event_kind.unwrap_or(kind).to_owned(),
            state: state.to_owned(),
            level: level.to_owned(),
            description: what.unwrap_or(self.command).to_owned(),
            account_id: owner.account_id,
            domain_id: owner.domain_id,
            user_id: self.caller.user_id,
            start_id,
            resource_kind: about.map(|about| i64::from(about.kind as u8)),
            resource_a: about.map(|about| about.a),
            resource_b: about.map(|about| about.b),
            created: self.now,
            archived: false,
        };
        Ok(self.tx.append(&event)?)
    }

    /// Writes the event of a call that was done at once.
    pub(crate) fn event_done(&mut self, kind: &str) -> Result<(), Fault> {
        self.event(kind, "Completed", "INFO", None)?;
        Ok(())
    }

    /// Writes the three events of a call that had a job.
    pub(crate) fn events_of_job(&mut self, kind: &str, level: &str) -> Result<(), Fault> {
        let start = self.event(kind, "Scheduled", "INFO", None)?;
        self.event(kind, "Started", "INFO", Some(start))?;
        self.event(kind, "Completed", level, Some(start))?;
        Ok(())
    }
}

/// How many events were archived or deleted. The rows of events are numbered without a gap, so
/// with this the living ones are counted without looking at any.
const GONE: Counter = Counter { owner: "log", id: 0, what: "events_gone" };

/// The furthest that the events of one job stand apart from the first of them. They are written
/// in one transaction, one after the other.
const APART: i64 = 1000;

/// Which events are archived or deleted; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct WhichEvents {
    /// Their rows.
    pub(crate) ids: Option<Vec<i64>>,
    /// Their type.
    pub(crate) kind: Option<String>,
    /// The earliest.
    pub(crate) from: Option<Time>,
    /// The latest.
    pub(crate) to: Option<Time>,
    /// The account whose they are; none for everybody's.
    pub(crate) account_id: Option<i64>,
}

impl WhichEvents {
    /// The condition for the rows before `end`, with its values.
    fn before(&self, end: i64) -> (String, Vec<Cell>) {
        let mut sql = "id < ?".to_owned();
        let mut args = vec![end.into()];
        if let Some(ids) = &self.ids {
            sql = format!("{sql} AND id IN ({})", vec!["?"; ids.len()].join(", "));
            args.extend(ids.iter().map(|id| Cell::from(*id)));
        }
        let kind = self.kind.as_deref().map(Cell::from);
        let (from, to) = (self.from.map(Cell::from), self.to.map(Cell::from));
        let account = self.account_id.map(Cell::from);
        for (holds, value) in [
            ("type = ?", kind),
            ("created >= ?", from),
            ("created <= ?", to),
            ("account_id = ?", account),
        ] {
            if let Some(value) = value {
                sql = format!("{sql} AND {holds}");
                args.push(value);
            }
        }
        (sql, args)
    }

    /// The condition for alerts, with its values: their kind is a number, and nobody owns any.
    pub(super) fn of_alerts(&self) -> Result<(String, Vec<Cell>), Fault> {
        self.check()?;
        let kind = self.kind.as_deref().map(str::parse::<i64>).transpose();
        let kind = kind.map_err(|_| Fault::invalid("Invalid parameter type: it is a number"))?;
        let plain = Self { kind: None, ..self.clone() };
        let (mut sql, mut args) = plain.before(i64::MAX);
        if let Some(kind) = kind {
            sql.push_str(" AND kind = ?");
            args.push(kind.into());
        }
        Ok((sql, args))
    }

    /// The checks of `ArchiveEventsCmd` and `DeleteEventsCmd`.
    fn check(&self) -> Result<(), Fault> {
        if self.ids.is_none() && self.kind.is_none() && self.to.is_none() {
            return Err(Fault::invalid("either ids, type or enddate must be specified"));
        }
        if self.from.is_some() && self.to.is_none() {
            return Err(Fault::invalid("startdate must be specified with enddate parameter"));
        }
        if self.from > self.to {
            return Err(Fault::invalid("Invalid parameter enddate: it lies before startdate"));
        }
        Ok(())
    }
}

impl Cx<'_> {
    /// Hides events from lists that do not ask for archived ones; returns how many.
    pub(crate) fn archive_events(&mut self, which: &WhichEvents) -> Result<u64, Fault> {
        which.check()?;
        let (holds, args) = which.before(i64::MAX);
        let sql = format!("UPDATE event SET archived = 1 WHERE archived = 0 AND {holds}");
        let archived = self.tx.run(&sql, &args)?;
        self.events_went(archived)?;
        self.what = Some(format!("archiving {}", Count::new(archived, "event", "events")));
        Ok(archived)
    }

    /// Deletes events for good; returns how many.
    pub(crate) fn delete_events(&mut self, which: &WhichEvents) -> Result<u64, Fault> {
        which.check()?;
        // The last row is never deleted, as its number would be given again. So the deletion
        // announces itself first.
        self.what = Some("deleting events".into());
        let start = self.event("EVENT.DELETE", "Started", "INFO", None)?;
        let (holds, args) = which.before(start);
        let living = self.tx.count::<Event>(&format!("WHERE archived = 0 AND {holds}"), &args)?;
        let deleted = self.tx.run(&format!("DELETE FROM event WHERE {holds}"), &args)?;
        self.events_went(living)?;
        self.what = Some(format!("deleting {}", Count::new(deleted, "event", "events")));
        Ok(deleted)
    }

    fn events_went(&mut self, many: u64) -> Result<(), Fault> {
        self.tx.tally(GONE, i64::try_from(many).unwrap_or(i64::MAX))?;
        Ok(())
    }

    /// How many events are not archived.
    pub(crate) fn living_events(&mut self) -> Result<u64, Fault> {
        if self.tx.is_shared() {
            return Ok(self.tx.count::<Event>("WHERE archived = 0", &[])?);
        }
        let last: Option<i64> = self.tx.one("SELECT COALESCE(MAX(id), 0) FROM event", &[])?;
        let gone = self.tx.counter(GONE)?;
        Ok(u64::try_from(last.unwrap_or(0) - gone).unwrap_or(0))
    }

    /// The condition for the event in row `start` and those that belong to it, with its values.
    pub(crate) fn events_from(start: i64) -> (&'static str, [Cell; 4]) {
        let args = [start, start.saturating_add(APART), start, start].map(Cell::from);
        ("id BETWEEN ? AND ? AND (id = ? OR start_id = ?)", args)
    }

    /// The name of a thing that an event is about, also of one that is gone.
    pub(crate) fn name_of(
        &mut self,
        kind: EntityKind,
        (a, b): (i64, i64),
    ) -> Result<Option<String>, Fault> {
        let table = match kind {
            EntityKind::Address => return self.address_text(a, b),
            EntityKind::Account => "account",
            EntityKind::Acl => "acl",
            EntityKind::Domain => "domain",
            EntityKind::Network => "network",
            EntityKind::NetworkOffering => "network_offering",
            EntityKind::PhysicalNetwork => "physical_network",
            EntityKind::Pod => "pod",
            EntityKind::Project => "project",
            EntityKind::Role => "role",
            EntityKind::Vpc => "vpc",
            EntityKind::VpcOffering => "vpc_offering",
            EntityKind::Zone => "zone",
            _ => return Ok(None),
        };
        Ok(self.tx.one(&format!("SELECT name FROM {table} WHERE id = ?"), &[b.into()])?)
    }

    fn address_text(&mut self, range_id: i64, place: i64) -> Result<Option<String>, Fault> {
        let range: Option<VlanRange> = self.tx.get(range_id)?;
        Ok(range.and_then(|range| range.ip_at(place)).map(|addr| addr.to_string()))
    }
}
