//! Roles and their rules, made and changed by root admins (`RoleManagerImpl`).

mod rules;

pub(crate) use rules::{NewRule, RuleOf, add_rule, delete_rule, order_rules, rules_of, set_rule};

use crate::engine::{Cx, may_call};
use crate::model::{Account, EntityKind, Role, RoleKind};
use crate::schema::{Exception, Fault, Id};
use crate::text::quoted;

/// What a new role is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewRole {
    /// Its name.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) kind: RoleKind,
    /// What it is for, in words.
    pub(crate) description: String,
    /// Whether all may see it.
    pub(crate) is_public: bool,
}

/// What of a role is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoleChanges {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) kind: Option<RoleKind>,
    /// What it is for, in words.
    pub(crate) description: Option<String>,
    /// Whether all may see it.
    pub(crate) is_public: Option<bool>,
}

/// The commands that there are, each with the kinds of roles that may call it where no rule says
/// otherwise.
pub(crate) type Command = (&'static str, &'static [RoleKind]);

pub(super) fn denied(text: String) -> Fault {
    Fault::new(Exception::PermissionDenied, text)
}

impl Cx<'_> {
    /// The living role that an id names, for one who changes it: root admins only.
    pub(crate) fn role_to_change(&mut self, id: &Id<Role>) -> Result<Role, Fault> {
        self.check_changes_roles()?;
        self.find(id)
    }

    /// All living roles, for one who may change them.
    pub(crate) fn roles_to_change(&mut self) -> Result<Vec<Role>, Fault> {
        self.check_changes_roles()?;
        Ok(self.tx.select("WHERE removed IS NULL ORDER BY id", &[])?)
    }

    /// Refuses who is no root admin, whatever rules their role has.
    fn check_changes_roles(&mut self) -> Result<(), Fault> {
        if self.caller.is_root() {
            return Ok(());
        }
        let account: Account = self.must(self.caller.account_id)?;
        Err(self.denied(&account))
    }

    /// Refuses a role that may call what the caller may not: whoever could be given it would get
    /// more than the caller has. To be asked when the role is changed already.
    pub(crate) fn check_no_more_than_own(
        &mut self,
        role: &Role,
        commands: impl Iterator<Item = Command>,
    ) -> Result<(), Fault> {
        if role.id == self.caller.role_id {
            let text = "Your own role gets no other rights from yourself; ask a Root Admin";
            return Err(denied(text.into()));
        }
        // As if somebody called who has this role.
        let other = crate::engine::Caller { role_id: role.id, ..self.caller.clone() };
        for (command, named) in commands {
            if may_call(self.tx, &other, command, named)?
                && !may_call(self.tx, self.caller, command, named)?
            {
                return Err(denied(format!(
                    "The role {} could call {command}, which your own role cannot",
                    quoted(&role.name)
                )));
            }
        }
        Ok(())
    }

    fn concerns_role(&mut self, role: &Role, doing: &str) {
        let owner = self.caller_owner();
        self.concerns(EntityKind::Role, (0, role.id), owner, format!("{doing} {}", role.name));
    }
}

/// Makes a role; with `source`, one that has the rules of that role.
pub(crate) fn create_role(
    cx: &mut Cx<'_>,
    new: &NewRole,
    source: Option<&Role>,
) -> Result<Role, Fault> {
    cx.check_changes_roles()?;
    refuse_taken(cx, &new.name, new.kind, 0)?;
    let role = insert(cx, new)?;
    if let Some(source) = source {
        let rules = rules_of(cx, source)?;
        for rule in rules {
            add_rule(cx, &role, &rule.into())?;
        }
    }
    cx.concerns_role(&role, "creating role");
    Ok(role)
}

fn insert(cx: &mut Cx<'_>, new: &NewRole) -> Result<Role, Fault> {
    let role = Role {
        id: 0,
        name: new.name.clone(),
        kind: new.kind,
        description: new.description.clone(),
        is_default: false,
        is_public: new.is_public,
        state: "enabled".into(),
        created: cx.now,
        removed: None,
    };
    Ok(Role { id: cx.tx.insert(&role)?, ..role })
}

/// The living role of this name and kind.
fn named(cx: &mut Cx<'_>, name: &str, kind: RoleKind) -> Result<Option<Role>, Fault> {
    let tail = "WHERE name = ? AND type = ? AND removed IS NULL";
    Ok(cx.tx.first(tail, &[name.into(), kind.word().into()])?)
}

fn refuse_taken(cx: &mut Cx<'_>, name: &str, kind: RoleKind, own: i64) -> Result<(), Fault> {
    match named(cx, name, kind)? {
        Some(other) if other.id != own => {
            let name = quoted(name);
            let text = format!(
                "Invalid parameter name: there is a role {name} of the type {kind} already; \
                 choose another name"
            );
            Err(Fault::new(Exception::CloudRuntime, text))
        }
        _ => Ok(()),
    }
}

