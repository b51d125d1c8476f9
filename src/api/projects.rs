//! Projects: accounts of a domain that own things together.

use crate::api::domains::Usage;
use crate::api::paging::{Filter, Paged};
use crate::api::tags::{self, TagView};
use crate::api::{Rows, api};
use crate::engine::projects::{self, NewAdmin};
use crate::engine::{Cx, Resource, in_domain};
use crate::model::{
    Account, Column, Domain, EntityKind, Project, ProjectRole, ProjectState, RoleKind, Time, Uid,
};
use crate::schema::{Fault, Id, List, Map, Text, view};

view! {
    /// A project, as `listProjects` shows it.
    ProjectView in "ProjectResponse" shows ["name", "id", "displaytext", "domain", "state",
        "iptotal", "networktotal", "vpctotal"] {
        /// the id of the project
        id: Uid,
        /// the name of the project
        name: String,
        /// a longer name
        displaytext: String,
        /// the id of the project's domain
        domainid: Uid,
        /// the name of the project's domain
        domain: String,
        /// the accounts that administer the project
        owner: Vec<ProjectOwner>,
        /// the name of the hidden account that owns what is the project's
        projectaccountname: String,
        /// `Active`, `Suspended` or `Disabled`
        state: &'static str,
        /// when the project was made
        created: Time,
        /// the tags of the project
        tags: Vec<TagView>,
        ..usage: ProjectUsage,
    }
}

view! {
    /// An account that administers a project.
    ProjectOwner in "ProjectOwnerResponse" shows ["account"] {
        /// the name of the account
        account: String,
    }
}

view! {
    /// What a project may have, and has.
    ProjectUsage in "ResourceLimitAndCountResponse" shows [] {
        /// how many public addresses the project may have
        iplimit: Option<String>,
        /// how many public addresses the project has
        iptotal: Option<i64>,
        /// how many more public addresses the project may have
        ipavailable: Option<String>,
        /// how many networks the project may have
        networklimit: Option<String>,
        /// how many networks the project has
        networktotal: Option<i64>,
        /// how many more networks the project may have
        networkavailable: Option<String>,
        /// how many VPCs the project may have
        vpclimit: Option<String>,
        /// how many VPCs the project has
        vpctotal: Option<i64>,
        /// how many more VPCs the project may have
        vpcavailable: Option<String>,
    }
}

fn show(cx: &mut Cx<'_>, project: Project, counts: bool) -> Result<ProjectView, Fault> {
    let (domain, hidden): (Domain, Account) =
        (cx.must(project.domain_id)?, cx.must(project.account_id)?);
    let mut owner = Vec::new();
    let sql = "SELECT account.name FROM account JOIN project_member ON account.id = account_id \
               WHERE project_id = ? AND role = ? ORDER BY account.id";
    cx.tx.each(sql, &[project.id.into(), ProjectRole::Admin.word().into()], |cell| {
        owner.push(ProjectOwner { account: String::from_cell(cell(0))? });
        Ok(true)
    })?;
    Ok(ProjectView {
        id: cx.uid::<Project>(project.id),
        name: project.name,
        displaytext: project.display_text,
        domainid: cx.uid::<Domain>(domain.id),
        domain: domain.name,
        owner,
        projectaccountname: hidden.name,
        state: project.state.word(),
        created: project.created,
        tags: tags::views(cx, (EntityKind::Project, 0, project.id))?,
        usage: ProjectUsage::of(cx, project.account_id, counts)?,
    })
}

impl ProjectUsage {
    /// What the hidden account may have, and has; nothing where it is not wanted.
    fn of(cx: &mut Cx<'_>, account_id: i64, wanted: bool) -> Result<Self, Fault> {
        let mut usage = |resource| {
            if !wanted {
                return Ok((None, None, None));
            }
            let limit = cx.limit("account", "project", account_id, resource)?;
            let usage = Usage::new(cx.counted(account_id, resource)?, limit);
            Ok::<_, Fault>((Some(usage.limit), Some(usage.total), Some(usage.available)))
        };
        let (iplimit, iptotal, ipavailable) = usage(Resource::PublicIp)?;
        let (networklimit, networktotal, networkavailable) = usage(Resource::Network)?;
        let (vpclimit, vpctotal, vpcavailable) = usage(Resource::Vpc)?;
        Ok(Self {
            iplimit,
            iptotal,
            ipavailable,
            networklimit,
            networktotal,
            networkavailable,
            vpclimit,
            vpctotal,
            vpcavailable,
        })
    }
}

