//! Guest VLANs that are an account's own.

use crate::api::names::{Names, shown_path};
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, guest_vlans};
use crate::model::{Account, Domain, GuestVlanRange, PhysicalNetwork, Project, Uid, Zone};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// Guest VLANs that are an account's own.
    GuestVlanRangeView in "GuestVlanRangeResponse" shows ["guestvlanrange", "account", "project",
        "domain", "id"] {
        /// the id of the range
        id: Uid,
        /// the account whose they are
        account: Option<String>,
        /// the id of the project whose they are, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain of the account
        domainid: Uid,
        /// the name of that domain
        domain: String,
        /// the path of that domain
        domainpath: String,
        /// the VLANs or VNIs, as `100-200`
        guestvlanrange: String,
        /// the number of the physical network
        physicalnetworkid: i64,
        /// the number of the zone
        zoneid: i64,
    }
}

api! {
    /// Dedicates guest VLANs or VNIs of a physical network to an account or a project.
    now object "dedicateGuestVlanRange" {
        key: "dedicatedguestvlanrange", event: "GUESTVLANRANGE.DEDICATE",
        example: "dedicate guest vlan range physicalnetworkid=sandbox-physical \
            vlanrange=5000-5009 account=admin domainid=ROOT",
    } => dedicate -> GuestVlanRangeView;
    DedicateGuestVlanRange {
        /// the physical network
        physicalnetworkid: Id<PhysicalNetwork>,
        /// the VLANs or VNIs, as `100-200`
        vlanrange: Text,
        /// the account; needs domainid
        account: Option<Text>,
        /// the domain of that account
        domainid: Option<Id<Domain>>,
        /// the project, instead of an account
        projectid: Option<Id<Project>>,
    }
}

fn dedicate(cx: &mut Cx<'_>, args: &DedicateGuestVlanRange) -> Result<GuestVlanRangeView, Fault> {
    let (account, project) = (args.account.as_deref(), args.projectid.as_ref());
    if account.is_none() && project.is_none() {
        let text = "One of the parameters account, with domainid, and projectid must be given";
        return Err(Fault::invalid(text));
    }
    let owner = cx.owner(account, args.domainid.as_ref(), project)?;
    let physical: PhysicalNetwork = cx.find(&args.physicalnetworkid)?;
    let range = guest_vlans::dedicate(cx, &physical, &args.vlanrange, owner)?;
    show(cx, &mut Names::default(), range)
}

api! {
    /// Gives guest VLANs or VNIs of an account back to everybody.
    job success "releaseDedicatedGuestVlanRange" {
        event: "GUESTVLANRANGE.RELEASE", example: "release dedicated guest vlan range id=5000-5009",
    } => release;
    ReleaseDedicatedGuestVlanRange {
        /// the id of the range
        id: Id<GuestVlanRange>,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleaseDedicatedGuestVlanRange) -> Result<(), Fault> {
    let range = cx.find(&args.id)?;
    guest_vlans::release(cx, range).map_err(Fault::in_job)
}

api! {
    /// Lists the guest VLANs and VNIs that are accounts' own.
    now list "listDedicatedGuestVlanRanges" {
        key: "dedicatedguestvlanrange", example: "list dedicated guest vlan ranges zoneid=sandbox",
    } => list -> GuestVlanRangeView;
    ListDedicatedGuestVlanRanges {
        /// the id of the range
        id: Option<Id<GuestVlanRange>>,
        /// the account whose they are; needs domainid
        account: Option<Text>,
        /// the domain of that account
        domainid: Option<Id<Domain>>,
        /// the project whose they are, instead of an account
        projectid: Option<Id<Project>>,
        /// the VLANs or VNIs, as `100-200`
        guestvlanrange: Option<Text>,
        /// the physical network
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the zone
        zoneid: Option<Id<Zone>>,
        ..paged: Paged,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListDedicatedGuestVlanRanges,
) -> Result<Rows<GuestVlanRangeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("physical_network_id", cx.row_opt(args.physicalnetworkid.as_ref())?);
    if args.account.is_some() || args.projectid.is_some() {
        let (account, project) = (args.account.as_deref(), args.projectid.as_ref());
        let owner = cx.owner(account, args.domainid.as_ref(), project)?;
        filter.is("account_id", Some(owner.account_id));
    } else if let Some(domain) = cx.row_opt(args.domainid.as_ref())? {
        let accounts = "account_id IN (SELECT id FROM account WHERE domain_id = ?)";
        filter.holds(accounts, [domain.into()]);
    }
    if let Some(text) = &args.guestvlanrange {
        let ends = text.split_once('-').and_then(|(first, last)| {
            Some((first.trim().parse::<i64>().ok()?, last.trim().parse::<i64>().ok()?))
        });
        let (first, last) = ends.ok_or_else(|| {
            Fault::invalid("Invalid parameter guestvlanrange: it is not like 100-200")
        })?;
        filter.is("first", Some(first));
        filter.is("last", Some(last));
    }
    if let Some(zone) = cx.row_opt(args.zoneid.as_ref())? {
        let here = "physical_network_id IN (SELECT id FROM physical_network WHERE zone_id = ?)";
        filter.holds(here, [zone.into()]);
    }
    let (ranges, total) = filter.living::<GuestVlanRange>(cx, "id")?;
    let mut names = Names::default();
    let rows = ranges.into_iter().map(|range| show(cx, &mut names, range));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

fn show(
    cx: &mut Cx<'_>,
    names: &mut Names,
    range: GuestVlanRange,
) -> Result<GuestVlanRangeView, Fault> {
    let owner = names.owner(cx, range.account_id)?;
    let account: Account = cx.must(range.account_id)?;
    let domain: Domain = cx.must(account.domain_id)?;
    let physical: PhysicalNetwork = cx.must(range.physical_network_id)?;
    Ok(GuestVlanRangeView {
        id: cx.uid::<GuestVlanRange>(range.id),
        account: owner.account,
        projectid: owner.projectid,
        project: owner.project,
        domainid: cx.uid::<Domain>(domain.id),
        domainpath: shown_path(&domain.path),
        domain: domain.name,
        guestvlanrange: range.shown(),
        physicalnetworkid: physical.id,
        zoneid: physical.zone_id,
    })
}
