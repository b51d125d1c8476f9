//! Changing what is known of an address without changing who holds it.

use crate::engine::Cx;
use crate::engine::addresses::find::{Found, Place};
use crate::engine::addresses::hold::save;
use crate::model::{EntityKind, Uid};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;

/// Shows an address to its holder, or hides it. Only held ones can be hidden.
pub(crate) fn set_display(cx: &mut Cx<'_>, found: &mut Found, display: bool) -> Result<(), Fault> {
    let Some(row) = &mut found.row else {
        let text = format!("{} is free; only held addresses can be hidden", found.place.ip);
        return Err(Fault::new(Exception::PermissionDenied, text));
    };
    if row.display != display {
        row.display = display;
        save(cx, row)?;
    }
    Ok(())
}

/// Gives an address another id.
pub(crate) fn rename(cx: &mut Cx<'_>, found: &Found, wanted: &str) -> Result<(), Fault> {
    let place = (found.place.range.id, found.place.place);
    cx.rename(EntityKind::Address, place, Some(wanted))
}

impl Cx<'_> {
    /// Gives a thing another id, where one is wanted. The one that it had goes on naming it.
    pub(crate) fn rename(
        &mut self,
        kind: EntityKind,
        (a, b): (i64, i64),
        wanted: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(wanted) = wanted else { return Ok(()) };
        let wrong = |why: &str| {
            Fault::invalid(format!("Invalid parameter customid: {} {why}", quoted(wanted)))
        };
        let uid = Uid::parse(wanted).ok_or_else(|| wrong("is not a UUID"))?;
        if self.tx.key().kind_of(uid).is_some() {
            return Err(wrong("is the id of something else"));
        }
        let thing = [i64::from(kind as u8).into(), a.into(), b.into()];
        self.tx.run("DELETE FROM alias WHERE kind = ? AND a = ? AND b = ?", &thing)?;
        let [kind, a, b] = thing;
        let row = [kind, a, b, uid.to_string().into()];
        match self.tx.run("INSERT INTO alias (kind, a, b, uuid) VALUES (?, ?, ?, ?)", &row) {
            Err(StoreError::Unique(_)) => Err(wrong("is the id of something else")),
            other => {
                other?;
                Ok(self.tx.note_alias()?)
            }
        }
    }
}

/// The id that the API shows for an address.
pub(crate) fn uid(cx: &mut Cx<'_>, place: &Place) -> Result<Uid, Fault> {
    cx.tx.know_aliases()?;
    Ok(cx.address_uid(place.range.id, place.place))
}
