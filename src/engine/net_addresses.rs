//! What networks and VPCs need of public addresses: the one place where they ask for them.

use crate::engine::addresses::{self, Found, Use, Wish};
use crate::engine::{Cx, Owner, ip6};
use crate::model::{Address, Network, Vpc};
use crate::schema::Fault;
use std::net::Ipv4Addr;

/// Gives a VPC its source NAT address: `wanted`, else the lowest that its owner may have. Does
/// nothing when none is wanted and the VPC has one already.
pub(crate) fn take_source_nat_for_vpc(
    cx: &mut Cx<'_>,
    vpc: &Vpc,
    wanted: Option<Ipv4Addr>,
) -> Result<(), Fault> {
    if wanted.is_none() && addresses::has_source_nat(cx, "vpc_id", vpc.id)? {
        return Ok(());
    }
    let owner = Owner::from(vpc);
    let with_ip6 = ip6::vpc_has_ip6(&cx.must(vpc.offering_id)?);
    let wish = Wish { zone_id: vpc.zone_id, owner, address: wanted, with_ip6 };
    addresses::acquire(cx, &wish, Use::Vpc(vpc, true)).map(drop)
}

/// Gives an isolated network that is no tier its source NAT address, as above. The network may
/// be `Allocated` (when `wanted` was named at its creation) or `Implementing`.
pub(crate) fn take_source_nat_for_network(
    cx: &mut Cx<'_>,
    network: &Network,
    wanted: Option<Ipv4Addr>,
) -> Result<(), Fault> {
    if wanted.is_none() && addresses::has_source_nat(cx, "network_id", network.id)? {
        return Ok(());
    }
    let owner = Owner::from(network);
    let offering = network.offering_id.map(|id| cx.must(id)).transpose()?;
    let with_ip6 = offering.is_some_and(|offering| ip6::has_ip6(&offering));
    let wish = Wish { zone_id: network.zone_id, owner, address: wanted, with_ip6 };
    addresses::acquire(cx, &wish, Use::Network(network, true)).map(drop)
}

/// Makes another address of the network its source NAT. Refuses one that the network does not
/// hold, and one with static NAT; does nothing when it is the source NAT already.
pub(crate) fn move_source_nat_of_network(
    cx: &mut Cx<'_>,
    network: &Network,
    ip: Ipv4Addr,
) -> Result<(), Fault> {
    let whose = format!("the network {}", network.name);
    let holds = |row: &Address| row.network_id == Some(network.id);
    let to = held(cx, ip, network.zone_id, &whose, holds)?;
    move_source_nat(cx, "network_id", network.id, &to)
}

/// Makes another address of the VPC its source NAT, as above; one that is bound to a tier is
/// refused too.
pub(crate) fn move_source_nat_of_vpc(
    cx: &mut Cx<'_>,
    vpc: &Vpc,
    ip: Ipv4Addr,
) -> Result<(), Fault> {
    let whose = format!("the VPC {}", vpc.name);
    let holds = |row: &Address| row.vpc_id == Some(vpc.id);
    let to = held(cx, ip, vpc.zone_id, &whose, holds)?;
    if to.network_id.is_some() {
        return Err(refuse(ip, "is bound to a tier"));
    }
    move_source_nat(cx, "vpc_id", vpc.id, &to)
}

/// The row of an address that a network or VPC holds and that could be its source NAT.
fn held(
    cx: &mut Cx<'_>,
    ip: Ipv4Addr,
    zone_id: i64,
    whose: &str,
    holds: impl Fn(&Address) -> bool,
) -> Result<Address, Fault> {
    let all = Found::by_ip(cx, ip, Some(zone_id))?;
    let found = all.into_iter().find(|found| found.row.as_ref().is_some_and(&holds));
    let Some((row, range)) = found.and_then(|found| found.row.zip(Some(found.place.range))) else {
        return Err(refuse(ip, &format!("is not an address of {whose}; associate it first")));
    };
    if range.portable {
        return Err(refuse(ip, "is portable, and those are never source NAT"));
    }
    if row.static_nat {
        return Err(refuse(ip, "has static NAT"));
    }
    Ok(row)
}

fn refuse(ip: Ipv4Addr, why: &str) -> Fault {
    Fault::invalid(format!("Invalid parameter sourcenatipaddress: {ip} {why}"))
}

fn move_source_nat(cx: &mut Cx<'_>, holder: &str, id: i64, to: &Address) -> Result<(), Fault> {
    let clear = format!("UPDATE address SET source_nat = 0 WHERE {holder} = ? AND source_nat = 1");
    cx.tx.run(&clear, &[id.into()])?;
    let set = "UPDATE address SET source_nat = 1 WHERE range_id = ? AND place = ?";
    cx.tx.run(set, &[to.range_id.into(), to.place.into()])?;
    Ok(())
}

/// Gives back all addresses of a network that is being deleted, its source NAT too. Of a tier
/// only the binding goes: its addresses stay with the VPC.
pub(crate) fn release_all_of_network(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    if network.vpc_id.is_some() {
        cx.tx.run(
            "UPDATE address SET network_id = NULL, static_nat = 0, vm_id = NULL, vm_ip = NULL \
             WHERE network_id = ? AND vpc_id IS NOT NULL",
            &[network.id.into()],
        )?;
    }
    addresses::release_all_of_network(cx, network.id).map(drop)
}

/// Gives back all addresses of a VPC that is being deleted, its source NAT too.
pub(crate) fn release_all_of_vpc(cx: &mut Cx<'_>, vpc: &Vpc) -> Result<(), Fault> {
    addresses::release_all_of_vpc(cx, vpc.id).map(drop)
}
