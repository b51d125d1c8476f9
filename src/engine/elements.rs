//! Elements: what makes the appliances of a provider (`VirtualRouterElement`,
//! `InternalLoadBalancerElement`, `OvsElement`). A provider can be enabled when its element is.

use crate::engine::Cx;
use crate::model::{Element, ElementKind, EntityKind, Provider};
use crate::schema::{Exception, Fault};

/// The elements that make appliances, by the names of the providers.
const KINDS: &[(&str, ElementKind)] = &[
    ("VirtualRouter", ElementKind::VirtualRouter),
    ("VpcVirtualRouter", ElementKind::VpcVirtualRouter),
    ("InternalLbVm", ElementKind::InternalLb),
    ("Ovs", ElementKind::Ovs),
];

/// The kind of element that a provider needs; none for one that needs none.
pub(crate) fn kind_of(provider: &str) -> Option<ElementKind> {
    KINDS.iter().find(|(name, _)| *name == provider).map(|(_, kind)| *kind)
}

/// The command that enables elements of a kind.
pub(crate) const fn how_to_enable(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::VirtualRouter | ElementKind::VpcVirtualRouter => {
            "configureVirtualRouterElement"
        }
        ElementKind::InternalLb => "configureInternalLoadBalancerElement",
        ElementKind::Ovs => "configureOvsElement",
    }
}

/// The elements of a provider.
pub(crate) fn of(cx: &mut Cx<'_>, provider_id: i64) -> Result<Vec<Element>, Fault> {
    let tail = "WHERE provider_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[provider_id.into()])?)
}

/// Gives a provider that comes with a physical network its element, disabled.
pub(crate) fn add_usual(cx: &mut Cx<'_>, provider: &Provider) -> Result<(), Fault> {
    if let Some(kind) = kind_of(&provider.name) {
        store(cx, provider, kind)?;
    }
    Ok(())
}

fn store(cx: &mut Cx<'_>, provider: &Provider, kind: ElementKind) -> Result<Element, Fault> {
    let mut element = Element {
        id: 0,
        provider_id: provider.id,
        kind,
        enabled: false,
        created: cx.now,
        removed: None,
    };
    element.id = cx.tx.insert(&element)?;
    Ok(element)
}

/// Makes an element of one of these kinds for a provider that has none.
pub(crate) fn create(
    cx: &mut Cx<'_>,
    provider: &Provider,
    kind: ElementKind,
) -> Result<Element, Fault> {
    if kind_of(&provider.name) != Some(kind) {
        return Err(Fault::invalid(format!(
            "Invalid parameter nspid: the provider `{}` has no element of the type {kind}",
            provider.name
        )));
    }
    if of(cx, provider.id)?.iter().any(|element| element.kind == kind) {
        let text = format!("The provider `{}` has its {kind} element already", provider.name);
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let element = store(cx, provider, kind)?;
    concerns(cx, &element, "creating");
    Ok(element)
}

/// Enables or disables an element, which must be one of these kinds.
pub(crate) fn configure(
    cx: &mut Cx<'_>,
    element: Element,
    kinds: &[ElementKind],
    enabled: bool,
) -> Result<Element, Fault> {
    concerns(cx, &element, "configuring");
    if !kinds.contains(&element.kind) {
        let (kind, how) = (element.kind, how_to_enable(element.kind));
        let text = format!("Invalid parameter id: it is an element of the type {kind}; use {how}");
        return Err(Fault::invalid(text).in_job());
    }
    set(cx, element, enabled).map_err(Fault::in_job)
}

/// Stores whether an element is enabled.
pub(crate) fn set(cx: &mut Cx<'_>, mut element: Element, enabled: bool) -> Result<Element, Fault> {
    element.enabled = enabled;
    cx.tx.save(&element)?;
    Ok(element)
}

/// Takes the elements from a provider that is being deleted.
pub(crate) fn remove_all(cx: &mut Cx<'_>, provider_id: i64) -> Result<(), Fault> {
    let sql = "UPDATE provider_element SET removed = ? WHERE provider_id = ? AND removed IS NULL";
    cx.tx.run(sql, &[cx.now.into(), provider_id.into()])?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, element: &Element, doing: &str) {
    let (owner, what) = (cx.caller_owner(), format!("{doing} the {} element", element.kind));
    cx.concerns(EntityKind::Element, (0, element.id), owner, what);
}
