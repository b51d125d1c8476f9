//! What a role may call (`DynamicRoleBasedAPIAccessChecker`).

use crate::engine::Caller;
use crate::engine::access::default_rules::{DOMAIN_ADMIN, RESOURCE_ADMIN, USER};
use crate::model::{Role, RoleKind, RoleRule};
use crate::store::{StoreError, Tx};

/// The role of root admins, whom no rule stops.
const ROOT: i64 = 1;

/// Whether a caller may call `command`, which names the roles `named` itself: those may call it
/// where no rule says otherwise.
pub(crate) fn may_call(
    tx: &mut Tx,
    caller: &Caller,
    command: &str,
    named: &[RoleKind],
) -> Result<bool, StoreError> {
    if caller.role_id == ROOT {
        return Ok(true);
    }
    let role = tx.memo(("role", "", caller.role_id), |tx| tx.get::<Role>(caller.role_id))?;
    let Some(role) = role.as_ref().as_ref() else { return Ok(false) };
    if role.removed.is_some() || role.state != "enabled" {
        return Ok(false);
    }
    let by_rule = match role.is_default {
        true => default_rules(role.kind).any(|rule| rule == command).then_some(true),
        false => decide(tx, role.id, command)?,
    };
    Ok(by_rule.unwrap_or_else(|| named.contains(&role.kind)))
}

/// What the first rule that fits says, if any fits.
fn decide(tx: &mut Tx, role_id: i64, command: &str) -> Result<Option<bool>, StoreError> {
    let rules = tx.memo(("role rules", "", role_id), |tx| {
        tx.select::<RoleRule>("WHERE role_id = ? ORDER BY place, id", &[role_id.into()])
    })?;
    Ok(rules.iter().find(|rule| fits(&rule.rule, command)).map(|rule| rule.allow))
}

/// The rules of a role that comes with the installation; all of them allow.
pub(crate) fn default_rules(kind: RoleKind) -> impl Iterator<Item = &'static str> {
    let (all, lists): (&[&str], &[&[&str]]) = match kind {
        RoleKind::Admin => (&["*"], &[]),
        RoleKind::ResourceAdmin => (&[], &[USER, DOMAIN_ADMIN, RESOURCE_ADMIN]),
        RoleKind::DomainAdmin => (&[], &[USER, DOMAIN_ADMIN]),
        RoleKind::User => (&[], &[USER]),
    };
    all.iter().chain(lists.iter().copied().flatten()).copied()
}

/// Whether a rule, in which `*` stands for any letters, fits a command.
fn fits(rule: &str, command: &str) -> bool {
    let mut parts = rule.split('*');
    let Some(mut rest) = parts.next().and_then(|first| command.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        let cases = [
            ("listZones", "listZones", true),
            ("listZones", "listZone", false),
            ("list", "listZones", false),
            ("list*", "listZones", true),
            ("*Zones", "listZones", true),
            ("*", "listZones", true),
            ("l*t*s", "listZones", true),
            ("l*x*s", "listZones", false),
            ("*Zones*", "listZones", true),
            ("listZones*listZones", "listZones", false),
            ("", "listZones", false),
        ];
        for (rule, command, fit) in cases {
            assert_eq!(fits(rule, command), fit, "{rule} {command}");
        }
    }

    #[test]
    fn each_role_may_do_what_the_one_below_may() {
        let count = |kind| default_rules(kind).count();
        let kinds = [RoleKind::User, RoleKind::DomainAdmin, RoleKind::ResourceAdmin];
        assert_eq!(kinds.map(count), [259, 301, 317]);
    }
}
