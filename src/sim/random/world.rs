//! What a run begins with: a zone, four people in two domains, their networks and VPCs.

use super::Run;
use super::model::{BELOW, Home, Model, PEOPLE, Range};
use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::model::{
    Account, Domain, GuestType, Network, NetworkOffering, NetworkState, Service, Services,
    TrafficKind, Vpc, VpcOffering,
};
use crate::sim::rng::Rng;
use crate::sim::{EPOCH, KEY, World, clock};
use crate::store::{Db, Faults, Faulty, Sqlite, Store, StoreError, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

impl Run {
    /// The start of a run.
    pub(super) fn new(seed: u64) -> Self {
        let faults = Faults::default();
        let mut homes = Vec::new();
        let store = store(&faults, &mut |tx| {
            self::seed(tx, EPOCH, Content::Sandbox)?;
            people(tx)?;
            homes = self::homes(tx)?;
            Ok(())
        });
        let world = World { engine: Engine::new(Arc::new(store), clock()) };
        let model = Model { homes, ..Model::default() };
        let (log, tally) = (String::new(), super::Tally::default());
        let mut run = Self { world, faults, rng: Rng::new(seed), model, log, tally, before: None };
        run.know_the_sandbox();
        run
    }

    /// The range that is there from the start.
    fn know_the_sandbox(&mut self) {
        let id = self.world.id("listVlanIpRanges", &[]);
        let range = Range {
            vlan: "100",
            gateway: u32::from_be_bytes([203, 0, 113, 1]),
            prefix: 24,
            first: u32::from_be_bytes([203, 0, 113, 2]),
            last: u32::from_be_bytes([203, 0, 113, 254]),
            account: None,
            domain: None,
            system: false,
        };
        self.model.ranges.insert(super::calls::row(&id), range);
    }
}

fn store(faults: &Faults, fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>) -> Store {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let name = format!("random-{}", NAMES.fetch_add(1, Ordering::Relaxed));
    let faults = faults.clone();
    let connect = move || {
        let db = Box::new(Sqlite::memory(&name)?);
        Ok(Box::new(Faulty::new(db, faults.clone())) as Box<dyn Db>)
    };
    Store::with(Box::new(connect), None, KEY, fill).expect("a store in memory")
}

fn people(tx: &mut Tx) -> Result<(), StoreError> {
    tx.insert(&Domain {
        id: BELOW.0,
        parent_id: Some(1),
        name: "below".into(),
        path: "/below/".into(),
        level: 1,
        state: "Active".into(),
        network_domain: None,
        created: EPOCH,
        removed: None,
    })?;
    limit(tx, "domain", BELOW.0, BELOW.1)?;
    for person in PEOPLE {
        let Some(max) = person.max else { continue };
        tx.insert(&Account {
            id: person.id,
            name: person.name.into(),
            kind: 0,
            domain_id: person.domain,
            role_id: 4,
            state: "enabled".into(),
            network_domain: None,
            is_default: false,
            created: EPOCH,
            removed: None,
        })?;
        limit(tx, "account", person.id, max)?;
    }
    Ok(())
}

fn limit(tx: &mut Tx, owner: &str, id: i64, max: u64) -> Result<(), StoreError> {
    let args = [owner.into(), id.into(), "public_ip".into(), max.cast_signed().into()];
    tx.run("INSERT INTO resource_limit (owner, owner_id, what, max) VALUES (?, ?, ?, ?)", &args)?;
    Ok(())
}

/// Two networks, one of them up, and a VPC for everybody.
fn homes(tx: &mut Tx) -> Result<Vec<Home>, StoreError> {
    let services = Services(vec![Service { name: "SourceNat".into(), ..Service::default() }]);
    let offering: NetworkOffering = tx.get(1)?.expect("a network offering");
    let offering_id =
        tx.insert(&NetworkOffering { id: 0, name: "sim".into(), services, ..offering })?;
    let offering: VpcOffering = tx.get(1)?.expect("a VPC offering");
    let services = Services(vec![Service { name: "SourceNat".into(), ..Service::default() }]);
    let vpc_offering =
        tx.insert(&VpcOffering { id: 0, name: "sim".into(), services, ..offering })?;
    let mut homes = Vec::new();
    for person in PEOPLE {
        for is_up in [false, true] {
            let network = network(tx, person.id, person.domain, offering_id, is_up)?;
            homes.push(Home { id: network, is_vpc: false, account: person.id, is_up });
        }
        let vpc = vpc(tx, person.id, person.domain, vpc_offering)?;
        homes.push(Home { id: vpc, is_vpc: true, account: person.id, is_up: true });
    }
    Ok(homes)
}

fn network(
    tx: &mut Tx,
    account_id: i64,
    domain_id: i64,
    offering_id: i64,
    is_up: bool,
) -> Result<i64, StoreError> {
    let public: Network = tx.get(1)?.expect("the public network");
    tx.insert(&Network {
        id: 0,
        name: format!("net of {account_id}"),
        offering_id: Some(offering_id),
        account_id,
        domain_id,
        traffic_type: TrafficKind::Guest,
        guest_type: Some(GuestType::Isolated),
        state: if is_up { NetworkState::Implemented } else { NetworkState::Allocated },
        system: false,
        ..public
    })
}

fn vpc(tx: &mut Tx, account_id: i64, domain_id: i64, offering_id: i64) -> Result<i64, StoreError> {
    let (name, network): (String, Network) =
        (format!("vpc of {account_id}"), tx.get(1)?.expect("the public network"));
    tx.insert(&Vpc {
        id: 0,
        display_text: name.clone(),
        name,
        zone_id: network.zone_id,
        account_id,
        domain_id,
        offering_id,
        cidr: "10.1.0.0/16".into(),
        state: crate::model::VpcState::Enabled,
        network_domain: None,
        restart_required: false,
        redundant: false,
        display: true,
        public_mtu: 1500,
        dns1: None,
        dns2: None,
        ip6_dns1: None,
        ip6_dns2: None,
        created: EPOCH,
        removed: None,
    })
}
