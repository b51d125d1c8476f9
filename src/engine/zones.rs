//! Zones: made with their system networks, changed, and removed when they are empty.

use crate::engine::obstacles::Obstacles;
use crate::engine::{Cx, Owner, pods, system_vms};
use crate::model::{
    Allocation, AsnRange, BgpPeer, EntityKind, Ip6Prefix, Network, NetworkState, PhysicalNetwork,
    Pod, TrafficKind, VlanRange, VlanType, Vpc, Zone, ZoneSubnet, ZoneType,
};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::store::StoreError;
use crate::text::quoted;

/// The account `system` in the domain ROOT, which owns the system's own networks.
const SYSTEM: Owner = Owner { account_id: 1, domain_id: 1 };
/// The longest DNS domain of guests (`NetUtils.verifyDomainName`).
const LONGEST_DOMAIN: usize = 190;
/// The kinds of traffic for which every zone has a network of the system's own.
const SYSTEM_TRAFFIC: [TrafficKind; 4] =
    [TrafficKind::Public, TrafficKind::Management, TrafficKind::Control, TrafficKind::Storage];

/// Stores a new zone and its system networks (`ConfigurationManagerImpl.createZone`). A basic
/// zone has security groups, whatever was said.
pub(crate) fn create_zone(cx: &mut Cx<'_>, new: Zone) -> Result<Zone, Fault> {
    let basic = new.network_type == ZoneType::Basic;
    let mut zone = Zone { security_groups: basic || new.security_groups, ..new };
    check_name(cx, &zone)?;
    check_guest_cidr(cx, &zone)?;
    check_domain(zone.network_domain.as_deref())?;
    zone.id = cx.tx.insert(&zone)?;
    for kind in SYSTEM_TRAFFIC {
        system_network(cx, zone.id, kind)?;
    }
    concerns(cx, &zone, "creating");
    Ok(zone)
}

/// Stores what was changed of a zone (`ConfigurationManagerImpl.editZone`).
pub(crate) fn update_zone(cx: &mut Cx<'_>, old: &Zone, new: &Zone) -> Result<(), Fault> {
    if new.name != old.name {
        check_name(cx, new)?;
    }
    if new.guest_cidr != old.guest_cidr {
        check_guest_cidr(cx, new)?;
        if let Some(cidr) = new.guest_cidr {
            check_guest_cidr_is_free(cx, new.id, cidr)?;
        }
    }
    check_domain(new.network_domain.as_deref())?;
    if new.state == Allocation::Enabled && old.state == Allocation::Disabled {
        check_ready(cx, new)?;
        system_vms::make_for_zone(cx, new)?;
    }
    cx.tx.save(new)?;
    concerns(cx, new, "updating");
    Ok(())
}

/// Removes a zone that has nothing but its system networks
/// (`ConfigurationManagerImpl.checkIfZoneIsDeletable`).
pub(crate) fn delete_zone(cx: &mut Cx<'_>, mut zone: Zone) -> Result<(), Fault> {
    let here = "zone_id = ? AND removed IS NULL";
    let guest = "zone_id = ? AND removed IS NULL AND traffic_type = 'Guest'";
    let id = [zone.id.into()];
    let mut found = Obstacles::default();
    found.look::<Pod>(cx, ("pod", "pods"), "name", here, &id)?;
    let physical = ("physical network", "physical networks");
    found.look::<PhysicalNetwork>(cx, physical, "name", here, &id)?;
    found.look::<Network>(cx, ("guest network", "guest networks"), "name", guest, &id)?;
    found.look::<Vpc>(cx, ("VPC", "VPCs"), "name", here, &id)?;
    found.look::<VlanRange>(cx, ("VLAN IP range", "VLAN IP ranges"), "vlan", here, &id)?;
    found.look::<Ip6Prefix>(cx, ("IPv6 prefix", "IPv6 prefixes"), "prefix", here, &id)?;
    found.look::<ZoneSubnet>(cx, ("IPv4 subnet", "IPv4 subnets"), "subnet", here, &id)?;
    let asns = ("AS number range", "AS number ranges");
    let label = "CAST(first AS CHAR(20))";
    found.look::<AsnRange>(cx, asns, label, here, &id)?;
    let label = "CAST(as_number AS CHAR(20))";
    found.look::<BgpPeer>(cx, ("BGP peer", "BGP peers"), label, here, &id)?;
    found.refuse(&format!("zone {}", quoted(&zone.name)))?;
    system_vms::remove_for_zone(cx, zone.id)?;
    cx.tx.run(
        "UPDATE network SET removed = ?, state = ? WHERE zone_id = ? AND removed IS NULL",
        &[cx.now.into(), NetworkState::Destroy.into(), zone.id.into()],
    )?;
    zone.removed = Some(cx.now);
    cx.tx.save(&zone)?;
    concerns(cx, &zone, "deleting");
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, zone: &Zone, doing: &str) {
    let (owner, what) = (cx.caller_owner(), format!("{doing} zone {}", zone.name));
    cx.concerns(EntityKind::Zone, (0, zone.id), owner, what);
}

fn check_name(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    let args = [zone.name.as_str().into(), zone.id.into()];
    let same = "WHERE name = ? AND id <> ? AND removed IS NULL";
    let Some(other) = cx.tx.first::<Zone>(same, &args)? else { return Ok(()) };
    let (name, id) = (quoted(&zone.name), cx.uid::<Zone>(other.id));
    Err(Fault::invalid(format!("Invalid parameter name: there is already a zone {name} ({id})")))
}

