//! What a project owns, which keeps it from going.

use crate::engine::Cx;
use crate::engine::obstacles::Obstacles;
use crate::model::{Network, Project, VlanRange, Vm, Vpc};
use crate::schema::Fault;
use crate::text::quoted;

/// Refuses to delete a project that owns something.
pub(super) fn refuse_full(cx: &mut Cx<'_>, project: &Project) -> Result<(), Fault> {
    let mut found = Obstacles::default();
    let args = [project.account_id.into()];
    let owned = "account_id = ? AND removed IS NULL";
    let machines = ("virtual machine", "virtual machines");
    found.look::<Vm>(cx, machines, "name", owned, &args)?;
    found.look::<Network>(cx, ("network", "networks"), "name", owned, &args)?;
    found.look::<Vpc>(cx, ("VPC", "VPCs"), "name", owned, &args)?;
    let range = ("dedicated IP range", "dedicated IP ranges");
    found.look::<VlanRange>(cx, range, "vlan", owned, &args)?;
    found.refuse(&format!("project {}", quoted(&project.name)))
}
