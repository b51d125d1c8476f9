//! The collector: it gives back what nobody uses any more. An isolated network without guests is
//! shut down when it has been seen idle for `network.gc.wait` seconds, and gives its VLAN or VNI
//! back; its public addresses stay. Virtual machines that were destroyed, or whose deployment
//! failed, are expunged after `expunge.delay` seconds. What else has an end is removed when that
//! has come.
//!
//! When a network was first seen idle is in the store: a server that takes over goes on where
//! another one stopped. One that is used in between loses its time.

use crate::engine::network_life::shut_down;
use crate::engine::{Caller, Cx, addresses, end_old_jobs, end_old_sessions, end_old_tokens};
use crate::model::{Column, EntityKind, Network, Time};
use crate::schema::Fault;
use crate::store::{Store, StoreError, Tx};

/// The lease that says when the next pass is due.
const PASS: &str = "collector";
/// Networks that are shut down in one transaction.
const BATCH: usize = 200;
/// The name under which it acts.
const COMMAND: &str = "collectGarbage";

/// How a pass is made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pass {
    /// Whether networks are shut down that have not been idle for long enough.
    pub(crate) at_once: bool,
    /// Whether it is only told what would be done.
    pub(crate) only_told: bool,
}

/// Something that was given back, or will be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collected {
    /// What it is: `network`, `virtual machine`, or the plural of what has an end.
    pub(crate) what: &'static str,
    /// The id, of a network or virtual machine.
    pub(crate) id: Option<String>,
    /// Whether it was given back now.
    pub(crate) freed: bool,
    /// What was done and why.
    pub(crate) says: String,
}

/// Something with an end: what it is, how many are over, and what removes some of them. Each is
/// asked until it removes none.
struct Ending {
    what: &'static str,
    count: &'static str,
    end: fn(&mut Tx, Time) -> Result<usize, Fault>,
}

const ENDING: &[Ending] = &[
    Ending {
        what: "client tokens",
        count: "SELECT COUNT(*) FROM client_token WHERE ends <= ?",
        end: |tx, now| Ok(end_old_tokens(tx, now)?),
    },
    Ending {
        what: "sessions",
        count: "SELECT COUNT(*) FROM session WHERE ends < ?",
        end: |tx, now| Ok(end_old_sessions(tx, now)?),
    },
    Ending {
        what: "quarantines",
        count: "SELECT COUNT(*) FROM quarantine WHERE removed IS NULL AND ends <= ?",
        end: |tx, now| {
            let ended = addresses::expire(&mut Cx::new(tx, now, &Caller::SYSTEM, COMMAND))?;
            Ok(usize::try_from(ended).unwrap_or(usize::MAX))
        },
    },
];

/// The networks that nobody uses: what is asked of a network `n` and its offering `o`.
///
/// This is the one place that knows what keeps a network up. A guest that runs, starts or stops
/// does, and so does a private gateway in its VLAN; so does whatever else comes to use one.
const IDLE: &str = "FROM network n JOIN network_offering o ON o.id = n.offering_id \
     WHERE n.removed IS NULL AND n.state = 'Implemented' AND n.traffic_type = 'Guest' \
     AND n.guest_type = 'Isolated' AND o.persistent = 0 AND NOT EXISTS \
     (SELECT 1 FROM nic c JOIN vm m ON m.id = c.vm_id WHERE c.network_id = n.id \
     AND c.removed IS NULL AND m.state IN ('Starting', 'Running', 'Stopping')) AND NOT EXISTS \
     (SELECT 1 FROM private_gateway g WHERE g.associated_id = n.id AND g.removed IS NULL)";

/// An idle network.
struct Idle {
    id: i64,
    name: String,
    /// When it was first seen so.
    seen: Option<Time>,
}

/// Makes a pass if one is due, and no other server makes it. `holder` names this one.
pub(crate) fn collect_if_due(
    store: &Store,
    holder: &str,
    now: Time,
) -> Result<Option<Vec<Collected>>, Fault> {
    // A name for each pass: so the lease ends with the interval and not with its holder.
    let pass = format!("{holder} at {}", now.millis());
    let due = store.write(move |tx| {
        let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
        let interval = cx.setting_int("network.gc.interval")?;
        Ok::<_, Fault>(cx.tx.lease(PASS, &pass, now, interval)?)
    })?;
    if due { collect(store, Pass::default(), now).map(Some) } else { Ok(None) }
}

