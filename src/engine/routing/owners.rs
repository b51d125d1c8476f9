//! BGP peers and subnets that are somebody's own.

use crate::engine::{Cx, Guard, Owner};
use crate::schema::Fault;

/// For whom something is: an account, a domain with those below, or everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Dedicated {
    /// The account.
    pub(crate) account_id: Option<i64>,
    /// The domain: that of the account, or one of its own.
    pub(crate) domain_id: Option<i64>,
}

impl Dedicated {
    /// To an account.
    pub(crate) const fn to(owner: Owner) -> Self {
        Self { account_id: Some(owner.account_id), domain_id: Some(owner.domain_id) }
    }

    /// Whether it is somebody's own.
    pub(crate) const fn is_some(self) -> bool {
        self.account_id.is_some() || self.domain_id.is_some()
    }

    /// Whether an owner may have it.
    pub(crate) fn is_for(self, cx: &mut Cx<'_>, owner: Owner) -> Result<bool, Fault> {
        let guard = match (self.account_id, self.domain_id) {
            (Some(account), _) => Guard::Account(account),
            (None, Some(domain)) => Guard::Below(domain),
            (None, None) => Guard::Everybody,
        };
        cx.is_for(guard, owner)
    }
}

/// Gives all back to everybody that an account or a domain, which goes, had as its own.
pub(crate) fn release_dedicated(cx: &mut Cx<'_>, column: &str, id: i64) -> Result<(), Fault> {
    let only = if column == "domain_id" { " AND account_id IS NULL" } else { "" };
    for table in ["bgp_peer", "ip4_zone_subnet"] {
        let sql = format!(
            "UPDATE {table} SET account_id = NULL, domain_id = NULL WHERE {column} = ?{only}"
        );
        cx.tx.run(&sql, &[id.into()])?;
    }
    Ok(())
}
