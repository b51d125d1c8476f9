//! The members of a project: who is in it, and who of them administers it.

use crate::engine::{Cx, Owner, Resource};
use crate::model::{Account, Column, Domain, Project, ProjectRole, ProjectState};
use crate::schema::Fault;
use crate::text::quoted;

/// An account in a project.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The account.
    pub(crate) account: Account,
    /// What it may do in the project.
    pub(crate) role: ProjectRole,
}

/// All members of a project, in the order of their accounts.
pub(crate) fn members(cx: &mut Cx<'_>, project: &Project) -> Result<Vec<Member>, Fault> {
    let sql = "SELECT account_id, role FROM project_member WHERE project_id = ? \
               ORDER BY account_id";
    let mut found = Vec::new();
    cx.tx.each(sql, &[project.id.into()], |cell| {
        found.push((i64::from_cell(cell(0))?, ProjectRole::from_cell(cell(1))?));
        Ok(true)
    })?;
    let member = |(id, role)| Ok(Member { account: cx.must(id)?, role });
    found.into_iter().map(member).collect()
}

fn owner_of(account: &Account) -> Owner {
    Owner { account_id: account.id, domain_id: account.domain_id }
}

/// Makes an account a member; what it administers is counted.
pub(super) fn join(
    cx: &mut Cx<'_>,
    project: &Project,
    account_id: i64,
    role: ProjectRole,
) -> Result<(), Fault> {
    let sql = "INSERT INTO project_member (project_id, account_id, role) VALUES (?, ?, ?)";
    cx.tx.run(sql, &[project.id.into(), account_id.into(), role.word().into()])?;
    let account: Account = cx.must(account_id)?;
    count(cx, &account, role, 1)
}

/// Ends a membership.
pub(super) fn leave(cx: &mut Cx<'_>, project: &Project, member: &Member) -> Result<(), Fault> {
    let sql = "DELETE FROM project_member WHERE project_id = ? AND account_id = ?";
    cx.tx.run(sql, &[project.id.into(), member.account.id.into()])?;
    count(cx, &member.account, member.role, -1)
}

/// Ends all memberships of an account that goes.
pub(crate) fn leave_all(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    for (project, role) in memberships(cx, account)? {
        leave(cx, &project, &Member { account: account.clone(), role })?;
    }
    Ok(())
}

/// The projects that an account is in, and what it may do there.
fn memberships(cx: &mut Cx<'_>, account: &Account) -> Result<Vec<(Project, ProjectRole)>, Fault> {
    let mut found = Vec::new();
    let sql = "SELECT project_id, role FROM project_member WHERE account_id = ? \
               ORDER BY project_id";
    cx.tx.each(sql, &[account.id.into()], |cell| {
        found.push((i64::from_cell(cell(0))?, ProjectRole::from_cell(cell(1))?));
        Ok(true)
    })?;
    found.into_iter().map(|(id, role)| Ok((cx.must(id)?, role))).collect()
}

fn count(cx: &mut Cx<'_>, account: &Account, role: ProjectRole, more: i64) -> Result<(), Fault> {
    match role {
        ProjectRole::Admin => cx.count(owner_of(account), Resource::Project, more),
        ProjectRole::Regular => Ok(()),
    }
}

/// Gives a member another role.
fn become_role(
    cx: &mut Cx<'_>,
    project: &Project,
    member: &Member,
    role: ProjectRole,
) -> Result<(), Fault> {
    if member.role == role {
        return Ok(());
    }
    let sql = "UPDATE project_member SET role = ? WHERE project_id = ? AND account_id = ?";
    cx.tx.run(sql, &[role.word().into(), project.id.into(), member.account.id.into()])?;
    count(cx, &member.account, member.role, -1)?;
    count(cx, &member.account, role, 1)
}

/// The account of this name in the project's domain, whoever asks: members are of that domain,
/// and only who may change the project comes here.
fn account_named(cx: &mut Cx<'_>, project: &Project, name: &str) -> Result<Account, Fault> {
    let tail = "WHERE name = ? AND domain_id = ? AND type <> ? AND removed IS NULL";
    let args = [name.into(), project.domain_id.into(), Account::PROJECT.into()];
    let found: Option<Account> = cx.tx.first(tail, &args)?;
    let found = match found {
        Some(account) if account.id != Account::SYSTEM => account,
        _ => {
            let domain: Domain = cx.must(project.domain_id)?;
            let (name, path) = (quoted(name), domain.path);
            return Err(Fault::invalid(format!(
                "Invalid parameter account: there is no account {name} in the domain {path} of \
                 the project"
            )));
        }
    };
    Ok(found)
}

