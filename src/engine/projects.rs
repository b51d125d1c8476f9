//! Projects: accounts of a domain that own things together (`ProjectManagerImpl`).

mod cleanup;
mod members;

pub(crate) use members::{Member, NewAdmin, add_member, change_admin, leave_all, remove_member};

use crate::engine::owners::cleanup::cleanup_account;
use crate::engine::{Cx, Guard, Owner, Resource};
use crate::model::{Account, EntityKind, Project, ProjectRole, ProjectState, RoleKind};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// The role that hidden accounts have; nobody ever calls for them.
const NO_ROLE: i64 = 4;

impl Cx<'_> {
    /// Refuses a caller who may not change a project: who is neither one of its admins nor an
    /// admin above it.
    pub(crate) fn check_manages_project(&mut self, project: &Project) -> Result<(), Fault> {
        let above = self.caller.is_root()
            || self.caller.is_domain_admin() && self.may_use(Guard::Domain(project.domain_id))?;
        let own = self.caller.account_id;
        if above || self.role_in(project.id, own)? == Some(ProjectRole::Admin) {
            return Ok(());
        }
        let account: Account = self.must(own)?;
        Err(self.denied(&account))
    }

    /// What an account may do in a project; none if it is no member.
    pub(crate) fn role_in(
        &mut self,
        project_id: i64,
        account_id: i64,
    ) -> Result<Option<ProjectRole>, Fault> {
        let sql = "SELECT role FROM project_member WHERE project_id = ? AND account_id = ?";
        Ok(self.tx.one(sql, &[project_id.into(), account_id.into()])?)
    }

    /// The project whose hidden account this is, with its row and its name.
    pub(crate) fn project_of(&mut self, account_id: i64) -> Result<Option<(i64, String)>, Fault> {
        let found = self.tx.memo(("project of", "", account_id), |tx| {
            tx.first::<Project>("WHERE account_id = ?", &[account_id.into()])
        })?;
        Ok(found.as_ref().as_ref().map(|project| (project.id, project.name.clone())))
    }

    /// Says for events and the job what is done with a project.
    fn concerns_project(&mut self, project: &Project, doing: &str) {
        let owner = Owner { account_id: project.account_id, domain_id: project.domain_id };
        let what = format!("{doing} {}", project.name);
        self.concerns(EntityKind::Project, (0, project.id), owner, what);
    }
}

/// Makes a project whose first admin is the account `admin`.
pub(crate) fn create_project(
    cx: &mut Cx<'_>,
    name: &str,
    display_text: &str,
    admin: Owner,
) -> Result<Project, Fault> {
    if cx.caller.kind == RoleKind::User && !cx.setting_flag("allow.user.create.projects")? {
        let text = "Users may not create projects here; ask an admin of the domain to create one";
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    refuse_taken(cx, name, admin.domain_id)?;
    cx.check_limit(admin, Resource::Project, 1)?;
    let account = Account {
        id: 0,
        name: format!("PrjAcct-{name}-{}", admin.domain_id),
        kind: Account::PROJECT,
        domain_id: admin.domain_id,
        role_id: NO_ROLE,
        state: "enabled".into(),
        network_domain: None,
        is_default: false,
        created: cx.now,
        removed: None,
    };
    let project = Project {
        id: 0,
        name: name.to_owned(),
        display_text: display_text.to_owned(),
        domain_id: admin.domain_id,
        account_id: cx.tx.insert(&account)?,
        state: ProjectState::Active,
        created: cx.now,
        removed: None,
    };
    let project = Project { id: cx.tx.insert(&project)?, ..project };
    members::join(cx, &project, admin.account_id, ProjectRole::Admin)?;
    cx.concerns_project(&project, "creating project");
    Ok(project)
}

/// The names of a domain's projects differ.
fn refuse_taken(cx: &mut Cx<'_>, name: &str, domain_id: i64) -> Result<(), Fault> {
    let sql = "WHERE name = ? AND domain_id = ? AND removed IS NULL";
    if cx.tx.first::<Project>(sql, &[name.into(), domain_id.into()])?.is_none() {
        return Ok(());
    }
    let name = quoted(name);
    Err(Fault::invalid(format!(
        "Invalid parameter name: the domain has a project {name} already; choose another name"
    )))
}

/// Gives a project another name or text.
pub(crate) fn update_project(
    cx: &mut Cx<'_>,
    project: Project,
    name: Option<&str>,
    display_text: Option<&str>,
) -> Result<Project, Fault> {
    cx.concerns_project(&project, "updating project");
    if let Some(name) = name.filter(|name| *name != project.name) {
        refuse_taken(cx, name, project.domain_id).map_err(Fault::in_job)?;
    }
    let name = name.map_or_else(|| project.name.clone(), str::to_owned);
    let display_text = display_text.map_or_else(|| project.display_text.clone(), str::to_owned);
    let project = Project { name, display_text, ..project };
    cx.tx.save(&project)?;
    Ok(project)
}

/// Ends that things can be made in a project; what is there stays.
pub(crate) fn suspend_project(cx: &mut Cx<'_>, project: Project) -> Result<Project, Fault> {
    cx.concerns_project(&project, "suspending project");
    let project = Project { state: ProjectState::Suspended, ..project };
    cx.tx.save(&project)?;
    Ok(project)
}

/// Lets things be made in a suspended project again.
pub(crate) fn activate_project(cx: &mut Cx<'_>, project: Project) -> Result<Project, Fault> {
    cx.concerns_project(&project, "activating project");
    if project.state == ProjectState::Disabled {
        let text = format!(
            "Invalid parameter id: the project {} is Disabled; only those that are Suspended can \
             be activated",
            quoted(&project.name)
        );
        return Err(Fault::invalid(text).in_job());
    }
    let project = Project { state: ProjectState::Active, ..project };
    cx.tx.save(&project)?;
    Ok(project)
}

/// Deletes a project; with `cleanup` also all that it owns, without it only one that owns nothing.
pub(crate) fn delete_project(
    cx: &mut Cx<'_>,
    project: Project,
    cleanup: bool,
) -> Result<(), Fault> {
    cx.concerns_project(&project, "deleting project");
    let account: Account = cx.must(project.account_id)?;
    if !cleanup {
        cleanup::refuse_full(cx, &project).map_err(Fault::in_job)?;
    }
    cleanup_account(cx, &account).map_err(Fault::in_job)?;
    for member in members::members(cx, &project)? {
        members::leave(cx, &project, &member)?;
    }
    cx.tx.save(&Account { removed: Some(cx.now), ..account })?;
    let project = Project { state: ProjectState::Disabled, removed: Some(cx.now), ..project };
    cx.tx.save(&project)?;
    cx.forget_tags((EntityKind::Project, 0, project.id))?;
    // What the clean-up did was about something else.
    cx.concerns_project(&project, "deleting project");
    Ok(())
}
