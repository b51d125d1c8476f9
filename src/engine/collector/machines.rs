//! Virtual machines that nobody gets back: those that were destroyed `expunge.delay` seconds ago,
//! and those whose deployment failed then. They are expunged, and with them go the guest addresses
//! that they hold.

use super::{COMMAND, Collected, Pass};
use crate::engine::vms::{addresses_of, expunge_old};
use crate::engine::{Caller, Cx};
use crate::model::{EntityKind, Time, Vm, VmState};
use crate::schema::Fault;
use crate::store::Store;

/// What has an end by the setting.
const OVER: &str = "WHERE state IN ('Destroyed', 'Expunging', 'Error') AND removed IS NULL";

/// Expunges what is over, each VM in a transaction of its own, and tells of what waits.
pub(super) fn expunge(store: &Store, pass: Pass, now: Time) -> Result<Vec<Collected>, Fault> {
    let (all, delay) = store.read(|tx| {
        let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
        let delay = cx.setting_int("expunge.delay")?;
        let all: Vec<Vm> = cx.tx.select(&format!("{OVER} ORDER BY id"), &[])?;
        Ok::<_, Fault>((all, delay))
    })?;
    let mut collected = Vec::new();
    for vm in all {
        let ends = vm.updated.plus_seconds(delay);
        // Its owner may still want back what was destroyed, and nobody what never ran.
        if ends > now && !(pass.at_once && vm.state == VmState::Error) {
            collected.push(told(store, &vm, false, &format!("stays until {ends}")));
        } else {
            let (id, dry) = (vm.id, pass.only_told);
            let freed = store.write(move |tx| expunge_one(tx, id, dry, now))?;
            collected.extend(freed.map(|addresses| {
                let verb = if dry { "would be expunged" } else { "expunged" };
                told(store, &vm, !dry, &format!("{verb} with {addresses}"))
            }));
        }
    }
    Ok(collected)
}

/// Expunges a VM that is over yet, unless it is only told; what addresses it held, in words.
fn expunge_one(
    tx: &mut crate::store::Tx,
    id: i64,
    dry: bool,
    now: Time,
) -> Result<Option<String>, Fault> {
    let mut cx = Cx::new(tx, now, &Caller::SYSTEM, COMMAND);
    let Some(vm) = cx.tx.first::<Vm>(&format!("{OVER} AND id = ?"), &[id.into()])? else {
        return Ok(None);
    };
    let held = addresses_of(&mut cx, id)?;
    if !dry {
        expunge_old(&mut cx, vm)?;
        cx.event_done("VM.EXPUNGE")?;
    }
    let names: Vec<String> = held.iter().map(ToString::to_string).collect();
    Ok(Some(match &names[..] {
        [] => "no address".to_owned(),
        [one] => format!("its address {one}"),
        more => format!("its addresses {}", more.join(", ")),
    }))
}

fn told(store: &Store, vm: &Vm, freed: bool, what: &str) -> Collected {
    let id = store.key().encode(EntityKind::Vm, 0, vm.id.unsigned_abs()).to_string();
    let why = if vm.state == VmState::Error { "its deployment failed" } else { "it was destroyed" };
    let says = format!("the virtual machine {} {what}: {why} at {}", vm.name, vm.updated);
    Collected { what: "virtual machine", id: Some(id), freed, says }
}

#[cfg(test)]
mod tests {
    use crate::engine::collector::{Pass, collect};
    use crate::engine::vms::scene::{Scene, id};
    use crate::sim::EPOCH;

    const DAY: i64 = 86_400;

    /// What a pass says of virtual machines so many seconds after the beginning.
    fn says(scene: &Scene, pass: Pass, seconds: i64) -> Vec<String> {
        let collected = collect(scene.world.engine.store(), pass, EPOCH.plus_seconds(seconds));
        let machines = collected.unwrap().into_iter().filter(|one| one.what == "virtual machine");
        machines.map(|one| one.says).collect()
    }

    /// Whether somebody else can get an address.
    fn is_free(scene: &Scene, ip: &str) -> bool {
        let words = scene.words(&[("ipaddress", ip), ("startvm", "false")]);
        scene.world.call("deployVirtualMachine", &words).is_ok()
    }

    #[test]
    fn a_destroyed_machine_keeps_its_addresses_until_its_time_is_over() {
        let scene = Scene::new();
        let vm = scene.deploy(&[("name", "web-1"), ("ipaddress", "10.1.1.20")]);
        let nic = vm["nic"][0]["id"].as_str().unwrap();
        scene.world.ok("addIpToNic", &[("nicid", nic), ("ipaddress", "10.1.1.21")]);
        assert!(says(&scene, Pass::default(), 2 * DAY).is_empty(), "it runs");
        scene.world.ok("destroyVirtualMachine", &[("id", id(&vm))]);
        for at_once in [false, true] {
            let told = says(&scene, Pass { at_once, only_told: false }, DAY - 60);
            assert!(told[0].starts_with("the virtual machine web-1 stays until "), "{told:?}");
        }
        assert!(!is_free(&scene, "10.1.1.20"));
        let dry = says(&scene, Pass { at_once: false, only_told: true }, DAY + 60);
        assert!(dry[0].contains("would be expunged with its addresses 10.1.1.20, 10.1.1.21"));
        assert!(!is_free(&scene, "10.1.1.20"));
        let told = says(&scene, Pass::default(), DAY + 60);
        assert!(told[0].contains(" expunged with its addresses 10.1.1.20, 10.1.1.21: it was"));
        assert!(says(&scene, Pass::default(), DAY + 61).is_empty());
        assert!(is_free(&scene, "10.1.1.20") && is_free(&scene, "10.1.1.21"));
        let events = scene.world.ok("listEvents", &[("type", "VM.EXPUNGE")]);
        assert_eq!(events["event"][0]["description"], "expunging the virtual machine web-1");
    }

    #[test]
    fn what_a_failed_deployment_leaves_is_collected() {
        let scene = Scene::new();
        let fails = |word| [("name", "simulate.vm.failure"), ("value", word)];
        scene.world.ok("updateConfiguration", &fails("Starting"));
        let words = scene.words(&[("name", "web-1"), ("ipaddress", "10.1.1.20")]);
        assert!(scene.world.call("deployVirtualMachine", &words).is_err());
        scene.world.ok("updateConfiguration", &fails("none"));
        assert!(!is_free(&scene, "10.1.1.20"), "it is leaked");
        let told = says(&scene, Pass::default(), 60);
        assert!(told[0].contains("web-1 stays until "), "{told:?}");
        let told = says(&scene, Pass { at_once: true, only_told: false }, 60);
        assert!(told[0].contains("with its address 10.1.1.20: its deployment failed"), "{told:?}");
        assert!(is_free(&scene, "10.1.1.20"));
    }
}
