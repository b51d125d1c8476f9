//! What a network must be to become a tier of a VPC.

use crate::engine::carve::{carve_tier, tier_blocks, vpc_block};
use crate::engine::network_checks::check_vpc_access;
use crate::engine::networks::{NewNetwork, Subnet};
use crate::engine::routing::{is_routed, vpc_is_routed};
use crate::engine::{Cx, ip6};
use crate::model::{GuestType, Network, NetworkOffering, Vpc, VpcOffering, VpcState};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// The provider of load balancers inside a VPC.
const INTERNAL: &str = "InternalLbVm";

/// Checks a new tier (`VpcManagerImpl.validateNewVpcGuestNetwork`); returns its addresses: those
/// given, else the next free block of the VPC.
pub(crate) fn check_tier(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    vpc: &Vpc,
    given: Option<Subnet>,
) -> Result<Subnet, Fault> {
    check_place(new, vpc)?;
    check_tier_offering(cx, vpc, &new.offering, None)?;
    check_acl(new, vpc)?;
    check_count(cx, vpc)?;
    let subnet = match given {
        Some(subnet) => subnet,
        None => Subnet::of(carve_tier(cx, vpc, new.cidr_size)?),
    };
    check_block(cx, vpc, subnet)?;
    check_vpc_access(cx, vpc, new.owner)?;
    check_domain(vpc, new.domain_name.as_deref())?;
    Ok(subnet)
}

fn check_place(new: &NewNetwork, vpc: &Vpc) -> Result<(), Fault> {
    let name = quoted(&vpc.name);
    if vpc.state != VpcState::Enabled {
        let text = format!("Invalid parameter vpcid: the VPC {name} is {}", vpc.state);
        return Err(Fault::invalid(text));
    }
    if vpc.zone_id != new.zone.id {
        return Err(Fault::invalid(format!(
            "Invalid parameter zoneid: the VPC {name} is not in the zone {}",
            quoted(&new.zone.name)
        )));
    }
    Ok(())
}

/// Whether tiers of this VPC can be made by this offering; `but` is the tier that changes to it.
pub(crate) fn check_tier_offering(
    cx: &mut Cx<'_>,
    vpc: &Vpc,
    offering: &NetworkOffering,
    but: Option<i64>,
) -> Result<(), Fault> {
    let refuse = |why: String| {
        let name = quoted(&offering.name);
        Err(Fault::invalid(format!(
            "Invalid parameter networkofferingid: the network offering {name} {why}"
        )))
    };
    if offering.guest_type != GuestType::Isolated {
        return refuse(format!("makes {} networks; tiers are Isolated", offering.guest_type));
    }
    if !offering.has("SourceNat") && !offering.has("Gateway") {
        return refuse("has neither the service SourceNat nor Gateway, which tiers need".into());
    }
    let of_vpc: VpcOffering = cx.must(vpc.offering_id)?;
    if ip6::has_ip6(offering) && !ip6::vpc_has_ip6(&of_vpc) {
        let of_vpc = quoted(&of_vpc.name);
        return refuse(format!("has IPv6, which the VPC's offering {of_vpc} has not"));
    }
    if is_routed(offering) != vpc_is_routed(&of_vpc) {
        let (wanted, of_vpc) = (of_vpc.network_mode.as_deref(), quoted(&of_vpc.name));
        let wanted = wanted.unwrap_or("NATTED");
        return refuse(format!("is not in the mode {wanted} of the VPC's offering {of_vpc}"));
    }
    for service in &offering.services().0 {
        let strange = service
            .providers
            .iter()
            .find(|provider| !of_vpc.services().provided(&service.name, provider));
        if let Some(provider) = strange {
            let (service, of_vpc) = (&service.name, quoted(&of_vpc.name));
            let why =
                format!("has {service} by {provider}, which the VPC's offering {of_vpc} has not");
            return refuse(why);
        }
    }
    if is_public_lb(offering)
        && let Some(other) = other_public_lb(cx, vpc, offering, but)?
    {
        return refuse(format!(
            "has a public load balancer, and so has {} of another tier; a VPC has one",
            quoted(&other.name)
        ));
    }
    Ok(())
}

