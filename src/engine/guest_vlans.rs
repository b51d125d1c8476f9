//! Guest VLANs that are an account's own (`NetworkServiceImpl.dedicateGuestVlanRange`): its
//! networks get them first, and nobody else's get them.

use crate::engine::{Cx, Owner, vnets_of};
use crate::model::{Account, EntityKind, GuestVlanRange, Network, PhysicalNetwork};
use crate::net::{IdSet, IsolationMethod};
use crate::schema::Fault;
use crate::text::quoted;

/// The setting that says whether owners of VLANs may have others when theirs are taken.
const SHARES: &str = "use.system.guest.vlans";

impl GuestVlanRange {
    /// Its VLANs or VNIs, as `100-200`.
    pub(crate) fn shown(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    fn ids(&self) -> std::ops::RangeInclusive<u64> {
        self.first.unsigned_abs()..=self.last.unsigned_abs()
    }
}

/// Dedicates VLANs or VNIs to an account. What adjoins a range that the account has already
/// becomes a part of that, so that the range may be an old one.
pub(crate) fn dedicate(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    text: &str,
    owner: Owner,
) -> Result<GuestVlanRange, Fault> {
    let (first, last) = ends_of(physical, text)?;
    let wanted = format!("{first}-{last}");
    let has = vnets_of(physical)?;
    if !has.ranges().any(|range| *range.start() <= first && last <= *range.end()) {
        return Err(Fault::invalid(format!(
            "Invalid parameter vlanrange: {wanted} lies in none of the ranges {} of the physical \
             network {}",
            quoted(&physical.vnets),
            quoted(&physical.name)
        )));
    }
    refuse_taken(cx, physical, (first, last), owner)?;
    let all = of_physical(cx, physical.id)?;
    if let Some(other) = all.iter().find(|one| meets(one, first, last)) {
        let id = cx.uid::<GuestVlanRange>(other.id);
        let account: Account = cx.must(other.account_id)?;
        return Err(Fault::invalid(format!(
            "Invalid parameter vlanrange: {wanted} overlaps {}, dedicated to the account {} ({id})",
            other.shown(),
            account.name
        ))
        .about(id, "guest VLAN range"));
    }
    let range = join(cx, physical, (first, last), owner, &all)?;
    let what = format!("dedicating the guest VLANs {}", range.shown());
    cx.concerns(EntityKind::GuestVlanRange, (0, range.id), owner, what);
    Ok(range)
}

fn meets(one: &GuestVlanRange, first: u64, last: u64) -> bool {
    one.first.unsigned_abs() <= last && first <= one.last.unsigned_abs()
}

/// The ends of `first-last`, of a physical network that has VLANs or VNIs.
fn ends_of(physical: &PhysicalNetwork, text: &str) -> Result<(u64, u64), Fault> {
    let method = match physical.isolation.trim() {
        "" => IsolationMethod::Vlan,
        name => IsolationMethod::parse(name).map_err(|why| Fault::invalid(why.to_string()))?,
    };
    if !matches!(method, IsolationMethod::Vlan | IsolationMethod::Vxlan) {
        return Err(Fault::invalid(format!(
            "Invalid parameter physicalnetworkid: {} isolates by {method}; only VLANs and VXLANs \
             can be dedicated",
            quoted(&physical.name)
        )));
    }
    let wrong = || {
        let text = quoted(text);
        Fault::invalid(format!("Invalid parameter vlanrange: {text} is not like 100-200"))
    };
    let (first, last) = text.trim().split_once('-').ok_or_else(wrong)?;
    let read = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
    let (first, last) = (read(first)?, read(last)?);
    if first > last {
        return Err(Fault::invalid(format!(
            "Invalid parameter vlanrange: {first} lies above {last}"
        )));
    }
    Ok((first, last))
}

/// Each of them is free, or taken by a network of the same account.
fn refuse_taken(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    (first, last): (u64, u64),
    owner: Owner,
) -> Result<(), Fault> {
    let args = [
        physical.id.into(),
        first.cast_signed().into(),
        last.cast_signed().into(),
        owner.account_id.into(),
    ];
    let sql = "SELECT network_id FROM vnet WHERE physical_network_id = ? \
               AND vnet BETWEEN ? AND ? AND account_id <> ? ORDER BY vnet LIMIT 1";
    let Some(network_id) = cx.tx.one::<i64>(sql, &args)? else { return Ok(()) };
    let (network, id): (Network, _) = (cx.must(network_id)?, cx.uid::<Network>(network_id));
    Err(Fault::invalid(format!(
        "Invalid parameter vlanrange: {first}-{last} has one that the network {} ({id}) of another \
         account uses",
        quoted(&network.name)
    ))
    .about(id, "networkId"))
}

/// Stores a range, as a part of those of the same account that it adjoins.
fn join(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    (first, last): (u64, u64),
    owner: Owner,
    all: &[GuestVlanRange],
) -> Result<GuestVlanRange, Fault> {
    let (first, last) = (first.cast_signed(), last.cast_signed());
    let own = || all.iter().filter(|one| one.account_id == owner.account_id);
    let below = own().find(|one| one.last + 1 == first);
    let above = own().find(|one| one.first - 1 == last);
    if let (Some(above), Some(_)) = (above, below) {
        cx.tx.save(&GuestVlanRange { removed: Some(cx.now), ..above.clone() })?;
    }
    let ends = (below.map_or(first, |one| one.first), above.map_or(last, |one| one.last));
    let range = match below.or(above) {
        Some(old) => GuestVlanRange { first: ends.0, last: ends.1, ..old.clone() },
        None => GuestVlanRange {
            id: 0,
            physical_network_id: physical.id,
            account_id: owner.account_id,
            first,
            last,
            created: cx.now,
            removed: None,
        },
    };
    if range.id != 0 {
        cx.tx.save(&range)?;
        return Ok(range);
    }
    Ok(GuestVlanRange { id: cx.tx.insert(&range)?, ..range })
}

/// Gives VLANs or VNIs back to everybody. Networks keep those that they have.
pub(crate) fn release(cx: &mut Cx<'_>, range: GuestVlanRange) -> Result<(), Fault> {
    let account: Account = cx.must(range.account_id)?;
    let owner = Owner { account_id: account.id, domain_id: account.domain_id };
    let what = format!("releasing the guest VLANs {}", range.shown());
    cx.concerns(EntityKind::GuestVlanRange, (0, range.id), owner, what);
    cx.tx.save(&GuestVlanRange { removed: Some(cx.now), ..range })?;
    Ok(())
}

/// Gives all back that an account, or a physical network (`column` says which), has.
pub(crate) fn release_all(cx: &mut Cx<'_>, column: &str, id: i64) -> Result<(), Fault> {
    let sql =
        format!("UPDATE guest_vlan_range SET removed = ? WHERE {column} = ? AND removed IS NULL");
    cx.tx.run(&sql, &[cx.now.into(), id.into()])?;
    Ok(())
}

/// The ranges of a physical network.
fn of_physical(cx: &mut Cx<'_>, physical_id: i64) -> Result<Vec<GuestVlanRange>, Fault> {
    let tail = "WHERE physical_network_id = ? AND removed IS NULL ORDER BY first";
    Ok(cx.tx.select(tail, &[physical_id.into()])?)
}

/// The range that a VLAN or VNI of a physical network is in.
pub(crate) fn with(
    cx: &mut Cx<'_>,
    physical_id: i64,
    vnet: u64,
) -> Result<Option<GuestVlanRange>, Fault> {
    let all = of_physical(cx, physical_id)?;
    Ok(all.into_iter().find(|one| one.ids().contains(&vnet)))
}

/// What of the VLANs or VNIs of a physical network a network of an account may get: those of its
/// own first, then those that are nobody's.
pub(super) fn choices(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    account_id: i64,
) -> Result<Vec<IdSet>, Fault> {
    let has = vnets_of(physical)?;
    let dedicated = of_physical(cx, physical.id)?;
    if dedicated.is_empty() {
        return Ok(vec![has]);
    }
    let (mut own, mut all) = (IdSet::new(), IdSet::new());
    for range in &dedicated {
        all.insert(range.ids());
        if range.account_id == account_id {
            own.insert(range.ids());
        }
    }
    let others = has.difference(&all);
    if own.len() == 0 {
        return Ok(vec![others]);
    }
    let shares = cx.setting_at(SHARES, "account", account_id)?.eq_ignore_ascii_case("true");
    Ok(if shares { vec![own, others] } else { vec![own] })
}

/// Refuses to take VLANs or VNIs from a physical network that somebody has for their own.
pub(crate) fn refuse_dedicated(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    going: &IdSet,
) -> Result<(), Fault> {
    let all = of_physical(cx, physical.id)?;
    let met = |one: &&GuestVlanRange| going.ranges().any(|r| meets(one, *r.start(), *r.end()));
    let Some(range) = all.iter().find(met) else { return Ok(()) };
    let id = cx.uid::<GuestVlanRange>(range.id);
    Err(Fault::invalid(format!(
        "Invalid parameter vlan: {} are dedicated to an account ({id}); release them first with \
         releaseDedicatedGuestVlanRange",
        range.shown()
    ))
    .about(id, "guest VLAN range"))
}
