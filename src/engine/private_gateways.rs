//! Private gateways of VPCs (`VpcManagerImpl.createVpcPrivateGateway`): an address of the VPC's
//! router in a private network, which is a VLAN that was named or that of a guest network.
//!
//! The private network is part of the gateway: CloudStack allows one gateway in each. No two
//! gateways in one VLAN have one address, by constraint; in the VLAN of a guest network the
//! address is held as those of its guests are.

use crate::engine::guests::{self, Holder};
use crate::engine::network_checks::{check_gateway, guest_physical_network};
use crate::engine::network_life::implement;
use crate::engine::networks::{check_vlan, read_vlan};
use crate::engine::{Cx, Owner, static_routes};
use crate::model::{
    Acl, EntityKind, GuestKind, GuestType, Network, NetworkOffering, NetworkState, OfferingState,
    PhysicalNetwork, PrivateGateway, PrivateGatewayEvent, PrivateGatewayState, TrafficKind, Vpc,
    VpcState, Zone,
};
use crate::net::{Cidr4, VlanTag};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::{Count, quoted};
use std::net::Ipv4Addr;

/// The list of a gateway for which none was named: it lets nothing through.
const DEFAULT_DENY: i64 = 1;

/// What a new private gateway is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewPrivateGateway {
    /// The VPC.
    pub(crate) vpc: Vpc,
    /// The physical network under it, where it was named.
    pub(crate) physical: Option<PhysicalNetwork>,
    /// The VLAN of the private network.
    pub(crate) vlan: Option<String>,
    /// The guest network whose VLAN it is, instead of one that is named.
    pub(crate) associated: Option<Network>,
    /// Whether the VLAN may be another network's, or one that the physical network hands out.
    pub(crate) shares_vlan: bool,
    /// The offering, where it was named.
    pub(crate) offering: Option<NetworkOffering>,
    /// The address of the VPC's router.
    pub(crate) ip: Ipv4Addr,
    /// The router on the other side.
    pub(crate) gateway: Ipv4Addr,
    /// The netmask of the private network.
    pub(crate) netmask: Ipv4Addr,
    /// Whether traffic leaves with the address of the VPC's router.
    pub(crate) source_nat: bool,
    /// The ACL list, where it was named.
    pub(crate) acl: Option<Acl>,
}

impl PrivateGateway {
    /// The block of its private network.
    pub(crate) fn block(&self) -> Result<Cidr4, Fault> {
        Cidr4::from_gateway_netmask(self.gateway, self.netmask).map_err(|why| {
            StoreError::Damaged(format!("the private gateway {}: {why}", self.id)).into()
        })
    }

    /// Takes it one step through its states.
    fn advance(&mut self, event: PrivateGatewayEvent) -> Result<(), Fault> {
        let (ip, state) = (self.ip, self.state);
        self.state = state.next(event).ok_or_else(|| {
            let text =
                format!("The private gateway {ip} is {state}, which does not go with {event}");
            Fault::new(Exception::CloudRuntime, text)
        })?;
        Ok(())
    }
}

/// Makes a private gateway.
pub(crate) fn create(cx: &mut Cx<'_>, new: &NewPrivateGateway) -> Result<PrivateGateway, Fault> {
    check_vpc(new)?;
    check_way(cx, new)?;
    let block = check_block(new)?;
    let mut associated = new.associated.clone();
    if let Some(network) = &associated {
        check_associated(cx, new, network, block)?;
    }
    check_offering(new)?;
    let physical = physical_network(cx, new)?;
    let acl_id = acl_of(new)?;
    let vlan = match (&mut associated, &new.vlan) {
        (Some(network), _) => vlan_of(cx, network)?,
        (None, Some(text)) => named_vlan(cx, new, text, &physical, block)?,
        (None, None) => String::new(),
    };
    let mut gateway = PrivateGateway {
        id: 0,
        vpc_id: new.vpc.id,
        zone_id: new.vpc.zone_id,
        account_id: new.vpc.account_id,
        domain_id: new.vpc.domain_id,
        physical_network_id: physical.id,
        vlan,
        associated_id: associated.as_ref().map(|network| network.id),
        offering_id: new.offering.as_ref().map(|offering| offering.id),
        ip: new.ip,
        gateway: new.gateway,
        netmask: new.netmask,
        source_nat: new.source_nat,
        acl_id,
        state: PrivateGatewayState::Creating,
        created: cx.now,
        removed: None,
    };
    refuse_held(cx, &gateway, block)?;
    gateway.advance(PrivateGatewayEvent::Applied)?;
    gateway.id = cx.tx.insert(&gateway)?;
    if let Some(network) = associated.filter(|network| network.cidr.is_some()) {
        hold(cx, &network, &gateway)?;
    }
    concerns(cx, &gateway, "creating");
    Ok(gateway)
}