fn is_public_lb(offering: &NetworkOffering) -> bool {
    let lb = offering.services().get("Lb");
    lb.is_some_and(|lb| lb.providers.iter().any(|provider| provider != INTERNAL))
}

fn other_public_lb(
    cx: &mut Cx<'_>,
    vpc: &Vpc,
    offering: &NetworkOffering,
    but: Option<i64>,
) -> Result<Option<NetworkOffering>, Fault> {
    let others: Vec<NetworkOffering> = cx.tx.select(
        "WHERE id IN (SELECT offering_id FROM network WHERE vpc_id = ? AND removed IS NULL \
         AND id <> ?) AND id <> ?",
        &[vpc.id.into(), but.unwrap_or(0).into(), offering.id.into()],
    )?;
    Ok(others.into_iter().find(is_public_lb))
}

fn check_acl(new: &NewNetwork, vpc: &Vpc) -> Result<(), Fault> {
    let Some(acl) = &new.acl else { return Ok(()) };
    if !new.offering.has("NetworkACL") {
        return Err(Fault::invalid(format!(
            "Invalid parameter aclid: the offering {} has no service NetworkACL",
            quoted(&new.offering.name)
        )));
    }
    if acl.vpc_id.is_some_and(|id| id != vpc.id) {
        return Err(Fault::invalid(format!(
            "Invalid parameter aclid: the network ACL list {} belongs to another VPC",
            quoted(&acl.name)
        )));
    }
    Ok(())
}

fn check_count(cx: &mut Cx<'_>, vpc: &Vpc) -> Result<(), Fault> {
    let most = cx.setting_int("vpc.max.networks")?;
    let have = cx.tx.count::<Network>("WHERE vpc_id = ? AND removed IS NULL", &[vpc.id.into()])?;
    if have < most.unsigned_abs() {
        return Ok(());
    }
    let name = quoted(&vpc.name);
    Err(Fault::new(
        Exception::CloudRuntime,
        format!("The VPC {name} has {have} tiers; the setting vpc.max.networks allows {most}"),
    ))
}

/// A tier lies in its VPC and apart from the other tiers, with what their reservations hide.
fn check_block(cx: &mut Cx<'_>, vpc: &Vpc, subnet: Subnet) -> Result<(), Fault> {
    let (whole, cidr) = (vpc_block(vpc)?, subnet.cidr);
    if !whole.contains_cidr(cidr) {
        return Err(Fault::invalid(format!(
            "Invalid parameter gateway: the tier's {cidr} is not within {}, the CIDR of the VPC {}",
            vpc.cidr,
            quoted(&vpc.name)
        )));
    }
    if tier_blocks(cx, vpc)?.into_iter().all(|other| !other.overlaps(cidr)) {
        return Ok(());
    }
    let tiers: Vec<Network> = cx.tx.select(
        "WHERE vpc_id = ? AND removed IS NULL AND cidr IS NOT NULL ORDER BY id",
        &[vpc.id.into()],
    )?;
    let block = |tier: &Network| tier.network_cidr.or(tier.cidr);
    let other = tiers.into_iter().find(|tier| block(tier).is_some_and(|b| b.overlaps(cidr)));
    let (with, id) = other.map_or_else(Default::default, |tier| {
        let has = block(&tier).map_or_else(String::new, |block| block.to_string());
        let id = cx.uid::<Network>(tier.id);
        (format!("{has}, the CIDR of the tier {} ({id})", quoted(&tier.name)), id.to_string())
    });
    let text = format!("Invalid parameter gateway: the tier's {cidr} overlaps {with}");
    Err(Fault::invalid(text).about(id, "networkId"))
}

fn check_domain(vpc: &Vpc, given: Option<&str>) -> Result<(), Fault> {
    let of_vpc = vpc.network_domain.as_deref();
    match given {
        Some(given) if of_vpc.is_none_or(|own| !own.eq_ignore_ascii_case(given)) => {
            Err(Fault::invalid(format!(
                "Invalid parameter networkdomain: {} is not that of the VPC, {}",
                quoted(given),
                quoted(of_vpc.unwrap_or_default())
            )))
        }
        _ => Ok(()),
    }
}
