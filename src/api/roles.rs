//! Roles: what accounts may call.

use crate::api::paging::Paged;
use crate::api::{ADMINS, APIS, Rows, api};
use crate::engine::Cx;
use crate::engine::roles::{self, Command, NewRole, NewRule, RoleChanges};
use crate::model::{Permission, Role, RoleKind, Uid};
use crate::schema::{Exception, Fault, Id, Map, Text, view};
use crate::text::quoted;

/// Roles are for root admins only.
pub(crate) const ROOT: &[RoleKind] = &[RoleKind::Admin];

view! {
    /// A role, as `listRoles` shows it.
    RoleView in "RoleResponse" shows ["name", "id", "type", "description"] {
        /// the id of the role
        id: Uid,
        /// the name of the role
        name: String,
        /// `Admin`, `ResourceAdmin`, `DomainAdmin` or `User`
        kind as "type": &'static str,
        /// what the role is for
        description: String,
        /// whether the role came with the installation
        isdefault: bool,
        /// whether all may see the role
        ispublic: bool,
        /// `enabled` or `disabled`
        state: String,
    }
}

api! {
    /// Lists roles.
    now list "listRoles" {
        key: "role", since: "4.9.0", roles: ADMINS, example: "list roles type=User",
    } => list -> RoleView;
    ListRoles {
        /// the id of the role
        id: Option<Id<Role>>,
        /// the name of the role
        name: Option<Text>,
        /// `Admin`, `ResourceAdmin`, `DomainAdmin` or `User`
        kind as "type": Option<Text>,
        /// `enabled` or `disabled`
        state: Option<Text>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListRoles) -> Result<Rows<RoleView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    if let Some(kind) = args.kind.as_deref() {
        filter.holds("LOWER(type) = ?", [kind.to_ascii_lowercase().into()]);
    }
    filter.is("state", args.state.as_deref().map(str::to_ascii_lowercase));
    if !cx.caller.is_root() {
        filter.holds("type <> 'Admin' AND is_public = 1", []);
    }
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Role>(cx, "id")?;
    Ok(Rows { rows: found.into_iter().map(|role| show(cx, role)).collect(), total })
}

fn show(cx: &Cx<'_>, role: Role) -> RoleView {
    RoleView {
        id: cx.uid::<Role>(role.id),
        name: role.name,
        kind: role.kind.word(),
        description: role.description,
        isdefault: role.is_default,
        ispublic: role.is_public,
        state: role.state,
    }
}

/// The commands that there are, for the check of what a role could call.
pub(crate) fn commands() -> impl Iterator<Item = Command> {
    APIS.iter().map(|api| (api.spec.name, api.spec.roles))
}

api! {
    /// Creates a role that may call what its type may, or what another role may.
    now object "createRole" {
        key: "role", event: "ROLE.CREATE", since: "4.9.0", roles: ROOT,
        example: "create role name=\"Address Manager\" type=User",
    } => create -> RoleView;
    CreateRole {
        /// the name of the role, unique among those of its type
        name: Text,
        /// `Admin`, `ResourceAdmin`, `DomainAdmin` or `User`; without it, roleid
        kind as "type": Option<RoleKind>,
        /// the id of the role whose type and rules the new one gets; instead of type
        roleid: Option<Id<Role>>,
        /// what the role is for
        description: Option<String>,
        /// whether all may see the role; true when left out
        ispublic: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateRole) -> Result<RoleView, Fault> {
    let source = cx.find_opt(args.roleid.as_ref())?;
    let kind = match (args.kind, &source) {
        (Some(kind), None) => kind,
        (None, Some(source)) => source.kind,
        (Some(_), Some(_)) => {
            return Err(wrong("Parameters type and roleid exclude each other"));
        }
        (None, None) => return Err(wrong("One of the parameters type and roleid must be given")),
    };
    let new = NewRole {
        name: args.name.0.clone(),
        kind,
        description: args.description.clone().unwrap_or_default(),
        is_public: args.ispublic.unwrap_or(true),
    };
    let role = roles::create_role(cx, &new, source.as_ref())?;
    cx.check_no_more_than_own(&role, commands())?;
    Ok(show(cx, role))
}

/// The fault of parameters that do not go together.
pub(crate) fn wrong(text: &str) -> Fault {
    Fault::new(Exception::Parameter, text)
}

api! {
    /// Creates a role with its rules, or gives an existing one other rules.
    now object "importRole" {
        key: "role", event: "ROLE.IMPORT", since: "4.15.0", roles: ROOT,
        example: "import role name=Viewer type=User rules[0].rule=list* \
            rules[0].permission=allow",
    } => import -> RoleView;
    ImportRole {
        /// the name of the role
        name: Text,
        /// `Admin`, `ResourceAdmin`, `DomainAdmin` or `User`
        kind as "type": Option<RoleKind>,
        /// the rules in the order in which they are tried: `rules[0].rule`, `rules[0].permission`
        /// (allow or deny) and `rules[0].description`
        rules: Map,
        /// what the role is for
        description: Option<String>,
        /// true to replace the rules of the role of this name and type, if there is one
        forced: Option<bool>,
        /// whether all may see the role; true when left out
        ispublic: Option<bool>,
    }
}

fn import(cx: &mut Cx<'_>, args: &ImportRole) -> Result<RoleView, Fault> {
    let Some(kind) = args.kind else {
        let text = "Invalid parameter type: it must be given: Admin, ResourceAdmin, DomainAdmin \
                    or User";
        return Err(Fault::invalid(text));
    };
    let rules = args.rules.0.iter().map(|entry| rule_of(entry)).collect::<Result<Vec<_>, _>>()?;
    let new = NewRole {
        name: args.name.0.clone(),
        kind,
        description: args.description.clone().unwrap_or_default(),
        is_public: args.ispublic.unwrap_or(true),
    };
    let role = roles::import_role(cx, &new, &rules, args.forced == Some(true))?;
    cx.check_no_more_than_own(&role, commands())?;
    Ok(show(cx, role))
}

/// The rule in an entry of the map `rules`.
fn rule_of(entry: &[(String, String)]) -> Result<NewRule, Fault> {
    let text = |wanted: &str| {
        let found = entry.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.clone())
    };
    let Some(rule) = text("rule") else {
        return Err(Fault::invalid("Invalid parameter rules: an entry has no rule"));
    };
    let word = text("permission").unwrap_or_default();
    let permission = Permission::from_word(&word).ok_or_else(|| {
        let (word, rule) = (quoted(&word), quoted(&rule));
        Fault::invalid(format!(
            "Invalid parameter rules: the permission {word} of the rule {rule} is neither allow \
             nor deny"
        ))
    })?;
    Ok(NewRule { rule, permission, description: text("description") })
}

