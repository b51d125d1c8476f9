//! Answers for the tests of all formats.

use serde_json::Value;

use super::{Format, Shape, View, render};

pub(super) const VPCS: Shape<'static> = Shape::List { key: "vpc" };
pub(super) const NETWORK: Shape<'static> = Shape::Object { key: "network" };

pub(super) const TWO: &str = r#"{"count":2,"vpc":[
    {"id":"7021","name":"\u6771\u4eac","cpu":2.75,"state":"Enabled",
     "tags":[{"key":"a","value":"b"}]},
    {"id":"2d15","name":"vpc-b","bytes":9223372036854775807,"cpu":null,"state":"x\n\u001b[2J"}]}"#;
pub(super) const ONE: &str = r#"{"network":{"id":"9f","name":"web, \"a\"","vlan":101,
    "service":[{"name":"Dhcp","provider":[{"name":"VR"}]},{"name":"Dns"}],"acl":null}}"#;
pub(super) const DONE: &str = r#"{"success":true,"displaytext":"all well"}"#;
pub(super) const JOB: &str = r#"{"jobid":"77","jobstatus":1,"jobresult":{"success":true}}"#;

/// Renders with the choices of `view`.
pub(super) fn shown(format: Format, answer: &str, view: &View<'_>) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let mut out = Vec::new();
    render(format, &answer, view, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Renders with nothing chosen.
pub(super) fn plain(format: Format, answer: &str, shape: Shape<'_>) -> String {
    shown(format, answer, &View::plain(shape))
}

/// Puts two characters, four columns wide as they are, where an expectation says `WIDE`.
pub(super) fn wide(expected: &str) -> String {
    expected.replace("WIDE", "\u{6771}\u{4eac}")
}
