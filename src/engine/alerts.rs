//! Alerts: what an administrator should know without asking. Raised when a capacity passes its
//! threshold, once, and over when it is below again.

use crate::engine::{CapacityKind, Cx, WhichEvents};
use crate::model::{Alert, Zone};
use crate::schema::Fault;

/// The kind of alert for a capacity: CloudStack's number and name, and the setting that has the
/// threshold.
const fn alert_of(kind: CapacityKind) -> (i64, &'static str, &'static str) {
    match kind {
        CapacityKind::PublicIp => (
            4,
            "ALERT.NETWORK.PUBLICIP",
            "zone.virtualnetwork.publicip.capacity.notificationthreshold",
        ),
        CapacityKind::PrivateIp => {
            (5, "ALERT.NETWORK.PRIVATEIP", "pod.privateip.capacity.notificationthreshold")
        }
        CapacityKind::Vlan => {
            (18, "ALERT.NETWORK.VLAN", "zone.vlan.capacity.notificationthreshold")
        }
        CapacityKind::DirectIp => (
            24,
            "ALERT.NETWORK.DIRECTPUBLICIP",
            "zone.directnetwork.publicip.capacity.notificationthreshold",
        ),
        CapacityKind::Ip6Subnet => (
            35,
            "ALERT.NETWORK.IPV6SUBNET",
            "zone.virtualnetwork.ipv6subnet.capacity.notificationthreshold",
        ),
    }
}

/// The kinds of alerts that are raised here: their numbers and names.
pub(crate) fn alert_types() -> Vec<(i64, &'static str)> {
    CapacityKind::ALL.map(|kind| (alert_of(kind).0, alert_of(kind).1)).to_vec()
}

impl Cx<'_> {
    /// Raises the alerts of capacities that have passed their thresholds, and ends those of
    /// capacities that are below again; what was raised.
    pub(crate) fn check_capacities(&mut self) -> Result<Vec<String>, Fault> {
        let mut raised = Vec::new();
        let zones: Vec<Zone> = self.tx.select("WHERE removed IS NULL ORDER BY id", &[])?;
        for zone in zones {
            for kind in CapacityKind::ALL {
                raised.extend(self.check_capacity(&zone, kind)?);
            }
        }
        Ok(raised)
    }

    fn check_capacity(&mut self, zone: &Zone, kind: CapacityKind) -> Result<Vec<String>, Fault> {
        let (number, name, setting) = alert_of(kind);
        let threshold: f64 = self.setting(setting)?.trim().parse().unwrap_or(0.75);
        let mut raised = Vec::new();
        for one in self.capacity(zone, kind)? {
            let pod_id = one.pod.as_ref().map(|pod| pod.id);
            let args = [number.into(), zone.id.into(), pod_id.unwrap_or(0).into()];
            let open = "WHERE kind = ? AND zone_id = ? AND COALESCE(pod_id, 0) = ? \
                        AND ended IS NULL";
            let open: Option<Alert> = self.tx.first(open, &args)?;
            let is_over = one.total > 0 && share(one.used, one.total) > threshold;
            match open {
                None if is_over => {
                    let place = match &one.pod {
                        Some(pod) => format!("pod {} of the zone {}", pod.name, zone.name),
                        None => format!("zone {}", zone.name),
                    };
                    let description = format!(
                        "{} of {} {} of the {place} are taken, more than {setting}={threshold} \
                         allows without notice",
                        one.used,
                        one.total,
                        kind.noun()
                    );
                    raised.push(description.clone());
                    self.tx.insert(&Alert {
                        id: 0,
                        kind: number,
                        name: name.to_owned(),
                        description,
                        zone_id: Some(zone.id),
                        pod_id,
                        archived: false,
                        created: self.now,
                        ended: None,
                    })?;
                }
                Some(alert) if !is_over => {
                    self.tx.save(&Alert { ended: Some(self.now), ..alert })?;
                }
                _ => {}
            }
        }
        Ok(raised)
    }

    /// Archives alerts, or deletes them for good; how many.
    pub(crate) fn put_away_alerts(
        &mut self,
        which: &WhichEvents,
        deletes: bool,
    ) -> Result<u64, Fault> {
        let (holds, args) = which.of_alerts()?;
        let sql = match deletes {
            true => format!("DELETE FROM alert WHERE {holds}"),
            false => format!("UPDATE alert SET archived = 1 WHERE {holds}"),
        };
        Ok(self.tx.run(&sql, &args)?)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn share(used: u64, total: u64) -> f64 {
    used as f64 / total as f64
}
