//! Zones.

use crate::api::{Rows, api};
use crate::api::paging::Paged;
use crate::engine::Cx;
use crate::model::{Uid, Zone};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// A zone, as `listZones` shows it.
    ZoneView in "ZoneResponse" shows ["name", "id", "networktype", "allocationstate",
        "guestcidraddress"] {
        /// the id of the zone
        id: Uid,
        /// the name of the zone
        name: String,
        /// `Basic` or `Advanced`
        networktype: &'static str,
        /// whether the zone takes new things: `Enabled` or `Disabled`
        allocationstate: &'static str,
        /// the CIDR of isolated networks for which none is given
        guestcidraddress: Option<String>,
    }
}

api! {
    /// Lists zones.
    now list "listZones" { key: "zone", example: "list zones name=sandbox" } => list -> ZoneView;
    ListZones {
        /// the id of the zone
        id: Option<Id<Zone>>,
        /// the name of the zone
        name: Option<Text>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListZones) -> Result<Rows<ZoneView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.keyword(&["name"]);
    let (zones, total) = filter.living::<Zone>(cx, "id")?;
    let rows = zones.into_iter().map(|zone| show(cx, zone)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, zone: Zone) -> Result<ZoneView, Fault> {
    Ok(ZoneView {
        id: cx.uid::<Zone>(zone.id),
        name: zone.name,
        networktype: zone.network_type.word(),
        allocationstate: zone.state.word(),
        guestcidraddress: zone.guest_cidr.map(|cidr| cidr.to_string()),
    })
}