/// Makes a pass.
pub(crate) fn collect(store: &Store, pass: Pass, now: Time) -> Result<Vec<Collected>, Fault> {
    if !pass.only_told {
        store.write(move |tx| remember(tx, now))?;
    }
    let (idle, wait) = store.read(|tx| {
        let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
        let wait = cx.setting_int("network.gc.wait")?;
        Ok::<_, Fault>((idle(cx.tx)?, wait))
    })?;
    let (due, waiting): (Vec<_>, Vec<_>) =
        idle.into_iter().partition(|one| pass.at_once || one.is_due(wait, now));
    let mut collected = Vec::new();
    if pass.only_told {
        collected.extend(due.iter().map(|one| one.told(store, false, "would be shut down", now)));
    } else {
        let ids: Vec<i64> = due.iter().map(|one| one.id).collect();
        let mut freed = Vec::new();
        for batch in ids.chunks(BATCH) {
            let batch = batch.to_vec();
            freed.extend(store.write(move |tx| shut_down_idle(tx, &batch, now))?);
        }
        let is_freed = |one: &&Idle| freed.contains(&one.id);
        collected
            .extend(due.iter().filter(is_freed).map(|one| one.told(store, true, "shut down", now)));
    }
    collected.extend(waiting.iter().map(|one| {
        let ends = one.seen.unwrap_or(now).plus_seconds(wait);
        one.told(store, false, &format!("stays until {ends}"), now)
    }));
    collected.extend(machines::expunge(store, pass, now)?);
    for ending in ENDING.iter().chain([&JOBS]) {
        collected.extend(end_all(store, ending, pass, now)?);
    }
    if !pass.only_told {
        let raised =
            store.write(move |tx| Cx::new(tx, now, &Caller::SYSTEM, COMMAND).check_capacities())?;
        let alert = |says| Collected { what: "alert", id: None, freed: false, says };
        collected.extend(raised.into_iter().map(alert));
    }
    Ok(collected)
}

/// Jobs end by a setting, which their statement does not know.
const JOBS: Ending = Ending {
    what: "jobs",
    count: "SELECT COUNT(*) FROM job WHERE completed < ? AND id < (SELECT MAX(id) FROM job)",
    end: |tx, until| Ok(end_old_jobs(tx, until)?),
};

fn end_all(
    store: &Store,
    ending: &Ending,
    pass: Pass,
    now: Time,
) -> Result<Option<Collected>, Fault> {
    let until = if ending.what == JOBS.what { jobs_until(store, now)? } else { now };
    let count: Option<i64> = store.read(|tx| tx.one::<i64>(ending.count, &[until.into()]))?;
    let mut count = count.unwrap_or(0).unsigned_abs();
    if count == 0 {
        return Ok(None);
    }
    if !pass.only_told {
        let end = ending.end;
        count = 0;
        loop {
            let ended = store.write(move |tx| end(tx, until))?;
            count += ended as u64;
            if ended == 0 {
                break;
            }
        }
    }
    let verb = if pass.only_told { "would be removed" } else { "removed" };
    let says = format!("{count} {verb}: their time is over");
    Ok(Some(Collected { what: ending.what, id: None, freed: !pass.only_told, says }))
}

/// Jobs that ended before are no longer kept.
fn jobs_until(store: &Store, now: Time) -> Result<Time, Fault> {
    store.read(|tx| {
        let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
        let minutes = cx.setting_int("job.expire.minutes")?;
        Ok(now.plus_seconds(minutes.saturating_mul(-60)))
    })
}

/// Writes which networks are idle since now, and forgets those that are not any more.
fn remember(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let gone = format!("DELETE FROM idle_network WHERE network_id NOT IN (SELECT n.id {IDLE})");
    tx.run(&gone, &[])?;
    let new = format!(
        "INSERT INTO idle_network (network_id, seen) SELECT n.id, ? {IDLE} \
         AND NOT EXISTS (SELECT 1 FROM idle_network i WHERE i.network_id = n.id)"
    );
    tx.run(&new, &[now.into()])?;
    Ok(())
}

fn idle(tx: &mut Tx) -> Result<Vec<Idle>, StoreError> {
    let sql = format!(
        "SELECT n.id, n.name, (SELECT i.seen FROM idle_network i WHERE i.network_id = n.id) \
         {IDLE} ORDER BY n.id"
    );
    let mut idle = Vec::new();
    tx.each(&sql, &[], |cell| {
        idle.push(Idle {
            id: i64::from_cell(cell(0))?,
            name: String::from_cell(cell(1))?,
            seen: Option::from_cell(cell(2))?,
        });
        Ok(true)
    })?;
    Ok(idle)
}

/// Shuts networks down that are idle yet; which.
fn shut_down_idle(tx: &mut Tx, ids: &[i64], now: Time) -> Result<Vec<i64>, Fault> {
    let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
    let still = format!("SELECT n.id {IDLE} AND n.id = ?");
    let mut freed = Vec::new();
    for id in ids {
        if cx.tx.one::<i64>(&still, &[(*id).into()])?.is_none() {
            continue;
        }
        let mut network: Network = cx.must(*id)?;
        shut_down(&mut cx, &mut network)?;
        cx.tx.save(&network)?;
        cx.tx.run("DELETE FROM idle_network WHERE network_id = ?", &[(*id).into()])?;
        freed.push(*id);
    }
    Ok(freed)
}

impl Idle {
    fn is_due(&self, wait: i64, now: Time) -> bool {
        self.seen.is_some_and(|seen| seen.plus_seconds(wait) <= now)
    }

    fn told(&self, store: &Store, freed: bool, what: &str, now: Time) -> Collected {
        let id = store.key().encode(EntityKind::Network, 0, self.id.unsigned_abs()).to_string();
        let seen = self.seen.unwrap_or(now);
        let says = format!(
            "the network {} {what}: no guest has used it since {seen} or before",
            self.name
        );
        Collected { what: "network", id: Some(id), freed, says }
    }
}

mod machines;
#[cfg(test)]
mod tests;
