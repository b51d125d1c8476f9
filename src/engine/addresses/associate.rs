//! Which network or VPC an address is acquired for (`NetworkServiceImpl.allocateIP` and
//! `associateIPToNetwork`, `VpcManagerImpl.associateIPToVpc`).

use crate::engine::addresses::{Found, Use, Wish, acquire, acquire_portable};
use crate::engine::{Cx, Owner, network_checks};
use crate::model::{GuestType, Network, NetworkOffering, TrafficKind, Vpc, VpcOffering, Zone};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The zone, where it was named.
    pub(crate) zone: Option<Zone>,
    /// The network, where it was named.
    pub(crate) network: Option<Network>,
    /// The VPC, where it was named; then the network counts for nothing.
    pub(crate) vpc: Option<Vpc>,
    /// The owner, where one was named.
    pub(crate) owner: Option<Owner>,
    /// The address, where one was named.
    pub(crate) address: Option<Ipv4Addr>,
    /// Whether it must be portable.
    pub(crate) portable: bool,
}

/// Acquires an address and associates it.
pub(crate) fn associate(cx: &mut Cx<'_>, ask: &Ask) -> Result<Found, Fault> {
    let zone = zone_of(cx, ask)?;
    if let Some(vpc) = &ask.vpc {
        let owner = ask.owner.unwrap_or(Owner::from(vpc));
        let wish = Wish { zone_id: zone.id, owner, address: ask.address, with_ip6: false };
        return for_vpc(cx, vpc, &wish, ask.portable);
    }
    let network = match &ask.network {
        Some(network) => network.clone(),
        None => only_network(cx, &zone, ask.owner.unwrap_or(cx.caller_owner()))?,
    };
    let shared = network.guest_type == Some(GuestType::Shared);
    let by_default = if shared { cx.caller_owner() } else { Owner::from(&network) };
    let owner = ask.owner.unwrap_or(by_default);
    let wish = Wish { zone_id: zone.id, owner, address: ask.address, with_ip6: false };
    for_network(cx, &network, &wish, ask.portable)
}

/// The zone that was named, else that of the VPC, else that of the network.
fn zone_of(cx: &mut Cx<'_>, ask: &Ask) -> Result<Zone, Fault> {
    let of_vpc = ask.vpc.as_ref().map(|vpc| vpc.zone_id);
    let of_network = ask.network.as_ref().map(|network| network.zone_id);
    let zone = match (&ask.zone, of_vpc.or(of_network)) {
        (Some(zone), Some(other)) if zone.id != other => {
            let what = if of_vpc.is_some() { "vpcid" } else { "networkid" };
            let text = format!("Invalid parameter {what}: it is not in the zone {}", zone.name);
            return Err(Fault::invalid(text));
        }
        (Some(zone), _) => zone.clone(),
        (None, Some(id)) => cx.must(id)?,
        (None, None) => {
            let text = "One of the parameters zoneid, networkid and vpcid must be given";
            return Err(Fault::invalid(text));
        }
    };
    let zone_id = cx.uid::<Zone>(zone.id);
    network_checks::refuse_disabled(cx, &zone).map_err(|fault| fault.about(zone_id, "zoneId"))?;
    Ok(zone)
}

/// The owner's isolated network in a zone, when there is exactly one.
fn only_network(cx: &mut Cx<'_>, zone: &Zone, owner: Owner) -> Result<Network, Fault> {
    let mut networks: Vec<Network> = cx.tx.select(
        "WHERE account_id = ? AND zone_id = ? AND guest_type = 'Isolated' AND vpc_id IS NULL \
         AND removed IS NULL LIMIT 2",
        &[owner.account_id.into(), zone.id.into()],
    )?;
    match (networks.pop(), networks.is_empty()) {
        (Some(network), true) => Ok(network),
        (None, _) => Err(Fault::invalid(format!(
            "Parameter networkid is needed: the account has no isolated network in the zone {}",
            zone.name
        ))),
        (Some(_), false) => Err(Fault::invalid(format!(
            "Parameter networkid is needed: the account has several isolated networks in the zone \
             {}",
            zone.name
        ))),
    }
}

