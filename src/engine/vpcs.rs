//! VPCs: made with their source NAT address, changed, restarted and deleted.

use crate::engine::carve::carve_vpc;
use crate::engine::network_checks::{self as checks, NameServers, PUBLIC_MTU, check_zone};
use crate::engine::routing::{self, Holder, Routes};
use crate::engine::{Cx, Owner, Resource, ip6, net_addresses, private_gateways, rules, system_vms};
use crate::model::{EntityKind, Network, OfferingState, Vpc, VpcOffering, VpcState, Zone};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The offering that a VPC changes to when it is made redundant.
const REDUNDANT: &str = "Redundant VPC offering";

/// What a new VPC is to be.
pub(crate) struct NewVpc {
    /// Its name.
    pub(crate) name: String,
    /// What it is; its name when nothing is said.
    pub(crate) display_text: Option<String>,
    /// Who is to own it.
    pub(crate) owner: Owner,
    /// The zone.
    pub(crate) zone: Zone,
    /// The offering.
    pub(crate) offering: VpcOffering,
    /// Its CIDR as it was given; carved when there is none.
    pub(crate) cidr: Option<String>,
    /// The prefix length of the block that is carved.
    pub(crate) cidr_size: Option<u8>,
    /// The DNS domain of its tiers.
    pub(crate) domain_name: Option<String>,
    /// Name servers of its own.
    pub(crate) dns: NameServers,
    /// The MTU of its public interface, in bytes.
    pub(crate) public_mtu: Option<i64>,
    /// The address that is to be its source NAT.
    pub(crate) source_nat: Option<Ipv4Addr>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
    /// Whether it gets its source NAT address now.
    pub(crate) start: bool,
    /// What its router is told of routes.
    pub(crate) routes: Routes,
}

/// Makes a VPC (`VpcManagerImpl.createVpc`) and, if it is to start, gives it its source NAT.
pub(crate) fn create_vpc(cx: &mut Cx<'_>, new: &NewVpc) -> Result<Vpc, Fault> {
    check_zone(cx, &new.zone, new.owner)?;
    check_offering(new)?;
    let domain = match &new.domain_name {
        Some(given) => checks::domain_name(given)?,
        None if new.offering.region_level => {
            return Err(Fault::invalid(
                "Parameter networkdomain is needed: VPCs of this offering span a region",
            ));
        }
        None => checks::default_domain(cx, &new.zone, new.owner)?,
    };
    check_services(new)?;
    let routed = routing::block_of_vpc(cx, new)?;
    let cidr = match &routed {
        Some(routed) => routed.cidr.to_string(),
        None => block(cx, new)?,
    };
    cx.check_limit(new.owner, Resource::Vpc, 1)?;
    let mut vpc = row(cx, new, cidr, domain)?;
    vpc.id = cx.tx.insert(&vpc)?;
    let holder = Holder::Vpc(vpc.id);
    if let Some(routed) = &routed {
        routing::take_subnet(cx, holder, vpc.zone_id, routed)?;
    }
    routing::give_routes(cx, holder, new.offering.routing_mode, &new.routes)?;
    cx.count(new.owner, Resource::Vpc, 1)?;
    let what = format!("creating VPC {}", vpc.name);
    cx.concerns(EntityKind::Vpc, (0, vpc.id), new.owner, what);
    if new.source_nat.is_some() {
        net_addresses::take_source_nat_for_vpc(cx, &vpc, new.source_nat)?;
    }
    if new.start && new.offering.has("SourceNat") {
        net_addresses::take_source_nat_for_vpc(cx, &vpc, None).map_err(Fault::in_job)?;
    }
    if new.start {
        system_vms::ensure_for_vpc(cx, &vpc).map_err(Fault::in_job)?;
    }
    Ok(vpc)
}