/// Makes a role with these rules; `forced` gives them to the role of this name and type, if there
/// is one, in place of those that it has.
pub(crate) fn import_role(
    cx: &mut Cx<'_>,
    new: &NewRole,
    rules: &[NewRule],
    forced: bool,
) -> Result<Role, Fault> {
    cx.check_changes_roles()?;
    let same = "WHERE name = ? AND removed IS NULL";
    let known = cx.tx.count::<Role>(same, &[new.name.as_str().into()])? > 0;
    if known && !forced {
        let text = format!(
            "Invalid parameter name: there is a role {} already; forced=true replaces its rules",
            quoted(&new.name)
        );
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let role = match named(cx, &new.name, new.kind)? {
        Some(role) if role.is_default => {
            let text = format!(
                "Invalid parameter name: the role {} came with the installation and cannot be \
                 replaced",
                quoted(&new.name)
            );
            return Err(Fault::new(Exception::CloudRuntime, text));
        }
        Some(role) => {
            cx.tx.run("DELETE FROM role_rule WHERE role_id = ?", &[role.id.into()])?;
            let description = new.description.clone();
            let role = Role { description, is_public: new.is_public, ..role };
            cx.tx.save(&role)?;
            role
        }
        None => insert(cx, new)?,
    };
    for rule in rules {
        add_rule(cx, &role, rule)?;
    }
    cx.concerns_role(&role, "importing role");
    Ok(role)
}

/// Changes a role. Of those that came with the installation only who may see them is changed.
pub(crate) fn update_role(
    cx: &mut Cx<'_>,
    role: Role,
    changes: RoleChanges,
) -> Result<Role, Fault> {
    let only_public =
        changes.name.is_none() && changes.kind.is_none() && changes.description.is_none();
    if role.is_default && !(only_public && changes.is_public.is_some()) {
        let name = quoted(&role.name);
        return Err(denied(format!(
            "The role {name} came with the installation; of it only ispublic can be changed"
        )));
    }
    let kind = changes.kind.unwrap_or(role.kind);
    if kind != role.kind {
        refuse_used(cx, &role, "its type cannot be changed")?;
    }
    let name = changes.name.unwrap_or_else(|| role.name.clone());
    refuse_taken(cx, &name, kind, role.id)?;
    let role = Role {
        name,
        kind,
        description: changes.description.unwrap_or_else(|| role.description.clone()),
        is_public: changes.is_public.unwrap_or(role.is_public),
        ..role
    };
    cx.tx.save(&role)?;
    cx.concerns_role(&role, "updating role");
    Ok(role)
}

/// Refuses what cannot be while accounts have the role.
fn refuse_used(cx: &mut Cx<'_>, role: &Role, what: &str) -> Result<(), Fault> {
    let tail = "WHERE role_id = ? AND type <> ? AND removed IS NULL ORDER BY id";
    let args = [role.id.into(), Account::PROJECT.into()];
    let Some(first) = cx.tx.first::<Account>(tail, &args)? else { return Ok(()) };
    let (name, account) = (quoted(&role.name), quoted(&first.name));
    Err(denied(format!(
        "Accounts have the role {name}, {account} for one, so {what}; give them another role first"
    )))
}

/// Enables a role, or disables it: then nobody who has it may call anything.
pub(crate) fn set_role_state(cx: &mut Cx<'_>, role: Role, enabled: bool) -> Result<Role, Fault> {
    let state = if enabled { "enabled" } else { "disabled" };
    if role.is_default {
        let name = quoted(&role.name);
        return Err(denied(format!(
            "The role {name} came with the installation and is always enabled"
        )));
    }
    let role = Role { state: state.into(), ..role };
    cx.tx.save(&role)?;
    cx.concerns_role(&role, if enabled { "enabling role" } else { "disabling role" });
    Ok(role)
}

/// Deletes a role that no account has, with its rules.
pub(crate) fn delete_role(cx: &mut Cx<'_>, role: Role) -> Result<(), Fault> {
    if role.is_default {
        let name = quoted(&role.name);
        return Err(denied(format!(
            "The role {name} came with the installation and cannot be deleted"
        )));
    }
    refuse_used(cx, &role, "it cannot be deleted")?;
    cx.tx.run("DELETE FROM role_rule WHERE role_id = ?", &[role.id.into()])?;
    cx.concerns_role(&role, "deleting role");
    cx.tx.save(&Role { removed: Some(cx.now), ..role })?;
    Ok(())
}