fn check_vpc(new: &NewPrivateGateway) -> Result<(), Fault> {
    if new.vpc.state == VpcState::Enabled {
        return Ok(());
    }
    let (name, state) = (quoted(&new.vpc.name), new.vpc.state);
    let text = format!("Invalid parameter vpcid: the VPC {name} is {state}, not Enabled");
    Err(Fault::invalid(text))
}

/// The private network is a VLAN or that of a guest network; VLANs are root admins' to name.
fn check_way(cx: &Cx<'_>, new: &NewPrivateGateway) -> Result<(), Fault> {
    match (&new.vlan, &new.associated) {
        (None, None) => {
            let text = "One of the parameters vlan and associatednetworkid must be given";
            return Err(Fault::invalid(text));
        }
        (Some(_), Some(_)) => {
            let text = "Parameters vlan and associatednetworkid exclude each other";
            return Err(Fault::invalid(text));
        }
        _ => {}
    }
    let param = if new.vlan.is_some() { "vlan" } else { "bypassvlanoverlapcheck" };
    if (new.vlan.is_some() || new.shares_vlan) && !cx.caller.is_root() {
        let text = format!("Only root admins may give the parameter {param}");
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    Ok(())
}

/// Both routers stand on hosts' addresses of one block.
fn check_block(new: &NewPrivateGateway) -> Result<Cidr4, Fault> {
    let (ip, gateway) = (new.ip, new.gateway);
    let block = Cidr4::from_gateway_netmask(gateway, new.netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))?;
    check_gateway(gateway, block)?;
    let why = if !block.contains(ip) {
        format!("is not in {block}, the block of the gateway {gateway}")
    } else if !(block.first_host()..=block.last_host()).contains(&ip) {
        format!("is no host of {block}")
    } else if ip == gateway {
        "is the gateway itself; the VPC's router needs an address of its own".to_owned()
    } else {
        return Ok(block);
    };
    Err(Fault::invalid(format!("Invalid parameter ipaddress: {ip} {why}")))
}

/// A guest network that the owner of the VPC may use, with the same block where it has one.
fn check_associated(
    cx: &mut Cx<'_>,
    new: &NewPrivateGateway,
    network: &Network,
    block: Cidr4,
) -> Result<(), Fault> {
    let name = quoted(&network.name);
    let refuse = |why: String| {
        let text = format!("Invalid parameter associatednetworkid: the network {name} {why}");
        Err(Fault::invalid(text))
    };
    if network.zone_id != new.vpc.zone_id {
        return refuse("is in another zone than the VPC".to_owned());
    }
    let kind = network.guest_type.filter(|_| network.traffic_type == TrafficKind::Guest);
    if !matches!(kind, Some(GuestType::Isolated | GuestType::L2)) || network.vpc_id.is_some() {
        return refuse("is neither an isolated nor an L2 network outside of VPCs".to_owned());
    }
    if !cx.is_permitted(network, Owner::from(&new.vpc))? {
        return refuse("is not for the owner of the VPC".to_owned());
    }
    match network.network_cidr.or(network.cidr) {
        Some(own) if own != block => {
            refuse(format!("has {own}, and gateway and netmask say {block}"))
        }
        _ => Ok(()),
    }
}

fn check_offering(new: &NewPrivateGateway) -> Result<(), Fault> {
    let Some(offering) = &new.offering else { return Ok(()) };
    let name = quoted(&offering.name);
    let why = if offering.state != OfferingState::Enabled {
        format!("is {}, not Enabled", offering.state)
    } else if offering.traffic_type != TrafficKind::Guest
        || offering.guest_type != GuestType::Isolated
    {
        "does not make isolated networks of guests".to_owned()
    } else {
        return Ok(());
    };
    Err(Fault::invalid(format!(
        "Invalid parameter networkofferingid: the network offering {name} {why}"
    )))
}

fn physical_network(cx: &mut Cx<'_>, new: &NewPrivateGateway) -> Result<PhysicalNetwork, Fault> {
    if let Some(id) = new.associated.as_ref().and_then(|network| network.physical_network_id) {
        return cx.must(id);
    }
    let zone: Zone = cx.must(new.vpc.zone_id)?;
    let tags = new.offering.as_ref().and_then(|offering| offering.tags.as_deref());
    guest_physical_network(cx, &zone, tags, new.physical.as_ref())
}

