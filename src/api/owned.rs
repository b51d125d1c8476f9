//! Whose things a list shows, and for whom things are made.

use crate::api::paging::Filter;
use crate::engine::{Asked, Cx, Owner, Scope};
use crate::model::{Domain, Project};
use crate::schema::{Fault, Id, Text, group};

group! {
    /// The parameters of lists of things that accounts own (`BaseListAccountResourcesCmd`).
    Owned {
        /// the name of the account whose things to list
        account: Option<Text>,
        /// the id of the domain whose things to list
        domainid: Option<Id<Domain>>,
        /// the id of the project whose things to list; -1 for all projects of the caller
        projectid: Option<Id<Project>>,
        /// true to list what is in the domains below as well
        isrecursive: Option<bool>,
        /// true to list all that the caller may see; without it, and with nothing else asked for,
        /// the caller's own
        listall: Option<bool>,
    }
}

impl Owned {
    /// Whose things are shown; `named` says that the thing is asked for by its id.
    pub(crate) fn scope(&self, cx: &mut Cx<'_>, named: bool) -> Result<Scope, Fault> {
        cx.scope(&Asked {
            account: self.account.as_deref(),
            domain: self.domainid.as_ref(),
            project: self.projectid.as_ref(),
            recursive: self.isrecursive == Some(true),
            all: self.listall == Some(true),
            named,
        })
    }

    /// Adds the condition on the column of the account's row.
    pub(crate) fn narrow(
        &self,
        cx: &mut Cx<'_>,
        filter: &mut Filter<'_>,
        column: &str,
        named: bool,
    ) -> Result<(), Fault> {
        if let Some((sql, args)) = self.scope(cx, named)?.condition(column) {
            filter.holds(&sql, args);
        }
        Ok(())
    }
}

group! {
    /// For whom something is made: the caller, where nothing is said.
    ForOwner {
        /// the account that is to own it; needs domainid
        account: Option<Text>,
        /// the domain of that account
        domainid: Option<Id<Domain>>,
        /// the project that is to own it, instead of an account
        projectid: Option<Id<Project>>,
    }
}

impl ForOwner {
    /// Who is to own it.
    pub(crate) fn owner(&self, cx: &mut Cx<'_>) -> Result<Owner, Fault> {
        cx.owner(self.account.as_deref(), self.domainid.as_ref(), self.projectid.as_ref())
    }

    /// The same, if an account or a project was named.
    pub(crate) fn named(&self, cx: &mut Cx<'_>) -> Result<Option<Owner>, Fault> {
        match (&self.account, &self.projectid) {
            (None, None) => Ok(None),
            _ => self.owner(cx).map(Some),
        }
    }
}
