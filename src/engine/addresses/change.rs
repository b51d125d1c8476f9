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
    let invalid =
        |why: &str| Fault::invalid(format!("Invalid parameter customid: {} {why}", quoted(wanted)));
    let uid = Uid::parse(wanted).ok_or_else(|| invalid("is not a UUID"))?;
    if cx.tx.key().kind_of(uid).is_some() {
        return Err(invalid("is the id of something else"));
    }
    let kind = i64::from(EntityKind::Address as u8);
    let place = [kind.into(), found.place.range.id.into(), found.place.place.into()];
    cx.tx.run("DELETE FROM alias WHERE kind = ? AND a = ? AND b = ?", &place)?;
    let [kind, a, b] = place;
    let row = [kind, a, b, uid.to_string().into()];
    match cx.tx.run("INSERT INTO alias (kind, a, b, uuid) VALUES (?, ?, ?, ?)", &row) {
        Err(StoreError::Unique(_)) => Err(invalid("is the id of something else")),
        other => {
            other?;
            cx.tx.note_alias();
            Ok(())
        }
    }
}

/// The id that the API shows for an address.
pub(crate) fn uid(cx: &mut Cx<'_>, place: &Place) -> Result<Uid, Fault> {
    let (range_id, at) = (place.range.id, place.place);
    if cx.tx.has_aliases()? {
        let kind = i64::from(EntityKind::Address as u8);
        let args = [kind.into(), range_id.into(), at.into()];
        let sql = "SELECT uuid FROM alias WHERE kind = ? AND a = ? AND b = ?";
        let chosen: Option<String> = cx.tx.one(sql, &args)?;
        if let Some(uid) = chosen.as_deref().and_then(Uid::parse) {
            return Ok(uid);
        }
    }
    Ok(cx.address_uid(range_id, at))
}
