//! Parameters, signatures, and answers in both directions.

use crate::api::APIS;
use crate::fuzzing::{first_line, text};
use crate::model::Time;
use crate::schema::Words;
use crate::text::Secret;
use crate::transport::remote::ended;
use crate::transport::sign::{Algorithm, check_expiry, encode, get, sign, verify};
use crate::transport::wire::{Envelope, Format};
use crate::transport::{answer as answers, wire, wire_xml};
use serde_json::{Value as Json, json};

/// A line with a query string, then a form.
pub fn params(data: &[u8]) {
    let (query, form) = first_line(data);
    let Some(params) = wire::params(&text(query), form) else { return };
    // A byte that is no UTF-8 becomes three.
    let size: usize = params.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(size <= 9 * data.len(), "{size} bytes out of {}", data.len());
    let encoded: Vec<_> =
        params.iter().map(|(name, value)| [encode(name), encode(value)].join("=")).collect();
    let again = wire::params(&encoded.join("&"), b"");
    // An empty name with an empty value is written as `=`, and read as that.
    assert_eq!(again.as_ref(), Some(&params), "written and read again");
    let command = get(&params, "command").unwrap_or_default();
    let specs = APIS.iter().map(|api| &api.spec);
    let named = specs.filter(|spec| command.is_empty() || spec.name == command);
    for spec in named {
        let Ok(words) = wire::words(spec, params.clone()) else { continue };
        for param in spec.params() {
            let entries = words.entries(param.name);
            assert!(entries.len() <= params.len(), "more entries than parameters");
        }
        let same: Words = words.iter().collect();
        assert_eq!(same, words);
    }
}

/// A line with a signature, one with a secret, then a query string.
pub fn signature(data: &[u8]) {
    let (given, rest) = first_line(data);
    let (secret, query) = first_line(rest);
    let secret = Secret::new(text(secret));
    let Some(mut params) = wire::params("", query) else { return };
    let _ = verify(&params, &text(given), &secret);
    let now = Time::from_millis(1_767_322_800_000);
    if check_expiry(&params, now).is_ok() && get(&params, "signatureversion") == Some("3") {
        let before_all = Time::from_millis(i64::MIN);
        assert!(check_expiry(&params, before_all).is_ok(), "good now, and not good before");
    }
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let own = sign(&params, &secret, algorithm);
        assert!(verify(&params, &own, &secret), "our own signature");
        let other = Secret::new(format!("{}x", secret.expose()));
        assert!(!verify(&params, &own, &other), "under another secret");
    }
    let own = sign(&params, &secret, Algorithm::Sha1);
    params.push(("another".to_owned(), "1".to_owned()));
    assert!(!verify(&params, &own, &secret), "with another parameter");
}

/// Any JSON object, or lines of names and values: written as an answer and read again.
pub fn writing(data: &[u8]) {
    let body = serde_json::from_slice(data).ok().filter(Json::is_object);
    let body = body.unwrap_or_else(|| {
        let lines = data.split(|byte| *byte == b'\n').map(|line| text(line));
        let fields = lines.map(|line| match line.split_once('=') {
            // `serde_json` keeps long numbers under a name of its own, and reads it as one.
            Some((name, value)) => (name.replace("$serde_json", "_"), Json::from(value)),
            None => ("line".to_owned(), Json::from(line.as_ref())),
        });
        json!({ "count": 1, "row": [fields.collect::<Json>(), {}, null, [[]], true, 1.5] })
    });
    let answer = Envelope::new(200, "fuzzresponse", body.clone());
    let written = answer.write(Format::Json, true);
    assert!(written.len() <= 6 * data.len() + 200, "{} bytes of JSON", written.len());
    let whole: Option<Json> = serde_json::from_slice(&written).ok();
    assert_eq!(whole, Some(json!({ "fuzzresponse": body })), "JSON written and read again");
    let written = answer.write(Format::Xml, true);
    // A name stands twice around each value, and repeats for each value of a list.
    let longest = 20 * (data.len() + 10) * (data.len() + 10) + 400;
    assert!(written.len() <= longest, "{} bytes of XML", written.len());
    let mut values = String::new();
    collect(&body, &mut values);
    assert_eq!(wire_xml::said(&written), Ok(values), "XML written and read again");
}

/// All values in the order in which they stand.
fn collect(json: &Json, into: &mut String) {
    match json {
        Json::Null => {}
        Json::String(text) => into.push_str(&wire_xml::printable(text)),
        Json::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Json::Object(fields) => fields.values().for_each(|value| collect(value, into)),
        other => into.push_str(&other.to_string()),
    }
}

/// Two bytes of a status, then what a server answers.
pub fn answer(data: &[u8]) {
    let Some(([high, low], body)) = data.split_first_chunk() else { return };
    // As digits too, so that the seeds are texts.
    let status = match (char::from(*high).to_digit(10), char::from(*low).to_digit(10)) {
        (Some(high), Some(low)) => u16::try_from(high * 100 + low).unwrap_or(200),
        _ => u16::from_be_bytes([*high, *low]),
    };
    let Ok(inner) = answers::read(status, body) else { return };
    let refused = inner.get("errorcode").is_some_and(|code| code.as_i64().is_some());
    assert!(!refused, "a refusal is no answer");
    if let Some(Ok(done)) = ended("job", inner) {
        assert_eq!(done.job.as_deref(), Some("job"));
    }
}
