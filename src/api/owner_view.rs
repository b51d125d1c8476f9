//! How the owner of a thing is shown.

use crate::api::names::shown_path;
use crate::engine::{Cx, Owner};
use crate::model::{Domain, Uid};
use crate::schema::{Fault, view};

view! {
    /// The owner of a thing, which is part of the thing's own view.
    OwnerView in "ControlledViewEntityResponse" shows ["account", "domain"] {
        /// the account that owns it
        account: String,
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
        Ok(Self {
            account: account.name,
            domainid: cx.uid::<Domain>(domain.id),
            domainpath: shown_path(&domain.path),
            domain: domain.name,
        })
    }
}