fn check_offering(new: &NewVpc) -> Result<(), Fault> {
    let name = quoted(&new.offering.name);
    if new.offering.state != OfferingState::Enabled {
        return Err(Fault::invalid(format!(
            "Invalid parameter vpcofferingid: the VPC offering {name} is {}, not Enabled",
            new.offering.state
        )));
    }
    Ok(())
}

fn check_services(new: &NewVpc) -> Result<(), Fault> {
    let name = quoted(&new.offering.name);
    if !new.dns.is_empty() {
        if !new.offering.has("Dns") {
            let text = format!("Invalid parameter dns1: the offering {name} has no service Dns");
            return Err(Fault::invalid(text));
        }
        new.dns.check()?;
    }
    if new.source_nat.is_some() && !new.offering.has("SourceNat") {
        return Err(Fault::invalid(format!(
            "Invalid parameter sourcenatipaddress: the offering {name} has no service SourceNat"
        )));
    }
    Ok(())
}

/// The CIDR as it will be shown: as it was given, host bits and all, else a carved block.
fn block(cx: &mut Cx<'_>, new: &NewVpc) -> Result<String, Fault> {
    let Some(given) = &new.cidr else {
        let cidr = carve_vpc(cx, new.zone.id, new.cidr_size)?;
        checks::check_private(cx, cidr, "The carved CIDR")?;
        return Ok(cidr.to_string());
    };
    if new.cidr_size.is_some() {
        return Err(Fault::invalid("Parameters cidr and cidrsize exclude each other"));
    }
    let (address, cidr) = Cidr4::parse_exact(given)
        .map_err(|why| Fault::invalid(format!("Invalid parameter cidr: {why}")))?;
    checks::check_private(cx, cidr, "Invalid parameter cidr:")?;
    Ok(format!("{address}/{}", cidr.len()))
}

fn row(cx: &mut Cx<'_>, new: &NewVpc, cidr: String, domain: String) -> Result<Vpc, Fault> {
    let may = checks::may_choose_mtu(cx, new.zone.id)?;
    Ok(Vpc {
        id: 0,
        name: new.name.clone(),
        display_text: new.display_text.clone().unwrap_or_else(|| new.name.clone()),
        zone_id: new.zone.id,
        account_id: new.owner.account_id,
        domain_id: new.owner.domain_id,
        offering_id: new.offering.id,
        cidr,
        state: VpcState::Enabled,
        network_domain: Some(domain),
        restart_required: false,
        redundant: new.offering.redundant,
        display: new.display,
        public_mtu: checks::mtu(cx, PUBLIC_MTU, new.zone.id, new.public_mtu.filter(|_| may))?,
        dns1: new.dns.dns1.map(|dns| dns.to_string()),
        dns2: new.dns.dns2.map(|dns| dns.to_string()),
        ip6_dns1: new.dns.ip6_dns1.map(|dns| dns.to_string()),
        ip6_dns2: new.dns.ip6_dns2.map(|dns| dns.to_string()),
        created: cx.now,
        removed: None,
    })
}

/// What of a VPC is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct VpcChanges {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is.
    pub(crate) display_text: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
    /// The MTU of its public interface, in bytes.
    pub(crate) public_mtu: Option<i64>,
    /// The address that becomes its source NAT.
    pub(crate) source_nat: Option<Ipv4Addr>,
}

/// Changes a VPC (`VpcManagerImpl.updateVpc`).
pub(crate) fn update_vpc(cx: &mut Cx<'_>, mut vpc: Vpc, changes: VpcChanges) -> Result<Vpc, Fault> {
    cx.concerns(
        EntityKind::Vpc,
        (0, vpc.id),
        Owner::from(&vpc),
        format!("updating VPC {}", vpc.name),
    );
    if let Some(address) = changes.source_nat {
        net_addresses::move_source_nat_of_vpc(cx, &vpc, address).map_err(Fault::in_job)?;
    }
    if changes.public_mtu.is_some() && checks::may_choose_mtu(cx, vpc.zone_id)? {
        vpc.public_mtu = checks::mtu(cx, PUBLIC_MTU, vpc.zone_id, changes.public_mtu)?;
        cx.tx.run(
            "UPDATE network SET public_mtu = ? WHERE vpc_id = ? AND removed IS NULL",
            &[vpc.public_mtu.into(), vpc.id.into()],
        )?;
    }
    vpc.name = changes.name.unwrap_or(vpc.name);
    vpc.display_text = changes.display_text.unwrap_or(vpc.display_text);
    vpc.display = changes.display.unwrap_or(vpc.display);
    cx.tx.save(&vpc)?;
    Ok(vpc)
}

