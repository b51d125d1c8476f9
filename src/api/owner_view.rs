//! How the owner of a thing is shown.

use crate::api::names::shown_path;
use crate::engine::{Cx, Owner};
use crate::model::{Domain, Project, Uid};
use crate::schema::{Fault, view};

view! {
    /// The owner of a thing, which is part of the thing's own view.
    OwnerView in "ControlledViewEntityResponse" shows ["account", "domain"] {
        /// the account that owns it
        account: Option<String>,
        /// the id of the project that owns it, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the owner's domain
        domainid: Uid,
        /// the name of the owner's domain
        domain: String,
        /// the names of that domain and of all above it
        domainpath: String,
    }
}

impl OwnerView {
    /// The owner of a thing.
    pub(crate) fn of(cx: &mut Cx<'_>, owner: Owner) -> Result<Self, Fault> {
        let (account, domain) = cx.owner_names(owner)?;
        let project = match account.is_project() {
            true => cx.project_of(account.id)?,
            false => None,
        };
        Ok(Self {
            account: project.is_none().then_some(account.name),
            projectid: cx.uid_opt::<Project>(project.as_ref().map(|(id, _)| *id)),
            project: project.map(|(_, name)| name),
            domainid: cx.uid::<Domain>(domain.id),
            domainpath: shown_path(&domain.path),
            domain: domain.name,
        })
    }
}