api! {
    /// Changes a role; those that came with the installation can only be shown or hidden.
    now object "updateRole" {
        key: "role", event: "ROLE.UPDATE", since: "4.9.0", roles: ROOT,
        example: "update role id=\"Address Manager\" description=\"allocates addresses\"",
    } => update -> RoleView;
    UpdateRole {
        /// the id of the role
        id: Id<Role>,
        /// the new name
        name: Option<Text>,
        /// the new type; only while no account has the role
        kind as "type": Option<RoleKind>,
        /// what the role is for
        description: Option<String>,
        /// whether all may see the role
        ispublic: Option<bool>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateRole) -> Result<RoleView, Fault> {
    let role = cx.role_to_change(&args.id)?;
    let changes = RoleChanges {
        name: args.name.as_ref().map(|name| name.0.clone()),
        kind: args.kind,
        description: args.description.clone(),
        is_public: args.ispublic,
    };
    let role = roles::update_role(cx, role, changes)?;
    if args.kind.is_some() {
        cx.check_no_more_than_own(&role, commands())?;
    }
    Ok(show(cx, role))
}

api! {
    /// Deletes a role that no account has.
    now success "deleteRole" {
        event: "ROLE.DELETE", since: "4.9.0", roles: ROOT,
        example: "delete role id=\"Address Manager\"",
    } => delete;
    DeleteRole {
        /// the id of the role
        id: Id<Role>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteRole) -> Result<(), Fault> {
    let role = cx.role_to_change(&args.id)?;
    roles::delete_role(cx, role)
}

api! {
    /// Enables a disabled role: who has it may call what its rules say again.
    now success "enableRole" {
        event: "ROLE.ENABLE", since: "4.20.0", roles: ROOT,
        example: "enable role id=\"Address Manager\"",
    } => enable;
    EnableRole {
        /// the id of the role
        id: Id<Role>,
    }
}

fn enable(cx: &mut Cx<'_>, args: &EnableRole) -> Result<(), Fault> {
    let role = cx.role_to_change(&args.id)?;
    let role = roles::set_role_state(cx, role, true)?;
    cx.check_no_more_than_own(&role, commands())
}

api! {
    /// Disables a role: who has it may call nothing.
    now success "disableRole" {
        event: "ROLE.DISABLE", since: "4.20.0", roles: ROOT,
        example: "disable role id=\"Address Manager\"",
    } => disable;
    DisableRole {
        /// the id of the role
        id: Id<Role>,
    }
}

fn disable(cx: &mut Cx<'_>, args: &DisableRole) -> Result<(), Fault> {
    let role = cx.role_to_change(&args.id)?;
    roles::set_role_state(cx, role, false).map(drop)
}

#[cfg(test)]
mod tests;
