//! Parameters and envelopes.

use super::*;
use crate::api::JobRef;
use proptest::prelude::*;

fn spec(name: &str) -> &'static Spec {
    &crate::api::find(name).unwrap().spec
}

fn text(envelope: &Envelope) -> String {
    String::from_utf8(envelope.write(Format::Json, true)).unwrap()
}

fn given(query: &str) -> Vec<(String, String)> {
    params(query, b"").unwrap()
}

fn reply(name: &str, body: Json, job: Option<JobRef>) -> String {
    text(&Envelope::reply(Reply { spec: spec(name), body, job }))
}

#[test]
fn parameters_are_decoded_and_the_last_of_a_name_counts() {
    let params = params("a=1&b=x+y%20z&&c&a=2&%C3%A9=%7e&bad=%zz%4", b"b=form&d=%2B").unwrap();
    let expected =
        [("a", "2"), ("b", "form"), ("bad", "%zz%4"), ("c", ""), ("d", "+"), ("\u{e9}", "~")];
    let params: Vec<_> = params.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(params, expected);
    assert_eq!(decode(b"%ff"), "\u{fffd}");
}

#[test]
fn nobody_sends_a_million_parameters() {
    assert!(super::params(&"a=1&".repeat(MOST_PARAMS), b"").is_some());
    assert!(super::params(&"a=1&".repeat(MOST_PARAMS), b"b=1").is_none());
}

#[test]
fn booleans_are_true_or_false_and_blank_numbers_are_not_given() {
    let spec = spec("listNetworks");
    let query = "command=listNetworks&ListAll=True&isrecursive=None&page=&keyword=&apiKey=K";
    let words = words(spec, given(query)).unwrap();
    let words: Vec<_> = words.iter().collect();
    assert_eq!(words, [("isrecursive", "false"), ("keyword", ""), ("listall", "true")]);
}

#[test]
fn map_entries_that_are_none_are_refused() {
    let spec = spec("listNetworks");
    assert!(words(spec, given("tags[0].key=a&tags[12].Key=b")).is_ok());
    for name in ["tags[", "tags[0]", "tags[x].key", "tags[].key", "[0].key", "tags[0].", "a]["] {
        let fault = words(spec, given(&format!("{name}=1"))).unwrap_err();
        assert_eq!((fault.code(), fault.exception.cs_code()), (430, 9999), "{name}");
        assert!(fault.text.contains(name), "{}", fault.text);
    }
}

#[test]
fn answers_have_the_shape_of_their_kind() {
    let list = json!({ "count": 1, "zone": [] });
    assert_eq!(reply("listZones", list, None), r#"{"listzonesresponse":{"count":1,"zone":[]}}"#);
    assert_eq!(reply("listZones", json!({}), None), r#"{"listzonesresponse":{}}"#);
    assert_eq!(reply("listPortableIpRanges", json!({}), None), r#"{"listportableipresponse":{}}"#);
    assert_eq!(
        reply("deleteZone", json!({ "success": true }), None),
        r#"{"deletezoneresponse":{"success":"true"}}"#
    );
}

#[test]
fn an_asynchronous_call_is_answered_with_its_job() {
    let job = |made: Option<&str>| {
        Some(JobRef { id: "j".into(), made: made.map(Into::into), failed: None })
    };
    assert_eq!(
        reply("createVPC", json!({ "vpc": {} }), job(Some("v"))),
        r#"{"createvpcresponse":{"id":"v","jobid":"j"}}"#
    );
    assert_eq!(
        reply("deleteVPC", json!({ "success": true }), job(None)),
        r#"{"deletevpcresponse":{"jobid":"j"}}"#
    );
}

#[test]
fn errors_have_their_codes_and_stand_under_the_command() {
    let fault = Fault::invalid("no").about("u", "zone");
    let envelope = Envelope::fault(Some(spec("listZones")), &fault);
    assert_eq!((envelope.status, envelope.error_text()), (431, Some("no")));
    assert_eq!(
        text(&envelope),
        r#"{"listzonesresponse":{"uuidList":[{"uuid":"u","description":"zone"}],"#.to_owned()
            + r#""errorcode":431,"cserrorcode":4350,"errortext":"no"}}"#
    );
    let fault = Fault::new(Exception::UnsupportedAction, "what?");
    assert_eq!(
        text(&Envelope::fault(Some(spec("listZones")), &fault)),
        r#"{"errorresponse":{"uuidList":[],"errorcode":432,"cserrorcode":9999,"#.to_owned()
            + r#""errortext":"what?"}}"#
    );
    assert_eq!(
        text(&Envelope::refusal(Some(spec("listZones")), 401, "who?")),
        r#"{"listzonesresponse":{"uuidList":[],"errorcode":401,"errortext":"who?"}}"#
    );
}

#[test]
fn xml_is_what_nobody_asks_for() {
    for (query, format) in [
        ("", Format::Xml),
        ("response=xml", Format::Xml),
        ("response=json", Format::Json),
        ("Response=JSON", Format::Json),
    ] {
        assert_eq!(Format::of(&given(query)), format, "{query}");
    }
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(
        query in any::<String>(), form in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Some(params) = params(&query, &form) {
            let _ = words(spec("listNetworks"), params);
        }
    }

    #[test]
    fn what_is_encoded_decodes(value in any::<String>()) {
        let encoded = crate::transport::sign::encode(&value);
        prop_assert_eq!(decode(encoded.as_bytes()), value);
    }
}
