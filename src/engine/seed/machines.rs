//! What virtual machines are made by and of: the smallest choice with which one can begin.

use crate::model::{DiskOffering, ServiceOffering, ServiceOfferingState, Template, Time};
use crate::store::{StoreError, Tx};

/// Number, name, processors, MHz, MB and whether it is for system VMs.
const OFFERINGS: &[(i64, &str, &str, i64, i64, bool)] = &[
    (1, "System Offering For Software Router", "Routers of guest networks", 500, 512, true),
    (2, "Small Instance", "Small Instance", 500, 512, false),
    (3, "Medium Instance", "Medium Instance", 1000, 1024, false),
];

/// Names of disk offerings, and their sizes in GB.
const DISKS: &[(&str, Option<i64>)] =
    &[("Small", Some(5)), ("Medium", Some(20)), ("Large", Some(100)), ("Custom", None)];

/// Stores the disk offerings.
fn disks(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    for (id, (name, size)) in (1..).zip(DISKS) {
        tx.insert(&DiskOffering {
            id,
            name: (*name).into(),
            display_text: (*name).into(),
            size: *size,
            storage_type: "shared".into(),
            tags: None,
            display: true,
            created: now,
            removed: None,
        })?;
    }
    Ok(())
}

/// Stores the service offerings and the template. Stores that were made before got the same by a
/// migration.
pub(super) fn machines(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    disks(tx, now)?;
    for (id, name, text, speed, memory, is_system) in OFFERINGS {
        tx.insert(&ServiceOffering {
            id: *id,
            name: (*name).into(),
            display_text: (*text).into(),
            cpu_number: Some(1),
            cpu_speed: Some(*speed),
            memory: Some(*memory),
            storage_type: "shared".into(),
            host_tags: None,
            network_rate: None,
            is_system: *is_system,
            offer_ha: false,
            limit_cpu: false,
            state: ServiceOfferingState::Active,
            created: now,
            removed: None,
        })?;
    }
    tx.insert(&Template {
        id: 1,
        name: "builtin".into(),
        display_text: "A guest that exists as a record only".into(),
        os_type: 1,
        hypervisor: "Simulator".into(),
        format: "QCOW2".into(),
        size: 1 << 30,
        account_id: 1,
        domain_id: 1,
        is_public: true,
        is_featured: true,
        created: now,
        removed: None,
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::schema::Fault;
    use crate::sim::World;

    /// What the migration gives to stores that were made before is what new ones begin with, but
    /// for the time; and it may be run again.
    #[test]
    fn stores_that_were_made_before_get_the_same() {
        let sql = concat!(
            include_str!("../../store/migrations/0008.sql"),
            include_str!("../../store/migrations/0013.sql"),
        );
        let plain: String = sql.split_inclusive('\n').filter(|l| !l.starts_with("--")).collect();
        let inserts = plain.split(';').map(str::trim).filter(|one| one.starts_with("INSERT"));
        let inserts: Vec<String> = inserts.map(str::to_owned).collect();
        assert_eq!(inserts.len(), 8);
        let world = World::sandbox();
        world.tell("UPDATE service_offering SET created = 0");
        world.tell("UPDATE template SET created = 0");
        world.tell("UPDATE disk_offering SET created = 0");
        let wanted = world.dump();
        world.tell("DELETE FROM disk_offering");
        world.tell("DELETE FROM template");
        world.tell("DELETE FROM service_offering");
        for _ in 0..2 {
            let inserts = inserts.clone();
            let done = world.engine.store().write(move |tx| {
                inserts.iter().try_for_each(|one| tx.run(one, &[]).map(drop))?;
                Ok::<_, Fault>(())
            });
            done.unwrap();
            assert_eq!(world.dump(), wanted);
        }
    }
}
