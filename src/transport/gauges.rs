//! What the desk has to tell to those who watch it: the store, and how full the zones are.

use std::time::Duration;

use crate::engine::{Caller, CapacityKind, Cx};
use crate::model::Zone;
use crate::schema::Fault;
use crate::store::{Connections, Counts};
use crate::transport::front::Front;

/// How much of something a zone has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    /// The zone's name.
    pub(crate) zone: String,
    /// CloudStack's name of what is handed out.
    pub(crate) kind: &'static str,
    /// How many there are.
    pub(crate) total: u64,
    /// How many of them are taken.
    pub(crate) used: u64,
}

impl Front {
    /// What the store counted, and its connections.
    pub(crate) fn store_counts(&self) -> (Counts, Connections) {
        let store = self.engine.store();
        (store.meter().counts(), store.connections())
    }

    /// Lets the store measure by this clock how long connections are waited for.
    pub(crate) fn measure(&self, ticks: fn() -> Duration) {
        self.engine.store().meter().measure(ticks);
    }

    /// How full the zones are, from the counters of their ranges.
    pub(crate) fn fills(&self) -> Result<Vec<Fill>, Fault> {
        let now = (self.clock)();
        self.engine.store().read(|tx| {
            let mut cx = Cx::new(tx, now, &Caller::SYSTEM, "");
            let zones: Vec<Zone> = cx.tx.select("WHERE removed IS NULL ORDER BY id", &[])?;
            let mut fills = Vec::new();
            for zone in zones {
                for kind in CapacityKind::ALL {
                    let parts = cx.capacity(&zone, kind)?;
                    let sum = |of: fn(&_) -> u64| parts.iter().map(of).sum();
                    let (total, used) = (sum(|part| part.total), sum(|part| part.used));
                    let (zone, kind) = (zone.name.clone(), kind.name());
                    fills.push(Fill { zone, kind, total, used });
                }
            }
            Ok(fills)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Vault;
    use crate::model::Time;
    use crate::sim::World;

    #[test]
    fn a_zone_is_as_full_as_its_ranges() {
        let world = World::sandbox();
        let front = Front::new(
            world.engine.clone(),
            Vault::new([0; 32]),
            || Time::from_millis(0),
            || Some([0; 64]),
        );
        let public = || {
            let fills = front.fills().unwrap();
            assert_eq!(fills.len(), CapacityKind::ALL.len());
            let fill = fills.into_iter().find(|fill| fill.kind == "VIRTUAL_NETWORK_PUBLIC_IP");
            fill.map(|fill| (fill.zone, fill.total, fill.used)).unwrap()
        };
        let (zone, total, used) = public();
        assert_eq!((zone.as_str(), used), ("sandbox", 0));
        assert!(total > 100);
        let id = world.id("listPublicIpAddresses", &[("state", "Free")]);
        world.ok("reserveIpAddress", &[("id", &id)]);
        assert_eq!(public(), (zone, total, 1));
        assert_eq!(front.sessions(), Ok(0));
    }
}
