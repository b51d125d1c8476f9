//! Addresses in quarantine: kept from all others than the account that had them.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, Owner, addresses, in_domain};
use crate::model::{
    Account, Cell, Column, Domain, EntityKind, Quarantine, RoleKind, Time, Uid, VlanRange,
};
use crate::schema::{Exception, Fault, Id, view};
use std::net::Ipv4Addr;

/// Who may call these: admins of the installation and of domains.
const KEEPERS: &[RoleKind] = &[RoleKind::Admin, RoleKind::DomainAdmin];

view! {
    /// An address in quarantine.
    QuarantinedIpView in "IpQuarantineResponse" shows ["ipaddress", "previousownername",
        "created", "enddate", "removed", "removalreason", "id"] {
        /// the id of the quarantine
        id: Uid,
        /// the address
        ipaddress: Option<Ipv4Addr>,
        /// the id of the account that had it
        previousownerid: Uid,
        /// the name of that account
        previousownername: String,
        /// when it was given up
        created: Time,
        /// when the quarantine was ended before its time
        removed: Option<Time>,
        /// until when it is kept from others
        enddate: Time,
        /// why the quarantine was ended before its time
        removalreason: Option<String>,
        /// the id of the account that ended it
        removeraccountid: Option<Uid>,
    }
}

api! {
    /// Lists the public addresses that are in quarantine.
    now list "listQuarantinedIps" {
        key: "quarantinedips", roles: KEEPERS, example: "list quarantined ips showinactive=true",
    } => list -> QuarantinedIpView;
    ListQuarantinedIps {
        /// whether those are listed too that were ended before their time
        showremoved: Option<bool>,
        /// whether those are listed too whose time is over
        showinactive: Option<bool>,
        ..paged: Paged,
    }
}

