//! Ids that somebody chose instead of the encoded ones. There are few or none, so that all of them
//! are known.

use crate::model::{Column, EntityKind, Uid};
use crate::store::{Db, StoreError};
use std::collections::HashMap;

/// What an id stands for: the number of the kind, and the two numbers of the thing.
type Thing = (i64, i64, i64);

/// All ids that were chosen.
#[derive(Default)]
pub(super) struct Aliases {
    chosen: HashMap<Thing, Uid>,
    things: HashMap<Uid, Thing>,
}

impl Aliases {
    /// Reads all of them.
    pub(super) fn read(db: &mut dyn Db) -> Result<Self, StoreError> {
        let mut all = Self::default();
        db.each("SELECT kind, a, b, uuid FROM alias", &[], &mut |cell| {
            let number = |at| i64::from_cell(cell(at));
            let thing = (number(0)?, number(1)?, number(2)?);
            if let Some(uid) = Uid::parse(&String::from_cell(cell(3))?) {
                all.chosen.insert(thing, uid);
                all.things.insert(uid, thing);
            }
            Ok(true)
        })?;
        Ok(all)
    }

    /// The id that was chosen for a thing.
    pub(super) fn of(&self, kind: EntityKind, a: i64, b: i64) -> Option<Uid> {
        if self.chosen.is_empty() {
            return None;
        }
        self.chosen.get(&(i64::from(kind as u8), a, b)).copied()
    }

    /// The numbers of the thing of this kind for which an id was chosen.
    pub(super) fn thing(&self, kind: EntityKind, uid: Uid) -> Option<(i64, i64)> {
        let (of, a, b) = self.things.get(&uid)?;
        (*of == i64::from(kind as u8)).then_some((*a, *b))
    }
}
