//! Networks on a zone with VXLAN: the first ones, and those after a million.

use crate::bench::callers::Seen;
use crate::bench::engine::Subject;
use crate::bench::{Failed, Report, line};
use crate::model::{EntityKind, Network, NetworkOffering, NetworkState, PhysicalNetwork};
use crate::store::{Counter, StoreError, Tx};
use std::time::Instant;

/// The offering of the networks; made persistent, so that each takes its VNI at once.
const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
/// Networks of the large zone.
const MANY: i64 = 1_000_000;
/// Networks that are made while the time is taken.
const MEASURED: usize = 60;

/// The cost of a network, with its VNI and its source NAT address, by how many there are.
pub(super) fn networks(report: &mut Report) -> Result<(), Failed> {
    line("\ncreate network (VNI, source NAT address) on an empty VXLAN zone and after 1,000,000")?;
    let mut medians = [0.0; 2];
    for (at, count) in [0, MANY].into_iter().enumerate() {
        let subject = Subject::new(&report.fresh("networks"), 8, 0)?;
        let offering = subject.store.write(move |tx| fill(tx, count));
        let offering = offering.map_err(|why: StoreError| why.to_string())?;
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

/// Makes networks with their VNIs, as the engine would have; the row of their offering.
fn fill(tx: &mut Tx, count: i64) -> Result<i64, StoreError> {
    let missing = |what: &str| StoreError::Other(format!("the sandbox has no {what}"));
    let mut offering: NetworkOffering =
        tx.first("WHERE name = ?", &[OFFERING.into()])?.ok_or_else(|| missing("offering"))?;
    offering.persistent = true;
    tx.save(&offering)?;
    let mut physical: PhysicalNetwork =
        tx.first("WHERE 1 = 1", &[])?.ok_or_else(|| missing("physical network"))?;
    physical.vnets = "0-16777214".into();
    tx.save(&physical)?;
    let mut network: Network =
        tx.first("WHERE name = 'bench'", &[])?.ok_or_else(|| missing("network"))?;
    (network.id, network.state) = (0, NetworkState::Implemented);
    network.physical_network_id = Some(physical.id);
    let sql = "INSERT INTO vnet (physical_network_id, vnet, network_id, account_id, taken) \
               VALUES (?, ?, ?, ?, 0)";
    for vnet in 0..count {
        network.name = format!("network-{vnet}");
        network.broadcast_uri = Some(format!("vxlan://{vnet}"));
        let id = tx.insert(&network)?;
        let args = [physical.id.into(), vnet.into(), id.into(), network.account_id.into()];
        tx.run(sql, &args)?;
        tx.mark(physical.vnet_pool, vnet.unsigned_abs(), true)?;
    }
    for (owner, id) in [("account", network.account_id), ("domain", network.domain_id)] {
        tx.tally(Counter { owner, id, what: "network" }, count)?;
    }
    Ok(offering.id)
}
