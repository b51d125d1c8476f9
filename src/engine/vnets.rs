//! The VLANs and VNIs of physical networks: who has which, and which is next.

use crate::engine::{Cx, guest_vlans};
use crate::model::PhysicalNetwork;
use crate::net::IdSet;
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;

/// Takes the lowest free VLAN or VNI of a physical network for a guest network, of those that are
/// the account's own first; the cost does not depend on how many are taken. CloudStack takes a
/// random one, which nobody can rely on.
pub(crate) fn take_vnet(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    network_id: i64,
    account_id: i64,
) -> Result<u64, Fault> {
    for choice in guest_vlans::choices(cx, physical, account_id)? {
        if let Some(vnet) = take_of(cx, physical, &choice, network_id, account_id)? {
            return Ok(vnet);
        }
    }
    Err(none_left(cx, physical))
}

fn take_of(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    choice: &IdSet,
    network_id: i64,
    account_id: i64,
) -> Result<Option<u64>, Fault> {
    let spans: Vec<(u64, u64)> = choice.ranges().map(|r| (*r.start(), *r.end())).collect();
    while let Some(vnet) = cx.tx.take_lowest(physical.vnet_pool, &spans)? {
        let args = [
            physical.id.into(),
            vnet.cast_signed().into(),
            network_id.into(),
            account_id.into(),
            cx.now.into(),
        ];
        let sql = "INSERT INTO vnet (physical_network_id, vnet, network_id, account_id, taken) \
                   VALUES (?, ?, ?, ?, ?)";
        match cx.tx.run(sql, &args) {
            Ok(_) => return Ok(Some(vnet)),
            // The bit was wrong and is right now: the row was there, so the next one it is.
            Err(StoreError::Unique(_)) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(None)
}

/// Gives a VLAN or VNI back. One that nobody has stays free.
pub(crate) fn give_vnet(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    vnet: u64,
) -> Result<(), Fault> {
    let args = [physical.id.into(), vnet.cast_signed().into()];
    cx.tx.run("DELETE FROM vnet WHERE physical_network_id = ? AND vnet = ?", &args)?;
    cx.tx.mark(physical.vnet_pool, vnet, false)?;
    Ok(())
}

/// The VLANs or VNIs that a physical network has.
pub(crate) fn vnets_of(physical: &PhysicalNetwork) -> Result<IdSet, Fault> {
    let damaged = |why| StoreError::Damaged(format!("physical network {}: {why}", physical.id));
    Ok(IdSet::parse(&physical.vnets).map_err(damaged)?)
}

/// The lowest VLAN or VNI within `ids` that a guest network has.
pub(crate) fn first_taken(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    ids: &IdSet,
) -> Result<Option<u64>, Fault> {
    for range in ids.ranges() {
        let found: Option<Option<i64>> = cx.tx.one(
            "SELECT MIN(vnet) FROM vnet WHERE physical_network_id = ? AND vnet BETWEEN ? AND ?",
            &[
                physical.id.into(),
                range.start().cast_signed().into(),
                range.end().cast_signed().into(),
            ],
        )?;
        if let Some(vnet) = found.flatten() {
            return Ok(Some(vnet.cast_unsigned()));
        }
    }
    Ok(None)
}

fn none_left(cx: &Cx<'_>, physical: &PhysicalNetwork) -> Fault {
    let has = match physical.vnets.as_str() {
        "" => "it has none at all".to_owned(),
        vnets => format!("all of {} are taken", quoted(vnets)),
    };
    let name = quoted(&physical.name);
    let id = cx.uid::<PhysicalNetwork>(physical.id);
    Fault::new(
        Exception::InsufficientVirtualNetworkCapacity,
        format!(
            "No VLAN or VNI is free on the physical network {name} ({id}): {has}; give it more \
             with updatePhysicalNetwork vlan"
        ),
    )
    .about(id, "physicalNetworkId")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Caller;
    use crate::sim::{EPOCH, World};

    /// Does something with the sandbox's physical network whose ids are `vnets`.
    fn with<T: Send + 'static>(
        world: &World,
        vnets: &'static str,
        run: impl Fn(&mut Cx<'_>, &PhysicalNetwork) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        world.engine.store().write(move |tx| {
            let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "createNetwork");
            let mut physical: PhysicalNetwork = cx.must(1)?;
            vnets.clone_into(&mut physical.vnets);
            run(&mut cx, &physical)
        })
    }

    #[test]
    fn the_lowest_free_one_is_taken_and_a_returned_one_is_next() {
        let world = World::sandbox();
        let taken = with(&world, "10-11,20-20", |cx, physical| {
            let three = [(); 3].map(|()| take_vnet(cx, physical, 1, 2));
            give_vnet(cx, physical, 11)?;
            Ok((three, take_vnet(cx, physical, 1, 2)?))
        });
        assert_eq!(taken.unwrap(), ([Ok(10), Ok(11), Ok(20)], 11));
    }

    #[test]
    fn when_none_is_left_the_fault_says_which_there_are() {
        let world = World::sandbox();
        for (vnets, why) in [("10-10", "all of `10-10` are taken"), ("", "it has none at all")] {
            let fault = with(&world, vnets, |cx, physical| {
                let _ = take_vnet(cx, physical, 1, 2);
                take_vnet(cx, physical, 1, 2)
            });
            let fault = fault.unwrap_err();
            assert_eq!((fault.code(), fault.exception.cs_code()), (533, 4331));
            assert!(fault.text.contains(why), "{}", fault.text);
        }
    }

    #[test]
    fn a_wrong_bit_costs_one_more_try_and_is_right_afterwards() {
        let world = World::sandbox();
        let taken = with(&world, "10-20", |cx, physical| {
            take_vnet(cx, physical, 1, 2)?;
            cx.tx.mark(physical.vnet_pool, 10, false)?;
            Ok((take_vnet(cx, physical, 1, 2)?, cx.tx.mark(physical.vnet_pool, 10, true)?))
        });
        assert_eq!(taken.unwrap(), (11, false));
    }

    #[test]
    fn the_lowest_taken_one_of_a_set_is_found() {
        let world = World::sandbox();
        let found = with(&world, "10-20", |cx, physical| {
            take_vnet(cx, physical, 1, 2)?;
            let set = |text| IdSet::parse(text).unwrap_or_default();
            Ok((
                first_taken(cx, physical, &set("1-9,10-12"))?,
                first_taken(cx, physical, &set("1-9,11-20"))?,
            ))
        });
        assert_eq!(found.unwrap(), (Some(10), None));
    }
}
