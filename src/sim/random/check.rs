//! The invariants: what is stored is what the model says, and rows, bits, counters and lists say
//! the same of it.

use super::Run;
use super::model::{Held, Range, in_domain};
use crate::model::{CellRef, Column, EntityKind, UidKey};
use crate::sim::KEY;
use crate::sim::cast::{BELOW, ROOT};
use crate::store::{StoreError, Tx};
use std::collections::BTreeMap;

/// What can be said of a range's rows in one line: how many, and sums that change with each value.
type Sums = [i64; 7];
/// A chunk of a pool as it is stored; all ranges of a run fit one.
const BYTES: usize = 512;

impl Run {
    /// What every step must leave behind, at the price of a few statements: sums over all rows,
    /// the bits of all ranges, and every counter.
    pub(super) fn check_touched(&self) {
        let store = self.world.engine.store();
        let (sums, bits, counters) = store
            .read(|tx| Ok::<_, StoreError>((sums(tx)?, bits(tx)?, counters(tx)?)))
            .expect("a store that can be read");
        let context = || self.log.lines().last().unwrap_or_default().to_owned();
        assert_eq!(sums, self.wanted_sums(), "rows after {}", context());
        assert_eq!(counters, self.wanted_counters(), "counters after {}", context());
        assert_eq!(
            bits.len(),
            bits.keys().filter(|at| at.1 == 0).count(),
            "chunks beyond the range"
        );
        for (id, range) in &self.model.ranges {
            let stored = bits.get(&(*id, 0)).map_or(&[0; BYTES], |bits| bits);
            assert!(*stored == self.wanted_bits(*id, range), "bits of {id} after {}", context());
        }
    }

