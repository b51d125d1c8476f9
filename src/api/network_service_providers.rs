//! Providers of network services on physical networks.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, providers as engine};
use crate::model::{PhysicalNetwork, Provider, Uid};
use crate::schema::{Fault, Id, List, Text, view};

view! {
    /// A provider, as `listNetworkServiceProviders` shows it.
    ProviderView in "ProviderResponse" shows ["name", "state", "servicelist", "id"] {
        /// the id of the provider
        id: Uid,
        /// the name of the provider
        name: String,
        /// the id of the physical network
        physicalnetworkid: Uid,
        /// the id of the physical network to which it leads
        destinationphysicalnetworkid: Option<Uid>,
        /// whether it serves networks: `Enabled` or `Disabled`
        state: &'static str,
        /// the services that it provides
        servicelist: Vec<String>,
        /// whether some of its services may be used without the others
        canenableindividualservice: bool,
    }
}

api! {
    /// Lists the providers of network services on physical networks.
    now list "listNetworkServiceProviders" { key: "networkserviceprovider", since: "3.0.0",
        example: "list network service providers physicalnetworkid=sandbox-physical"
    } => list -> ProviderView;
    ListNetworkServiceProviders {
        /// the id of the physical network
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the name of the provider, for example `VirtualRouter`
        name: Option<Text>,
        /// `Enabled` or `Disabled`
        state: Option<Text>,
        ..paged: Paged,
    }
}

api! {
    /// Adds a provider of network services to a physical network, disabled.
    create object "addNetworkServiceProvider" { key: "networkserviceprovider", since: "3.0.0",
        event: "SERVICE.PROVIDER.CREATE",
        example: "add network service provider physicalnetworkid=core name=VirtualRouter"
    } => add -> ProviderView;
    AddNetworkServiceProvider {
        /// the id of the physical network
        physicalnetworkid: Id<PhysicalNetwork>,
        /// the name of the provider, for example `VirtualRouter`
        name: Text,
        /// the id of the physical network to which it leads
        destinationphysicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the services that it is to provide; all that it can, where nothing is said
        servicelist: Option<List<String>>,
    }
}

api! {
    /// Enables or disables a provider of network services, or changes what it provides.
    job object "updateNetworkServiceProvider" { key: "networkserviceprovider", since: "3.0.0",
        event: "SERVICE.PROVIDER.UPDATE",
        example: "update network service provider id=ID state=Enabled",
    } => update -> ProviderView;
    UpdateNetworkServiceProvider {
        /// the id of the provider
        id: Id<Provider>,
        /// the services that it is to provide
        servicelist: Option<List<String>>,
        /// `Enabled` or `Disabled`
        state: Option<String>,
    }
}

api! {
    /// Deletes a provider that no network of its physical network uses.
    job success "deleteNetworkServiceProvider" { since: "3.0.0",
        event: "SERVICE.PROVIDER.DELETE", example: "delete network service provider id=ID"
    } => delete;
    DeleteNetworkServiceProvider {
        /// the id of the provider
        id: Id<Provider>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworkServiceProviders) -> Result<Rows<ProviderView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("physical_network_id", cx.row_opt(args.physicalnetworkid.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("state", args.state.as_deref().map(str::to_owned));
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Provider>(cx, "id")?;
    Ok(Rows { rows: found.into_iter().map(|one| show(cx, one)).collect(), total })
}

fn add(cx: &mut Cx<'_>, args: &AddNetworkServiceProvider) -> Result<ProviderView, Fault> {
    let physical = cx.find(&args.physicalnetworkid)?;
    let destination = cx.find_opt(args.destinationphysicalnetworkid.as_ref())?;
    let services = args.servicelist.as_ref().map(|list| &list.0[..]);
    let provider = engine::add(cx, &physical, destination.as_ref(), &args.name, services)?;
    Ok(show(cx, provider))
}

fn update(cx: &mut Cx<'_>, args: &UpdateNetworkServiceProvider) -> Result<ProviderView, Fault> {
    let provider = cx.find(&args.id)?;
    let services = args.servicelist.as_ref().map(|list| &list.0[..]);
    let provider = engine::update(cx, provider, args.state.as_deref(), services)?;
    Ok(show(cx, provider))
}

fn delete(cx: &mut Cx<'_>, args: &DeleteNetworkServiceProvider) -> Result<(), Fault> {
    let provider = cx.find(&args.id)?;
    engine::delete(cx, provider)
}

fn show(cx: &Cx<'_>, provider: Provider) -> ProviderView {
    ProviderView {
        id: cx.uid::<Provider>(provider.id),
        physicalnetworkid: cx.uid::<PhysicalNetwork>(provider.physical_network_id),
        destinationphysicalnetworkid: cx.uid_opt::<PhysicalNetwork>(provider.destination_id),
        state: provider.state.word(),
        servicelist: provider.service_names(),
        canenableindividualservice: provider.may_choose_services(),
        name: provider.name,
    }
}
