//! The event log: who did what to which thing.

use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, Event};
use crate::schema::Fault;

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
        let what = subject.as_ref().map_or(self.command, |about| about.what.as_str());
        let about = subject.as_ref();
        let event = Event {
            id: 0,
            kind: kind.to_owned(),
            state: state.to_owned(),
            level: level.to_owned(),
            description: what.to_owned(),
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
        Ok(self.tx.insert(&event)?)
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
