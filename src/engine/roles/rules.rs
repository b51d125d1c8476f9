//! The rules of a role, the first of which that fits a command decides.

use crate::engine::Cx;
use crate::engine::access::default_rules;
use crate::engine::roles::denied;
use crate::model::{EntityKind, Permission, Role, RoleRule, Uid};
use crate::schema::{Exception, Fault, Id};
use crate::text::quoted;

/// A rule that a role is to have.
#[derive(Clone, Debug)]
pub(crate) struct NewRule {
    /// The name of an API, in which `*` stands for any letters.
    pub(crate) rule: String,
    /// What it says.
    pub(crate) permission: Permission,
    /// What it is for.
    pub(crate) description: Option<String>,
}

/// A rule that a role has; those of the roles that came with the installation are no rows.
#[derive(Clone, Debug)]
pub(crate) struct RuleOf {
    /// Its id.
    pub(crate) id: Uid,
    /// The rule.
    pub(crate) rule: RoleRule,
}

impl From<RuleOf> for NewRule {
    fn from(of: RuleOf) -> Self {
        let RoleRule { rule, allow, description, .. } = of.rule;
        Self { rule, permission: Permission::of(allow), description }
    }
}

/// The rules of a role in the order in which they are tried.
pub(crate) fn rules_of(cx: &mut Cx<'_>, role: &Role) -> Result<Vec<RuleOf>, Fault> {
    if !role.is_default {
        let found: Vec<RoleRule> =
            cx.tx.select("WHERE role_id = ? ORDER BY place, id", &[role.id.into()])?;
        let of = |rule: RoleRule| RuleOf { id: cx.uid::<RoleRule>(rule.id), rule };
        return Ok(found.into_iter().map(of).collect());
    }
    let key = cx.tx.key();
    let of = |(rule, place): (&'static str, u64)| RuleOf {
        id: key.encode(EntityKind::RoleRule, role.id.unsigned_abs(), place),
        rule: RoleRule {
            id: 0,
            role_id: role.id,
            place: place.cast_signed(),
            rule: rule.to_owned(),
            allow: true,
            description: None,
        },
    };
    Ok(default_rules(role.kind).zip(1..).map(of).collect())
}

/// The role and the rule that an id names. One of a role that came with the installation cannot
/// be changed, so it is refused.
fn rule_named(cx: &mut Cx<'_>, id: &Id<RoleRule>) -> Result<(Role, RoleRule), Fault> {
    cx.check_changes_roles()?;
    let uid = Uid::parse(&id.text);
    let numbers = uid.and_then(|uid| cx.tx.key().decode(EntityKind::RoleRule, uid));
    if let Some((role, _)) = numbers
        && role != 0
        && let Some(role) = cx.tx.get::<Role>(role.cast_signed())?
    {
        refuse_default(&role)?;
    }
    let row = cx.row(id)?;
    let rule: RoleRule = cx.tx.get(row)?.ok_or_else(|| cx.unknown(id))?;
    Ok((cx.must(rule.role_id)?, rule))
}

fn refuse_default(role: &Role) -> Result<(), Fault> {
    if !role.is_default {
        return Ok(());
    }
    let name = quoted(&role.name);
    Err(denied(format!(
        "The rules of the role {name} came with the installation and cannot be changed; create a \
         role of your own from it with createRole roleid"
    )))
}

/// Refuses what is not the name of an API with or without wildcards.
fn check_rule(rule: &str) -> Result<(), Fault> {
    if !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'*') {
        return Ok(());
    }
    let rule = quoted(rule);
    Err(Fault::invalid(format!(
        "Invalid parameter rule: {rule} is not the name of an API; letters, digits and the \
         wildcard * are allowed"
    )))
}

