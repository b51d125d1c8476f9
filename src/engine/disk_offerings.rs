//! Disk offerings (`ConfigurationManagerImpl.createDiskOffering`). There are no disks: they are
//! kept because clients ask for them.

use crate::engine::{Cx, Owner};
use crate::model::{DiskOffering, EntityKind};
use crate::schema::Fault;
use crate::text::quoted;

/// Makes a disk offering. Its disks have one size, or each says its own.
pub(crate) fn create(
    cx: &mut Cx<'_>,
    new: DiskOffering,
    customized: Option<bool>,
) -> Result<DiskOffering, Fault> {
    match (new.size, customized) {
        (Some(size), _) if size <= 0 => {
            let text = format!("Invalid parameter disksize: {size} GB is no size of a disk");
            return Err(Fault::invalid(text));
        }
        (None, None | Some(false)) => {
            let text = "Parameter disksize is needed, unless customized is true";
            return Err(Fault::invalid(text));
        }
        (Some(_), Some(true)) => {
            let text = "Invalid parameter customized: with a disksize it must not be true";
            return Err(Fault::invalid(text));
        }
        _ => {}
    }
    if !matches!(new.storage_type.as_str(), "shared" | "local") {
        let kind = quoted(&new.storage_type);
        return Err(Fault::invalid(format!(
            "Invalid parameter storagetype: {kind} is neither shared nor local"
        )));
    }
    let id = cx.tx.insert(&new)?;
    let offering = DiskOffering { id, ..new };
    concerns(cx, &offering, "creating");
    Ok(offering)
}

/// Deletes a disk offering.
pub(crate) fn delete(cx: &mut Cx<'_>, offering: DiskOffering) -> Result<(), Fault> {
    concerns(cx, &offering, "deleting");
    cx.tx.save(&DiskOffering { removed: Some(cx.now), ..offering })?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, offering: &DiskOffering, doing: &str) {
    let owner = Owner { account_id: cx.caller.account_id, domain_id: cx.caller.domain_id };
    let what = format!("{doing} disk offering {}", offering.name);
    cx.concerns(EntityKind::DiskOffering, (0, offering.id), owner, what);
}
