//! What a new store holds: CloudStack's own defaults, and one zone to try things out in.

mod machines;
mod offerings;
mod sandbox;

use crate::model::{Account, Acl, Domain, Region, Role, RoleKind, Time, User};
use crate::store::{StoreError, Tx};

/// What a new store is filled with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// CloudStack's defaults only.
    Defaults,
    /// And the zone `sandbox`, with addresses from the documentation blocks of RFC 5737.
    Sandbox,
}

/// Fills a new store.
pub(crate) fn seed(tx: &mut Tx, now: Time, content: Content) -> Result<(), StoreError> {
    owners(tx, now)?;
    acls(tx)?;
    offerings::offerings(tx, now)?;
    machines::machines(tx, now)?;
    match content {
        Content::Defaults => Ok(()),
        Content::Sandbox => sandbox::sandbox(tx, now),
    }
}

fn owners(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let endpoint = "http://localhost:8080/client/".to_owned();
    tx.insert(&Region { id: 1, name: "Local".into(), endpoint, portable: false })?;
    for (id, name, kind, description) in [
        (1, "Root Admin", RoleKind::Admin, "Default root admin role"),
        (2, "Resource Admin", RoleKind::ResourceAdmin, "Default resource admin role"),
        (3, "Domain Admin", RoleKind::DomainAdmin, "Default domain admin role"),
        (4, "User", RoleKind::User, "Default user role"),
    ] {
        tx.insert(&Role {
            id,
            name: name.into(),
            kind,
            description: description.into(),
            is_default: true,
            is_public: true,
            state: "enabled".into(),
            created: now,
            removed: None,
        })?;
    }
    root_domain(tx, now)?;
    accounts(tx, now)
}

fn root_domain(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    tx.insert(&Domain {
        id: 1,
        parent_id: None,
        name: "ROOT".into(),
        path: "/".into(),
        level: 0,
        state: "Active".into(),
        network_domain: None,
        created: now,
        removed: None,
    })?;
    Ok(())
}

/// The account that owns what is the system's, and that of the first administrator.
fn accounts(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    for (id, name, first, last) in
        [(1, "system", "system", "cloud"), (2, "admin", "admin", "cloud")]
    {
        tx.insert(&Account {
            id,
            name: name.into(),
            kind: 1,
            domain_id: 1,
            role_id: 1,
            state: "enabled".into(),
            network_domain: None,
            is_default: true,
            created: now,
            removed: None,
        })?;
        tx.insert(&User {
            id,
            account_id: id,
            username: name.into(),
            firstname: first.into(),
            lastname: last.into(),
            email: None,
            timezone: None,
            state: "enabled".into(),
            is_default: true,
            created: now,
            removed: None,
        })?;
    }
    Ok(())
}

fn acls(tx: &mut Tx) -> Result<(), StoreError> {
    for (id, name, description) in [
        (1, "default_deny", "Default Network ACL Deny All"),
        (2, "default_allow", "Default Network ACL Allow All"),
    ] {
        tx.insert(&Acl {
            id,
            name: name.into(),
            description: description.into(),
            vpc_id: None,
            display: true,
            removed: None,
        })?;
    }
    Ok(())
}