api! {
    /// Creates a project.
    create object "createProject" {
        key: "project", event: "PROJECT.CREATE", since: "3.0.0",
        example: "create project name=web displaytext=\"The web team\"",
    } => create -> ProjectView;
    CreateProject {
        /// the name of the project, unique in its domain
        name: Text,
        /// a longer name; the name when left out
        displaytext: Option<Text>,
        /// the account that administers the project, the caller's when left out; needs domainid
        account: Option<Text>,
        /// the domain of that account, and of the project
        domainid: Option<Id<Domain>>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateProject) -> Result<ProjectView, Fault> {
    if args.account.is_some() != args.domainid.is_some() {
        return Err(Fault::invalid("Parameters account and domainid must be given together"));
    }
    let admin = cx.owner(args.account.as_deref(), args.domainid.as_ref(), None)?;
    let text = args.displaytext.as_deref().unwrap_or(&args.name);
    let project = projects::create_project(cx, &args.name, text, admin)?;
    show(cx, project, true)
}

api! {
    /// Lists projects.
    now list "listProjects" {
        key: "project", since: "3.0.0", example: "list projects listall=true",
    } => list -> ProjectView;
    ListProjects {
        /// the id of the project
        id: Option<Id<Project>>,
        /// the name of the project
        name: Option<Text>,
        /// the longer name of the project
        displaytext: Option<Text>,
        /// `Active`, `Suspended` or `Disabled`
        state: Option<ProjectState>,
        /// the account whose projects to list; needs domainid
        account: Option<Text>,
        /// the id of the domain whose projects to list
        domainid: Option<Id<Domain>>,
        /// the login name of a user whose account's projects to list
        username: Option<Text>,
        /// true for the projects of the domains below as well
        isrecursive: Option<bool>,
        /// true for all projects that the caller may see; without it, and with nothing else
        /// asked for, those that the caller's account is in
        listall: Option<bool>,
        /// what to show besides the project: all, resource (what it may have and has) or min
        details: Option<List<Text>>,
        /// only projects with these tags
        tags: Option<Map>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListProjects) -> Result<Rows<ProjectView>, Fault> {
    let counts = counts_wanted(args.details.as_ref())?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    whose(cx, args, &mut filter)?;
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("display_text", args.displaytext.as_deref().map(str::to_owned));
    filter.is("state", args.state);
    if let Some(username) = args.username.as_deref() {
        let users = "SELECT account_id FROM user WHERE username = ? AND removed IS NULL";
        member(&mut filter, users, username.into());
    }
    filter.tagged(EntityKind::Project, args.tags.as_ref())?;
    filter.keyword(&["name", "display_text"]);
    let (found, total) = filter.living::<Project>(cx, "id")?;
    let rows = found.into_iter().map(|project| show(cx, project, counts));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

fn counts_wanted(details: Option<&List<Text>>) -> Result<bool, Fault> {
    let Some(List(words)) = details else { return Ok(true) };
    let is = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&&**word));
    if words.iter().any(|word| !["all", "resource", "min"].contains(&&**word)) {
        let text = "Invalid parameter details: it may be all, resource or min";
        return Err(Fault::invalid(text));
    }
    Ok(words.is_empty() || is(&["all", "resource"]))
}

/// Projects that one of these accounts is in.
fn member(filter: &mut Filter<'_>, accounts: &str, value: crate::model::Cell) {
    let sql =
        format!("id IN (SELECT project_id FROM project_member WHERE account_id IN ({accounts}))");
    filter.holds(&sql, [value]);
}

/// Whose projects are shown: users see those that they are in, admins also those of their domain
/// and the ones below.
fn whose(cx: &mut Cx<'_>, args: &ListProjects, filter: &mut Filter<'_>) -> Result<(), Fault> {
    let domain = cx.find_opt(args.domainid.as_ref())?;
    let account = match (args.account.as_deref(), &domain) {
        (None, _) => None,
        (Some(name), Some(domain)) => Some(cx.account_in(name, domain)?),
        (Some(name), None) => {
            let own: Domain = cx.must(cx.caller.domain_id)?;
            Some(cx.account_in(name, &own)?)
        }
    };
    if let Some(account) = &account {
        cx.check_access(account)?;
    }
    let (own, is_user) = (cx.caller.account_id, cx.caller.kind == RoleKind::User);
    let named = args.id.is_some() || domain.is_some() || account.is_some();
    let mine = is_user || !named && args.listall != Some(true);
    let id = account.map(|account| account.id);
    for id in mine.then_some(own).into_iter().chain(id) {
        member(filter, "?", id.into());
    }
    if let Some(domain) = &domain {
        let (holds, values) = in_domain("domain_id", domain, args.isrecursive == Some(true));
        filter.holds(&holds, values);
    }
    if !is_user && !cx.caller.is_root() && !mine {
        let below: Domain = cx.must(cx.caller.domain_id)?;
        let (holds, values) = in_domain("domain_id", &below, true);
        filter.holds(&holds, values);
    }
    Ok(())
}

api! {
    /// Changes a project.
    job object "updateProject" {
        key: "project", event: "PROJECT.UPDATE", since: "3.0.0",
        example: "update project id=web displaytext=\"The web team\"",
    } => update -> ProjectView;
    UpdateProject {
        /// the id of the project
        id: Id<Project>,
        /// the new name, unique in the domain
        name: Option<Text>,
        /// a longer name
        displaytext: Option<Text>,
        /// a member that becomes admin
        account: Option<Text>,
        /// whether the account becomes admin in place of the one that there is, which is then a
        /// regular member; true when left out
        swapowner: Option<bool>,
        /// `Admin` or `Regular`: what the account becomes with swapowner=false; Regular when left
        /// out
        roletype: Option<ProjectRole>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateProject) -> Result<ProjectView, Fault> {
    let project = managed(cx, &args.id)?;
    if let Some(name) = args.account.as_deref() {
        let how = match args.swapowner {
            Some(false) => NewAdmin::Role(args.roletype.unwrap_or(ProjectRole::Regular)),
            _ => NewAdmin::InPlace,
        };
        projects::change_admin(cx, &project, name, how).map_err(Fault::in_job)?;
    }
    let (name, text) = (args.name.as_deref(), args.displaytext.as_deref());
    let project = projects::update_project(cx, project, name, text)?;
    show(cx, project, true)
}

/// The project that the caller is to change.
fn managed(cx: &mut Cx<'_>, id: &Id<Project>) -> Result<Project, Fault> {
    let project = cx.find(id)?;
    cx.check_manages_project(&project).map_err(Fault::in_job)?;
    Ok(project)
}

api! {
    /// Suspends a project: nothing can be made in it until it is activated.
    job object "suspendProject" {
        key: "project", event: "PROJECT.SUSPEND", since: "3.0.0", example: "suspend project id=web",
    } => suspend -> ProjectView;
    SuspendProject {
        /// the id of the project
        id: Id<Project>,
    }
}

fn suspend(cx: &mut Cx<'_>, args: &SuspendProject) -> Result<ProjectView, Fault> {
    let project = managed(cx, &args.id)?;
    let project = projects::suspend_project(cx, project)?;
    show(cx, project, true)
}

api! {
    /// Activates a suspended project.
    job object "activateProject" {
        key: "project", event: "PROJECT.ACTIVATE", since: "3.0.0",
        example: "activate project id=web",
    } => activate -> ProjectView;
    ActivateProject {
        /// the id of the project
        id: Id<Project>,
    }
}

fn activate(cx: &mut Cx<'_>, args: &ActivateProject) -> Result<ProjectView, Fault> {
    let project = managed(cx, &args.id)?;
    let project = projects::activate_project(cx, project)?;
    show(cx, project, true)
}

api! {
    /// Deletes a project.
    job success "deleteProject" {
        event: "PROJECT.DELETE", since: "3.0.0", example: "delete project id=web cleanup=true",
    } => delete;
    DeleteProject {
        /// the id of the project
        id: Id<Project>,
        /// true to delete all that the project owns as well; without it a project that owns
        /// anything is refused
        cleanup: Option<bool>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteProject) -> Result<(), Fault> {
    let project = managed(cx, &args.id)?;
    projects::delete_project(cx, project, args.cleanup == Some(true))
}

#[cfg(test)]
mod tests;