/// The services that make public addresses of use to a shared network.
const FOR_SHARED: &[&str] = &["SourceNat", "StaticNat", "Firewall", "PortForwarding", "Lb"];

/// Acquires an address for a guest network. The first one of a network without a source NAT
/// becomes it (`isSourceNatAvailableForNetwork`).
fn for_network(
    cx: &mut Cx<'_>,
    network: &Network,
    wish: &Wish,
    portable: bool,
) -> Result<Found, Fault> {
    if let Some(vpc) = network.vpc_id {
        let vpc: Vpc = cx.must(vpc)?;
        let text = format!(
            "Invalid parameter networkid: {} is a tier of the VPC {}; give vpcid instead",
            network.name, vpc.name
        );
        return Err(Fault::invalid(text).in_job());
    }
    if network.traffic_type != TrafficKind::Guest {
        let text = "Invalid parameter networkid: it is not a guest network";
        return Err(Fault::invalid(text).in_job());
    }
    let isolated = network.guest_type == Some(GuestType::Isolated);
    let source_nat = isolated && !portable && !has_source_nat(cx, "network_id", network.id)?;
    let offering = match network.offering_id {
        Some(id) => Some(cx.must::<NetworkOffering>(id)?),
        None => None,
    };
    let serves = offering.as_ref().is_some_and(|offering| match isolated {
        true => offering.services().has("SourceNat"),
        false => FOR_SHARED.iter().any(|service| offering.services().has(service)),
    });
    if !serves {
        let text = format!(
            "Invalid parameter networkid: the offering of the network {} has no service that \
             uses public addresses (SourceNat)",
            network.name
        );
        return Err(Fault::invalid(text).in_job());
    }
    if !isolated && !cx.is_permitted(network, wish.owner)? {
        let text = "Invalid parameter networkid: the owner may not use the network";
        return Err(Fault::new(Exception::PermissionDenied, text).in_job());
    }
    if isolated && wish.owner.account_id != network.account_id {
        let text = "Invalid parameter networkid: the network belongs to another account";
        return Err(Fault::invalid(text).in_job());
    }
    if portable {
        return acquire_portable(cx, wish, Use::Network(network, false));
    }
    first_alone(cx, source_nat)?;
    acquire(cx, wish, Use::Network(network, source_nat))
}

/// Two who find no source NAT at the same time would both become it.
fn first_alone(cx: &mut Cx<'_>, source_nat: bool) -> Result<(), Fault> {
    if source_nat {
        cx.tx.alone()?;
    }
    Ok(())
}

/// Acquires an address for a VPC; the first one becomes its source NAT where the offering has
/// that service.
fn for_vpc(cx: &mut Cx<'_>, vpc: &Vpc, wish: &Wish, portable: bool) -> Result<Found, Fault> {
    if portable {
        return acquire_portable(cx, wish, Use::Vpc(vpc, false));
    }
    let offering: VpcOffering = cx.must(vpc.offering_id)?;
    let wants = offering.services().has("SourceNat");
    let source_nat = wants && !has_source_nat(cx, "vpc_id", vpc.id)?;
    first_alone(cx, source_nat)?;
    acquire(cx, wish, Use::Vpc(vpc, source_nat))
}

/// Whether a network or a VPC (`column` says which) has a source NAT address. Those are only
/// written while nobody else writes.
pub(crate) fn has_source_nat(
    cx: &mut Cx<'_>,
    column: &'static str,
    id: i64,
) -> Result<bool, Fault> {
    let known = cx.tx.memo(("source nat", column, id), |tx| {
        let sql = format!("SELECT 1 FROM address WHERE {column} = ? AND source_nat = 1 LIMIT 1");
        Ok::<_, StoreError>(tx.one::<i64>(&sql, &[id.into()])?.is_some())
    })?;
    Ok(*known)
}
