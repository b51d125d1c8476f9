//! The IPv6 prefixes of zones, from which guest networks get their /64s.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, ip6};
use crate::model::{Ip6Prefix, Time, Uid, Zone};
use crate::net::Cidr6;
use crate::schema::{Fault, Id, view};

view! {
    /// An IPv6 prefix for the guest networks of a zone.
    Ip6PrefixView in "DataCenterGuestIpv6PrefixResponse" shows ["prefix", "usedsubnets",
        "availablesubnets", "totalsubnets", "id"] {
        /// the id of the prefix
        id: Uid,
        /// the prefix
        prefix: String,
        /// the id of the zone
        zoneid: Uid,
        /// how many /64s it has
        totalsubnets: u64,
        /// how many of them networks have
        usedsubnets: u64,
        /// how many of them are free
        availablesubnets: u64,
        /// when it was made
        created: Time,
    }
}

api! {
    /// Gives a zone an IPv6 prefix, from which its guest networks get their /64s.
    job object "createGuestNetworkIpv6Prefix" { key: "guestnetworkipv6prefix",
        event: "GUEST.IP6.PREFIX.CREATE", since: "4.17",
        example: "create guest network ipv6 prefix zoneid=sandbox prefix=2001:db8::/48" }
        => create -> Ip6PrefixView;
    CreateGuestNetworkIpv6Prefix {
        /// the zone
        zoneid: Id<Zone>,
        /// the prefix, of 16 to 64 bits
        prefix: Cidr6,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateGuestNetworkIpv6Prefix) -> Result<Ip6PrefixView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let prefix = ip6::create_prefix(cx, &zone, args.prefix)?;
    show(cx, prefix)
}

api! {
    /// Takes an IPv6 prefix from its zone, when no network has a part of it.
    job success "deleteGuestNetworkIpv6Prefix" { event: "GUEST.IP6.PREFIX.DELETE", since: "4.17",
        example: "delete guest network ipv6 prefix id=2001:db8::/48" } => delete;
    DeleteGuestNetworkIpv6Prefix {
        /// the id of the prefix
        id: Id<Ip6Prefix>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteGuestNetworkIpv6Prefix) -> Result<(), Fault> {
    let prefix = cx.find(&args.id)?;
    ip6::delete_prefix(cx, prefix)
}

api! {
    /// Lists the IPv6 prefixes for guest networks.
    now list "listGuestNetworkIpv6Prefixes" { key: "guestnetworkipv6prefix", since: "4.17",
        example: "list guest network ipv6 prefixes zoneid=sandbox" } => list -> Ip6PrefixView;
    ListGuestNetworkIpv6Prefixes {
        /// the id of the prefix
        id: Option<Id<Ip6Prefix>>,
        /// only prefixes of this zone
        zoneid: Option<Id<Zone>>,
        ..paged: Paged,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListGuestNetworkIpv6Prefixes,
) -> Result<Rows<Ip6PrefixView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.keyword(&["prefix"]);
    let (found, total) = filter.living::<Ip6Prefix>(cx, "id")?;
    let rows = found.into_iter().map(|prefix| show(cx, prefix)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, prefix: Ip6Prefix) -> Result<Ip6PrefixView, Fault> {
    let (total, used) = (prefix.prefix.subnets(), ip6::used(cx, prefix.id)?);
    Ok(Ip6PrefixView {
        id: cx.uid::<Ip6Prefix>(prefix.id),
        prefix: prefix.prefix.to_string(),
        zoneid: cx.uid::<Zone>(prefix.zone_id),
        totalsubnets: total,
        usedsubnets: used,
        availablesubnets: total.saturating_sub(used),
        created: prefix.created,
    })
}
