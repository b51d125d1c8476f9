//! Ranges of portable addresses, which belong to a region and move between its zones.

use crate::engine::Cx;
use crate::model::{Address, EntityKind, PortableRange, Region, VlanRange, address_columns};
use crate::net::{Cidr4, Range4, VlanTag};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The VLANs that a portable range may have (`NetUtils.isValidVlan`).
const VLANS: std::ops::RangeInclusive<u16> = 1..=4094;

/// What a new range is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewPortableRange {
    /// The region.
    pub(crate) region_id: i64,
    /// The first address, inclusive.
    pub(crate) first: Ipv4Addr,
    /// The last address, inclusive.
    pub(crate) last: Ipv4Addr,
    /// The gateway.
    pub(crate) gateway: Ipv4Addr,
    /// The netmask.
    pub(crate) netmask: Ipv4Addr,
    /// The VLAN; none is untagged.
    pub(crate) vlan: Option<String>,
}

/// The living ranges of zones that hold an address of a range.
const OVERLAPS: &str = "WHERE removed IS NULL AND portable = 0 AND first <= ? AND last >= ?";
/// The living ranges of zones in a VLAN.
const SAME_VLAN: &str = "WHERE removed IS NULL AND portable = 0 AND vlan = ?";

impl Cx<'_> {
    /// Adds a range (`ConfigurationManagerImpl.createPortableIpRange`).
    ///
    /// CloudStack looks for the addresses in the zones' ranges only when a VLAN is given; here
    /// no address is ever in both.
    pub(crate) fn create_portable_range(
        &mut self,
        new: &NewPortableRange,
    ) -> Result<PortableRange, Fault> {
        let mut region = self.region(new.region_id)?;
        let range = range_of(new)?;
        self.refuse_portable_overlap(new.region_id, range)?;
        let vlan = vlan_of(new.vlan.as_deref())?;
        if new.vlan.is_some() {
            self.refuse_used_vlan(&vlan)?;
        }
        self.refuse_zone_overlap(range)?;
        let made = PortableRange {
            id: self.tx.new_pool("portable")?,
            region_id: region.id,
            vlan: vlan.to_string(),
            gateway: new.gateway,
            netmask: new.netmask,
            first: range.first(),
            last: range.last(),
            created: self.now,
            removed: None,
        };
        self.tx.insert(&made)?;
        if !region.portable {
            region.portable = true;
            self.tx.save(&region)?;
        }
        self.concerns_portable(&made, "creating");
        Ok(made)
    }

    /// Removes a range of which nobody holds an address
    /// (`ConfigurationManagerImpl.deletePortableIpRange`).
    pub(crate) fn delete_portable_range(&mut self, mut range: PortableRange) -> Result<(), Fault> {
        self.concerns_portable(&range, "deleting");
        let held = self.portable_held(&range)?;
        if held > 0 {
            let of = show(&range);
            let text = format!(
                "Can't delete portable IP range {of} as there are IP's assigned: {held} of its \
                 addresses"
            );
            return Err(Fault::invalid(text).in_job());
        }
        range.removed = Some(self.now);
        self.tx.save(&range)?;
        let tail = "WHERE region_id = ? AND removed IS NULL";
        if self.tx.count::<PortableRange>(tail, &[range.region_id.into()])? == 0 {
            let mut region: Region = self.must(range.region_id)?;
            region.portable = false;
            self.tx.save(&region)?;
        }
        Ok(())
    }

    /// The addresses of a range that somebody holds, lowest first.
    pub(crate) fn portable_addresses(
        &mut self,
        range: &PortableRange,
    ) -> Result<Vec<Address>, Fault> {
        let sql = concat!(
            "SELECT ",
            address_columns!(),
            " FROM address WHERE range_id IN \
             (SELECT vlan_range_id FROM portable_address WHERE range_id = ?) ORDER BY place"
        );
        let mut held = Vec::new();
        self.tx.each(sql, &[range.id.into()], |cell| {
            held.push(Address::from_row(cell)?);
            Ok(true)
        })?;
        Ok(held)
    }

    /// How many of its addresses somebody holds.
    fn portable_held(&mut self, range: &PortableRange) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) FROM portable_address WHERE range_id = ?";
        let held: Option<i64> = self.tx.one(sql, &[range.id.into()])?;
        Ok(held.map_or(0, i64::unsigned_abs))
    }

    fn region(&mut self, id: i64) -> Result<Region, Fault> {
        let unknown =
            || Fault::invalid(format!("Invalid parameter regionid: there is no region {id}"));
        self.tx.get(id)?.ok_or_else(unknown)
    }

    fn refuse_portable_overlap(&mut self, region_id: i64, range: Range4) -> Result<(), Fault> {
        let tail = "WHERE region_id = ? AND removed IS NULL AND first <= ? AND last >= ?";
        let args = [region_id.into(), range.last().into(), range.first().into()];
        let Some(other) = self.tx.first::<PortableRange>(tail, &args)? else { return Ok(()) };
        let id = self.uid::<PortableRange>(other.id);
        let text = format!(
            "Invalid parameters startip and endip: {range} overlaps the portable IP range {} of \
             the region",
            show(&other)
        );
        Err(Fault::invalid(text).about(id, "portable IP range"))
    }

    fn refuse_used_vlan(&mut self, vlan: &VlanTag) -> Result<(), Fault> {
        let args = [vlan.to_string().as_str().into()];
        let Some(other) = self.tx.first::<VlanRange>(SAME_VLAN, &args)? else { return Ok(()) };
        let id = self.uid::<VlanRange>(other.id);
        let text =
            format!("Invalid parameter vlan: {vlan} is already used by the VLAN IP range {id}");
        Err(Fault::invalid(text).about(id, "VLAN IP range"))
    }

    fn refuse_zone_overlap(&mut self, range: Range4) -> Result<(), Fault> {
        let args = [range.last().into(), range.first().into()];
        let Some(other) = self.tx.first::<VlanRange>(OVERLAPS, &args)? else { return Ok(()) };
        let id = self.uid::<VlanRange>(other.id);
        let of = other.range().map_or_else(String::new, |range| range.to_string());
        let text = format!(
            "Invalid parameters startip and endip: {range} overlaps the VLAN IP range {of} ({id}) \
             of a zone"
        );
        Err(Fault::invalid(text).about(id, "VLAN IP range"))
    }

    fn concerns_portable(&mut self, range: &PortableRange, doing: &str) {
        let owner = self.caller_owner();
        let what = format!("{doing} portable IP range {}", show(range));
        self.concerns(EntityKind::PortableRange, (0, range.id), owner, what);
    }
}

