//! Whose things a list shows.

use crate::api::paging::{Filter, like};
use crate::engine::Cx;
use crate::model::{Cell, Domain};
use crate::schema::{Fault, Id, Text, group};

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
        _listall as "listall": Option<bool>,
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
            let domain = match domain {
                Some(domain) => domain,
                None => cx.must(cx.caller.domain_id)?,
            };
            filter.is(column, Some(cx.account_in(name, &domain)?.id));
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
