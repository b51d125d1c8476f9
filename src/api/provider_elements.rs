//! Elements: what makes the appliances of the providers of network services.

use crate::api::owner_view::OwnerView;
use crate::api::paging::{Filter, Paged};
use crate::api::{Rows, api};
use crate::engine::{Cx, Owner, elements as engine};
use crate::model::{Element, ElementKind, LbElement, Provider, Uid};
use crate::schema::{Fault, Id, view};

/// The kinds of elements that make routers.
const ROUTERS: &[ElementKind] = &[ElementKind::VirtualRouter, ElementKind::VpcVirtualRouter];
/// Those that make internal load balancers.
const BALANCERS: &[ElementKind] = &[ElementKind::InternalLb];
/// The account `system`, whose all elements are.
const SYSTEM: Owner = Owner { account_id: 1, domain_id: 1 };

view! {
    /// An element that makes routers.
    RouterElementView in "VirtualRouterProviderResponse" shows ["id", "nspid", "enabled"] {
        /// the id of the element
        id: Uid,
        /// the id of the provider
        nspid: Uid,
        /// whether it is enabled
        enabled: bool,
        ..owner: OwnerView,
    }
}

view! {
    /// An element that makes internal load balancers.
    LbElementView in "InternalLoadBalancerElementResponse" shows ["id", "nspid", "enabled"] {
        /// the id of the element
        id: Uid,
        /// the id of the provider
        nspid: Uid,
        /// whether it is enabled
        enabled: bool,
    }
}

api! {
    /// Lists the elements that make the routers of networks and VPCs.
    now list "listVirtualRouterElements" { key: "virtualrouterelement",
        example: "list virtual router elements enabled=false" } => list -> RouterElementView;
    ListVirtualRouterElements {
        /// the id of the element
        id: Option<Id<Element>>,
        /// the id of the provider
        nspid: Option<Id<Provider>>,
        /// whether it is enabled
        enabled: Option<bool>,
        ..paged: Paged,
    }
}

api! {
    /// Makes the element of a provider that makes routers, disabled.
    create object "createVirtualRouterElement" { key: "virtualrouterelement",
        event: "NETWORK.ELEMENT.CONFIGURE", example: "create virtual router element nspid=ID"
    } => create -> RouterElementView;
    CreateVirtualRouterElement {
        /// the id of the provider, `VirtualRouter` or `VpcVirtualRouter`
        nspid: Id<Provider>,
        /// accepted for other clients; the provider says what the element makes
        _providertype as "providertype": Option<Id<Provider>>,
    }
}

api! {
    /// Enables or disables an element that makes routers.
    job object "configureVirtualRouterElement" { key: "virtualrouterelement",
        event: "NETWORK.ELEMENT.CONFIGURE",
        example: "configure virtual router element id=ID enabled=true",
    } => configure -> RouterElementView;
    ConfigureVirtualRouterElement {
        /// the id of the element
        id: Id<Element>,
        /// whether it is enabled from now on
        enabled: bool,
    }
}

api! {
    /// Lists the elements that make internal load balancers.
    now list "listInternalLoadBalancerElements" { key: "internalloadbalancerelement",
        since: "4.2.0", example: "list internal load balancer elements" }
        => list_balancers -> LbElementView;
    ListInternalLoadBalancerElements {
        /// the id of the element
        id: Option<Id<LbElement>>,
        /// the id of the provider
        nspid: Option<Id<Provider>>,
        /// whether it is enabled
        enabled: Option<bool>,
        ..paged: Paged,
    }
}

api! {
    /// Makes the element of the provider of internal load balancers, disabled.
    create object "createInternalLoadBalancerElement" { key: "internalloadbalancerelement",
        since: "4.2.0", event: "NETWORK.ELEMENT.CONFIGURE",
        example: "create internal load balancer element nspid=ID"
    } => create_balancer -> LbElementView;
    CreateInternalLoadBalancerElement {
        /// the id of the provider, `InternalLbVm`
        nspid: Id<Provider>,
    }
}

