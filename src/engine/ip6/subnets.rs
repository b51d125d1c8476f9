//! The /64s of guest networks: the lowest free one of the oldest prefix that has any.

use crate::engine::Cx;
use crate::engine::ip6::prefixes_of;
use crate::model::{Column, Ip6Prefix, Network, Zone};
use crate::net::Cidr6;
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;

/// Refuses a network with IPv6 where no /64 is left for it: `ResourceAllocationException`, 535.
pub(crate) fn check_room(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    for prefix in prefixes_of(cx, zone.id)? {
        if !cx.tx.free_numbers(prefix.id, span(&prefix), 0, 1)?.is_empty() {
            return Ok(());
        }
    }
    Err(none_left(cx, zone)?)
}

fn span(prefix: &Ip6Prefix) -> (u64, u64) {
    (0, prefix.prefix.subnets().saturating_sub(1))
}

/// Gives a network its /64 and the gateway in it; the caller saves the network.
pub(crate) fn give_subnet(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    for prefix in prefixes_of(cx, network.zone_id)? {
        if let Some(subnet) = take_of(cx, &prefix, network.id)? {
            network.ip6_cidr = Some(subnet.to_string());
            network.ip6_gateway = Some(subnet.first_host().to_string());
            return Ok(());
        }
    }
    let zone: Zone = cx.must(network.zone_id)?;
    Err(none_left(cx, &zone)?)
}

fn take_of(cx: &mut Cx<'_>, prefix: &Ip6Prefix, network_id: i64) -> Result<Option<Cidr6>, Fault> {
    while let Some(place) = cx.tx.take_lowest(prefix.id, &[span(prefix)])? {
        let number = i64::try_from(place).unwrap_or(i64::MAX);
        let args = [prefix.id.into(), number.into(), network_id.into(), cx.now.into()];
        let sql = "INSERT INTO ip6_subnet (prefix_id, place, network_id, created) \
                   VALUES (?, ?, ?, ?)";
        match cx.tx.run(sql, &args) {
            Ok(_) => return Ok(prefix.prefix.subnet(place)),
            // The bit was wrong and is right now: the row was there, so the next one it is.
            Err(StoreError::Unique(_)) if place_of(cx, network_id)?.is_none() => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(None)
}

/// The prefix and the place of a network's /64.
fn place_of(cx: &mut Cx<'_>, network_id: i64) -> Result<Option<(i64, i64)>, Fault> {
    let mut found = None;
    let sql = "SELECT prefix_id, place FROM ip6_subnet WHERE network_id = ?";
    cx.tx.each(sql, &[network_id.into()], |cell| {
        found = Some((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(false)
    })?;
    Ok(found)
}

/// Takes its /64 from a network that goes, or that has no IPv6 any more; one that has none stays as
/// it is. The caller saves the network.
pub(crate) fn take_subnet_back(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    let Some((prefix_id, place)) = place_of(cx, network.id)? else { return Ok(()) };
    cx.tx.run("DELETE FROM ip6_subnet WHERE network_id = ?", &[network.id.into()])?;
    cx.tx.mark(prefix_id, place.unsigned_abs(), false)?;
    (network.ip6_cidr, network.ip6_gateway) = (None, None);
    Ok(())
}

fn none_left(cx: &mut Cx<'_>, zone: &Zone) -> Result<Fault, Fault> {
    let known = prefixes_of(cx, zone.id)?;
    let named: Vec<_> = known.iter().map(|one| one.prefix.to_string()).collect();
    let why = match named.is_empty() {
        true => "it has no prefix; an admin gives it one with createGuestNetworkIpv6Prefix".into(),
        false => format!("all of {} are taken", named.join(", ")),
    };
    let (name, id) = (quoted(&zone.name), cx.uid::<Zone>(zone.id));
    let text = format!("No IPv6 subnet is free in the zone {name}: {why}");
    Ok(Fault::new(Exception::ResourceAllocation, text).about(id, "zoneId"))
}
