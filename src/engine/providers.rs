//! Providers of network services on physical networks (`NetworkServiceImpl`): added, enabled once
//! the element that makes their appliances is, and asked for when a network is implemented.

use crate::engine::services::{services_named, unknown};
use crate::engine::{Cx, elements};
use crate::model::{
    EntityKind, KnownProvider, Network, NetworkOffering, PROVIDERS, PhysicalNetwork, Provider,
    ProviderEvent, ProviderState, Zone, ZoneType, known_provider,
};
use crate::net::IsolationMethod;
use crate::schema::{Exception, Fault};
use crate::text::{and_list, quoted};

/// The providers that every physical network begins with. All but the last are disabled at first.
const USUAL: &[&str] =
    &["VirtualRouter", "Ovs", "SecurityGroupProvider", "VpcVirtualRouter", "InternalLbVm"];
/// The one that is there, and enabled, in advanced zones.
const CONFIG_DRIVE: &str = "ConfigDrive";
/// Providers of which either all services are used or none.
const WHOLE: &[&str] = &["SecurityGroupProvider", CONFIG_DRIVE];

impl Provider {
    /// The names of its services.
    pub(crate) fn service_names(&self) -> Vec<String> {
        let names = self.services.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    /// Whether some of its services may be used without the others.
    pub(crate) fn may_choose_services(&self) -> bool {
        !WHOLE.contains(&self.name.as_str())
    }
}

/// Gives a new physical network the providers that it has without being asked.
pub(crate) fn add_usual(cx: &mut Cx<'_>, physical: &PhysicalNetwork) -> Result<(), Fault> {
    let switched = physical.isolation.eq_ignore_ascii_case(&IsolationMethod::Gre.to_string());
    for name in USUAL {
        if *name == "Ovs" && !switched {
            continue;
        }
        let provider = store(cx, physical, known(name)?, None, None)?;
        elements::add_usual(cx, &provider)?;
    }
    let zone: Zone = cx.must(physical.zone_id)?;
    if zone.network_type == ZoneType::Advanced {
        let mut provider = store(cx, physical, known(CONFIG_DRIVE)?, None, None)?;
        step(&mut provider, ProviderEvent::Enable)?;
        cx.tx.save(&provider)?;
    }
    Ok(())
}

/// Enables all providers of a physical network, with their elements.
pub(crate) fn enable_all(cx: &mut Cx<'_>, physical: &PhysicalNetwork) -> Result<(), Fault> {
    for mut provider in of_physical(cx, physical.id)? {
        for element in elements::of(cx, provider.id)? {
            elements::set(cx, element, true)?;
        }
        step(&mut provider, ProviderEvent::Enable)?;
        cx.tx.save(&provider)?;
    }
    Ok(())
}

/// The providers of a physical network.
fn of_physical(cx: &mut Cx<'_>, physical_id: i64) -> Result<Vec<Provider>, Fault> {
    let tail = "WHERE physical_network_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[physical_id.into()])?)
}

fn known(name: &str) -> Result<&'static KnownProvider, Fault> {
    let all: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    known_provider(name).ok_or_else(|| unknown("name", name, "a provider", &all))
}

