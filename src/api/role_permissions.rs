//! The rules of roles.

use crate::api::roles::{ROOT, commands, wrong};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::roles::{self, NewRule, RuleOf};
use crate::model::{Permission, Role, RoleRule, Uid};
use crate::schema::{Fault, Id, List, Text, view};

view! {
    /// A rule of a role, as `listRolePermissions` shows it.
    RolePermissionView in "RolePermissionResponse" shows ["rolename", "rule", "permission",
        "description", "id"] {
        /// the id of the rule
        id: Uid,
        /// the id of the role
        roleid: Uid,
        /// the name of the role
        rolename: String,
        /// the name of an API, in which `*` stands for any letters
        rule: String,
        /// `allow` or `deny`
        permission: &'static str,
        /// what the rule is for
        description: Option<String>,
    }
}

fn show(cx: &Cx<'_>, role: &Role, of: RuleOf) -> RolePermissionView {
    RolePermissionView {
        id: of.id,
        roleid: cx.uid::<Role>(role.id),
        rolename: role.name.clone(),
        rule: of.rule.rule,
        permission: Permission::of(of.rule.allow).word(),
        description: of.rule.description,
    }
}

api! {
    /// Lists the rules of roles in the order in which they are tried.
    now list "listRolePermissions" {
        key: "rolepermission", since: "4.9.0", roles: ROOT,
        example: "list role permissions roleid=User",
    } => list -> RolePermissionView;
    ListRolePermissions {
        /// the id of the role; all roles when left out
        roleid: Option<Id<Role>>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListRolePermissions) -> Result<Rows<RolePermissionView>, Fault> {
    let found: Vec<Role> = match &args.roleid {
        Some(id) => vec![cx.role_to_change(id)?],
        None => cx.roles_to_change()?,
    };
    let mut rows = Vec::new();
    for role in &found {
        let rules = roles::rules_of(cx, role)?;
        rows.extend(rules.into_iter().map(|rule| show(cx, role, rule)));
    }
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

api! {
    /// Adds a rule to a role; it is tried after the others.
    now object "createRolePermission" {
        key: "rolepermission", event: "ROLE.PERMISSION.CREATE", since: "4.9.0", roles: ROOT,
        example: "create role permission roleid=\"Address Manager\" rule=list* permission=allow",
    } => create -> RolePermissionView;
    CreateRolePermission {
        /// the id of the role
        roleid: Id<Role>,
        /// the name of an API, in which `*` stands for any letters
        rule: Text,
        /// `allow` or `deny`
        permission: Permission,
        /// what the rule is for
        description: Option<Text>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateRolePermission) -> Result<RolePermissionView, Fault> {
    let role = cx.role_to_change(&args.roleid)?;
    let new = NewRule {
        rule: args.rule.0.clone(),
        permission: args.permission,
        description: args.description.as_ref().map(|text| text.0.clone()),
    };
    let made = roles::add_rule(cx, &role, &new)?;
    cx.check_no_more_than_own(&role, commands())?;
    Ok(show(cx, &role, made))
}

api! {
    /// Changes what a rule says, or the order of the rules of a role.
    now success "updateRolePermission" {
        event: "ROLE.PERMISSION.UPDATE", since: "4.9.0", roles: ROOT,
        example: "update role permission roleid=\"Address Manager\" ruleid=... permission=deny",
    } => update;
    UpdateRolePermission {
        /// the id of the role
        roleid: Id<Role>,
        /// the ids of all rules of the role in their new order
        ruleorder: Option<List<Id<RoleRule>>>,
        /// the id of the rule to change; needs permission
        ruleid: Option<Id<RoleRule>>,
        /// `allow` or `deny`; needs ruleid
        permission: Option<Permission>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateRolePermission) -> Result<(), Fault> {
    let role = cx.role_to_change(&args.roleid)?;
    match (&args.ruleorder, &args.ruleid, args.permission) {
        (Some(List(ids)), None, None) => {
            let ids: Vec<_> = ids.iter().map(|id| Id::new(id.text.as_str(), "ruleorder")).collect();
            roles::order_rules(cx, &role, &ids)?;
        }
        (None, Some(id), Some(permission)) => roles::set_rule(cx, &role, id, permission)?,
        (Some(_), ..) => {
            return Err(wrong("Parameter ruleorder excludes ruleid and permission"));
        }
        (None, None, None) => {
            return Err(wrong("Parameter ruleorder, or ruleid and permission, must be given"));
        }
        (None, ..) => {
            return Err(wrong("Parameters ruleid and permission must be given together"));
        }
    }
    cx.check_no_more_than_own(&role, commands())
}

api! {
    /// Takes a rule away from a role.
    now success "deleteRolePermission" {
        event: "ROLE.PERMISSION.DELETE", since: "4.9.0", roles: ROOT,
        example: "delete role permission id=...",
    } => delete;
    DeleteRolePermission {
        /// the id of the rule
        id: Id<RoleRule>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteRolePermission) -> Result<(), Fault> {
    let role = roles::delete_rule(cx, &args.id)?;
    cx.check_no_more_than_own(&role, commands())
}

#[cfg(test)]
mod tests;