/// Gives a role one more rule, which is tried after the others.
pub(crate) fn add_rule(cx: &mut Cx<'_>, role: &Role, new: &NewRule) -> Result<RuleOf, Fault> {
    check_rule(&new.rule)?;
    refuse_default(role)?;
    let same = "WHERE role_id = ? AND rule = ?";
    if cx.tx.first::<RoleRule>(same, &[role.id.into(), new.rule.as_str().into()])?.is_some() {
        let (rule, name) = (quoted(&new.rule), quoted(&role.name));
        return Err(denied(format!(
            "The role {name} has a rule {rule} already; change that one with updateRolePermission"
        )));
    }
    let last = "SELECT COALESCE(MAX(place), 0) FROM role_rule WHERE role_id = ?";
    let last: Option<i64> = cx.tx.one(last, &[role.id.into()])?;
    let rule = RoleRule {
        id: 0,
        role_id: role.id,
        place: last.unwrap_or(0) + 1,
        rule: new.rule.clone(),
        allow: new.permission == Permission::Allow,
        description: new.description.clone(),
    };
    let rule = RoleRule { id: cx.tx.insert(&rule)?, ..rule };
    concerns(cx, role, "adding the rule", &rule.rule);
    Ok(RuleOf { id: cx.uid::<RoleRule>(rule.id), rule })
}

fn concerns(cx: &mut Cx<'_>, role: &Role, doing: &str, rule: &str) {
    let owner = cx.caller_owner();
    let what = format!("{doing} {rule} of role {}", role.name);
    cx.concerns(EntityKind::Role, (0, role.id), owner, what);
}

/// Lets a rule allow or deny.
pub(crate) fn set_rule(
    cx: &mut Cx<'_>,
    role: &Role,
    id: &Id<RoleRule>,
    permission: Permission,
) -> Result<(), Fault> {
    refuse_default(role)?;
    let (_, rule) = rule_named(cx, id)?;
    if rule.role_id != role.id {
        let (rule, name) = (quoted(&rule.rule), quoted(&role.name));
        return Err(Fault::invalid(format!(
            "Invalid parameter ruleid: the rule {rule} is none of the role {name}"
        )));
    }
    concerns(cx, role, "changing the rule", &rule.rule);
    cx.tx.save(&RoleRule { allow: permission == Permission::Allow, ..rule })?;
    Ok(())
}

/// Puts the rules of a role in another order; all of them must be named.
pub(crate) fn order_rules(cx: &mut Cx<'_>, role: &Role, ids: &[Id<RoleRule>]) -> Result<(), Fault> {
    refuse_default(role)?;
    let mut left = rules_of(cx, role)?;
    let (count, mut ordered) = (left.len(), Vec::new());
    for id in ids {
        let row = cx.row(id)?;
        let Some(at) = left.iter().position(|one| one.rule.id == row) else {
            return Err(wrong_order(role, count));
        };
        ordered.push(left.swap_remove(at).rule);
    }
    if !left.is_empty() || ordered.is_empty() {
        return Err(wrong_order(role, count));
    }
    for (rule, place) in ordered.into_iter().zip(1..) {
        cx.tx.save(&RoleRule { place, ..rule })?;
    }
    let owner = cx.caller_owner();
    let what = format!("ordering the rules of role {}", role.name);
    cx.concerns(EntityKind::Role, (0, role.id), owner, what);
    Ok(())
}

fn wrong_order(role: &Role, count: usize) -> Fault {
    let name = quoted(&role.name);
    Fault::new(
        Exception::InvalidParameterValue,
        format!(
            "Invalid parameter ruleorder: it must name each of the {count} rules of the role \
             {name} once and nothing else"
        ),
    )
}

/// Takes a rule away.
pub(crate) fn delete_rule(cx: &mut Cx<'_>, id: &Id<RoleRule>) -> Result<Role, Fault> {
    let (role, rule) = rule_named(cx, id)?;
    concerns(cx, &role, "deleting the rule", &rule.rule);
    cx.tx.run("DELETE FROM role_rule WHERE id = ?", &[rule.id.into()])?;
    Ok(role)
}
