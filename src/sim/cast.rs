//! Who takes part in simulations: four people in two domains, their networks and VPCs.

use crate::model::{
    Account, Domain, GuestType, Network, NetworkOffering, NetworkState, Service, Services,
    TrafficKind, Vpc, VpcOffering,
};
use crate::net::Cidr4;
use crate::sim::EPOCH;
use crate::store::{Counter, StoreError, Tx};
use std::net::Ipv4Addr;

/// Somebody who holds addresses.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) domain: i64,
    /// How many addresses they may have.
    pub(crate) max: Option<u64>,
}

/// ROOT, which has no limit.
pub(crate) const ROOT: i64 = 1;
/// The domain below it, with how many addresses it may have.
pub(crate) const BELOW: (i64, u64) = (2, 45);
pub(crate) const PEOPLE: &[Person] = &[
    Person { id: 2, name: "admin", domain: ROOT, max: None },
    Person { id: 3, name: "amy", domain: ROOT, max: Some(25) },
    Person { id: 4, name: "bob", domain: BELOW.0, max: Some(1000) },
    Person { id: 5, name: "cid", domain: BELOW.0, max: Some(20) },
];

pub(crate) fn person(id: i64) -> &'static Person {
    PEOPLE.iter().find(|one| one.id == id).expect("a known person")
}

/// A guest network or a VPC.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Home {
    pub(crate) id: i64,
    pub(crate) is_vpc: bool,
    pub(crate) account: i64,
    /// Whether its source NAT address must stay.
    pub(crate) is_up: bool,
}

/// Stores them in a store that has the zone `sandbox`; returns what is there to use addresses for.
pub(crate) fn cast(tx: &mut Tx) -> Result<Vec<Home>, StoreError> {
    people(tx)?;
    homes(tx)
}

/// Stores the people.
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

/// Counts one more of something for somebody and the domains above.
fn count(tx: &mut Tx, person: &Person, what: &'static str) -> Result<(), StoreError> {
    tx.tally(Counter { owner: "account", id: person.id, what }, 1)?;
    let above = [ROOT, BELOW.0].into_iter().filter(|id| *id == ROOT || *id == person.domain);
    for id in above {
        tx.tally(Counter { owner: "domain", id, what }, 1)?;
    }
    Ok(())
}

/// Two networks, one of them up, and a VPC for everybody.
fn homes(tx: &mut Tx) -> Result<Vec<Home>, StoreError> {
    let service = |name: &str| Service { name: name.into(), ..Service::default() };
    let services = Services(vec![service("SourceNat"), service("StaticNat"), service("Lb")]);
    let plain = "WHERE guest_type = 'Isolated' AND for_vpc = 0 AND specify_vlan = 0 \
                 AND persistent = 0 AND state = 'Enabled'";
    let offering: NetworkOffering = tx.first(plain, &[])?.expect("a network offering");
    let offering_id =
        tx.insert(&NetworkOffering { id: 0, name: "sim".into(), services, ..offering })?;
    let tier: NetworkOffering = tx.get(offering_id)?.expect("a network offering");
    let services = Services(vec![service("SourceNat")]);
    let tier = NetworkOffering { services, ..tier };
    tx.insert(&NetworkOffering { id: 0, name: "sim-tier".into(), for_vpc: true, ..tier })?;
    let offering: VpcOffering = tx.get(1)?.expect("a VPC offering");
    let services = Services(vec![Service { name: "SourceNat".into(), ..Service::default() }]);
    let vpc_offering =
        tx.insert(&VpcOffering { id: 0, name: "sim".into(), services, ..offering })?;
    let mut homes = Vec::new();
    for person in PEOPLE {
        for is_up in [false, true] {
            let network = network(tx, person.id, person.domain, offering_id, is_up)?;
            count(tx, person, "network")?;
            homes.push(Home { id: network, is_vpc: false, account: person.id, is_up });
        }
        let vpc = vpc(tx, person.id, person.domain, vpc_offering)?;
        count(tx, person, "vpc")?;
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
        gateway: Some(Ipv4Addr::new(10, 1, 1, 1)),
        cidr: Cidr4::new(Ipv4Addr::new(10, 1, 1, 0), 24),
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
