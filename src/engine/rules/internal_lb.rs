//! Load balancers inside of networks: reached at an address of a tier, which they hold together
//! and which is free again when the last of them goes (`ApplicationLoadBalancerManagerImpl`).

use crate::engine::guests::{self, Holder};
use crate::engine::rules::conflict;
use crate::engine::rules::load_balancer::{
    blank, check_algorithm, check_port, check_scheme, concerns, place, state_of,
};
use crate::engine::rules::members::forget_members;
use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, GuestKind, LbScheme, LoadBalancerRule, Network, TrafficKind};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// A load balancer that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewInternalLb {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) description: Option<String>,
    /// Which guest is next.
    pub(crate) algorithm: String,
    /// From where it is reached; there is only one word for that.
    pub(crate) scheme: String,
    /// The network of the guests.
    pub(crate) network: Network,
    /// The network of its own address.
    pub(crate) source_network: Network,
    /// That address; the lowest free one, where nothing is said.
    pub(crate) source_ip: Option<Ipv4Addr>,
    /// The port of that address.
    pub(crate) source_port: i64,
    /// The port of the guests.
    pub(crate) instance_port: i64,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// Makes a load balancer (`createLoadBalancer`).
pub(crate) fn create(cx: &mut Cx<'_>, new: &NewInternalLb) -> Result<LoadBalancerRule, Fault> {
    check_word(&new.scheme)?;
    check_guest(&new.network, "networkid")?;
    check_port("sourceport", new.source_port)?;
    check_port("instanceport", new.instance_port)?;
    let algorithm = check_algorithm(&new.algorithm)?;
    check_scheme(cx, &new.network, LbScheme::Internal, "networkid")?;
    check_source(new)?;
    let shared = shared_rules(cx, new)?;
    refuse_conflict(cx, new, &shared)?;
    let mut rule = LoadBalancerRule {
        scheme: LbScheme::Internal,
        source_network_id: Some(new.source_network.id),
        source_ip: new.source_ip.or(Some(Ipv4Addr::UNSPECIFIED)),
        public_port: new.source_port,
        private_port: new.instance_port,
        display: new.display,
        ..blank(cx, (&new.name, new.description.as_ref()), algorithm, &new.network)
    };
    rule.id = cx.tx.insert(&rule)?;
    if shared.is_empty() {
        let owner = Owner::from(&new.network);
        let holder = Holder { kind: GuestKind::LoadBalancer, id: rule.id, owner };
        let ip = guests::acquire(cx, &new.source_network, new.source_ip, holder)?;
        rule.source_ip = Some(ip);
        cx.tx.save(&rule)?;
    }
    concerns(cx, &rule, "creating");
    Ok(rule)
}

fn check_word(scheme: &str) -> Result<(), Fault> {
    if scheme.eq_ignore_ascii_case(LbScheme::Internal.word()) {
        return Ok(());
    }
    let text = format!(
        "Invalid parameter scheme: {} is not Internal; createLoadBalancerRule makes public load \
         balancers",
        quoted(scheme)
    );
    Err(Fault::new(Exception::UnsupportedService, text))
}

fn check_guest(network: &Network, param: &str) -> Result<(), Fault> {
    if network.traffic_type == TrafficKind::Guest && !network.system {
        return Ok(());
    }
    let name = quoted(&network.name);
    let text = format!("Invalid parameter {param}: the network {name} is not for guests");
    Err(Fault::invalid(text))
}

/// The address lies in a network of guests that has addresses, where the guests can reach it.
fn check_source(new: &NewInternalLb) -> Result<(), Fault> {
    let param = "sourceipaddressnetworkid";
    let (source, own) = (&new.source_network, &new.network);
    check_guest(source, param)?;
    let name = quoted(&source.name);
    let refuse = |why: &str| {
        Err(Fault::invalid(format!("Invalid parameter {param}: the network {name} {why}")))
    };
    if source.cidr.is_none() {
        return refuse("has no IPv4 addresses");
    }
    if source.id != own.id && (source.vpc_id.is_none() || source.vpc_id != own.vpc_id) {
        return refuse("is not a tier of the same VPC as that of the guests");
    }
    Ok(())
}

/// The load balancers that are reached at the wanted address already.
fn shared_rules(cx: &mut Cx<'_>, new: &NewInternalLb) -> Result<Vec<LoadBalancerRule>, Fault> {
    match new.source_ip {
        Some(ip) => at(cx, new.source_network.id, ip),
        None => Ok(Vec::new()),
    }
}

/// The load balancers at an address of a network.
fn at(cx: &mut Cx<'_>, network_id: i64, ip: Ipv4Addr) -> Result<Vec<LoadBalancerRule>, Fault> {
    let tail = "WHERE source_network_id = ? AND source_ip = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[network_id.into(), ip.into()])?)
}

/// Those at one address serve guests of one network, each at a port of its own.
fn refuse_conflict(
    cx: &mut Cx<'_>,
    new: &NewInternalLb,
    shared: &[LoadBalancerRule],
) -> Result<(), Fault> {
    for old in shared {
        let why = if old.network_id != new.network.id {
            "serves the guests of another network".to_owned()
        } else if old.public_port == new.source_port {
            format!("has port {} of it", old.public_port)
        } else {
            continue;
        };
        let (id, ip) = (cx.uid::<LoadBalancerRule>(old.id), place(new.source_ip));
        let text = format!("The rule conflicts with another one of {ip}: {id} {why}");
        return Err(Fault::new(Exception::NetworkRuleConflict, text).about(id, "rule"));
    }
    Ok(())
}

/// Shows a load balancer to its owner, or hides it (`updateLoadBalancer`).
pub(crate) fn show(
    cx: &mut Cx<'_>,
    mut rule: LoadBalancerRule,
    display: Option<bool>,
) -> Result<LoadBalancerRule, Fault> {
    concerns(cx, &rule, "changing");
    rule.display = display.unwrap_or(rule.display);
    cx.tx.save(&rule)?;
    Ok(rule)
}

/// Takes a load balancer away (`deleteLoadBalancer`). The address of the last one is free again;
/// else the next one holds it.
pub(crate) fn delete(cx: &mut Cx<'_>, mut rule: LoadBalancerRule) -> Result<(), Fault> {
    concerns(cx, &rule, "deleting");
    conflict::end(state_of(cx, &rule)?)?;
    forget_members(cx, rule.id)?;
    rule.removed = Some(cx.now);
    cx.tx.save(&rule)?;
    cx.forget_tags((EntityKind::LoadBalancerRule, 0, rule.id))?;
    let (Some(network_id), Some(ip)) = (rule.source_network_id, rule.source_ip) else {
        return Ok(());
    };
    let Some(heir) = at(cx, network_id, ip)?.into_iter().next() else {
        return guests::release(cx, network_id, ip);
    };
    let sql = "UPDATE guest_address SET holder_id = ? WHERE network_id = ? AND ip = ? \
               AND kind = 'LoadBalancer'";
    cx.tx.run(sql, &[heir.id.into(), network_id.into(), ip.into()])?;
    Ok(())
}

/// Takes all load balancers away that serve a network, or stand in one, that is being deleted.
pub(super) fn forget_network(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    let rules: Vec<LoadBalancerRule> = cx.tx.select(
        "WHERE scheme = 'Internal' AND (network_id = ? OR source_network_id = ?) \
         AND removed IS NULL ORDER BY id",
        &[network_id.into(), network_id.into()],
    )?;
    let subject = cx.subject.clone();
    for rule in rules {
        delete(cx, rule)?;
    }
    // The call is about the network, not about what goes with it.
    cx.subject = subject;
    Ok(())
}