/// Guests have private addresses (RFC 1918) unless the operator allows others.
fn check_guest_cidr(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    let Some(cidr) = zone.guest_cidr else { return Ok(()) };
    if zone.network_type == ZoneType::Basic {
        return Err(Fault::invalid(
            "Invalid parameter guestcidraddress: a zone of the network type Basic has no guest \
             CIDR",
        ));
    }
    if cidr.is_private() || cx.setting_flag("allow.non.rfc1918.compliant.ips")? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter guestcidraddress: `{cidr}` is not private as RFC 1918 says; use a part \
         of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, or set allow.non.rfc1918.compliant.ips"
    )))
}

/// Guests must not have the addresses of pods, nor those of the public networks.
fn check_guest_cidr_is_free(cx: &mut Cx<'_>, zone_id: i64, cidr: Cidr4) -> Result<(), Fault> {
    for pod in pods::of_zone(cx, zone_id)? {
        if let Some(other) = pods::cidr_of(&pod).filter(|other| cidr.overlaps(other)) {
            let name = quoted(&pod.name);
            return Err(Fault::invalid(format!(
                "Invalid parameter guestcidraddress: `{cidr}` overlaps `{other}`, the subnet of \
                 the pod {name}"
            )));
        }
    }
    for range in public_ranges(cx, zone_id)? {
        let (Some(gateway), Some(netmask)) = (range.gateway, range.netmask) else { continue };
        let Ok(other) = Cidr4::from_gateway_netmask(gateway, netmask) else { continue };
        if cidr.overlaps(other) {
            let id = cx.uid::<VlanRange>(range.id);
            return Err(Fault::invalid(format!(
                "Invalid parameter guestcidraddress: `{cidr}` overlaps `{other}`, the subnet of \
                 the public VLAN IP range {id}"
            )));
        }
    }
    Ok(())
}

/// The public ranges of a zone.
pub(crate) fn public_ranges(cx: &mut Cx<'_>, zone_id: i64) -> Result<Vec<VlanRange>, Fault> {
    let args = [zone_id.into(), VlanType::VirtualNetwork.into()];
    Ok(cx.tx.select("WHERE zone_id = ? AND type = ? AND removed IS NULL ORDER BY id", &args)?)
}

/// A DNS domain: labels of letters, digits and inner hyphens, up to 63 characters each.
fn check_domain(domain: Option<&str>) -> Result<(), Fault> {
    let Some(domain) = domain else { return Ok(()) };
    let good = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() <= LONGEST_DOMAIN && domain.split('.').all(good) {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter domain: {} is not a DNS domain; it has up to {LONGEST_DOMAIN} \
         characters, and its labels have 1 to 63 letters, digits and hyphens, no hyphen first or \
         last",
        quoted(domain)
    )))
}

/// A zone needs its management network, and an advanced one without security groups its public
/// network, before anybody may use it.
fn check_ready(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    let public = zone.network_type == ZoneType::Advanced && !zone.security_groups;
    for kind in [Some(TrafficKind::Management), public.then_some(TrafficKind::Public)] {
        let Some(kind) = kind else { continue };
        if physical_of(cx, zone.id, kind)?.is_none() {
            let name = quoted(&zone.name);
            return Err(Fault::invalid(format!(
                "Invalid parameter allocationstate: the zone {name} cannot be enabled because \
                 none of its physical networks has the traffic type {kind}; add it with \
                 addTrafficType"
            )));
        }
    }
    Ok(())
}

/// The first physical network of a zone that has a kind of traffic.
pub(crate) fn physical_of(
    cx: &mut Cx<'_>,
    zone_id: i64,
    kind: TrafficKind,
) -> Result<Option<PhysicalNetwork>, Fault> {
    Ok(cx.tx.first(
        "WHERE zone_id = ? AND removed IS NULL AND id IN (SELECT physical_network_id FROM \
         traffic_type WHERE type = ? AND removed IS NULL) ORDER BY id",
        &[zone_id.into(), kind.into()],
    )?)
}

/// The network of a zone for one kind of the system's own traffic.
pub(crate) fn system_network_of(
    cx: &mut Cx<'_>,
    zone_id: i64,
    kind: TrafficKind,
) -> Result<Network, Fault> {
    let found = cx.tx.first(
        "WHERE zone_id = ? AND traffic_type = ? AND system = 1 AND removed IS NULL ORDER BY id",
        &[zone_id.into(), kind.into()],
    )?;
    let missing = || StoreError::Damaged(format!("zone {zone_id} has no {kind} network"));
    Ok(found.ok_or_else(missing)?)
}

/// Makes the network of a zone for one kind of the system's own traffic. Which physical network is
/// under it is known when that gets the traffic type.
fn system_network(cx: &mut Cx<'_>, zone_id: i64, kind: TrafficKind) -> Result<(), Fault> {
    cx.tx.insert(&Network {
        id: 0,
        name: String::new(),
        display_text: String::new(),
        zone_id,
        physical_network_id: None,
        offering_id: None,
        vpc_id: None,
        acl_id: None,
        account_id: SYSTEM.account_id,
        domain_id: SYSTEM.domain_id,
        traffic_type: kind,
        guest_type: None,
        state: NetworkState::Setup,
        gateway: None,
        cidr: None,
        network_cidr: None,
        ip6_gateway: None,
        ip6_cidr: None,
        broadcast_uri: None,
        network_domain: None,
        acl_type: None,
        restart_required: false,
        display: true,
        dns1: None,
        dns2: None,
        ip6_dns1: None,
        ip6_dns2: None,
        public_mtu: None,
        private_mtu: None,
        system: true,
        redundant: false,
        created: cx.now,
        removed: None,
    })?;
    Ok(())
}
