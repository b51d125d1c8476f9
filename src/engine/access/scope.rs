//! Whose things a list shows (`AccountManagerImpl.buildACLSearchParameters`), and for whom things
//! are made (`finalizeOwner`).

use crate::engine::access::Guard;
use crate::engine::{Cx, Owner};
use crate::model::{Account, Cell, Domain, Project, ProjectState};
use crate::schema::{Exception, Fault, Id};
use crate::store::Tx;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// The name of an account.
    pub(crate) account: Option<&'a str>,
    /// A domain.
    pub(crate) domain: Option<&'a Id<Domain>>,
    /// A project, or -1 for all that the caller is in.
    pub(crate) project: Option<&'a Id<Project>>,
    /// Whether the domains below count.
    pub(crate) recursive: bool,
    /// Whether all is asked for that the caller may see.
    pub(crate) all: bool,
    /// Whether the thing is named by its id.
    pub(crate) named: bool,
}

/// Whose things are shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scope {
    /// Everybody's; the projects' too if so said.
    All {
        /// Whether what belongs to projects is shown.
        projects: bool,
    },
    /// An account's.
    Account(i64),
    /// An account's, and those of the projects that it is in.
    AccountAndProjects(i64),
    /// Those of a domain's accounts, and of those below it.
    Domain {
        /// The domain.
        domain: Domain,
        /// Whether the domains below count.
        recursive: bool,
        /// Whether what belongs to projects is shown.
        projects: bool,
    },
    /// All projects' that an account is in; everybody's if it is none.
    Projects(Option<i64>),
}

impl Cx<'_> {
    /// Whose things are shown to the caller who asks so.
    pub(crate) fn scope(&mut self, asked: &Asked<'_>) -> Result<Scope, Fault> {
        if let Some(project) = asked.project {
            return self.scope_of_project(asked, project);
        }
        let domain = self.find_opt(asked.domain)?;
        if let Some(name) = asked.account {
            let domain = match domain {
                Some(domain) => domain,
                None => self.must(self.caller.domain_id)?,
            };
            let account = self.account_in(name, &domain)?;
            self.check_access(&account)?;
            return Ok(Scope::Account(account.id));
        }
        let (root, own) = (self.caller.is_root(), self.caller.account_id);
        if !root && !self.caller.is_domain_admin() {
            return Ok(match asked.named {
                true => Scope::AccountAndProjects(own),
                false => Scope::Account(own),
            });
        }
        // What belongs to projects is not shown among other things, unless it is named.
        let projects = asked.named || !self.has_projects()?;
        match domain {
            Some(domain) => Ok(Scope::Domain { domain, recursive: asked.recursive, projects }),
            None if !asked.named && !asked.all && !asked.recursive => Ok(Scope::Account(own)),
            None if root => Ok(Scope::All { projects }),
            None => {
                let domain = self.must(self.caller.domain_id)?;
                Ok(Scope::Domain { domain, recursive: true, projects })
            }
        }
    }

    /// Whether there ever was a project.
    fn has_projects(&mut self) -> Result<bool, Fault> {
        let any = |tx: &mut Tx| tx.one::<i64>("SELECT 1 FROM project LIMIT 1", &[]);
        Ok(self.tx.memo(("any project", "", 0), any)?.is_some())
    }

    fn scope_of_project(
        &mut self,
        asked: &Asked<'_>,
        project: &Id<Project>,
    ) -> Result<Scope, Fault> {
        refuse_both(asked.account, asked.domain)?;
        if project.text == "-1" {
            let root = self.caller.is_root();
            return Ok(Scope::Projects((!root).then_some(self.caller.account_id)));
        }
        Ok(Scope::Account(self.find(project)?.account_id))
    }

    /// Who is to own what the call makes: the account of the project, or the account named, which
    /// must be in the domain named, else the caller. The caller must have access to it.
    pub(crate) fn owner(
        &mut self,
        account: Option<&str>,
        domain: Option<&Id<Domain>>,
        project: Option<&Id<Project>>,
    ) -> Result<Owner, Fault> {
        if let Some(project) = project {
            refuse_both(account, domain)?;
            let project = self.find(project)?;
            if project.state != ProjectState::Active {
                let text = format!(
                    "The project {} is {}, so nothing can be made in it",
                    project.name,
                    project.state.word().to_ascii_lowercase()
                );
                return Err(Fault::new(Exception::PermissionDenied, text));
            }
            let owner: Account = self.must(project.account_id)?;
            return Ok(Owner { account_id: owner.id, domain_id: owner.domain_id });
        }
        match (account, domain) {
            (None, None) => Ok(self.caller_owner()),
            (None, Some(domain)) => {
                self.find(domain)?;
                Ok(self.caller_owner())
            }
            (Some(_), None) => Err(Fault::invalid(
                "Invalid parameter account: domainid must be given together with it",
            )),
            (Some(name), Some(domain)) => {
                let domain = self.find(domain)?;
                let account = self.account_in(name, &domain)?;
                self.check_guard(Guard::Account(account.id))?;
                Ok(Owner { account_id: account.id, domain_id: domain.id })
            }
        }
    }
}

