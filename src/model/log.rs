//! What was done: asynchronous jobs and events.

use crate::model::{Time, record};

record! {
    /// An asynchronous job.
    Job in "job" {
        /// The command, as `createVPC`.
        cmd: String,
        /// The user who called it.
        user_id: i64,
        /// The account for which it was called.
        account_id: i64,
        /// 0 in progress, 1 done, 2 failed, 3 cancelled.
        status: i64,
        /// 0, or the error code.
        result_code: i64,
        /// The result as JSON; none while in progress.
        result: Option<String>,
        /// The kind of thing that it is about, as CloudStack names it.
        instance_type: Option<String>,
        /// That thing's id.
        instance: Option<String>,
        /// When it was queued.
        created: Time,
        /// When it ended.
        completed: Option<Time>,
    }
}

record! {
    /// An entry of the event log.
    Event in "event" {
        /// The type, as `NET.IPASSIGN`.
        kind as "type": String,
        /// `Created`, `Scheduled`, `Started` or `Completed`.
        state: String,
        /// `INFO`, `WARN` or `ERROR`.
        level: String,
        /// What happened.
        description: String,
        /// The account that it concerns.
        account_id: i64,
        /// That account's domain.
        domain_id: i64,
        /// Who did it.
        user_id: i64,
        /// The first event of the same job.
        start_id: Option<i64>,
        /// The kind of thing that it is about, as the number of an `EntityKind`.
        resource_kind: Option<i64>,
        /// The first number of that thing's id.
        resource_a: Option<i64>,
        /// The second one.
        resource_b: Option<i64>,
        /// When.
        created: Time,
        /// Whether it was archived.
        archived: bool,
    }
}
