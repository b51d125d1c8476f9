//! Alerts: what an administrator should know without asking.

use crate::api::events::Until;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, WhichEvents, alert_types};
use crate::model::{Alert, Time, Uid};
use crate::schema::{Fault, Id, List, Text, group, view};

view! {
    /// An alert, as `listAlerts` shows it.
    AlertView in "AlertResponse" shows ["sent", "name", "description", "type", "id"] {
        /// the id of the alert
        id: Uid,
        /// the number of the kind: 4 public IPs, 5 pods' management IPs, 18 VLANs, 24 IPs of shared
        /// networks, 35 IPv6 subnets
        kind as "type": i64,
        /// the name of the kind
        name: String,
        /// what is the matter
        description: String,
        /// when it was raised
        sent: Time,
    }
}

view! {
    /// A kind of alert, as `listAlertTypes` shows it.
    AlertTypeView in "AlertTypeResponse" shows ["alerttypeid", "name"] {
        /// the number of the kind
        alerttypeid: i64,
        /// the name of the kind
        name: &'static str,
    }
}

api! {
    /// Lists the alerts that were not archived, the newest first.
    now list "listAlerts" { key: "alert", example: "list alerts" }
    => list -> AlertView;
    ListAlerts {
        /// the id of the alert
        id: Option<Id<Alert>>,
        /// the number of the kind
        kind as "type": Option<i64>,
        /// the name of the kind
        name: Option<Text>,
        ..paged: Paged,
    }
}

api! {
    /// Lists the kinds of alerts.
    now list "listAlertTypes" { key: "alerttype", example: "list alert types" }
    => types -> AlertTypeView;
    ListAlertTypes {}
}

group! {
    /// Which alerts to archive or to delete.
    ChosenAlerts {
        /// the ids of the alerts
        ids: Option<List<Id<Alert>>>,
        /// the number of their kind
        kind as "type": Option<Text>,
        /// the earliest time of the alerts
        startdate: Option<Time>,
        /// the latest time of the alerts
        enddate: Option<Until>,
    }
}

api! {
    /// Archives alerts: lists show them no more.
    now success "archiveAlerts" { event: "ALERT.ARCHIVE", example: "archive alerts type=4" }
    => archive;
    ArchiveAlerts {
        ..chosen: ChosenAlerts,
    }
}

api! {
    /// Deletes alerts for good.
    now success "deleteAlerts" { event: "ALERT.DELETE", example: "delete alerts type=4" }
    => delete;
    DeleteAlerts {
        ..chosen: ChosenAlerts,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListAlerts) -> Result<Rows<AlertView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("kind", args.kind);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.keyword(&["name", "description"]);
    filter.is("archived", Some(false));
    let (alerts, total) = filter.all::<Alert>(cx, "id DESC")?;
    let show = |alert: Alert| AlertView {
        id: cx.uid::<Alert>(alert.id),
        kind: alert.kind,
        name: alert.name,
        description: alert.description,
        sent: alert.created,
    };
    Ok(Rows { rows: alerts.into_iter().map(show).collect(), total })
}

#[allow(clippy::unnecessary_wraps, reason = "a handler is something that may fail")]
fn types(_: &mut Cx<'_>, _: &ListAlertTypes) -> Result<Rows<AlertTypeView>, Fault> {
    let types = alert_types().into_iter();
    let rows: Vec<_> =
        types.map(|(alerttypeid, name)| AlertTypeView { alerttypeid, name }).collect();
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

fn archive(cx: &mut Cx<'_>, args: &ArchiveAlerts) -> Result<(), Fault> {
    let which = which(cx, &args.chosen)?;
    cx.put_away_alerts(&which, false).map(drop)
}

fn delete(cx: &mut Cx<'_>, args: &DeleteAlerts) -> Result<(), Fault> {
    let which = which(cx, &args.chosen)?;
    cx.put_away_alerts(&which, true).map(drop)
}

fn which(cx: &mut Cx<'_>, chosen: &ChosenAlerts) -> Result<WhichEvents, Fault> {
    let ids = chosen.ids.as_ref().map(|List(ids)| {
        let row = |id: &Id<Alert>| cx.row(&Id::<Alert>::new(id.text.as_str(), "ids"));
        ids.iter().map(row).collect::<Result<Vec<_>, _>>()
    });
    Ok(WhichEvents {
        ids: ids.transpose()?,
        kind: chosen.kind.as_deref().map(str::to_owned),
        from: chosen.startdate,
        to: chosen.enddate.map(Until::time),
        account_id: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::{Pass, collect};
    use crate::sim::{EPOCH, World};

    #[test]
    fn an_alert_is_raised_once_and_over_when_there_is_room_again() {
        let world = World::sandbox();
        let (id, value) = (world.id("listPublicIpAddresses", &FREE), "0.003");
        let name = "zone.virtualnetwork.publicip.capacity.notificationthreshold";
        world.ok("updateConfiguration", &[("name", name), ("value", value)]);
        let pass = |seconds| {
            let now = EPOCH.plus_seconds(seconds);
            let told = collect(world.engine.store(), Pass::default(), now).unwrap();
            told.iter().filter(|one| one.what == "alert").count()
        };
        assert_eq!(pass(0), 0);
        world.ok("reserveIpAddress", &[("id", &id)]);
        assert_eq!((pass(1), pass(2)), (1, 0), "once");
        let alerts = world.ok("listAlerts", &[]);
        let says = alerts["alert"][0]["description"].as_str().unwrap();
        assert!(says.starts_with("1 of 253 public addresses of the zone sandbox are"), "{says}");
        assert_eq!(alerts["alert"][0]["name"], "ALERT.NETWORK.PUBLICIP");
        world.ok("releaseIpAddress", &[("id", &id)]);
        assert_eq!(pass(3), 0);
        world.ok("reserveIpAddress", &[("id", &id)]);
        assert_eq!(pass(4), 1, "again");
        assert_eq!(world.ok("listAlerts", &[("type", "4")])["count"], 2);
        let first = world.id("listAlerts", &[]);
        world.ok("archiveAlerts", &[("ids", &first)]);
        assert_eq!(world.ok("listAlerts", &[])["count"], 1);
        assert_eq!(world.refused("deleteAlerts", &[]).0, 431);
        world.ok("deleteAlerts", &[("type", "4")]);
        assert_eq!(world.ok("listAlerts", &[]), serde_json::json!({}));
        assert_eq!(world.ok("listAlertTypes", &[])["count"], 5);
    }

    const FREE: [(&str, &str); 2] = [("state", "Free"), ("allocatedonly", "false")];
}