/// Deletes a VPC without tiers, with all that it holds (`VpcManagerImpl.deleteVpc`).
pub(crate) fn delete_vpc(cx: &mut Cx<'_>, mut vpc: Vpc) -> Result<(), Fault> {
    let owner = Owner::from(&vpc);
    cx.concerns(EntityKind::Vpc, (0, vpc.id), owner, format!("deleting VPC {}", vpc.name));
    let tiers: Vec<Network> = cx.tx.select(
        "WHERE vpc_id = ? AND removed IS NULL AND system = 0 ORDER BY id",
        &[vpc.id.into()],
    )?;
    if let Some(first) = tiers.first() {
        let (name, first, n) = (quoted(&vpc.name), quoted(&first.name), tiers.len());
        let some = if n == 1 { "a tier".to_owned() } else { format!("{n} tiers") };
        let text = format!("Invalid parameter id: the VPC {name} still has {some}, first {first}");
        return Err(Fault::invalid(text).in_job());
    }
    vpc.state = VpcState::Inactive;
    system_vms::remove_for_vpc(cx, vpc.id).map_err(Fault::in_job)?;
    net_addresses::release_all_of_vpc(cx, &vpc).map_err(Fault::in_job)?;
    private_gateways::forget_vpc(cx, vpc.id)?;
    rules::forget_acls_of_vpc(cx, vpc.id)?;
    ip6::forget_router(cx, "vpc_id", vpc.id)?;
    routing::forget_routes(cx, Holder::Vpc(vpc.id))?;
    vpc.removed = Some(cx.now);
    cx.tx.save(&vpc)?;
    cx.forget_tags((EntityKind::Vpc, 0, vpc.id))?;
    cx.count(owner, Resource::Vpc, -1)
}

/// Restarts a VPC: it and its tiers cease to need that, and its routers run. With `cleanup`, or
/// where there are two from now on, they are made anew. Its addresses stay.
pub(crate) fn restart_vpc(
    cx: &mut Cx<'_>,
    mut vpc: Vpc,
    cleanup: bool,
    make_redundant: bool,
) -> Result<(), Fault> {
    let what = format!("restarting VPC {}", vpc.name);
    cx.concerns(EntityKind::Vpc, (0, vpc.id), Owner::from(&vpc), what);
    if make_redundant && !vpc.redundant {
        let sql = "WHERE name = ? AND removed IS NULL";
        let found: Option<VpcOffering> = cx.tx.first(sql, &[REDUNDANT.into()])?;
        let offering = found.ok_or_else(|| {
            let text = format!("Invalid parameter makeredundant: there is no `{REDUNDANT}`");
            Fault::invalid(text).in_job()
        })?;
        vpc.offering_id = offering.id;
        vpc.redundant = true;
    }
    vpc.restart_required = false;
    cx.tx.save(&vpc)?;
    cx.tx.run(
        "UPDATE network SET restart_required = 0, redundant = ? \
         WHERE vpc_id = ? AND removed IS NULL",
        &[vpc.redundant.into(), vpc.id.into()],
    )?;
    if cleanup || make_redundant {
        system_vms::remove_for_vpc(cx, vpc.id).map_err(Fault::in_job)?;
    }
    system_vms::ensure_for_vpc(cx, &vpc).map_err(Fault::in_job)
}
