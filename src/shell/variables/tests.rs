//! What references lead to, and what is said where they lead nowhere.

use super::*;
use crate::schema::Spec;
use crate::shell::line::parse;
use serde_json::json;

fn variables() -> Variables {
    let mut variables = Variables::default();
    let mut set = |name: &str, value: Json| {
        variables.set(name, Variable { value, is_secret: is_secret_name(name) });
    };
    set("zone", json!("san box"));
    set("password", json!("hunter2"));
    set(
        "vpc",
        json!({
            "id": "7", "name": "web", "mtu": 1500, "ha": true, "gone": null,
            "tags": [{"key": "env", "value": "prod"}, {"key": "a-b", "value": "c"}],
            "nic": [{"ip": "192.0.2.1"}, {"ip": "192.0.2.2"}],
            "caps": ["a", "b"], "none": [], "secretkey": "s",
        }),
    );
    let spec = Spec { key: "zone", ..Spec::BLANK };
    let rows = json!({"count": 9, "zone": [{"id": "1", "name": "a"}, {"id": "2"}, {"id": "3"}]});
    variables.answered(Last::of(&spec, &rows));
    variables
}

fn reference(text: &str) -> Reference {
    let line = parse(text).unwrap().remove(0);
    line.words[0].slots[0].reference.clone()
}

fn text_of(text: &str) -> Result<String, String> {
    variables().text(&reference(text))
}

#[test]
fn references_lead_to_values() {
    for (reference, value) in [
        ("$zone", "san box"),
        ("$vpc.id", "7"),
        ("$vpc.mtu", "1500"),
        ("$vpc.ha", "true"),
        ("$vpc.tags.env", "prod"),
        ("${vpc.tags.a-b}", "c"),
        ("$vpc.tags[0].key", "env"),
        ("$vpc.tags[-1].value", "c"),
        ("$vpc.tags.count", "2"),
        ("$vpc.nic.ip", "192.0.2.1"),
        ("$vpc.nic[1].ip", "192.0.2.2"),
        ("$vpc.caps", "a,b"),
        ("$vpc.caps[1]", "b"),
        ("$last.id", "1"),
        ("$last[0].id", "1"),
        ("$last[2].id", "3"),
        ("$last[-1].id", "3"),
        ("$last.count", "3"),
    ] {
        assert_eq!(text_of(reference).as_deref(), Ok(value), "{reference}");
    }
}

#[test]
fn what_leads_nowhere_is_explained() {
    for (reference, why) in [
        (
            "$zne",
            "there is no variable `$zne`; did you mean `$zone`? A dollar that is meant is `\\$`",
        ),
        ("$qqqqqq", "no variable `$qqqqqq`; `set -v qqqqqq=VALUE` sets it"),
        ("$vpc", "`$vpc` has several values; write which: `$vpc.id`"),
        ("${last}", "`${last}` has several values; write which: `${last.id}`"),
        ("$vpc.tags", "write which: `$vpc.tags.KEY`"),
        ("$vpc.none", "`$vpc.none` has no value"),
        ("$vpc.gone", "`$vpc.gone` has no value"),
        ("$vpc.nmae", "`$vpc` has no field `nmae`; did you mean `name`?"),
        ("$vpc.qqqqqqqq", "Tab behind the dot lists those it has"),
        ("$last[1].name", "`$last[1]` has no field `name`; it has id"),
        ("$last[3].id", "`$last[3]` is not there: there are 3 rows, from [0] to [2]"),
        ("$vpc.nic[2].ip", "`$vpc.nic` has no row [2]: there are 2 rows"),
        ("$vpc.none.x", "`$vpc.none` has no rows"),
        ("$vpc[0]", "`$vpc` is no list"),
        (
            "$zone.id",
            "`$zone` is a text and has no field `id`; for a text behind it write `${zone}.id`",
        ),
        ("$zone[0]", "`$zone` is no list"),
    ] {
        let found = text_of(reference).unwrap_err();
        assert!(found.contains(why), "{reference}: {found}");
    }
    let why = Variables::default().text(&reference("$last.id")).unwrap_err();
    assert_eq!(why, "`$last` is empty: nothing was answered yet");
}

#[test]
fn answers_are_unwrapped() {
    let last = |spec: &Spec, body| {
        let mut variables = Variables::default();
        variables.answered(Last::of(spec, &body));
        variables.text(&reference("$last.id"))
    };
    let vpc = Spec { key: "vpc", ..Spec::BLANK };
    assert_eq!(last(&vpc, json!({"vpc": {"id": "7"}})).as_deref(), Ok("7"));
    assert_eq!(last(&vpc, json!({"id": "7"})).as_deref(), Ok("7"));
    assert_eq!(last(&Spec::BLANK, json!({"vpc": {"id": "7"}})).as_deref(), Ok("7"));
    assert_eq!(last(&Spec::BLANK, json!({"id": "7", "x": {}})).as_deref(), Ok("7"));
    let none = last(&vpc, json!({"vpc": []})).unwrap_err();
    assert_eq!(none, "`$last` has no rows, so it has no `id`");
}

#[test]
fn secrets_are_not_shown() {
    let mut variables = variables();
    let is_secret = |variables: &Variables, text| variables.is_secret(&reference(text));
    for text in ["$password", "$vpc.secretkey", "$last.apikey"] {
        assert!(is_secret(&variables, text), "{text}");
    }
    assert!(!is_secret(&variables, "$zone"));
    variables.set("x", Variable { value: json!("hunter2"), is_secret: true });
    assert!(is_secret(&variables, "$x"));
    let shown = variables.shown();
    assert!(!format!("{shown:?}").contains("hunter2"));
    let all = |name: &str| shown.iter().find(|(known, _)| known == name).map(|(_, it)| it.as_str());
    assert_eq!(all("x"), Some("********"));
    assert_eq!(all("zone"), Some("san box"));
    assert_eq!(all("vpc"), Some("the row of web"));
    assert_eq!(all("last"), Some("3 rows"));
    let inside = variables.inside(Some(&reference("$vpc")));
    assert!(inside.contains(&("secretkey".to_owned(), "********".to_owned())));
}

#[test]
fn what_is_inside_is_known() {
    let names = |text: &str| {
        let inside = variables().inside(Some(&reference(text)));
        inside.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names("$last"), ["count", "id", "name"]);
    assert_eq!(names("$last[1]"), ["id"]);
    assert_eq!(names("$vpc.tags"), ["count", "env", "a-b"]);
    assert_eq!(names("$zone"), [""; 0]);
    assert_eq!(names("$none"), [""; 0]);
}
