//! Whose things a list shows, and the names of their owners.

use crate::api::paging::{Filter, like};
use crate::engine::{Cx, Owner};
use crate::model::{Account, Cell, Domain, Uid};
use crate::schema::{Fault, Id, Text, group};
use crate::text::quoted;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

group! {
    /// The parameters of lists of things that accounts own (`BaseListAccountResourcesCmd`).
    Owned {
        /// the name of the account whose things to list
        account: Option<Text>,
        /// the id of the domain whose things to list
        domainid: Option<Id<Domain>>,
        /// true to list what is in the domains below as well
        isrecursive: Option<bool>,
        /// true to list all that the caller may see
        listall: Option<bool>,
    }
}

impl Owned {
    /// Adds the condition on the column of the account's row. What nobody asked to narrow shows
    /// everything, as the caller is the root admin.
    pub(crate) fn narrow(
        &self,
        cx: &mut Cx<'_>,
        filter: &mut Filter<'_>,
        column: &str,
    ) -> Result<(), Fault> {
        let domain = cx.find_opt(self.domainid.as_ref())?;
        if let Some(name) = &self.account {
            let account = account_in(cx, name, domain.as_ref())?;
            filter.is(column, Some(account));
        } else if let Some(domain) = domain {
            let (holds, args) = self.domains(&domain);
            let sql = format!("{column} IN (SELECT id FROM account WHERE domain_id IN ({holds}))");
            filter.holds(&sql, args);
        }
        Ok(())
    }

    fn domains(&self, domain: &Domain) -> (&'static str, Vec<Cell>) {
        if self.isrecursive == Some(true) {
            let below = format!("{}%", like(&domain.path));
            ("SELECT id FROM domain WHERE path LIKE ? ESCAPE '\\'", vec![Cell::Text(below)])
        } else {
            ("?", vec![domain.id.into()])
        }
    }
}

fn account_in(cx: &mut Cx<'_>, name: &str, domain: Option<&Domain>) -> Result<i64, Fault> {
    let domain = domain.map_or(cx.caller.domain_id, |domain| domain.id);
    let tail = "WHERE name = ? AND domain_id = ? AND removed IS NULL";
    let found: Option<Account> = cx.tx.first(tail, &[name.into(), domain.into()])?;
    if let Some(account) = found {
        return Ok(account.id);
    }
    let (name, path) = (quoted(name), cx.must::<Domain>(domain)?.path);
    Err(Fault::invalid(format!(
        "Invalid parameter account: there is no account {name} in the domain {path}"
    )))
}

/// An owner as answers show it.
#[derive(Clone, Debug)]
pub(crate) struct OwnerNames {
    /// The id of the account.
    pub(crate) account_id: Uid,
    /// The name of the account.
    pub(crate) account: String,
    /// The id of the domain.
    pub(crate) domain_id: Uid,
    /// The name of the domain.
    pub(crate) domain: String,
    /// The path of the domain, from `ROOT` down.
    pub(crate) path: String,
}

/// The owners that a list has shown already: most rows have the same one.
#[derive(Debug, Default)]
pub(crate) struct Owners(HashMap<i64, OwnerNames>);

impl Owners {
    /// The owner with this account.
    pub(crate) fn of(&mut self, cx: &mut Cx<'_>, account_id: i64) -> Result<OwnerNames, Fault> {
        match self.0.entry(account_id) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(unknown) => {
                let domain_id = cx.must::<Account>(account_id)?.domain_id;
                let (account, domain) = cx.owner_names(Owner { account_id, domain_id })?;
                let names = OwnerNames {
                    account_id: cx.uid::<Account>(account.id),
                    account: account.name,
                    domain_id: cx.uid::<Domain>(domain.id),
                    path: shown_path(&domain.path),
                    domain: domain.name,
                };
                Ok(unknown.insert(names).clone())
            }
        }
    }
}

/// A domain's path as answers show it: `ROOT` or `ROOT/a/b`.
pub(crate) fn shown_path(path: &str) -> String {
    format!("ROOT{}", path.trim_end_matches('/'))
}
