//! Who owns things: domains, accounts, users and their roles.

use crate::model::{Time, choice, record};

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

choice! {
    /// What a role, and whoever has it, is for (`RoleType`).
    RoleKind {
        /// Sees and may do everything.
        Admin = "Admin",
        /// Administers a domain and those below it, and sees more of the machines.
        ResourceAdmin = "ResourceAdmin",
        /// Administers a domain and those below it.
        DomainAdmin = "DomainAdmin",
        /// Sees and changes what is its account's.
        User = "User",
    }
}

impl RoleKind {
    /// The number that says the same of accounts (`Account.Type`).
    pub(crate) const fn account_type(self) -> i64 {
        match self {
            Self::User => 0,
            Self::Admin => 1,
            Self::DomainAdmin => 2,
            Self::ResourceAdmin => 3,
        }
    }
}

record! {
    /// A role: what an account may call.
    Role in "role" {
        /// Its name.
        name: String,
        /// What it is for.
        kind as "type": RoleKind,
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

choice! {
    /// What a rule of a role says of the APIs that it fits.
    Permission {
        /// They may be called.
        Allow = "allow",
        /// They may not.
        Deny = "deny",
    }
}

impl Permission {
    /// The permission of a rule that allows, or does not.
    pub(crate) const fn of(allow: bool) -> Self {
        if allow { Self::Allow } else { Self::Deny }
    }
}

record! {
    /// A rule of a role that came not with the installation: what it may call, or may not.
    RoleRule in "role_rule" {
        /// The role.
        role_id: i64,
        /// Where it stands among the rules of the role; the first that fits decides.
        place: i64,
        /// The name of an API, in which `*` stands for any letters.
        rule: String,
        /// Whether the API may be called.
        allow: bool,
        /// What the rule is for.
        description: Option<String>,
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

impl Account {
    /// The account `system`, which owns what is nobody else's.
    pub(crate) const SYSTEM: i64 = 1;
    /// The type of the hidden accounts that own what belongs to projects.
    pub(crate) const PROJECT: i64 = 5;

    /// What the account is for; none of the hidden account of a project.
    pub(crate) fn role_kind(&self) -> Option<RoleKind> {
        RoleKind::ALL.iter().copied().find(|kind| kind.account_type() == self.kind)
    }

    /// Whether it sees and may do everything, and has no limits.
    pub(crate) fn is_root(&self) -> bool {
        self.role_kind() == Some(RoleKind::Admin)
    }

    /// Whether it is the hidden account of a project.
    pub(crate) fn is_project(&self) -> bool {
        self.kind == Self::PROJECT
    }
}

choice! {
    /// What may be done in a project.
    ProjectState {
        /// Everything.
        Active = "Active",
        /// Nothing: it is being removed.
        Disabled = "Disabled",
        /// Nothing, until it is activated.
        Suspended = "Suspended",
    }
}

record! {
    /// A project: accounts of a domain that own things together. What it owns stands under a
    /// hidden account of its own.
    Project in "project" {
        /// Its name, unique in its domain.
        name: String,
        /// A longer name.
        display_text: String,
        /// Its domain.
        domain_id: i64,
        /// The hidden account that owns what is the project's.
        account_id: i64,
        /// What may be done in it.
        state: ProjectState,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// What an account may do in a project.
    ProjectRole {
        /// Administer it: its members, its limits and its end.
        Admin = "Admin",
        /// Use what it owns.
        Regular = "Regular",
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
