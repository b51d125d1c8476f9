//! Tags: words that people put on things (`TaggedResourceManagerImpl`). A thing takes its tags
//! with it when it goes. Keys and values are compared whatever their letter case, as in CloudStack.

mod things;

use crate::engine::Cx;
use crate::model::{Cell, Column, EntityKind, Tag, TagKind, Uid};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::{Count, quoted};
use std::collections::HashMap;
use things::{Thing, thing};

/// The longest key or value, in characters.
const LONGEST: usize = 255;
/// Things that are asked about in one statement.
const AT_ONCE: usize = 200;

/// A thing that may have tags: its kind and the two numbers of its id.
pub(crate) type Tagged = (EntityKind, i64, i64);

/// Tags that were looked up together for the things of a page.
#[derive(Default)]
pub(crate) struct TagPage(HashMap<Tagged, Vec<Tag>>);

/// Tags that are to be put on things.
#[derive(Clone, Debug)]
pub(crate) struct NewTags<'n> {
    /// The kind of the things.
    pub(crate) kind: TagKind,
    /// The ids of the things.
    pub(crate) ids: &'n [String],
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// For whom they are.
    pub(crate) customer: Option<String>,
}

/// A text without the difference between capitals and small letters.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Puts tags on things: on all of them or on none.
pub(crate) fn create_tags(cx: &mut Cx<'_>, new: &NewTags<'_>) -> Result<(), Fault> {
    let things = things_of(cx, new.kind, new.ids)?;
    if new.tags.is_empty() {
        return Err(Fault::invalid("Parameter tags is needed: tags[0].key and tags[0].value"));
    }
    for (name, value) in &new.tags {
        check_word("key", name)?;
        check_word("value", value)?;
    }
    let mut rows = Vec::new();
    for (name, value) in &new.tags {
        for thing in &things {
            let row = row(new, thing, name, value);
            refuse_second(cx, &row, &rows)?;
            rows.push(row);
        }
    }
    for row in &rows {
        cx.tx.insert(row)?;
    }
    concerns(cx, &things, new.kind, "creating", rows.len());
    Ok(())
}

/// The things that are named, each once.
fn things_of(cx: &mut Cx<'_>, kind: TagKind, ids: &[String]) -> Result<Vec<Thing>, Fault> {
    let mut things: Vec<Thing> = Vec::new();
    for id in ids {
        let found = thing(cx, kind, id)?;
        if things.iter().all(|other| other.tagged != found.tagged) {
            things.push(found);
        }
    }
    if things.is_empty() {
        return Err(Fault::invalid("Parameter resourceids is needed: the ids of things"));
    }
    Ok(things)
}

fn check_word(what: &str, word: &str) -> Result<(), Fault> {
    let why = if word.trim().is_empty() {
        "is empty".to_owned()
    } else if word.chars().count().max(folded(word).chars().count()) > LONGEST {
        format!("has more than {LONGEST} characters: {}", quoted(word))
    } else {
        return Ok(());
    };
    Err(Fault::invalid(format!("Invalid parameter tags: a {what} {why}")))
}

fn row(new: &NewTags<'_>, thing: &Thing, name: &str, value: &str) -> Tag {
    let (kind, a, b) = thing.tagged;
    Tag {
        id: 0,
        kind: i64::from(kind as u8),
        a,
        b,
        name: name.to_owned(),
        value: value.to_owned(),
        folded_name: folded(name),
        folded_value: folded(value),
        customer: new.customer.clone(),
        account_id: thing.owner.account_id,
        domain_id: thing.owner.domain_id,
    }
}

/// A thing has one tag of a key.
fn refuse_second(cx: &mut Cx<'_>, new: &Tag, others: &[Tag]) -> Result<(), Fault> {
    let same = |other: &&Tag| {
        (other.kind, other.a, other.b) == (new.kind, new.a, new.b)
            && other.folded_name == new.folded_name
    };
    let tail = "WHERE kind = ? AND a = ? AND b = ? AND folded_name = ?";
    let args = [new.kind.into(), new.a.into(), new.b.into(), new.folded_name.as_str().into()];
    let found = match others.iter().find(same) {
        Some(other) => Some(other.clone()),
        None => cx.tx.first::<Tag>(tail, &args)?,
    };
    let Some(other) = found else { return Ok(()) };
    let id = shown_id(cx, new);
    let (name, has) = (quoted(&new.name), quoted(&other.value));
    let text = format!("The thing {id} has a tag {name} already, {has}: delete that before");
    Err(Fault::new(Exception::CloudRuntime, text).about(id, "resourceId"))
}

