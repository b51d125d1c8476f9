//! Service offerings: how big virtual machines are (`ConfigurationManagerImpl`).

use crate::engine::Cx;
use crate::model::{EntityKind, ServiceOffering, ServiceOfferingState};
use crate::schema::Fault;

/// Stores a new service offering. One whose size each virtual machine says itself has none.
pub(crate) fn create(cx: &mut Cx<'_>, mut new: ServiceOffering) -> Result<ServiceOffering, Fault> {
    let sizes =
        [("cpunumber", new.cpu_number), ("cpuspeed", new.cpu_speed), ("memory", new.memory)];
    for (param, size) in sizes {
        if size.is_some_and(|size| size < 1) {
            let text = format!("Invalid parameter {param}: it must be 1 or more");
            return Err(Fault::invalid(text));
        }
    }
    if sizes.iter().any(|(_, size)| size.is_some()) {
        // The speed may be left to the host.
        for (param, size) in [("cpunumber", new.cpu_number), ("memory", new.memory)] {
            if size.is_none() {
                let text = format!("Parameter {param} is needed with the others; or give none");
                return Err(Fault::invalid(text));
            }
        }
    }
    new.id = cx.tx.insert(&new)?;
    concerns(cx, &new, "creating");
    Ok(new)
}

/// Deletes a service offering; virtual machines that were made by it stay as they are.
pub(crate) fn delete(cx: &mut Cx<'_>, mut offering: ServiceOffering) -> Result<(), Fault> {
    concerns(cx, &offering, "deleting");
    if offering.is_system {
        let text = "Invalid parameter id: service offerings of the system cannot be deleted";
        return Err(Fault::invalid(text));
    }
    offering.state = ServiceOfferingState::Inactive;
    offering.removed = Some(cx.now);
    cx.tx.save(&offering)?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, offering: &ServiceOffering, doing: &str) {
    let what = format!("{doing} the service offering {}", offering.name);
    let owner = cx.caller_owner();
    cx.concerns(EntityKind::ServiceOffering, (0, offering.id), owner, what);
}