    fn wanted_sums(&self) -> BTreeMap<i64, Sums> {
        let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
        for (ip, held) in &self.model.held {
            let place = self.model.ranges[&held.range].place(*ip).cast_signed();
            let line = sums.entry(held.range).or_default();
            let home = |wanted| held.home.filter(|home| home.0 == wanted).map_or(0, |home| home.1);
            let state = if held.home.is_some() { 2 } else { 4 };
            let weight = place + 1;
            let values = [
                1,
                place * place,
                state * weight,
                held.account * weight,
                home(false) * weight,
                home(true) * weight,
                i64::from(held.source_nat) * weight,
            ];
            line.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        sums
    }

    fn wanted_bits(&self, id: i64, range: &Range) -> [u8; BYTES] {
        let mut bits = [0; BYTES];
        for (ip, _) in self.model.held_in(id) {
            let place = range.place(ip);
            bits[usize::try_from(place / 8).unwrap()] |= 1 << (place % 8);
        }
        bits
    }

    fn wanted_counters(&self) -> BTreeMap<(String, i64, String), i64> {
        let mut wanted = BTreeMap::new();
        let mut put = |owner: &str, id: i64, what: &str, n: u64| {
            if n > 0 {
                wanted.insert((owner.to_owned(), id, what.to_owned()), n.cast_signed());
            }
        };
        let counts = self.model.counts();
        for (account, n) in &counts {
            put("account", *account, "public_ip", *n);
        }
        for domain in [ROOT, BELOW.0] {
            put("domain", domain, "public_ip", in_domain(&counts, domain));
        }
        for id in self.model.ranges.keys() {
            let held: Vec<&Held> = self.model.held_in(*id).map(|(_, held)| held).collect();
            let reserved = held.iter().filter(|held| held.home.is_none()).count();
            put("range", *id, "used", held.len() as u64);
            put("range", *id, "reserved", reserved as u64);
        }
        wanted
    }

    /// Everything, through the lists of the API too.
    pub(super) fn check_all(&self) {
        crate::sim::invariants::check(self.world.engine.store());
        let shared = self.model.ranges.values().enumerate().any(|(at, one)| {
            let mut later = self.model.ranges.values().skip(at + 1);
            later.any(|other| one.first <= other.last && other.first <= one.last)
        });
        assert!(!shared, "two ranges share addresses: {:?}", self.model.ranges);
        for (ip, held) in &self.model.held {
            assert!(self.model.ranges[&held.range].has(*ip), "{ip} lies outside its range");
        }
        self.check_ranges();
        for (id, range) in &self.model.ranges {
            self.check_lists(*id, range);
        }
    }

    fn check_ranges(&self) {
        let body = self.world.ok("listVlanIpRanges", &[("page", "1"), ("pagesize", "500")]);
        let mut shown = BTreeMap::new();
        for row in body["vlaniprange"].as_array().into_iter().flatten() {
            let ends = [&row["gateway"], &row["startip"], &row["endip"]];
            let ends = ends.map(|ip| ip.as_str().unwrap_or_default().to_owned());
            shown.insert(super::calls::row(row["id"].as_str().expect("an id")), ends);
        }
        let wanted = self.model.ranges.iter().map(|(id, range)| {
            (*id, [range.gateway, range.first, range.last].map(super::calls::text))
        });
        assert_eq!(shown, wanted.collect());
    }

    /// Free, reserved and allocated addresses make up the range.
    fn check_lists(&self, id: i64, range: &Range) {
        let uuid = UidKey::new(KEY).encode(EntityKind::VlanRange, 0, id.unsigned_abs()).to_string();
        let count = |state: &str| {
            let system = if range.system { "true" } else { "false" };
            let words = [
                ("vlanid", uuid.as_str()),
                ("state", state),
                ("forsystemvms", system),
                ("listall", "true"),
                ("page", "1"),
                ("pagesize", "1"),
            ];
            let body = self.world.ok("listPublicIpAddresses", &words);
            body["count"].as_u64().unwrap_or(0)
        };
        let held = self.model.held_in(id);
        let (used, kept): (Vec<_>, Vec<_>) = held.partition(|(_, held)| held.home.is_some());
        assert_eq!(count("Allocated"), used.len() as u64, "allocated of {id}");
        assert_eq!(count("Reserved"), kept.len() as u64, "reserved of {id}");
        // Free ones are shown to those who could get them; the caller is the admin of ROOT.
        let mine = range.account.map_or(range.domain.is_none_or(|id| id == ROOT), |id| id == 2);
        if mine {
            let free = range.size() - (used.len() + kept.len()) as u64;
            assert_eq!(count("Free"), free, "free of {id}");
        }
    }
}

fn sums(tx: &mut Tx) -> Result<BTreeMap<i64, Sums>, StoreError> {
    let mut found = BTreeMap::new();
    tx.each(
        "SELECT range_id, COUNT(*), SUM(place * place), SUM(state * (place + 1)), \
         SUM(account_id * (place + 1)), SUM(COALESCE(network_id, 0) * (place + 1)), \
         SUM(COALESCE(vpc_id, 0) * (place + 1)), SUM(source_nat * (place + 1)) \
         FROM address GROUP BY range_id",
        &[],
        |cell| {
            let mut line = Sums::default();
            for (at, sum) in line.iter_mut().enumerate() {
                *sum = Column::from_cell(cell(at + 1))?;
            }
            found.insert(i64::from_cell(cell(0))?, line);
            Ok(true)
        },
    )?;
    Ok(found)
}

/// The bits of every chunk of the living ranges.
fn bits(tx: &mut Tx) -> Result<BTreeMap<(i64, i64), [u8; BYTES]>, StoreError> {
    let mut found = BTreeMap::new();
    tx.each(
        "SELECT pool_id, chunk, bits FROM chunk WHERE pool_id IN \
         (SELECT id FROM vlan_range WHERE removed IS NULL)",
        &[],
        |cell| {
            let CellRef::Blob(bytes) = cell(2) else { return Ok(true) };
            let bytes = bytes.try_into().expect("a chunk of the known size");
            found.insert((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?), bytes);
            Ok(true)
        },
    )?;
    Ok(found)
}

/// All counters of addresses that are not 0.
fn counters(tx: &mut Tx) -> Result<BTreeMap<(String, i64, String), i64>, StoreError> {
    let mut found = BTreeMap::new();
    tx.each(
        "SELECT owner, owner_id, what, n FROM counter WHERE n <> 0 \
         AND (what = 'public_ip' OR owner = 'range')",
        &[],
        |cell| {
            let whose: (String, i64) = (Column::from_cell(cell(0))?, Column::from_cell(cell(1))?);
            let what: String = Column::from_cell(cell(2))?;
            found.insert((whose.0, whose.1, what), Column::from_cell(cell(3))?);
            Ok(true)
        },
    )?;
    Ok(found)
}