/// The id of the thing that a tag is on.
pub(crate) fn shown_id(cx: &Cx<'_>, tag: &Tag) -> Uid {
    if tag.kind == i64::from(EntityKind::Address as u8) {
        return cx.address_uid(tag.a, tag.b);
    }
    let is_it = |kind: &&EntityKind| i64::from(**kind as u8) == tag.kind;
    let kind = EntityKind::ALL.iter().find(is_it).copied().unwrap_or(EntityKind::Tag);
    cx.tx.uid(kind, tag.b)
}

/// The numbers of the kinds of things that CloudStack calls so.
pub(crate) fn numbers(kind: TagKind) -> Vec<i64> {
    let mut kinds = vec![kind.entity()];
    if kind == TagKind::FirewallRule {
        kinds.push(EntityKind::StaticNatRule);
    }
    kinds.into_iter().map(|kind| i64::from(kind as u8)).collect()
}

/// The thing that an id names, if it is one that may have tags.
pub(crate) fn named(cx: &Cx<'_>, id: &str) -> Option<Tagged> {
    let uid = Uid::parse(id)?;
    let kinds = TagKind::ALL.iter().map(|kind| kind.entity());
    for kind in kinds.chain([EntityKind::StaticNatRule]) {
        let found = cx.tx.key().decode(kind, uid);
        let numbers = match found {
            Some((a, b)) => i64::try_from(a).ok().zip(i64::try_from(b).ok()),
            None => cx.tx.aliased(kind, uid),
        };
        if let Some((a, b)) = numbers {
            return Some((kind, a, b));
        }
    }
    None
}

fn concerns(cx: &mut Cx<'_>, things: &[Thing], kind: TagKind, doing: &str, tags: usize) {
    let Some(first) = things.first() else { return };
    let (entity, a, b) = first.tagged;
    let tags = Count::new(tags as u64, "tag", "tags");
    let what = format!("{doing} {tags} of {kind} {}", first.id);
    cx.concerns(entity, (a, b), first.owner, what);
}