/// Of quarantines that somebody ended it is known why; of those that ran out it is not.
fn list(cx: &mut Cx<'_>, args: &ListQuarantinedIps) -> Result<Rows<QuarantinedIpView>, Fault> {
    let mut filter = args.paged.filter();
    if args.showremoved != Some(true) {
        filter.holds("reason IS NULL", []);
    }
    if args.showinactive != Some(true) {
        let now: Cell = cx.now.into();
        filter.holds("(ends > ? OR reason IS NOT NULL)", [now]);
    }
    if !cx.caller.is_root() {
        let domain: Domain = cx.must(cx.caller.domain_id)?;
        let (holds, values) = in_domain("domain_id", &domain, true);
        filter.holds(&format!("account_id IN (SELECT id FROM account WHERE {holds})"), values);
    }
    if let Some(word) = &args.paged.keyword {
        let ids = of_address(cx, word.parse().ok())?;
        filter.holds(&format!("id IN ({ids})"), []);
    }
    let (kept, total) = filter.all::<Quarantine>(cx, "id")?;
    let rows = kept.into_iter().map(|one| show(cx, one)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// The rows of the quarantines of an address, as a list in SQL that is never empty.
fn of_address(cx: &mut Cx<'_>, ip: Option<Ipv4Addr>) -> Result<String, Fault> {
    let mut ids = "0".to_owned();
    let Some(ip) = ip else { return Ok(ids) };
    let sql = "SELECT q.id FROM quarantine q JOIN vlan_range r ON r.id = q.range_id \
               WHERE (r.gateway & r.netmask) + q.place = ?";
    cx.tx.each(sql, &[ip.into()], |cell| {
        ids = format!("{ids}, {}", i64::from_cell(cell(0))?);
        Ok(true)
    })?;
    Ok(ids)
}

/// The quarantine that is named by its id or by its address.
fn named(
    cx: &mut Cx<'_>,
    id: Option<&Id<Quarantine>>,
    ip: Option<Ipv4Addr>,
) -> Result<Quarantine, Fault> {
    let kept = match (id, ip) {
        (Some(id), _) => cx.find(id)?,
        (None, Some(ip)) => {
            let ids = of_address(cx, Some(ip))?;
            let tail = format!("WHERE id IN ({ids}) AND removed IS NULL ORDER BY id");
            let found: Option<Quarantine> = cx.tx.first(&tail, &[])?;
            found.ok_or_else(|| {
                Fault::invalid(format!("Invalid parameter ipaddress: {ip} is not in quarantine"))
            })?
        }
        (None, None) => {
            let text = "One of the parameters id and ipaddress must be given";
            return Err(Fault::new(Exception::CloudRuntime, text));
        }
    };
    cx.check_access(&kept)?;
    Ok(kept)
}

fn concerns(cx: &mut Cx<'_>, kept: &Quarantine, doing: &str) -> Result<(), Fault> {
    let had = addresses::former(cx, kept)?;
    let owner = Owner { account_id: had.id, domain_id: had.domain_id };
    let ip = address(cx, kept)?.map_or_else(String::new, |ip| format!(" of {ip}"));
    let what = format!("{doing} the quarantine{ip}");
    cx.concerns(EntityKind::Quarantine, (0, kept.id), owner, what);
    Ok(())
}

fn address(cx: &mut Cx<'_>, kept: &Quarantine) -> Result<Option<Ipv4Addr>, Fault> {
    let range: VlanRange = cx.must(kept.range_id)?;
    let base = range.gateway.zip(range.netmask);
    let base = base.map(|(gateway, netmask)| gateway.to_bits() & netmask.to_bits());
    let place = u32::try_from(kept.place).ok();
    Ok(base.zip(place).and_then(|(base, place)| base.checked_add(place)).map(Ipv4Addr::from_bits))
}

api! {
    /// Changes until when a public address is in quarantine.
    now object "updateQuarantinedIp" {
        key: "quarantinedips", event: "NET.IPQUARANTINE.UPDATE", roles: KEEPERS,
        example: "update quarantined ip ipaddress=203.0.113.2 enddate=2026-12-24",
    } => update -> QuarantinedIpView;
    UpdateQuarantinedIp {
        /// the id of the quarantine
        id: Option<Id<Quarantine>>,
        /// the address in quarantine, instead of the id
        ipaddress: Option<Ipv4Addr>,
        /// until when the address is kept from others
        enddate: Time,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateQuarantinedIp) -> Result<QuarantinedIpView, Fault> {
    let kept = named(cx, args.id.as_ref(), args.ipaddress)?;
    concerns(cx, &kept, "changing")?;
    let kept = addresses::prolong(cx, kept, args.enddate)?;
    show(cx, kept)
}

api! {
    /// Ends the quarantine of a public address, so that everybody may take it.
    now success "removeQuarantinedIp" {
        event: "NET.IPQUARANTINE.REMOVE", roles: KEEPERS,
        example: "remove quarantined ip ipaddress=203.0.113.2 removalreason=\"needed for mail\"",
    } => remove;
    RemoveQuarantinedIp {
        /// the id of the quarantine
        id: Option<Id<Quarantine>>,
        /// the address in quarantine, instead of the id
        ipaddress: Option<Ipv4Addr>,
        /// why the quarantine is ended
        removalreason: String,
    }
}

fn remove(cx: &mut Cx<'_>, args: &RemoveQuarantinedIp) -> Result<(), Fault> {
    let kept = named(cx, args.id.as_ref(), args.ipaddress)?;
    let reason = args.removalreason.trim();
    if reason.is_empty() {
        let text = "Parameter removalreason is blank; say why the quarantine is ended";
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    concerns(cx, &kept, "ending")?;
    addresses::lift(cx, kept, reason)
}

fn show(cx: &mut Cx<'_>, kept: Quarantine) -> Result<QuarantinedIpView, Fault> {
    let had = addresses::former(cx, &kept)?;
    Ok(QuarantinedIpView {
        id: cx.uid::<Quarantine>(kept.id),
        ipaddress: address(cx, &kept)?,
        previousownerid: cx.uid::<Account>(kept.account_id),
        previousownername: had.name,
        created: kept.created,
        removed: kept.removed.filter(|_| kept.reason.is_some()),
        enddate: kept.ends,
        removalreason: kept.reason,
        removeraccountid: cx.uid_opt::<Account>(kept.remover_id),
    })
}

#[cfg(test)]
mod tests;
