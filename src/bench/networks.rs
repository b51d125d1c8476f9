//! Networks on a zone with VXLAN: the first ones, and those after a million.

use crate::bench::callers::Seen;
use crate::bench::engine::Subject;
use crate::bench::{Failed, Report, line};
use crate::model::{EntityKind, Network, NetworkOffering, NetworkState, PhysicalNetwork};
use crate::store::{Counter, StoreError, Tx};
use std::time::Instant;

/// The offering of the networks; persistent where each is to take its VNI at once.
const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
/// Networks of the large zone.
const MANY: i64 = 1_000_000;
/// Networks that are filled in at once.
const BATCH: usize = 20_000;
/// Networks that are made while the time is taken.
const MEASURED: usize = 60;

/// The cost of a network, with its VNI and its source NAT address, by how many there are.
pub(super) fn networks(report: &mut Report) -> Result<(), Failed> {
    line("\ncreate network (VNI, source NAT address) on an empty VXLAN zone and after 1,000,000")?;
    let mut medians = [0.0; 2];
    for (at, count) in [0, MANY].into_iter().enumerate() {
        let subject = Subject::new(&report.fresh("networks"), 8, 0)?;
        let told = |why: StoreError| why.to_string();
        let offering = subject.store.write(|tx| prepare(tx, true)).map_err(told)?;
        for first in (0..count).step_by(BATCH) {
            subject.store.write(move |tx| fill(tx, first)).map_err(told)?;
        }
        let key = subject.store.key();
        let words = vec![
            ("name", "last".to_owned()),
            ("zoneid", key.encode(EntityKind::Zone, 0, 1).to_string()),
            (
                "networkofferingid",
                key.encode(EntityKind::NetworkOffering, 0, offering.unsigned_abs()).to_string(),
            ),
        ];
        let mut call = subject.calls("createNetwork", words);
        let mut taken = Vec::with_capacity(MEASURED);
        for _ in 0..MEASURED {
            let began = Instant::now();
            call()?;
            taken.push(began.elapsed().as_secs_f64());
        }
        let seen = Seen::of(taken);
        medians[at] = seen.quantile(0.5);
        line(&format!("{count:>9} networks  {}", seen.show()))?;
    }
    line(&format!("the last over the first: {:.2}", medians[1] / medians[0]))
}

fn missing(what: &str) -> StoreError {
    StoreError::Other(format!("the sandbox has no {what}"))
}

/// Widens the physical network, and makes the offering, whose row is the answer, persistent or not.
pub(super) fn prepare(tx: &mut Tx, persistent: bool) -> Result<i64, StoreError> {
    let mut offering: NetworkOffering =
        tx.first("WHERE name = ?", &[OFFERING.into()])?.ok_or_else(|| missing("offering"))?;
    offering.persistent = persistent;
    tx.save(&offering)?;
    let mut physical: PhysicalNetwork =
        tx.first("WHERE 1 = 1", &[])?.ok_or_else(|| missing("physical network"))?;
    physical.vnets = "0-16777214".into();
    tx.save(&physical)?;
    Ok(offering.id)
}

/// Makes networks with their VNIs from `first` on, as the engine would have.
pub(super) fn fill(tx: &mut Tx, first: i64) -> Result<(), StoreError> {
    let physical: PhysicalNetwork =
        tx.first("WHERE 1 = 1", &[])?.ok_or_else(|| missing("physical network"))?;
    let mut network: Network =
        tx.first("WHERE name = 'bench'", &[])?.ok_or_else(|| missing("network"))?;
    (network.id, network.state) = (0, NetworkState::Implemented);
    network.physical_network_id = Some(physical.id);
    let sql = "INSERT INTO vnet (physical_network_id, vnet, network_id, account_id, taken) \
               VALUES (?, ?, ?, ?, 0)";
    for vnet in (first..).take(BATCH) {
        network.name = format!("network-{vnet}");
        network.broadcast_uri = Some(format!("vxlan://{vnet}"));
        let id = tx.insert(&network)?;
        let args = [physical.id.into(), vnet.into(), id.into(), network.account_id.into()];
        tx.run(sql, &args)?;
        tx.mark(physical.vnet_pool, vnet.unsigned_abs(), true)?;
    }
    for (owner, id) in [("account", network.account_id), ("domain", network.domain_id)] {
        let many = i64::try_from(BATCH).unwrap_or(i64::MAX);
        tx.tally(Counter { owner, id, what: "network" }, many)?;
    }
    Ok(())
}