api! {
    /// Enables or disables an element that makes internal load balancers.
    job object "configureInternalLoadBalancerElement" { key: "internalloadbalancerelement",
        since: "4.2.0", event: "NETWORK.ELEMENT.CONFIGURE",
        example: "configure internal load balancer element id=ID enabled=true",
    } => configure_balancer -> LbElementView;
    ConfigureInternalLoadBalancerElement {
        /// the id of the element
        id: Id<LbElement>,
        /// whether it is enabled from now on
        enabled: bool,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListVirtualRouterElements,
) -> Result<Rows<RouterElementView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("provider_id", cx.row_opt(args.nspid.as_ref())?);
    filter.is("enabled", args.enabled);
    let (found, total) = of_kinds(cx, filter, ROUTERS)?;
    let rows = found.into_iter().map(|one| show(cx, &one)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn list_balancers(
    cx: &mut Cx<'_>,
    args: &ListInternalLoadBalancerElements,
) -> Result<Rows<LbElementView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("provider_id", cx.row_opt(args.nspid.as_ref())?);
    filter.is("enabled", args.enabled);
    let (found, total) = of_kinds(cx, filter, BALANCERS)?;
    Ok(Rows { rows: found.iter().map(|one| show_balancer(cx, one)).collect(), total })
}

fn of_kinds(
    cx: &mut Cx<'_>,
    mut filter: Filter<'_>,
    kinds: &[ElementKind],
) -> Result<(Vec<Element>, u64), Fault> {
    let marks = vec!["?"; kinds.len()].join(", ");
    filter.holds(&format!("kind IN ({marks})"), kinds.iter().map(|kind| (*kind).into()));
    filter.keyword(&["kind"]);
    filter.living(cx, "id")
}

fn create(cx: &mut Cx<'_>, args: &CreateVirtualRouterElement) -> Result<RouterElementView, Fault> {
    let provider: Provider = cx.find(&args.nspid)?;
    let kind = engine::kind_of(&provider.name).filter(|kind| ROUTERS.contains(kind));
    let kind = kind.unwrap_or(ElementKind::VirtualRouter);
    let element = engine::create(cx, &provider, kind)?;
    show(cx, &element)
}

fn configure(
    cx: &mut Cx<'_>,
    args: &ConfigureVirtualRouterElement,
) -> Result<RouterElementView, Fault> {
    let element = cx.find(&args.id)?;
    let element = engine::configure(cx, element, ROUTERS, args.enabled)?;
    show(cx, &element)
}

fn create_balancer(
    cx: &mut Cx<'_>,
    args: &CreateInternalLoadBalancerElement,
) -> Result<LbElementView, Fault> {
    let provider = cx.find(&args.nspid)?;
    let element = engine::create(cx, &provider, ElementKind::InternalLb)?;
    Ok(show_balancer(cx, &element))
}

fn configure_balancer(
    cx: &mut Cx<'_>,
    args: &ConfigureInternalLoadBalancerElement,
) -> Result<LbElementView, Fault> {
    let element = cx.find(&Id::<Element>::new(args.id.text.clone(), args.id.param))?;
    let element = engine::configure(cx, element, BALANCERS, args.enabled)?;
    Ok(show_balancer(cx, &element))
}

fn show(cx: &mut Cx<'_>, element: &Element) -> Result<RouterElementView, Fault> {
    Ok(RouterElementView {
        id: cx.uid::<Element>(element.id),
        nspid: cx.uid::<Provider>(element.provider_id),
        enabled: element.enabled,
        owner: OwnerView::of(cx, SYSTEM)?,
    })
}

fn show_balancer(cx: &Cx<'_>, element: &Element) -> LbElementView {
    LbElementView {
        id: cx.uid::<Element>(element.id),
        nspid: cx.uid::<Provider>(element.provider_id),
        enabled: element.enabled,
    }
}
