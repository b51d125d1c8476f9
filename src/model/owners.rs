//! Who owns things: domains, accounts, users and their roles.

use crate::model::{Time, record};

record! {
    /// A region: installations that know each other.
    Region in "region" {
        /// Its name.
        name: String,
        /// The address of its API.
        endpoint: String,
        /// Whether it has portable addresses.
        portable: bool,
    }
}

record! {
    /// A role: what an account may call.
    Role in "role" {
        /// Its name.
        name: String,
        /// `Admin`, `ResourceAdmin`, `DomainAdmin` or `User`.
        kind as "type": String,
        /// What it is for.
        description: String,
        /// Whether it came with the installation.
        is_default: bool,
        /// Whether all may see it.
        is_public: bool,
        /// `enabled` or `disabled`.
        state: String,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A domain: a group of accounts, in a tree.
    Domain in "domain" {
        /// The domain above; none for ROOT.
        parent_id: Option<i64>,
        /// Its name, unique under its parent.
        name: String,
        /// The names from ROOT down, each followed by `/`, without ROOT: `/` or `/a/b/`.
        path: String,
        /// How far below ROOT, which is 0.
        level: i64,
        /// `Active` or `Inactive`.
        state: String,
        /// The DNS domain of its networks.
        network_domain: Option<String>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// An account: the owner of networks and addresses.
    Account in "account" {
        /// Its name, unique in its domain.
        name: String,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin, 5 project.
        kind as "type": i64,
        /// Its domain.
        domain_id: i64,
        /// Its role.
        role_id: i64,
        /// `enabled`, `disabled` or `locked`.
        state: String,
        /// The DNS domain of its networks.
        network_domain: Option<String>,
        /// Whether it came with the installation.
        is_default: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A user: somebody who may act for an account.
    User in "user" {
        /// The account.
        account_id: i64,
        /// The name to log in with.
        username: String,
        /// The first name.
        firstname: String,
        /// The last name.
        lastname: String,
        /// Where mail goes.
        email: Option<String>,
        /// The time zone.
        timezone: Option<String>,
        /// `enabled`, `disabled` or `locked`.
        state: String,
        /// Whether it came with the installation.
        is_default: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}