fn acl_of(new: &NewPrivateGateway) -> Result<i64, Fault> {
    let Some(acl) = &new.acl else { return Ok(DEFAULT_DENY) };
    if acl.vpc_id.is_none_or(|id| id == new.vpc.id) {
        return Ok(acl.id);
    }
    let (acl, vpc) = (quoted(&acl.name), quoted(&new.vpc.name));
    Err(Fault::invalid(format!(
        "Invalid parameter aclid: {acl} is a list of another VPC than {vpc}"
    )))
}

/// The VLAN or VNI of a guest network, which is implemented for it.
fn vlan_of(cx: &mut Cx<'_>, network: &mut Network) -> Result<String, Fault> {
    if network.broadcast_uri.is_none() && network.state == NetworkState::Allocated {
        implement(cx, network)?;
    }
    network.broadcast_uri.clone().ok_or_else(|| {
        let (name, state) = (quoted(&network.name), network.state);
        Fault::invalid(format!(
            "Invalid parameter associatednetworkid: the network {name} is {state} and has no VLAN"
        ))
    })
}

/// The VLAN that was named: not that of another private network of the VPC with the same block,
/// and unless the caller says otherwise nobody else's.
fn named_vlan(
    cx: &mut Cx<'_>,
    new: &NewPrivateGateway,
    text: &str,
    physical: &PhysicalNetwork,
    block: Cidr4,
) -> Result<String, Fault> {
    let tag = read_vlan(text, physical)?;
    let tail = "WHERE vpc_id = ? AND vlan = ? AND removed IS NULL ORDER BY id";
    let args = [new.vpc.id.into(), tag.to_string().into()];
    for other in cx.tx.select::<PrivateGateway>(tail, &args)? {
        if other.block()? == block {
            let (vpc, id) = (quoted(&new.vpc.name), cx.uid::<PrivateGateway>(other.id));
            return Err(Fault::invalid(format!(
                "Invalid parameter vlan: the VPC {vpc} has a private gateway ({id}) in {tag} with \
                 {block} already"
            ))
            .about(id, "privateGatewayId"));
        }
    }
    let owner = Owner::from(&new.vpc);
    check_vlan(cx, &tag, physical, owner, (new.shares_vlan, new.shares_vlan))?;
    Ok(tag.to_string())
}

/// Refuses a VLAN in which there is a private gateway of the zone.
pub(crate) fn refuse_taken_vlan(cx: &mut Cx<'_>, tag: &VlanTag, zone_id: i64) -> Result<(), Fault> {
    let tail = "WHERE vlan = ? AND zone_id = ? AND removed IS NULL ORDER BY id";
    let args = [tag.to_string().into(), zone_id.into()];
    let Some(other) = cx.tx.first::<PrivateGateway>(tail, &args)? else { return Ok(()) };
    let id = cx.uid::<PrivateGateway>(other.id);
    let text = format!("Invalid parameter vlan: {tag} is that of a private gateway ({id})");
    Err(Fault::invalid(text).about(id, "privateGatewayId"))
}

/// In one VLAN an address has one holder.
fn refuse_held(cx: &mut Cx<'_>, new: &PrivateGateway, block: Cidr4) -> Result<(), Fault> {
    let tail = "WHERE physical_network_id = ? AND vlan = ? AND ip = ? AND removed IS NULL";
    let args = [new.physical_network_id.into(), new.vlan.as_str().into(), new.ip.into()];
    let Some(other) = cx.tx.first::<PrivateGateway>(tail, &args)? else { return Ok(()) };
    let (ip, vlan, id) = (new.ip, &new.vlan, cx.uid::<PrivateGateway>(other.id));
    Err(Fault::invalid(format!(
        "Invalid parameter ipaddress: {ip} of {block} in {vlan} is that of the private gateway {id}"
    ))
    .about(id, "privateGatewayId"))
}

/// What holds a gateway's address among the guests of a network.
const fn holder(gateway: &PrivateGateway) -> Holder {
    Holder {
        kind: GuestKind::PrivateGateway,
        id: gateway.id,
        owner: Owner { account_id: gateway.account_id, domain_id: gateway.domain_id },
    }
}

fn hold(cx: &mut Cx<'_>, network: &Network, gateway: &PrivateGateway) -> Result<(), Fault> {
    guests::acquire(cx, network, Some(gateway.ip), holder(gateway))
        .map(drop)
        .map_err(guests::as_invalid("ipaddress"))
}