fn refuse_both(account: Option<&str>, domain: Option<&Id<Domain>>) -> Result<(), Fault> {
    if account.is_none() && domain.is_none() {
        return Ok(());
    }
    Err(Fault::invalid("Parameter projectid excludes account and domainid"))
}

impl Cx<'_> {
    /// Whether an owner's things are among those that are shown.
    pub(crate) fn is_in(&mut self, scope: &Scope, owner: Owner) -> Result<bool, Fault> {
        let Some((holds, mut args)) = scope.condition("id") else { return Ok(true) };
        args.push(owner.account_id.into());
        let sql = format!("SELECT 1 FROM account WHERE {holds} AND id = ?");
        Ok(self.tx.one::<i64>(&sql, &args)?.is_some())
    }
}

/// The accounts of the projects that an account is in.
const PROJECTS_OF: &str = "SELECT project.account_id FROM project JOIN project_member \
     ON project.id = project_id WHERE project_member.account_id = ?";

impl Scope {
    /// The condition on a column with the row of an account; none if everybody is meant.
    pub(crate) fn condition(&self, column: &str) -> Option<(String, Vec<Cell>)> {
        let hidden = |projects: bool| if projects { "" } else { " AND type <> 5" };
        match self {
            Self::All { projects: true } => None,
            Self::All { projects: false } => {
                Some((format!("{column} NOT IN (SELECT account_id FROM project)"), Vec::new()))
            }
            Self::Account(id) => Some((format!("{column} = ?"), vec![(*id).into()])),
            Self::Domain { domain, recursive, projects } => {
                let (holds, args) = in_domain("domain_id", domain, *recursive);
                let hidden = hidden(*projects);
                let accounts = format!("SELECT id FROM account WHERE {holds}{hidden}");
                Some((format!("{column} IN ({accounts})"), args))
            }
            Self::AccountAndProjects(id) => {
                let sql = format!("({column} = ? OR {column} IN ({PROJECTS_OF}))");
                Some((sql, vec![(*id).into(), (*id).into()]))
            }
            Self::Projects(None) => {
                Some((format!("{column} IN (SELECT account_id FROM project)"), Vec::new()))
            }
            Self::Projects(Some(member)) => {
                Some((format!("{column} IN ({PROJECTS_OF})"), vec![(*member).into()]))
            }
        }
    }
}

/// The condition on a column with the row of a domain: this one, or also those below it.
pub(crate) fn in_domain(column: &str, domain: &Domain, recursive: bool) -> (String, Vec<Cell>) {
    if recursive {
        let path = domain.path.as_str();
        let below = "SELECT id FROM domain WHERE substr(path, 1, length(?)) = ?";
        (format!("{column} IN ({below})"), vec![path.into(), path.into()])
    } else {
        (format!("{column} = ?"), vec![domain.id.into()])
    }
}
