//! Rules that networks and VPCs share: where they may be made, their names, MTUs and name servers.

use crate::engine::{Cx, Owner};
use crate::model::{
    Account, Allocation, Domain, NetworkOffering, PhysicalNetwork, RoleKind, Vpc, Zone, ZoneType,
    setting,
};
use crate::net::Cidr4;
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The smallest MTU (RFC 791: every link carries 68 bytes).
const MIN_MTU: i64 = 68;
/// The parents of a domain that are looked at; a tree that is deeper is damaged.
const DEPTH: usize = 1000;

/// The name servers of a network or a VPC, where it has its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameServers {
    /// The first one.
    pub(crate) dns1: Option<Ipv4Addr>,
    /// The second one.
    pub(crate) dns2: Option<Ipv4Addr>,
    /// The first one on IPv6.
    pub(crate) ip6_dns1: Option<Ipv6Addr>,
    /// The second one on IPv6.
    pub(crate) ip6_dns2: Option<Ipv6Addr>,
}

impl NameServers {
    /// Whether none was given.
    pub(crate) const fn is_empty(&self) -> bool {
        self.dns1.is_none()
            && self.dns2.is_none()
            && self.ip6_dns1.is_none()
            && self.ip6_dns2.is_none()
    }

    /// A second one makes no sense without a first, and two equal ones are one.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let pairs = [
            ("dns", self.dns1.is_none(), self.dns2.is_some(), self.dns1.eq(&self.dns2)),
            (
                "ip6dns",
                self.ip6_dns1.is_none(),
                self.ip6_dns2.is_some(),
                self.ip6_dns1.eq(&self.ip6_dns2),
            ),
        ];
        for (name, no_first, second, same) in pairs {
            if second && no_first {
                let text = format!("Invalid parameter {name}2: it is given without {name}1");
                return Err(Fault::invalid(text));
            }
            if second && same {
                let text = format!("Invalid parameter {name}2: it is the same as {name}1");
                return Err(Fault::invalid(text));
            }
        }
        Ok(())
    }
}

/// In a disabled zone only root admins may make anything.
pub(crate) fn refuse_disabled(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    if zone.state == Allocation::Enabled || cx.caller.is_root() {
        return Ok(());
    }
    let name = quoted(&zone.name);
    Err(Fault::new(
        Exception::PermissionDenied,
        format!("The zone {name} is disabled, so only root admins may make things in it"),
    ))
}

/// A zone takes new networks and VPCs unless it is disabled, which stops all but root admins, or
/// dedicated to a domain that the owner is not in.
pub(crate) fn check_zone(cx: &mut Cx<'_>, zone: &Zone, owner: Owner) -> Result<(), Fault> {
    refuse_disabled(cx, zone)?;
    let name = quoted(&zone.name);
    if let Some(dedicated) = zone.domain_id
        && !cx.must::<Account>(owner.account_id)?.is_root()
        && !is_within(cx, owner.domain_id, dedicated)?
    {
        return Err(Fault::new(
            Exception::PermissionDenied,
            format!("The zone {name} is dedicated to a domain that the owner is not in"),
        ));
    }
    if zone.network_type == ZoneType::Basic {
        return Err(Fault::invalid(format!(
            "Invalid parameter zoneid: the zone {name} is Basic and has one shared network for \
             all; isolated and L2 networks and VPCs need an Advanced zone"
        )));
    }
    Ok(())
}

/// Whether a domain is another one or below it.
fn is_within(cx: &mut Cx<'_>, domain_id: i64, above: i64) -> Result<bool, Fault> {
    Ok(cx.domains_up(domain_id)?.contains(&above))
}

/// Whoever is to own a tier must be allowed to use its VPC (`AccountManager.checkAccess`).
pub(crate) fn check_vpc_access(cx: &mut Cx<'_>, vpc: &Vpc, owner: Owner) -> Result<(), Fault> {
    let account: Account = cx.must(owner.account_id)?;
    let may = account.is_root()
        || account.id == vpc.account_id
        || account.role_kind() == Some(RoleKind::DomainAdmin)
            && is_within(cx, vpc.domain_id, account.domain_id)?;
    if may {
        return Ok(());
    }
    let (account, vpc) = (quoted(&account.name), quoted(&vpc.name));
    Err(Fault::new(
        Exception::PermissionDenied,
        format!("The account {account} has no access to the VPC {vpc}"),
    ))
}

/// The physical network that a guest network of this offering is made on: the one given, else
/// the only one of the zone that carries guest traffic and has the offering's tags.
pub(crate) fn physical_network(
    cx: &mut Cx<'_>,
    zone: &Zone,
    offering: &NetworkOffering,
    given: Option<&PhysicalNetwork>,
) -> Result<PhysicalNetwork, Fault> {
    guest_physical_network(cx, zone, offering.tags.as_deref(), given)
}

