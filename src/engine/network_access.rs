//! Who may use a network that is not theirs (`NetworkModelImpl.checkNetworkPermissions`).

use crate::engine::{Cx, Guarded, Owner};
use crate::model::{Account, AclType, Cell, Column, Domain, Network};
use crate::schema::{Fault, Id};
use crate::text::quoted;

/// Who may use a network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// Its owner, and those who were permitted to.
    Account,
    /// The accounts of a domain.
    Domain {
        /// The domain.
        domain_id: i64,
        /// Whether those of the domains below may too.
        subdomains: bool,
    },
}

impl Access {
    /// CloudStack's word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Account => AclType::Account.word(),
            Self::Domain { .. } => AclType::Domain.word(),
        }
    }
}

/// Notes who may use a new network.
pub(super) fn note(cx: &mut Cx<'_>, network_id: i64, access: Access) -> Result<(), Fault> {
    if let Access::Domain { domain_id, subdomains } = access {
        cx.tx.run(
            "INSERT INTO network_domain_access (network_id, domain_id, subdomains) \
             VALUES (?, ?, ?)",
            &[network_id.into(), domain_id.into(), subdomains.into()],
        )?;
    }
    Ok(())
}

/// Forgets who might use a network that is being deleted.
pub(super) fn forget(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    for table in ["network_domain_access", "network_permission"] {
        cx.tx.run(&format!("DELETE FROM {table} WHERE network_id = ?"), &[network_id.into()])?;
    }
    Ok(())
}

/// Who may use a network.
pub(crate) fn access_to(cx: &mut Cx<'_>, network: &Network) -> Result<Access, Fault> {
    if network.acl_type.as_deref() != Some(AclType::Domain.word()) {
        return Ok(Access::Account);
    }
    let mut access = Access::Domain { domain_id: network.domain_id, subdomains: true };
    let sql = "SELECT domain_id, subdomains FROM network_domain_access WHERE network_id = ?";
    cx.tx.each(sql, &[network.id.into()], |cell| {
        let (domain_id, subdomains) = (i64::from_cell(cell(0))?, bool::from_cell(cell(1))?);
        access = Access::Domain { domain_id, subdomains };
        Ok(false)
    })?;
    Ok(access)
}

impl Cx<'_> {
    /// The living network that an id names, if the caller may put guests or addresses into it.
    pub(crate) fn usable_network(&mut self, id: &Id<Network>) -> Result<Network, Fault> {
        let row = self.row(id)?;
        let found = self.tx.living(row)?;
        let network: Network = found.ok_or_else(|| self.unknown(id))?;
        let caller = self.caller_owner();
        if !self.may_use(network.guard())? && !self.is_permitted(&network, caller)? {
            self.check_access(&network)?;
        }
        Ok(network)
    }

    /// Whether an owner may use a network that belongs to others.
    pub(crate) fn is_permitted(&mut self, network: &Network, who: Owner) -> Result<bool, Fault> {
        if network.system || network.account_id == who.account_id {
            return Ok(true);
        }
        match access_to(self, network)? {
            Access::Domain { domain_id, subdomains: false } => Ok(domain_id == who.domain_id),
            Access::Domain { domain_id, subdomains: true } => {
                Ok(self.domains_up(who.domain_id)?.contains(&domain_id))
            }
            Access::Account => {
                let sql =
                    "SELECT 1 FROM network_permission WHERE network_id = ? AND account_id = ?";
                let args = [network.id.into(), who.account_id.into()];
                Ok(self.tx.one::<i64>(sql, &args)?.is_some())
            }
        }
    }
}

/// The condition, with its values, for networks that everybody of a domain may use; `all` also
/// for those of the domains below, as admins see them.
pub(crate) fn of_domain(
    cx: &mut Cx<'_>,
    domain: &Domain,
    all: bool,
) -> Result<(String, Vec<Cell>), Fault> {
    let above = cx.domains_up(domain.id)?;
    let above: Vec<String> = above.iter().map(ToString::to_string).collect();
    let mut holds =
        format!("domain_id = ? OR (subdomains = 1 AND domain_id IN ({}))", above.join(", "));
    let mut args: Vec<Cell> = vec![domain.id.into()];
    if all {
        let (below, values) = crate::engine::in_domain("domain_id", domain, true);
        holds = format!("{holds} OR {below}");
        args.extend(values);
    }
    Ok((format!("id IN (SELECT network_id FROM network_domain_access WHERE {holds})"), args))
}

/// The condition for networks that the accounts for which `holds` holds were permitted to use.
pub(crate) fn of_permitted(holds: &str) -> String {
    format!("id IN (SELECT network_id FROM network_permission WHERE {holds})")
}

/// Permits accounts to use a network, or takes that back.
pub(crate) fn permit(
    cx: &mut Cx<'_>,
    network: &Network,
    accounts: &[i64],
    may: bool,
) -> Result<(), Fault> {
    for account in accounts {
        let args = [network.id.into(), (*account).into()];
        cx.tx
            .run("DELETE FROM network_permission WHERE network_id = ? AND account_id = ?", &args)?;
        if may {
            let sql = "INSERT INTO network_permission (network_id, account_id) VALUES (?, ?)";
            cx.tx.run(sql, &args)?;
        }
    }
    Ok(())
}

/// Takes back all that others were permitted.
pub(crate) fn permit_nobody(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    cx.tx.run("DELETE FROM network_permission WHERE network_id = ?", &[network.id.into()])?;
    Ok(())
}

/// The accounts that were permitted to use a network.
pub(crate) fn permitted(cx: &mut Cx<'_>, network: &Network) -> Result<Vec<Account>, Fault> {
    Ok(cx.tx.select(
        "WHERE id IN (SELECT account_id FROM network_permission WHERE network_id = ?) \
         AND removed IS NULL ORDER BY id",
        &[network.id.into()],
    )?)
}

/// Refuses networks that nobody else can be permitted to use: those that a whole domain may use
/// already, and tiers.
pub(crate) fn refuse_unshared(network: &Network) -> Result<(), Fault> {
    let name = quoted(&network.name);
    let why = match (network.acl_type.as_deref(), network.vpc_id) {
        _ if network.system => "is one of the system's own",
        (_, Some(_)) => "is a tier of a VPC",
        (Some("Domain"), _) => "is for a whole domain",
        _ => return Ok(()),
    };
    Err(Fault::invalid(format!("Invalid parameter networkid: the network {name} {why}")))
}
