//! The members of projects.

use crate::api::names::Names;
use crate::api::owners::UserView;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::projects::{self, Member};
use crate::engine::{Cx, Guard};
use crate::model::{Account, Domain, Project, ProjectRole, Uid, User};
use crate::schema::{Exception, Fault, Id, Text, view};

view! {
    /// An account in a project, as `listProjectAccounts` shows it.
    ProjectAccountView in "ProjectAccountResponse" shows ["account", "role", "project", "domain",
        "accountid"] {
        /// the id of the project
        projectid: Uid,
        /// the name of the project
        project: String,
        /// the id of the account
        accountid: Uid,
        /// the name of the account
        account: String,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin
        accounttype: u32,
        /// `Admin` or `Regular`
        role: &'static str,
        /// the id of the account's domain
        domainid: Uid,
        /// the name of the account's domain
        domain: String,
        /// the domains from ROOT down
        domainpath: String,
        /// the users who may act for the account
        user: Vec<UserView>,
    }
}

api! {
    /// Adds an account to a project.
    job success "addAccountToProject" {
        event: "PROJECT.ACCOUNT.ADD", since: "3.0.0",
        example: "add account to project projectid=web account=alice",
    } => add;
    AddAccountToProject {
        /// the id of the project
        projectid: Id<Project>,
        /// the account, which is of the project's domain
        account: Option<Text>,
        /// the address of an invitation; there are no invitations, so account must be given
        email: Option<Text>,
        /// `Admin` or `Regular`; Regular when left out
        roletype: Option<ProjectRole>,
    }
}

fn add(cx: &mut Cx<'_>, args: &AddAccountToProject) -> Result<(), Fault> {
    let Some(account) = args.account.as_deref() else {
        return Err(match args.email {
            Some(_) => invitations("Parameter email"),
            None => Fault::invalid("Parameter account must be given"),
        });
    };
    if cx.setting_flag("project.invite.required")? {
        return Err(invitations("The setting project.invite.required"));
    }
    let project = cx.find(&args.projectid)?;
    let role = args.roletype.unwrap_or(ProjectRole::Regular);
    projects::add_member(cx, &project, account, role)
}

fn invitations(what: &str) -> Fault {
    let text = format!("{what}: nobody can be invited to a project yet, only be added to it");
    Fault::new(Exception::UnsupportedAction, text)
}

api! {
    /// Takes an account out of a project.
    job success "deleteAccountFromProject" {
        event: "PROJECT.ACCOUNT.REMOVE", since: "3.0.0",
        example: "delete account from project projectid=web account=alice",
    } => delete;
    DeleteAccountFromProject {
        /// the id of the project
        projectid: Id<Project>,
        /// the account; the only admin of the project stays
        account: Text,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteAccountFromProject) -> Result<(), Fault> {
    let project = cx.find(&args.projectid)?;
    projects::remove_member(cx, &project, &args.account)
}

api! {
    /// Lists the accounts in a project.
    now list "listProjectAccounts" {
        key: "projectaccount", since: "3.0.0", example: "list project accounts projectid=web",
    } => list -> ProjectAccountView;
    ListProjectAccounts {
        /// the id of the project
        projectid: Id<Project>,
        /// the name of the account
        account: Option<Text>,
        /// `Admin` or `Regular`
        role: Option<ProjectRole>,
        /// the id of a user of the account
        userid: Option<Id<User>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListProjectAccounts) -> Result<Rows<ProjectAccountView>, Fault> {
    let project = cx.find(&args.projectid)?;
    let mut filter = args.paged.filter();
    let members = "id IN (SELECT account_id FROM project_member WHERE project_id = ?)";
    filter.holds(members, [project.id.into()]);
    if let Some(role) = args.role {
        let sql = "id IN (SELECT account_id FROM project_member WHERE project_id = ? AND role = ?)";
        filter.holds(sql, [project.id.into(), role.word().into()]);
    }
    filter.is("name", args.account.as_deref().map(str::to_owned));
    if let Some(user) = cx.row_opt(args.userid.as_ref())? {
        filter.holds("id IN (SELECT account_id FROM user WHERE id = ?)", [user.into()]);
    }
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Account>(cx, "id")?;
    let mut rows = Vec::with_capacity(found.len());
    for account in found {
        let role = cx.role_in(project.id, account.id)?.unwrap_or(ProjectRole::Regular);
        rows.push(show(cx, &project, Member { account, role })?);
    }
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, project: &Project, member: Member) -> Result<ProjectAccountView, Fault> {
    let (account, names) = (member.account, &mut Names::default());
    // Who shares a project with an account learns its name, but not who acts for it.
    let user = match cx.may_use(Guard::Account(account.id))? {
        true => UserView::all_of(cx, &account)?,
        false => Vec::new(),
    };
    Ok(ProjectAccountView {
        projectid: cx.uid::<Project>(project.id),
        project: project.name.clone(),
        accountid: cx.uid::<Account>(account.id),
        accounttype: u32::try_from(account.kind).unwrap_or_default(),
        role: member.role.word(),
        domainid: cx.uid::<Domain>(account.domain_id),
        domain: names.domain(cx, account.domain_id)?,
        domainpath: names.domain_path(cx, account.domain_id)?,
        account: account.name,
        user,
    })
}

#[cfg(test)]
mod tests;