/// The same, by the tags that it must have.
pub(crate) fn guest_physical_network(
    cx: &mut Cx<'_>,
    zone: &Zone,
    tags: Option<&str>,
    given: Option<&PhysicalNetwork>,
) -> Result<PhysicalNetwork, Fault> {
    let zone_name = quoted(&zone.name);
    let found = match given {
        Some(given) if given.zone_id != zone.id => {
            return Err(Fault::invalid(format!(
                "Invalid parameter physicalnetworkid: the physical network {} is not in the zone \
                 {zone_name}",
                quoted(&given.name)
            )));
        }
        Some(given) => given.clone(),
        None => only_guest_network(cx, zone, tags.unwrap_or_default())?,
    };
    if found.state != Allocation::Enabled {
        return Err(Fault::invalid(format!(
            "Invalid parameter physicalnetworkid: the physical network {} is {}, not Enabled",
            quoted(&found.name),
            found.state
        )));
    }
    Ok(found)
}

fn only_guest_network(cx: &mut Cx<'_>, zone: &Zone, tags: &str) -> Result<PhysicalNetwork, Fault> {
    let mut fit: Vec<PhysicalNetwork> = cx.tx.select(
        "WHERE zone_id = ? AND removed IS NULL AND id IN (SELECT physical_network_id \
         FROM traffic_type WHERE type = 'Guest' AND removed IS NULL) ORDER BY id",
        &[zone.id.into()],
    )?;
    let wanted: Vec<&str> = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    fit.retain(|one| wanted.iter().all(|tag| one.tags.split(',').any(|has| has.trim() == *tag)));
    let (zone, with) = (quoted(&zone.name), if wanted.is_empty() { "" } else { " with the tags " });
    match (fit.len(), fit.pop()) {
        (1, Some(only)) => Ok(only),
        (0, _) => Err(Fault::invalid(format!(
            "The zone {zone} has no physical network{with}{tags} that carries guest traffic"
        ))),
        (n, _) => Err(Fault::invalid(format!(
            "Parameter physicalnetworkid is needed: the zone {zone} has {n} physical \
             networks{with}{tags} that carry guest traffic"
        ))),
    }
}

/// A guest CIDR is private unless `allow.non.rfc1918.compliant.ips` is true.
pub(crate) fn check_private(cx: &mut Cx<'_>, cidr: Cidr4, what: &str) -> Result<(), Fault> {
    if cidr.is_private() || cx.setting_flag("allow.non.rfc1918.compliant.ips")? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "{what} {cidr} is not private: it must lie in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 \
         or 100.64.0.0/10 unless the setting allow.non.rfc1918.compliant.ips is true"
    )))
}

/// The gateway stands on a host's address of its CIDR.
pub(crate) fn check_gateway(gateway: Ipv4Addr, cidr: Cidr4) -> Result<(), Fault> {
    if cidr.len() < 31 && (gateway == cidr.network() || gateway == cidr.broadcast()) {
        let which = if gateway == cidr.network() { "network" } else { "broadcast" };
        let (first, last) = (cidr.first_host(), cidr.last_host());
        return Err(Fault::invalid(format!(
            "Invalid parameter gateway: {gateway} is the {which} address of {cidr}; {first} to \
             {last} are its hosts"
        )));
    }
    Ok(())
}

/// The name of a DNS domain as it was given, checked.
pub(crate) fn domain_name(given: &str) -> Result<String, Fault> {
    setting::domain_name(given)
        .map_err(|why| Fault::invalid(format!("Invalid parameter networkdomain: {why}")))
}

/// The DNS domain of an owner's networks: the account's, else the nearest domain's, else the
/// zone's, else `cs` and the account's number before the setting `guest.domain.suffix`.
pub(crate) fn default_domain(cx: &mut Cx<'_>, zone: &Zone, owner: Owner) -> Result<String, Fault> {
    if let Some(name) = cx.must::<Account>(owner.account_id)?.network_domain {
        return Ok(name);
    }
    let mut at = Some(owner.domain_id);
    for _ in 0..DEPTH {
        let Some(id) = at else { break };
        let domain: Domain = cx.must(id)?;
        if let Some(name) = domain.network_domain {
            return Ok(name);
        }
        at = domain.parent_id;
    }
    if let Some(name) = &zone.network_domain {
        return Ok(name.clone());
    }
    let suffix = cx.setting_at("guest.domain.suffix", "zone", zone.id)?;
    Ok(format!("cs{:x}{suffix}", owner.account_id))
}

/// The setting with the largest MTU of routers' public interfaces.
pub(crate) const PUBLIC_MTU: &str = "vr.public.interface.max.mtu";
/// The setting with the largest MTU of routers' guest interfaces.
pub(crate) const PRIVATE_MTU: &str = "vr.private.interface.max.mtu";

/// Whether whoever makes a network in the zone may choose MTUs.
pub(crate) fn may_choose_mtu(cx: &mut Cx<'_>, zone_id: i64) -> Result<bool, Fault> {
    let may = cx.setting_at("allow.end.users.to.specify.vr.mtu", "zone", zone_id)?;
    Ok(may.eq_ignore_ascii_case("true"))
}

/// The MTU that a router's interface gets: the one wanted, drawn into the bounds of the zone,
/// else the zone's largest.
pub(crate) fn mtu(
    cx: &mut Cx<'_>,
    setting: &str,
    zone_id: i64,
    wanted: Option<i64>,
) -> Result<i64, Fault> {
    let most = cx.setting_at(setting, "zone", zone_id)?;
    let most = most.trim().parse().unwrap_or(1500).max(MIN_MTU);
    Ok(wanted.unwrap_or(most).clamp(MIN_MTU, most))
}