fn member_named(cx: &mut Cx<'_>, project: &Project, name: &str) -> Result<Member, Fault> {
    let account = account_named(cx, project, name)?;
    let role = cx.role_in(project.id, account.id)?.ok_or_else(|| {
        let (name, project) = (quoted(name), quoted(&project.name));
        let text =
            format!("Invalid parameter account: {name} is no member of the project {project}");
        Fault::invalid(text)
    })?;
    Ok(Member { account, role })
}

/// Adds an account of the project's domain to a project. One that is in it already stays as it
/// is.
pub(crate) fn add_member(
    cx: &mut Cx<'_>,
    project: &Project,
    name: &str,
    role: ProjectRole,
) -> Result<(), Fault> {
    cx.concerns_project(project, &format!("adding account {name} to project"));
    if project.state != ProjectState::Active {
        let text = format!(
            "Invalid parameter projectid: the project {} is {}; accounts are added to Active \
             projects only",
            quoted(&project.name),
            project.state
        );
        return Err(Fault::invalid(text).in_job());
    }
    cx.check_manages_project(project).map_err(Fault::in_job)?;
    let account = account_named(cx, project, name).map_err(Fault::in_job)?;
    if cx.role_in(project.id, account.id)?.is_some() {
        return Ok(());
    }
    if role == ProjectRole::Admin {
        cx.check_limit(owner_of(&account), Resource::Project, 1).map_err(Fault::in_job)?;
    }
    join(cx, project, account.id, role)
}

/// Takes an account out of a project; the last admin stays.
pub(crate) fn remove_member(cx: &mut Cx<'_>, project: &Project, name: &str) -> Result<(), Fault> {
    cx.concerns_project(project, &format!("removing account {name} from project"));
    let own: Account = cx.must(cx.caller.account_id)?;
    // Who wants to leave may.
    if own.name != name || own.domain_id != project.domain_id {
        cx.check_manages_project(project).map_err(Fault::in_job)?;
    }
    let member = member_named(cx, project, name).map_err(Fault::in_job)?;
    refuse_last_admin(cx, project, &member).map_err(Fault::in_job)?;
    leave(cx, project, &member)
}

fn refuse_last_admin(cx: &mut Cx<'_>, project: &Project, member: &Member) -> Result<(), Fault> {
    let all = members(cx, project)?;
    let is_other =
        |other: &Member| other.role == ProjectRole::Admin && other.account.id != member.account.id;
    if member.role != ProjectRole::Admin || all.iter().any(is_other) {
        return Ok(());
    }
    let (name, project) = (quoted(&member.account.name), quoted(&project.name));
    Err(Fault::invalid(format!(
        "Invalid parameter account: {name} is the only admin of the project {project}; make \
         another account its admin first"
    )))
}

/// How a project gets another admin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NewAdmin {
    /// In place of the one that it has.
    InPlace,
    /// Besides; or an admin becomes a regular member.
    Role(ProjectRole),
}

/// Makes a member the admin of a project, or gives it another role.
pub(crate) fn change_admin(
    cx: &mut Cx<'_>,
    project: &Project,
    name: &str,
    how: NewAdmin,
) -> Result<(), Fault> {
    let member = member_named(cx, project, name)?;
    let role = match how {
        NewAdmin::InPlace => ProjectRole::Admin,
        NewAdmin::Role(role) => role,
    };
    if role == ProjectRole::Regular {
        refuse_last_admin(cx, project, &member)?;
    } else if member.role != ProjectRole::Admin {
        cx.check_limit(owner_of(&member.account), Resource::Project, 1)?;
    }
    if how == NewAdmin::InPlace && member.role != ProjectRole::Admin {
        let first = members(cx, project)?.into_iter().find(|one| one.role == ProjectRole::Admin);
        if let Some(before) = first {
            become_role(cx, project, &before, ProjectRole::Regular)?;
        }
    }
    become_role(cx, project, &member, role)
}