/// Adds a provider, disabled (`addProviderToPhysicalNetwork`): what it is, that it is not there
/// yet, and what it can do, in that order.
pub(crate) fn add(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    destination: Option<&PhysicalNetwork>,
    name: &str,
    services: Option<&[String]>,
) -> Result<Provider, Fault> {
    let known = known(name)?;
    let here = "WHERE physical_network_id = ? AND name = ? AND removed IS NULL";
    let args = [physical.id.into(), known.name.into()];
    if let Some(other) = cx.tx.first::<Provider>(here, &args)? {
        let (name, id) = (known.name, cx.uid::<Provider>(other.id));
        let text = format!(
            "The provider `{name}` is on the physical network {} already ({id})",
            quoted(&physical.name)
        );
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let services = services.map(|names| choose(known, names)).transpose()?;
    let provider = store(cx, physical, known, services, destination)?;
    concerns(cx, &provider, "adding");
    Ok(provider)
}

/// Services of a provider, by their names: each one that it can provide. Who translates addresses
/// is a gateway as well.
fn choose(known: &KnownProvider, names: &[String]) -> Result<String, Fault> {
    let mut chosen = Vec::new();
    for service in services_named(names, "servicelist")? {
        if !known.services.contains(&service.name) {
            return Err(Fault::invalid(format!(
                "Invalid parameter servicelist: `{}` does not provide the service `{}`, only {}",
                known.name,
                service.name,
                and_list(known.services)
            )));
        }
        chosen.push(service.name);
    }
    if chosen.contains(&"SourceNat") && !chosen.contains(&"Gateway") {
        chosen.push("Gateway");
    }
    Ok(chosen.join(","))
}

fn store(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    known: &KnownProvider,
    services: Option<String>,
    destination: Option<&PhysicalNetwork>,
) -> Result<Provider, Fault> {
    let mut provider = Provider {
        id: 0,
        physical_network_id: physical.id,
        name: known.name.to_owned(),
        state: ProviderState::Disabled,
        services: services.unwrap_or_else(|| known.services.join(",")),
        destination_id: destination.map(|other| other.id),
        created: cx.now,
        removed: None,
    };
    provider.id = cx.tx.insert(&provider)?;
    Ok(provider)
}

fn step(provider: &mut Provider, event: ProviderEvent) -> Result<(), Fault> {
    provider.state = provider.state.next(event).ok_or_else(|| {
        let text = format!("The provider `{}` was deleted", provider.name);
        Fault::new(Exception::CloudRuntime, text)
    })?;
    Ok(())
}

/// Changes a provider: in a job, first its state, then its services.
pub(crate) fn update(
    cx: &mut Cx<'_>,
    provider: Provider,
    state: Option<&str>,
    services: Option<&[String]>,
) -> Result<Provider, Fault> {
    concerns(cx, &provider, "updating");
    updated(cx, provider, state, services).map_err(Fault::in_job)
}

fn updated(
    cx: &mut Cx<'_>,
    mut provider: Provider,
    state: Option<&str>,
    services: Option<&[String]>,
) -> Result<Provider, Fault> {
    let known = known(&provider.name)?;
    if let Some(text) = state.filter(|text| !text.is_empty()) {
        let event = match ProviderState::from_word(text) {
            Some(ProviderState::Enabled) => ProviderEvent::Enable,
            Some(ProviderState::Disabled) => ProviderEvent::Disable,
            _ => {
                return Err(Fault::invalid(format!(
                    "Invalid parameter state: {} is neither `Enabled` nor `Disabled`",
                    quoted(text)
                )));
            }
        };
        if event == ProviderEvent::Enable {
            refuse_unready(cx, &provider)?;
        }
        step(&mut provider, event)?;
    }
    if let Some(names) = services {
        if !provider.may_choose_services() {
            return Err(Fault::invalid(format!(
                "Invalid parameter servicelist: the services of `{}` cannot be chosen one by one",
                provider.name
            )));
        }
        provider.services = choose(known, names)?;
    }
    cx.tx.save(&provider)?;
    Ok(provider)
}

/// A provider whose appliances an element makes is ready when that is enabled.
fn refuse_unready(cx: &mut Cx<'_>, provider: &Provider) -> Result<(), Fault> {
    let Some(kind) = elements::kind_of(&provider.name) else { return Ok(()) };
    let all = elements::of(cx, provider.id)?;
    if all.iter().any(|element| element.kind == kind && element.enabled) {
        return Ok(());
    }
    let (name, how) = (&provider.name, elements::how_to_enable(kind));
    let text = format!(
        "The provider `{name}` is not ready and cannot be enabled: {how} enables its element first"
    );
    Err(Fault::new(Exception::CloudRuntime, text))
}

/// Deletes a provider that no network of its physical network uses.
pub(crate) fn delete(cx: &mut Cx<'_>, provider: Provider) -> Result<(), Fault> {
    concerns(cx, &provider, "deleting");
    deleted(cx, provider).map_err(Fault::in_job)
}

fn deleted(cx: &mut Cx<'_>, provider: Provider) -> Result<(), Fault> {
    let used = "WHERE physical_network_id = ? AND removed IS NULL AND offering_id IN \
                (SELECT id FROM network_offering WHERE services LIKE ?) ORDER BY id";
    let named = format!("%\"{}\"%", provider.name);
    let args = [provider.physical_network_id.into(), named.as_str().into()];
    if let Some(network) = cx.tx.first::<Network>(used, &args)? {
        let (name, id) = (quoted(&network.name), cx.uid::<Network>(network.id));
        let text = format!(
            "The provider `{}` cannot be deleted: the network {name} ({id}) and perhaps others use \
             it; delete them, or give them another offering",
            provider.name
        );
        return Err(Fault::new(Exception::CloudRuntime, text).about(id, "networkId"));
    }
    remove(cx, provider)
}

fn remove(cx: &mut Cx<'_>, mut provider: Provider) -> Result<(), Fault> {
    elements::remove_all(cx, provider.id)?;
    step(&mut provider, ProviderEvent::Delete)?;
    provider.removed = Some(cx.now);
    cx.tx.save(&provider)?;
    Ok(())
}

/// Takes the providers from a physical network that is being deleted.
pub(crate) fn remove_all(cx: &mut Cx<'_>, physical_id: i64) -> Result<(), Fault> {
    for provider in of_physical(cx, physical_id)? {
        remove(cx, provider)?;
    }
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, provider: &Provider, doing: &str) {
    let (owner, what) = (cx.caller_owner(), format!("{doing} the provider {}", provider.name));
    cx.concerns(EntityKind::Provider, (0, provider.id), owner, what);
}

/// Refuses to implement a network by providers that are not enabled on its physical network.
pub(crate) fn refuse_disabled(
    cx: &mut Cx<'_>,
    network: &Network,
    offering: &NetworkOffering,
) -> Result<(), Fault> {
    let Some(physical_id) = network.physical_network_id else { return Ok(()) };
    let services = &offering.services().0;
    let mut wanted: Vec<&str> =
        services.iter().flat_map(|one| &one.providers).map(String::as_str).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(());
    }
    let all = of_physical(cx, physical_id)?;
    let is_enabled =
        |name: &str| all.iter().any(|p| p.name == name && p.state == ProviderState::Enabled);
    let Some(missing) = wanted.into_iter().find(|name| !is_enabled(name)) else { return Ok(()) };
    let physical: PhysicalNetwork = cx.must(physical_id)?;
    let (name, id) = (quoted(&physical.name), cx.uid::<PhysicalNetwork>(physical_id));
    let text = format!(
        "The provider `{missing}` is not enabled on the physical network {name} ({id}), so the \
         network {} cannot be implemented: updateNetworkServiceProvider state=Enabled",
        quoted(&network.name)
    );
    Err(Fault::new(Exception::CloudRuntime, text).about(id, "physicalNetworkId"))
}
