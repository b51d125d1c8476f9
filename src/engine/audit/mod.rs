//! What holds in every store, whoever wrote it and however it ended: looked up in one transaction
//! that reads, in a time that grows with the rows and with nothing else.
//!
//! What is found is said so that somebody can act on it: which row, and what it should be.

mod appliances;
mod balancers;
#[cfg(test)]
mod balancers_tests;
mod bits;
mod counters;
mod database;
mod gateways;
mod guests;
mod ip6;
mod ranges;
mod repair;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use repair::{Repaired, advice, is_mended, repair};

use crate::model::{Column, EntityKind, UidKey};
use crate::store::{StoreError, Tx};
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

/// Something that does not hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    /// Which rule is broken, in a word.
    pub(crate) rule: &'static str,
    /// What breaks it, and what should be.
    pub(crate) says: String,
}

/// Findings of one rule that are told one by one; of the others it is said how many there are.
const TOLD: u64 = 100;

/// Checks everything that must hold between rows, bits and counters, and the database's own
/// book-keeping.
pub(crate) fn audit(tx: &mut Tx) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Findings::new(tx)?;
    rows::check(tx, &mut findings)?;
    ranges::check(tx, &mut findings)?;
    counters::check(tx, &mut findings)?;
    bits::check(tx, &mut findings)?;
    guests::check(tx, &mut findings)?;
    ip6::check(tx, &mut findings)?;
    gateways::check(tx, &mut findings)?;
    database::check(tx, &mut findings)?;
    Ok(findings.all())
}

/// What was found so far, and how things are called.
struct Findings {
    key: UidKey,
    /// Ids that somebody chose.
    chosen: HashMap<(i64, i64, i64), String>,
    found: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
    /// How many of each rule are told.
    told: u64,
}

impl Findings {
    fn new(tx: &mut Tx) -> Result<Self, StoreError> {
        let mut chosen = HashMap::new();
        tx.each("SELECT kind, a, b, uuid FROM alias", &[], |cell| {
            let number = |at| i64::from_cell(cell(at));
            chosen.insert((number(0)?, number(1)?, number(2)?), String::from_cell(cell(3))?);
            Ok(true)
        })?;
        let (found, counts) = (Vec::new(), BTreeMap::new());
        Ok(Self { key: tx.key(), chosen, found, counts, told: TOLD })
    }

    /// For a list in which all are told.
    fn telling_all(tx: &mut Tx) -> Result<Self, StoreError> {
        Ok(Self { told: u64::MAX, ..Self::new(tx)? })
    }

    /// Notes a finding; `says` is asked only where it is told.
    fn note(&mut self, rule: &'static str, says: impl FnOnce(&Self) -> String) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= self.told {
            let says = says(self);
            self.found.push(Finding { rule, says });
        }
    }

    fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The id of the row `id`, as it is shown everywhere.
    fn id(&self, kind: EntityKind, id: i64) -> String {
        let chosen = self.chosen.get(&(i64::from(kind as u8), 0, id));
        chosen.cloned().unwrap_or_else(|| self.key.encode(kind, 0, id.unsigned_abs()).to_string())
    }

    fn all(mut self) -> Vec<Finding> {
        for (rule, count) in self.counts {
            if let Some(more) = count.checked_sub(self.told).filter(|more| *more > 0) {
                self.found.push(Finding { rule, says: format!("and {more} more like these") });
            }
        }
        self.found
    }
}

/// An address that a number stands for.
fn ip(number: i64) -> String {
    u32::try_from(number)
        .map_or_else(|_| number.to_string(), |bits| Ipv4Addr::from(bits).to_string())
}
