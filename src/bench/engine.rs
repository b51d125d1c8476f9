//! Our engine, as the benchmarks use it.

use crate::api::Engine;
use crate::bench::Failed;
use crate::engine::addresses::{Use, Wish, acquire, release};
use crate::engine::{Caller, Content, Cx, Owner, seed};
use crate::model::{Account, EntityKind, Network, Record, Time, TrafficKind, VlanRange, VlanType};
use crate::schema::{Fault, Words};
use crate::store::{Counter, Open, Place, Sharing, Store, StoreError, Tx};
use serde_json::Value as Json;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// When everything happens; nothing depends on it.
const NOW: Time = Time::from_millis(1_767_322_800_000);
const KEY: [u8; 16] = *b"key of a benchma";

/// A store with an engine.
pub(super) struct Subject {
    pub(super) engine: Engine,
    pub(super) store: Arc<Store>,
    wish: Wish,
    network: Network,
}

fn failed(fault: impl std::fmt::Display) -> Failed {
    fault.to_string().into()
}

fn open(place: &Place) -> Result<Arc<Store>, Failed> {
    let mut fill = |tx: &mut Tx| seed(tx, NOW, Content::Sandbox);
    let open = Open { place, fresh_key: KEY, fill: &mut fill };
    Ok(Arc::new(Store::open(open).map_err(failed)?))
}

impl Subject {
    /// A new store with one range of `2^(32 - prefix)` addresses in a zone of its own, of which
    /// the first `held` are held already.
    pub(super) fn new(path: &Path, prefix: u8, held: u64) -> Result<Self, Failed> {
        Self::at(&Place::File(path.to_owned()), prefix, held)
    }

    /// The same at any place.
    pub(super) fn at(place: &Place, prefix: u8, held: u64) -> Result<Self, Failed> {
        let store = open(place)?;
        let (wish, network) = store.write(move |tx| prepare(tx, prefix, held)).map_err(failed)?;
        let engine = Engine::new(Arc::clone(&store), || NOW);
        Ok(Self { engine, store, wish, network })
    }

    /// The same for another store at the same place, as another server has.
    pub(super) fn beside(&self, place: &Place) -> Result<Self, Failed> {
        let store = open(place)?;
        let engine = Engine::new(Arc::clone(&store), || NOW);
        Ok(Self { engine, store, wish: self.wish, network: self.network.clone() })
    }

    /// A caller that allocates: an address, its limit counted, its event written, durable.
    pub(super) fn caller(&self) -> impl FnMut() -> Result<(), Failed> + Send + use<> {
        let (store, wish, network) = (Arc::clone(&self.store), self.wish, self.network.clone());
        move || {
            let network = network.clone();
            store
                .write_as(Sharing::Beside, move |tx| {
                    let mut cx = Cx::new(tx, NOW, &Caller::ADMIN, "associateIpAddress");
                    let found = acquire(&mut cx, &wish, Use::Network(&network, false))?;
                    let id = (found.place.range.id, found.place.place);
                    cx.concerns(EntityKind::Address, id, wish.owner, "acquiring");
                    cx.event_done("NET.IPASSIGN")
                })
                .map_err(|fault: Fault| failed(fault))
        }
    }

    /// Seconds that one allocation with its release took, `count` of them in one transaction.
    pub(super) fn work(&self, count: u32) -> Result<f64, Failed> {
        let (wish, network) = (self.wish, self.network.clone());
        let taken = self.store.write_as(Sharing::Beside, move |tx| {
            let began = Instant::now();
            for _ in 0..count {
                let mut cx = Cx::new(tx, NOW, &Caller::ADMIN, "associateIpAddress");
                let found = acquire(&mut cx, &wish, Use::Network(&network, false))?;
                release(&mut cx, &found)?;
            }
            Ok::<_, Fault>(began.elapsed().as_secs_f64() / f64::from(count))
        });
        taken.map_err(failed)
    }

    /// Seconds that making a /8 takes: its statements, and with the commit.
    pub(super) fn make_range(&self) -> Result<(f64, f64), Failed> {
        let began = Instant::now();
        let inside = self.store.write(move |tx| {
            let began = Instant::now();
            range(tx, 8)?;
            Ok::<_, StoreError>(began.elapsed().as_secs_f64())
        });
        Ok((inside.map_err(failed)?, began.elapsed().as_secs_f64()))
    }

