//! Regions and domains: where accounts stand.

use crate::api::names::shown_path;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, Resource, in_domain};
use crate::model::{Domain, Region, Time, Uid};
use crate::schema::{Fault, Id, Text, view};
use crate::store::Counter;

view! {
    /// A region, as `listRegions` shows it.
    RegionView in "RegionResponse" shows ["id", "name", "endpoint", "portableipserviceenabled"] {
        /// the number of the region
        id: u32,
        /// the name of the region
        name: String,
        /// the address of the region's API
        endpoint: String,
        /// whether the region has portable addresses
        portableipserviceenabled: bool,
    }
}

view! {
    /// A domain, as `listDomains` shows it.
    DomainView in "DomainResponse" shows ["path", "name", "id", "state", "iptotal",
        "networktotal", "vpctotal"] {
        /// the id of the domain
        id: Uid,
        /// the name of the domain
        name: String,
        /// the domains from ROOT down
        path: String,
        /// how far below ROOT the domain is
        level: u32,
        /// the id of the domain above
        parentdomainid: Option<Uid>,
        /// the name of the domain above
        parentdomainname: Option<String>,
        /// whether there are domains below
        haschild: bool,
        /// `Active` or `Inactive`
        state: String,
        /// the DNS domain of the domain's networks
        networkdomain: Option<String>,
        /// when the domain was made
        created: Time,
        /// how many public addresses the domain may have
        iplimit: String,
        /// how many public addresses the domain has
        iptotal: i64,
        /// how many more public addresses the domain may have
        ipavailable: String,
        /// how many networks the domain may have
        networklimit: String,
        /// how many networks the domain has
        networktotal: i64,
        /// how many more networks the domain may have
        networkavailable: String,
        /// how many VPCs the domain may have
        vpclimit: String,
        /// how many VPCs the domain has
        vpctotal: i64,
        /// how many more VPCs the domain may have
        vpcavailable: String,
    }
}

api! {
    /// Lists regions.
    now list "listRegions" { key: "region", example: "list regions" } => regions -> RegionView;
    ListRegions {
        /// the number of the region
        id: Option<u32>,
        /// the name of the region
        name: Option<Text>,
        ..paged: Paged,
    }
}

api! {
    /// Lists domains.
    now list "listDomains" { key: "domain", example: "list domains listall=true" }
    => domains -> DomainView;
    ListDomains {
        /// the id of the domain
        id: Option<Id<Domain>>,
        /// the name of the domain
        name: Option<Text>,
        /// how far below ROOT the domain is
        level: Option<u32>,
        /// true for all domains; without it, and with nothing else asked for, the caller's own
        listall: Option<bool>,
        ..paged: Paged,
    }
}

/// How much of something an owner has, as answers show it.
pub(crate) struct Usage {
    /// How much there may be, or `Unlimited`.
    pub(crate) limit: String,
    /// How much there is.
    pub(crate) total: i64,
    /// How much more there may be, or `Unlimited`.
    pub(crate) available: String,
}

impl Usage {
    /// `total` of something of which there may be `limit`; -1 is no limit.
    pub(crate) fn new(total: i64, limit: i64) -> Self {
        let (limit, available) = match limit {
            -1 => ("Unlimited".to_owned(), "Unlimited".to_owned()),
            _ => (limit.to_string(), limit.saturating_sub(total).to_string()),
        };
        Self { limit, total, available }
    }
}

fn regions(cx: &mut Cx<'_>, args: &ListRegions) -> Result<Rows<RegionView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", args.id);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.keyword(&["name"]);
    let (found, total) = filter.all::<Region>(cx, "id")?;
    let show = |region: Region| RegionView {
        id: u32::try_from(region.id).unwrap_or_default(),
        name: region.name,
        endpoint: region.endpoint,
        portableipserviceenabled: region.portable,
    };
    Ok(Rows { rows: found.into_iter().map(show).collect(), total })
}

fn domains(cx: &mut Cx<'_>, args: &ListDomains) -> Result<Rows<DomainView>, Fault> {
    let mut filter = args.paged.filter();
    let asked = args.id.is_some() || args.name.is_some() || args.level.is_some();
    let is_user = !cx.caller.is_root() && !cx.caller.is_domain_admin();
    if is_user || !asked && args.listall != Some(true) {
        filter.is("id", Some(cx.caller.domain_id));
    } else if !cx.caller.is_root() {
        let own: Domain = cx.must(cx.caller.domain_id)?;
        let (below, values) = in_domain("id", &own, true);
        filter.holds(&below, values);
    }
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("level", args.level);
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Domain>(cx, "path")?;
    let rows = found.into_iter().map(|domain| show(cx, domain)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// A domain as answers show it.
pub(crate) fn show(cx: &mut Cx<'_>, domain: Domain) -> Result<DomainView, Fault> {
    let parent: Option<Domain> = domain.parent_id.map(|id| cx.must(id)).transpose()?;
    let below = "WHERE parent_id = ? AND removed IS NULL";
    let children = cx.tx.count::<Domain>(below, &[domain.id.into()])?;
    let ip = usage(cx, &domain, Resource::PublicIp)?;
    let network = usage(cx, &domain, Resource::Network)?;
    let vpc = usage(cx, &domain, Resource::Vpc)?;
    Ok(DomainView {
        id: cx.uid::<Domain>(domain.id),
        name: domain.name,
        path: shown_path(&domain.path),
        level: u32::try_from(domain.level).unwrap_or_default(),
        parentdomainid: cx.uid_opt::<Domain>(domain.parent_id),
        parentdomainname: parent.map(|parent| parent.name),
        haschild: children > 0,
        state: domain.state,
        networkdomain: domain.network_domain,
        created: domain.created,
        iplimit: ip.limit,
        iptotal: ip.total,
        ipavailable: ip.available,
        networklimit: network.limit,
        networktotal: network.total,
        networkavailable: network.available,
        vpclimit: vpc.limit,
        vpctotal: vpc.total,
        vpcavailable: vpc.available,
    })
}

/// ROOT has no limits.
fn usage(cx: &mut Cx<'_>, domain: &Domain, resource: Resource) -> Result<Usage, Fault> {
    let what = resource.word();
    let total = cx.tx.counter(Counter { owner: "domain", id: domain.id, what })?;
    let limit = match domain.parent_id {
        None => -1,
        Some(_) => cx.limit("domain", "domain", domain.id, resource)?,
    };
    Ok(Usage::new(total, limit))
}