/// The addresses, which must be in order and in the subnet of the gateway.
fn range_of(new: &NewPortableRange) -> Result<Range4, Fault> {
    let range = Range4::new(new.first, new.last)
        .map_err(|why| Fault::invalid(format!("Invalid parameters startip and endip: {why}")))?;
    let subnet = Cidr4::from_gateway_netmask(new.gateway, new.netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))?;
    for (param, addr) in [("startip", new.first), ("endip", new.last)] {
        if !subnet.contains(addr) {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: {addr} is not in the subnet {subnet} of the gateway \
                 {}",
                new.gateway
            )));
        }
    }
    Ok(range)
}

/// The tag: an id of a VLAN, or untagged where none is given.
fn vlan_of(text: Option<&str>) -> Result<VlanTag, Fault> {
    let Some(text) = text else { return Ok(VlanTag::Untagged) };
    match VlanTag::parse(text) {
        Ok(VlanTag::Vlan(id)) if VLANS.contains(&id) => Ok(VlanTag::Vlan(id)),
        _ => Err(Fault::invalid(format!(
            "Invalid parameter vlan: {} is not a VLAN id from {} to {}; leave it out for untagged",
            quoted(text),
            VLANS.start(),
            VLANS.end()
        ))),
    }
}

fn show(range: &PortableRange) -> String {
    format!("{}-{}", range.first, range.last)
}
