//! From an answer to `listApis` to descriptions that are kept: see [`entries`](super::entries).
//!
//! The answer does not tell the shape of an answer, nor which API lists the values of a parameter.
//! The first is taken from the built-in description where there is one, else from the name; the
//! second from the names of the related APIs.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::schema::Source;
use crate::transport::entries::{Entries, ORIGIN, class_key};

/// The text of all APIs in the answer, and how many there are. `origin` is kept with it.
pub(crate) fn learn(answer: &Json, origin: Json) -> Option<(String, usize)> {
    let apis = answer.get("api")?.as_array()?;
    let mut lines = BTreeMap::from([(ORIGIN.to_owned(), origin)]);
    let mut count = 0;
    for api in apis.iter().filter_map(Json::as_object) {
        let name = text(api, "name");
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        // Each has a class of its own: the answer does not name classes.
        lines.insert(class_key(name), fields(api));
        lines.insert(name.to_ascii_lowercase(), entry(api, name));
        count += 1;
    }
    let lines = lines.into_iter().map(|(key, line)| format!("{key}\t{line}\n"));
    Some((lines.collect(), count)).filter(|(_, count)| *count > 0)
}

fn text<'j>(api: &'j Map<String, Json>, key: &str) -> &'j str {
    api.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn flag(api: &Map<String, Json>, key: &str) -> bool {
    api.get(key).and_then(Json::as_bool).unwrap_or_default()
}

fn objects<'j>(
    api: &'j Map<String, Json>,
    key: &str,
) -> impl Iterator<Item = &'j Map<String, Json>> {
    api.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn fields(api: &Map<String, Json>) -> Json {
    let named = objects(api, "response").filter(|field| !text(field, "name").is_empty());
    named
        .map(|field| json!([text(field, "name"), text(field, "type"), text(field, "description")]))
        .collect()
}

fn entry(api: &Map<String, Json>, name: &str) -> Json {
    let lower = name.to_ascii_lowercase();
    let known = Entries::built_in().json(&lower);
    let known = known.as_ref().and_then(Json::as_object);
    let known_text = |key: &str| known.map(|known| text(known, key)).unwrap_or_default();
    let kind = match known_text("kind") {
        "" if name.starts_with("list") => "list",
        "" => "object",
        kind => kind,
    };
    let mode = match (flag(api, "isasync"), known_text("mode")) {
        (true, "create") => "create",
        (true, _) => "job",
        (false, _) => "now",
    };
    let params: Vec<_> =
        objects(api, "params").filter_map(|param| parameter(param, name)).collect();
    json!({
        "name": name,
        "mode": mode,
        "kind": kind,
        "key": known_text("key"),
        "class": name,
        "since": text(api, "since"),
        "about": text(api, "description"),
        "params": params,
    })
}

fn parameter(param: &Map<String, Json>, api: &str) -> Option<Json> {
    let name = Some(text(param, "name")).filter(|name| !name.is_empty())?;
    let length = param.get("length").and_then(Json::as_u64).unwrap_or(255);
    let required = u8::from(flag(param, "required"));
    let lister = lister(param, api, name);
    Some(json!([name, text(param, "type"), required, lister, length, text(param, "description")]))
}

/// The API that lists the values of a parameter: as the built-in description says, or the related
/// one with the shortest name that lists.
fn lister(param: &Map<String, Json>, api: &str, name: &str) -> String {
    let known = Entries::built_in().find(&api.to_ascii_lowercase());
    if let Some(crate::schema::Completes::ListedBy(lister)) =
        known.and_then(|known| known.param(name)).map(|param| param.completes)
    {
        return lister.to_owned();
    }
    let related = text(param, "related").split(',').map(str::trim);
    let lists = related.filter(|name| name.starts_with("list"));
    lists.min_by_key(|name| (name.len(), *name)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Catalogue, Completes, Kind, Mode};

    #[test]
    fn what_a_server_tells_is_kept_and_found() {
        let answer = json!({"count": 2, "api": [
            {"name": "listWidgets", "description": "Widgets.", "isasync": false, "params": [
                {"name": "zoneid", "type": "uuid", "required": true, "length": 255,
                 "description": "the zone", "related": "createZone,listZonesMetrics,listZones"}],
             "response": [{"name": "id", "type": "string", "description": "its id"}, {}]},
            {"name": "createVPC", "description": "A VPC.", "isasync": true, "params": [],
             "response": []},
            {"name": "../x"},
        ]});
        let (text, count) = learn(&answer, json!({"url": "http://h"})).unwrap();
        assert_eq!(count, 2);
        let entries = Entries::kept(text);
        assert_eq!(entries.json(ORIGIN), Some(json!({"url": "http://h"})));
        let catalogue = Catalogue::read_from(entries);
        let widgets = catalogue.find("LISTWIDGETS").unwrap();
        assert_eq!(
            (widgets.about, widgets.kind, widgets.mode),
            ("Widgets.", Kind::List, Mode::Now)
        );
        let zone = widgets.param("zoneid").unwrap();
        assert_eq!(zone.completes, Completes::ListedBy("listZones"));
        assert!(zone.required && zone.about == "the zone");
        assert_eq!(widgets.fields.len(), 1);
        let vpc = catalogue.find("createVPC").unwrap();
        assert_eq!((vpc.key, vpc.mode), ("vpc", Mode::Create));
        assert_eq!(catalogue.specs().len(), 2);
    }

    #[test]
    fn our_own_discovery_can_be_learned() {
        let world = crate::sim::World::sandbox();
        let answer = world.ok("listApis", &[]);
        let (text, count) = learn(&answer, json!({})).unwrap();
        assert_eq!(count, crate::api::APIS.len());
        let learned = Catalogue::read_from(Entries::kept(text));
        for own in crate::transport::catalogue().specs() {
            let theirs = learned.find(own.name).unwrap();
            let names = |spec: &crate::schema::Spec| {
                let mut names: Vec<_> = spec.params().map(|p| (p.name, p.required)).collect();
                names.sort_unstable();
                names
            };
            assert_eq!(names(theirs), names(own), "{}", own.name);
            assert_eq!((theirs.mode, theirs.kind, theirs.key), (own.mode, own.kind, own.key));
        }
    }

    #[test]
    fn what_is_no_list_of_apis_is_not_kept() {
        for answer in [json!({}), json!({"api": []}), json!({"api": [{"name": 7}]})] {
            assert!(learn(&answer, json!({})).is_none());
        }
    }
}