fn concerns(cx: &mut Cx<'_>, gateway: &PrivateGateway, doing: &str) {
    let what = format!("{doing} the private gateway {} in {}", gateway.ip, gateway.vlan);
    cx.concerns(EntityKind::PrivateGateway, (0, gateway.id), Owner::from(gateway), what);
}

/// Takes a private gateway away to which no static route leads.
pub(crate) fn delete(cx: &mut Cx<'_>, mut gateway: PrivateGateway) -> Result<(), Fault> {
    concerns(cx, &gateway, "deleting");
    let routes = static_routes::through(cx, &gateway).map_err(Fault::in_job)?;
    if let Some(first) = routes.first() {
        let count = Count::new(routes.len() as u64, "static route", "static routes");
        let text = format!(
            "The private gateway {} cannot be deleted because {count} lead to it, first {}: \
             delete them before",
            gateway.ip, first.cidr
        );
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    gateway.advance(PrivateGatewayEvent::Delete).map_err(Fault::in_job)?;
    remove(cx, gateway)
}

fn remove(cx: &mut Cx<'_>, mut gateway: PrivateGateway) -> Result<(), Fault> {
    if let Some(network) = gateway.associated_id {
        let held = guests::holder(cx, network, gateway.ip)?;
        let own = holder(&gateway);
        if held.is_some_and(|held| held.kind == own.kind && held.holder_id == own.id) {
            guests::release(cx, network, gateway.ip)?;
        }
    }
    gateway.removed = Some(cx.now);
    cx.tx.save(&gateway)?;
    cx.forget_tags((EntityKind::PrivateGateway, 0, gateway.id))
}

/// Takes away all private gateways and static routes of a VPC that is being deleted.
pub(crate) fn forget_vpc(cx: &mut Cx<'_>, vpc_id: i64) -> Result<(), Fault> {
    static_routes::forget(cx, "vpc_id = ?", vpc_id)?;
    forget(cx, "vpc_id = ?", &[vpc_id.into()])
}

/// Takes away what an account that is being deleted has of private gateways, and those in the
/// VLANs of its networks, whosever they are.
pub(crate) fn forget_account(cx: &mut Cx<'_>, account_id: i64) -> Result<(), Fault> {
    let which = "account_id = ? OR associated_id IN (SELECT id FROM network WHERE account_id = ?)";
    let args = [account_id.into(), account_id.into()];
    let tail = format!("WHERE ({which}) AND removed IS NULL ORDER BY id");
    for gateway in cx.tx.select::<PrivateGateway>(&tail, &args)? {
        for route in static_routes::through(cx, &gateway)? {
            static_routes::remove(cx, route)?;
        }
    }
    forget(cx, &format!("({which})"), &args)
}

fn forget(cx: &mut Cx<'_>, which: &str, args: &[crate::model::Cell]) -> Result<(), Fault> {
    let tail = format!("WHERE {which} AND removed IS NULL ORDER BY id");
    for mut gateway in cx.tx.select::<PrivateGateway>(&tail, args)? {
        gateway.advance(PrivateGatewayEvent::Delete)?;
        remove(cx, gateway)?;
    }
    Ok(())
}

/// Refuses to delete a network in whose VLAN there is a private gateway.
pub(crate) fn refuse_associated(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    let tail = "WHERE associated_id = ? AND removed IS NULL ORDER BY id";
    let Some(first) = cx.tx.first::<PrivateGateway>(tail, &[network.id.into()])? else {
        return Ok(());
    };
    let (name, id) = (quoted(&network.name), cx.uid::<PrivateGateway>(first.id));
    let text = format!(
        "Invalid parameter id: the private gateway {} ({id}) uses the network {name}; delete it \
         before",
        first.ip
    );
    Err(Fault::invalid(text).about(id, "privateGatewayId"))
}

/// Gives a private gateway another ACL list: one of its VPC, or one that is for all.
pub(crate) fn replace_acl(
    cx: &mut Cx<'_>,
    mut gateway: PrivateGateway,
    acl: &Acl,
) -> Result<(), Fault> {
    if acl.vpc_id.is_some_and(|of| of != gateway.vpc_id) {
        let (acl, ip) = (quoted(&acl.name), gateway.ip);
        return Err(Fault::invalid(format!(
            "Invalid parameter aclid: {acl} is a list of another VPC than that of the private \
             gateway {ip}"
        )));
    }
    gateway.acl_id = acl.id;
    cx.tx.save(&gateway)?;
    Ok(())
}

#[cfg(test)]
mod tests;
