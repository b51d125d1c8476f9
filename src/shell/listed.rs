//! The things that a list API lists: how they are called, so that people need no ids.

use serde_json::{Map, Value as Json};

use super::complete::must_be_told;
use crate::schema::{Spec, Words};
use crate::transport::{Failure, Transport};

/// A thing that can be chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    /// Its id; of a thing that has none, its name.
    pub(crate) id: String,
    /// What people call it; empty if it has no name.
    pub(crate) name: String,
    /// More about it.
    pub(crate) about: String,
    fields: Map<String, Json>,
}

/// Fields that name a thing, the first that a thing has being its name.
const NAMES: &[&str] = &[
    "name",
    "username",
    "ipaddress",
    "traffictype",
    "startip",
    "startipv6",
    "ip6address",
    "prefix",
    "subnet",
];
/// Fields that tell things apart that have no name, or the same one.
const DESCRIPTIONS: &[&str] =
    &["displaytext", "description", "path", "cidr", "endip", "vlan", "value", "state"];
/// Fields by which a thing may be called besides its name.
const OTHER_NAMES: &[&str] = &["path", "displaytext", "cidr", "vlan", "gateway"];

impl Row {
    /// A row of an answer.
    pub(crate) fn new(fields: Map<String, Json>) -> Self {
        let text = |field: &&str| fields.get(*field).and_then(Json::as_str);
        // Few things have numbers for ids, regions for one.
        let number = fields.get("id").filter(|id| id.is_number()).map(Json::to_string);
        let full = |field: &&str| text(field).filter(|text| !text.is_empty());
        let name = NAMES.iter().find_map(full).unwrap_or_default().to_owned();
        let about = DESCRIPTIONS.iter().filter_map(full).find(|about| *about != name);
        let about = about.unwrap_or_default().to_owned();
        let id = text(&"id").map(str::to_owned).or(number).unwrap_or_else(|| name.clone());
        Self { id, name, about, fields }
    }

    /// The fields of the answer.
    pub(crate) fn fields(&self) -> &Map<String, Json> {
        &self.fields
    }

    /// The text of a field.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Json::as_str)
    }

    /// Names other than its own by which it may be called.
    pub(crate) fn other_names(&self) -> impl Iterator<Item = &str> {
        OTHER_NAMES.iter().filter_map(|field| self.text(field))
    }
}

/// All that `spec` lists with these parameters, those of other accounts included.
pub(crate) fn listed(
    transport: &dyn Transport,
    spec: &Spec,
    given: &[(&str, &str)],
) -> Result<Vec<Row>, Failure> {
    let mut words: Words = given.iter().copied().collect();
    if spec.param("listall").is_some() {
        words.set("listall", "true");
    }
    for (name, value) in must_be_told(spec) {
        if words.get(name).is_none() {
            words.set(name, value);
        }
    }
    Ok(rows(spec, transport.call(spec, &words)?.body))
}

/// The rows of one page, and whether there are no others.
pub(crate) fn page(spec: &Spec, body: Json) -> (Vec<Row>, bool) {
    let count = body.get("count").and_then(Json::as_u64);
    let rows = rows(spec, body);
    let whole = count.is_none_or(|count| usize::try_from(count).is_ok_and(|all| all <= rows.len()));
    (rows, whole)
}

/// The rows of an answer.
pub(super) fn rows(spec: &Spec, body: Json) -> Vec<Row> {
    let Json::Object(mut body) = body else { return Vec::new() };
    let under_key = body.remove(spec.key).filter(Json::is_array);
    // Of a list whose key nobody knows the only array is it.
    let found = under_key.or_else(|| {
        let mut arrays = body.into_iter().map(|(_, value)| value).filter(Json::is_array);
        arrays.next().filter(|_| spec.key.is_empty() && arrays.next().is_none())
    });
    let Some(Json::Array(rows)) = found else { return Vec::new() };
    let fields = rows.into_iter().filter_map(|row| match row {
        Json::Object(fields) => Some(fields),
        _ => None,
    });
    fields.map(Row::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::{SANDBOX, Sample, spec};
    use serde_json::json;

    fn row(fields: Json) -> Row {
        Row::new(fields.as_object().unwrap().clone())
    }

    #[test]
    fn a_thing_is_called_by_its_first_name() {
        let zone = row(json!({"id": "7", "name": "a", "displaytext": "A"}));
        assert_eq!((zone.id.as_str(), zone.name.as_str(), zone.about.as_str()), ("7", "a", "A"));
        let address = row(json!({"id": "7", "ipaddress": "192.0.2.1", "state": "Free"}));
        assert_eq!((address.name.as_str(), address.about.as_str()), ("192.0.2.1", "Free"));
        assert_eq!(row(json!({"name": "network.gc.wait"})).id, "network.gc.wait");
        assert_eq!(row(json!({"id": "7", "name": ""})).name, "");
    }

    #[test]
    fn arrays_in_a_row_are_no_things() {
        // The number in the array was taken for the id of the offering once.
        let body = json!({"count": 3, "serviceoffering": [
            {"id": "7", "name": "small", "roles": [{"id": 12, "name": "x"}]}]});
        let list = Spec { key: "serviceoffering", ..Spec::BLANK };
        let (found, whole) = page(&list, body.clone());
        assert_eq!((found.len(), found[0].id.as_str(), whole), (1, "7", false));
        assert_eq!(page(&Spec { key: "", ..Spec::BLANK }, body).0.len(), 1);
        let region = json!({"count": 1, "region": [{"id": 1, "name": "Local"}]});
        let list = Spec { key: "region", ..Spec::BLANK };
        assert_eq!(page(&list, region).0[0].id, "1");
    }

    #[test]
    fn rows_stand_under_the_key_of_the_list() {
        let found = listed(&Sample::new(), spec("listZones"), &[]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].id, SANDBOX);
        assert_eq!(rows(spec("listZones"), json!({})), []);
        assert_eq!(rows(spec("listZones"), json!({"zone": ["odd"]})), []);
    }
}
