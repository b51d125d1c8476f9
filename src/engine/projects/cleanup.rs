//! What a project owns: refused or released when it goes.

use crate::engine::addresses::{self, Found};
use crate::engine::obstacles::Obstacles;
use crate::engine::{Cx, delete_network, delete_vpc, ranges};
use crate::model::{Account, AddressState, Column, Network, Project, VlanRange, Vpc};
use crate::schema::Fault;
use crate::text::quoted;

/// Refuses to delete a project that owns something.
pub(super) fn refuse_full(cx: &mut Cx<'_>, project: &Project) -> Result<(), Fault> {
    let mut found = Obstacles::default();
    let args = [project.account_id.into()];
    let owned = "account_id = ? AND removed IS NULL";
    found.look::<Network>(cx, ("network", "networks"), "name", owned, &args)?;
    found.look::<Vpc>(cx, ("VPC", "VPCs"), "name", owned, &args)?;
    let range = ("dedicated IP range", "dedicated IP ranges");
    found.look::<VlanRange>(cx, range, "vlan", owned, &args)?;
    found.refuse(&format!("project {}", quoted(&project.name)))
}

/// Releases all that an account owns.
pub(super) fn cleanup_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    let owned = "WHERE account_id = ? AND removed IS NULL ORDER BY id";
    for network in cx.tx.select::<Network>(owned, &[account.id.into()])? {
        delete_network(cx, network, false)?;
    }
    for vpc in cx.tx.select::<Vpc>(owned, &[account.id.into()])? {
        delete_vpc(cx, vpc)?;
    }
    release_addresses(cx, account)?;
    for range in cx.tx.select::<VlanRange>(owned, &[account.id.into()])? {
        ranges::release_dedicated(cx, range)?;
    }
    Ok(())
}

/// Releases the addresses that belong to no network and no VPC.
fn release_addresses(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    let mut places: Vec<(i64, i64)> = Vec::new();
    let sql = "SELECT range_id, place FROM address WHERE account_id = ? ORDER BY range_id, place";
    cx.tx.each(sql, &[account.id.into()], |cell| {
        places.push((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(true)
    })?;
    for (range_id, place) in places {
        let Some(found) = Found::at(cx, range_id, place)? else { continue };
        match found.row.as_ref().map(|row| row.state) {
            Some(AddressState::Reserved) => addresses::release_reserved(cx, &found)?,
            _ => addresses::release(cx, &found)?,
        }
    }
    Ok(())
}