    /// A caller of a whole API.
    pub(super) fn calls(
        &self,
        command: &'static str,
        words: Vec<(&'static str, String)>,
    ) -> impl FnMut() -> Result<Json, Failed> + Send + use<> {
        let engine = self.engine.clone();
        let words: Words = words.into_iter().collect();
        move || engine.call(&Caller::ADMIN, command, &words).map(|r| r.body).map_err(failed)
    }

    /// The id of the network that addresses are acquired for.
    pub(super) fn network_id(&self) -> String {
        self.store.key().encode(EntityKind::Network, 0, self.network.id.unsigned_abs()).to_string()
    }

    /// The id of the first address of the range.
    pub(super) fn first_id(&self) -> Result<String, Failed> {
        let (zone, key) = (self.wish.zone_id, self.store.key());
        let range = self
            .store
            .read(|tx| {
                let tail = "WHERE zone_id = ? ORDER BY id DESC";
                tx.first::<VlanRange>(tail, &[zone.into()])
            })
            .map_err(|why: StoreError| failed(why))?;
        let range = range.ok_or("the benchmark's range is gone")?;
        let place = range.span().map_or(0, |(first, _)| first);
        Ok(key.encode(EntityKind::Address, range.id.unsigned_abs(), place).to_string())
    }
}

/// Copies the sandbox's zone, without its range, so that the range that is measured is the only
/// one; and makes an account with a limit that is far away.
fn prepare(tx: &mut Tx, prefix: u8, held: u64) -> Result<(Wish, Network), StoreError> {
    tx.run("UPDATE vlan_range SET removed = 1", &[])?;
    let account: Account = again(tx, "WHERE id = 2", |one: &mut Account| {
        (one.id, one.name, one.kind) = (0, "bench".into(), 0);
    })?;
    let limit = "INSERT INTO resource_limit (owner, owner_id, what, max) VALUES (?, ?, ?, ?)";
    let far: i64 = 1 << 40;
    let whose = ["account".into(), account.id.into(), "public_ip".into(), far.into()];
    tx.run(limit, &whose)?;
    let owner = Owner { account_id: account.id, domain_id: account.domain_id };
    let offering: Option<i64> = tx.one(
        "SELECT id FROM network_offering WHERE name = \
         'DefaultIsolatedNetworkOfferingWithSourceNatService'",
        &[],
    )?;
    let network: Network = again(tx, "WHERE traffic_type = 'Public'", |one: &mut Network| {
        (one.id, one.name) = (0, "bench".into());
        (one.account_id, one.traffic_type) = (account.id, TrafficKind::Guest);
        one.guest_type = Some(crate::model::GuestType::Isolated);
        one.offering_id = offering;
        one.state = crate::model::NetworkState::Allocated;
        one.system = false;
    })?;
    let range = range(tx, prefix)?;
    hold(tx, &range, owner, network.id, held)?;
    Ok((Wish { zone_id: range.zone_id, owner, address: None, with_ip6: false }, network))
}

/// Stores a changed copy of a record.
fn again<R: Record>(tx: &mut Tx, tail: &str, change: impl Fn(&mut R)) -> Result<R, StoreError> {
    let missing = || StoreError::Other(format!("{} has no row {tail}", R::TABLE));
    let mut one: R = tx.first(tail, &[])?.ok_or_else(missing)?;
    change(&mut one);
    let id = tx.insert(&one)?;
    tx.get(id)?.ok_or_else(missing)
}

fn range(tx: &mut Tx, prefix: u8) -> Result<VlanRange, StoreError> {
    let id = tx.new_pool("address")?;
    let size = u32::try_from(1u64 << (32 - prefix)).unwrap_or(u32::MAX);
    let base = 11 << 24;
    let mut range: VlanRange = tx
        .first("WHERE 1 = 1", &[])?
        .ok_or_else(|| StoreError::Other("the sandbox has no range".into()))?;
    (range.id, range.removed, range.vlan) = (id, None, "vlan://300".into());
    range.kind = VlanType::VirtualNetwork;
    range.gateway = Some(Ipv4Addr::from_bits(base + 1));
    range.netmask = Some(Ipv4Addr::from_bits(u32::MAX << (32 - prefix)));
    range.first = Some(Ipv4Addr::from_bits(base + 2));
    range.last = Some(Ipv4Addr::from_bits(base + size - 2));
    tx.insert(&range)?;
    Ok(range)
}

/// Holds the first `count` addresses of the range, as the engine would have.
fn hold(
    tx: &mut Tx,
    range: &VlanRange,
    owner: Owner,
    network_id: i64,
    count: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO address (range_id, place, state, account_id, domain_id, network_id, \
               vpc_id, allocated, source_nat, static_nat, system, display, vm_id, vm_ip) \
               VALUES (?, ?, 2, ?, ?, ?, NULL, ?, 0, 0, 0, 1, NULL, NULL)";
    for place in (2i64..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let args = [
            range.id.into(),
            place.into(),
            owner.account_id.into(),
            owner.domain_id.into(),
            network_id.into(),
            NOW.into(),
        ];
        tx.put_row(sql, &args)?;
        tx.mark(range.id, place.unsigned_abs(), true)?;
    }
    let change = i64::try_from(count).unwrap_or(i64::MAX);
    for (kind, id, what) in [
        ("range", range.id, "used"),
        ("account", owner.account_id, "public_ip"),
        ("domain", owner.domain_id, "public_ip"),
    ] {
        tx.tally(Counter { owner: kind, id, what }, change)?;
    }
    Ok(())
}