/// Takes tags from things: those of the keys and, where one is given, the value; all where none
/// are named. When there are none of these it fails, as in CloudStack.
pub(crate) fn delete_tags(
    cx: &mut Cx<'_>,
    kind: TagKind,
    ids: &[String],
    named: &[(String, Option<String>)],
) -> Result<(), Fault> {
    let things = things_of(cx, kind, ids)?;
    let mut gone = Vec::new();
    for thing in &things {
        let all = cx.tags_of(thing.tagged)?;
        gone.extend(all.into_iter().filter(|tag| is_named(tag, named)));
    }
    concerns(cx, &things, kind, "deleting", gone.len());
    if gone.is_empty() {
        let text = "Failed to delete tags: none of these things has such a tag";
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    for tag in gone {
        cx.tx.run("DELETE FROM tag WHERE id = ?", &[tag.id.into()])?;
    }
    Ok(())
}

fn is_named(tag: &Tag, named: &[(String, Option<String>)]) -> bool {
    let fits = |(name, value): &(String, Option<String>)| {
        folded(name) == tag.folded_name
            && value.as_ref().is_none_or(|value| folded(value) == tag.folded_value)
    };
    named.is_empty() || named.iter().any(fits)
}

/// The condition for rows of tags of a kind of thing that have one of these keys with its value,
/// and the values of its question marks.
pub(crate) fn any_of(kind: EntityKind, wanted: &[(String, String)]) -> (String, Vec<Cell>) {
    let mut args = vec![Cell::from(i64::from(kind as u8))];
    for (name, value) in wanted {
        args.extend([folded(name), folded(value)].map(|word| Cell::from(word.as_str())));
    }
    let ways = vec!["(t.folded_name = ? AND t.folded_value = ?)"; wanted.len()].join(" OR ");
    (format!("t.kind = ? AND ({ways})"), args)
}

impl Cx<'_> {
    /// Whether anything of a kind has tags.
    fn has_tags(&mut self, kind: EntityKind) -> Result<bool, StoreError> {
        let number = i64::from(kind as u8);
        let any = self.tx.memo(("any tag", "kind", number), |tx| {
            let sql = "SELECT 1 FROM tag WHERE kind = ? LIMIT 1";
            Ok::<_, StoreError>(tx.one::<i64>(sql, &[number.into()])?.is_some())
        })?;
        Ok(*any)
    }

    /// The tags of a thing in the order in which they were made.
    pub(crate) fn tags_of(&mut self, thing: Tagged) -> Result<Vec<Tag>, Fault> {
        let (kind, a, b) = thing;
        if !self.has_tags(kind)? {
            return Ok(Vec::new());
        }
        if let Some(known) = self.tags.0.get(&thing) {
            return Ok(known.clone());
        }
        let tail = "WHERE kind = ? AND a = ? AND b = ? ORDER BY id";
        Ok(self.tx.select(tail, &[i64::from(kind as u8).into(), a.into(), b.into()])?)
    }

    /// Whether a thing has one of these tags.
    pub(crate) fn has_tag(
        &mut self,
        thing: Tagged,
        wanted: &[(String, String)],
    ) -> Result<bool, Fault> {
        let own = self.tags_of(thing)?;
        let is = |tag: &Tag, (name, value): &(String, String)| {
            folded(name) == tag.folded_name && folded(value) == tag.folded_value
        };
        Ok(own.iter().any(|tag| wanted.iter().any(|one| is(tag, one))))
    }

    /// Looks the tags of many things of one kind up at once, if any have some.
    pub(crate) fn look_up_tags(
        &mut self,
        kind: EntityKind,
        things: impl Iterator<Item = (i64, i64)>,
    ) -> Result<(), Fault> {
        if !self.has_tags(kind)? {
            return Ok(());
        }
        let mut groups: HashMap<i64, Vec<i64>> = HashMap::new();
        for (a, b) in things {
            self.tags.0.insert((kind, a, b), Vec::new());
            groups.entry(a).or_default().push(b);
        }
        for (a, places) in groups {
            for some in places.chunks(AT_ONCE) {
                self.look_up_some(kind, a, some)?;
            }
        }
        Ok(())
    }

    fn look_up_some(&mut self, kind: EntityKind, a: i64, places: &[i64]) -> Result<(), Fault> {
        let marks = vec!["?"; places.len()].join(", ");
        let tail = format!("WHERE kind = ? AND a = ? AND b IN ({marks}) ORDER BY id");
        let mut args: Vec<Cell> = vec![i64::from(kind as u8).into(), a.into()];
        args.extend(places.iter().map(|place| Cell::from(*place)));
        for tag in self.tx.select::<Tag>(&tail, &args)? {
            self.tags.0.entry((kind, tag.a, tag.b)).or_default().push(tag);
        }
        Ok(())
    }

    /// Says of the tags of a thing that it belongs to another account of the same domain.
    pub(crate) fn give_tags(&mut self, (kind, a, b): Tagged, account_id: i64) -> Result<(), Fault> {
        let args = [account_id, i64::from(kind as u8), a, b].map(Cell::from);
        let sql = "UPDATE tag SET account_id = ? WHERE kind = ? AND a = ? AND b = ?";
        self.tx.run(sql, &args)?;
        Ok(())
    }

    /// Takes all tags from a thing that goes.
    pub(crate) fn forget_tags(&mut self, (kind, a, b): Tagged) -> Result<(), Fault> {
        if !self.has_tags(kind)? {
            return Ok(());
        }
        let args = [i64::from(kind as u8).into(), a.into(), b.into()];
        let any = "SELECT 1 FROM tag WHERE kind = ? AND a = ? AND b = ? LIMIT 1";
        // Whoever deletes writes alone, which those need not who have nothing to delete.
        if self.tx.one::<i64>(any, &args)?.is_some() {
            self.tx.run("DELETE FROM tag WHERE kind = ? AND a = ? AND b = ?", &args)?;
        }
        Ok(())
    }

    /// Takes all tags from the things of a kind that go together; `rows` selects their numbers.
    pub(crate) fn forget_tags_of_all(
        &mut self,
        kind: EntityKind,
        rows: &str,
        args: &[Cell],
    ) -> Result<(), Fault> {
        if !self.has_tags(kind)? {
            return Ok(());
        }
        let mut found: Vec<i64> = Vec::new();
        self.tx.each(rows, args, |cell| {
            found.push(i64::from_cell(cell(0))?);
            Ok(true)
        })?;
        for row in found {
            self.forget_tags((kind, 0, row))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
