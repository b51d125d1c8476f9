//! Which networks a new VM stands in.

use crate::engine::networks::NewNetwork;
use crate::engine::routing::Routes;
use crate::engine::{Cx, NameServers, Owner, Shared, create_network};
use crate::model::{
    Account, Availability, GuestType, Network, NetworkOffering, NetworkState, OfferingState,
    TrafficKind, Zone,
};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// A network that a VM is to stand in, and what its interface there is to have.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The network.
    pub(crate) network: Network,
    /// The address that it must be.
    pub(crate) ip: Option<Ipv4Addr>,
    /// The MAC address that it must be.
    pub(crate) mac: Option<String>,
}

/// Whether a VM of an owner may stand in a network of a zone.
pub(super) fn check_network(
    cx: &mut Cx<'_>,
    network: &Network,
    zone_id: i64,
    owner: Owner,
) -> Result<(), Fault> {
    let name = quoted(&network.name);
    let refuse = |why: &str| {
        Err(Fault::invalid(format!("Invalid parameter networkids: the network {name} {why}")))
    };
    if network.traffic_type != TrafficKind::Guest || network.system {
        return refuse("is not for guests");
    }
    if network.zone_id != zone_id {
        return refuse("is in another zone");
    }
    if !cx.is_permitted(network, owner)? {
        let text = format!("The owner of the virtual machine may not use the network {name}");
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    match network.state {
        NetworkState::Allocated | NetworkState::Implemented | NetworkState::Setup => Ok(()),
        state => refuse(&format!("is {state}")),
    }
}

/// Refuses a network that is named twice.
pub(super) fn check_each_once(wanted: &[Wanted]) -> Result<(), Fault> {
    for (at, one) in wanted.iter().enumerate() {
        if wanted.iter().take(at).any(|other| other.network.id == one.network.id) {
            let name = quoted(&one.network.name);
            let text = format!("Invalid parameter networkids: the network {name} is named twice");
            return Err(Fault::invalid(text));
        }
    }
    Ok(())
}

/// The network of who names none (`UserVmManagerImpl.getDefaultNetwork`): the only one that the
/// account has by the offering that must be there, else a new one.
pub(super) fn default_network(
    cx: &mut Cx<'_>,
    zone: &Zone,
    owner: Owner,
) -> Result<Network, Fault> {
    let offering: Option<NetworkOffering> = cx.tx.first(
        "WHERE guest_type = ? AND availability = ? AND state = ? AND for_vpc = 0 \
         AND removed IS NULL ORDER BY id",
        &[GuestType::Isolated.into(), Availability::Required.into(), OfferingState::Enabled.into()],
    )?;
    let Some(offering) = offering else {
        return Err(Fault::invalid(
            "Parameter networkids is needed: no network offering is Required, by which a network \
             could be made",
        ));
    };
    let mut found: Vec<Network> = cx.tx.select(
        "WHERE account_id = ? AND zone_id = ? AND offering_id = ? AND removed IS NULL \
         ORDER BY id LIMIT 2",
        &[owner.account_id.into(), zone.id.into(), offering.id.into()],
    )?;
    match (found.pop(), found.is_empty()) {
        (None, _) => make_network(cx, zone, owner, offering),
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Fault::invalid(format!(
            "Parameter networkids is needed: the account has several networks by the offering {} \
             in the zone",
            quoted(&offering.name)
        ))),
    }
}

fn make_network(
    cx: &mut Cx<'_>,
    zone: &Zone,
    owner: Owner,
    offering: NetworkOffering,
) -> Result<Network, Fault> {
    let account: Account = cx.must(owner.account_id)?;
    let name = format!("{}-network", account.name);
    let new = NewNetwork {
        name,
        display_text: None,
        zone: zone.clone(),
        offering,
        physical: None,
        vpc: None,
        acl: None,
        owner,
        acl_type: None,
        gateway: None,
        netmask: None,
        cidr_size: None,
        vlan: None,
        shares_vlan: false,
        domain_name: None,
        dns: NameServers::default(),
        public_mtu: None,
        private_mtu: None,
        source_nat: None,
        display: true,
        shared: Shared { has_owner: true, ..Shared::default() },
        routes: Routes::default(),
    };
    create_network(cx, &new)
}
