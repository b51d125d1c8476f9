//! Tags: words that people put on things.

use crate::api::names::Names;
use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::tags::{self, NewTags, Tagged, folded, shown_id};
use crate::model::{Cell, Domain, Tag, TagKind, Uid};
use crate::schema::{Fault, List, Map, Text, view};

view! {
    /// A tag as most things show it.
    TagPair in "ResourceTagResponse" shows ["key", "value"] {
        /// the key
        key: String,
        /// the value
        value: String,
    }
}

view! {
    /// A tag with what it is on.
    TagView in "ResourceTagResponse" shows ["key", "value", "resourcetype", "resourceid",
        "account"] {
        /// the key
        key: String,
        /// the value
        value: String,
        /// the kind of thing that it is on
        resourcetype: &'static str,
        /// the id of that thing
        resourceid: Uid,
        /// for whom the tag is
        customer: Option<String>,
        /// the account that owns the thing
        account: Option<String>,
        /// the id of the project that owns it, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the owner's domain
        domainid: Uid,
        /// the name of the owner's domain
        domain: String,
        /// the names of that domain and of all above it
        domainpath: String,
    }
}

/// The tags of a thing: keys and values only, which clients compare as a whole.
pub(crate) fn pairs(cx: &mut Cx<'_>, thing: Tagged) -> Result<Vec<TagPair>, Fault> {
    let all = cx.tags_of(thing)?.into_iter();
    Ok(all.map(|tag| TagPair { key: tag.name, value: tag.value }).collect())
}

/// The tags of a thing with all that is known of them.
pub(crate) fn views(cx: &mut Cx<'_>, thing: Tagged) -> Result<Vec<TagView>, Fault> {
    let mut names = Names::default();
    let all = cx.tags_of(thing)?.into_iter();
    all.map(|tag| show(cx, &mut names, tag)).collect()
}

fn show(cx: &mut Cx<'_>, names: &mut Names, tag: Tag) -> Result<TagView, Fault> {
    let owner = names.owner(cx, tag.account_id)?;
    Ok(TagView {
        resourcetype: TagKind::of_number(tag.kind).map_or("", TagKind::word),
        resourceid: shown_id(cx, &tag),
        key: tag.name,
        value: tag.value,
        customer: tag.customer,
        account: owner.account,
        projectid: owner.projectid,
        project: owner.project,
        domainid: cx.uid::<Domain>(tag.domain_id),
        domain: names.domain(cx, tag.domain_id)?,
        domainpath: names.domain_path(cx, tag.domain_id)?,
    })
}

/// The keys and, where they are given, the values of a map of tags.
fn read(tags: &Map) -> Result<Vec<(String, Option<String>)>, Fault> {
    let word = |entry: &[(String, String)], name: &str| {
        let found = entry.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, word)| word.clone())
    };
    let pair = |entry: &Vec<(String, String)>| match word(entry, "key") {
        Some(key) => Ok((key, word(entry, "value"))),
        None => Err(Fault::invalid("Invalid parameter tags: an entry has no key")),
    };
    tags.0.iter().map(pair).collect()
}

/// The keys with their values, each of which must be given.
pub(crate) fn words_of(tags: &Map) -> Result<Vec<(String, String)>, Fault> {
    let pair = |(key, value): (String, Option<String>)| match value {
        Some(value) => Ok((key, value)),
        None => {
            let key = crate::text::quoted(&key);
            Err(Fault::invalid(format!("Invalid parameter tags: the key {key} has no value")))
        }
    };
    read(tags)?.into_iter().map(pair).collect()
}

api! {
    /// Puts tags on things: on all that are named or, if that fails for one, on none.
    job success "createTags" { event: "CREATE_TAGS", since: "4.0.0",
        example: "create tags resourcetype=Network resourceids=... tags[0].key=env \
            tags[0].value=prod" } => create;
    CreateTags {
        /// the kind of the things
        resourcetype: TagKind,
        /// the ids of the things
        resourceids: List<String>,
        /// the keys and the values, for example `tags[0].key=env tags[0].value=prod`
        tags: Map,
        /// for whom the tags are
        customer: Option<Text>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateTags) -> Result<(), Fault> {
    let new = NewTags {
        kind: args.resourcetype,
        ids: &args.resourceids.0,
        tags: words_of(&args.tags).map_err(Fault::in_job)?,
        customer: args.customer.as_deref().map(str::to_owned),
    };
    tags::create_tags(cx, &new).map_err(Fault::in_job)
}

api! {
    /// Takes tags from things: those with the keys that are named, or all.
    job success "deleteTags" { event: "DELETE_TAGS", since: "4.0.0",
        example: "delete tags resourcetype=Network resourceids=... tags[0].key=env" } => delete;
    DeleteTags {
        /// the kind of the things
        resourcetype: TagKind,
        /// the ids of the things
        resourceids: List<String>,
        /// the keys, each with or without a value that the tag must have; all tags, where nothing
        /// is said
        tags: Option<Map>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteTags) -> Result<(), Fault> {
    let named = args.tags.as_ref().map(read).transpose().map_err(Fault::in_job)?;
    let named = named.unwrap_or_default();
    tags::delete_tags(cx, args.resourcetype, &args.resourceids.0, &named).map_err(Fault::in_job)
}

api! {
    /// Lists tags with what they are on.
    now list "listTags" { key: "tag", since: "4.0.0",
        example: "list tags resourcetype=Network key=env" } => list -> TagView;
    ListTags {
        /// the key
        key: Option<Text>,
        /// the value
        value: Option<Text>,
        /// the kind of thing that they are on
        resourcetype: Option<TagKind>,
        /// the id of the thing that they are on
        resourceid: Option<Text>,
        /// for whom they are
        customer: Option<Text>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListTags) -> Result<Rows<TagView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("folded_name", args.key.as_deref().map(folded));
    filter.is("folded_value", args.value.as_deref().map(folded));
    filter.is("customer", args.customer.as_deref().map(str::to_owned));
    if let Some(kind) = args.resourcetype {
        let numbers = tags::numbers(kind);
        let marks = vec!["?"; numbers.len()].join(", ");
        filter.holds(&format!("kind IN ({marks})"), numbers.into_iter().map(Cell::from));
    }
    if let Some(id) = args.resourceid.as_deref() {
        match tags::named(cx, id) {
            Some((kind, a, b)) => {
                let args = [i64::from(kind as u8), a, b].map(Cell::from);
                filter.holds("kind = ? AND a = ? AND b = ?", args);
            }
            None => filter.holds("1 = 0", []),
        }
    }
    filter.keyword(&["name", "value"]);
    args.owned.narrow(cx, &mut filter, "account_id", args.resourceid.is_some())?;
    let (found, total) = filter.all::<Tag>(cx, "id")?;
    let mut names = Names::default();
    let rows = found.into_iter().map(|tag| show(cx, &mut names, tag));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}
