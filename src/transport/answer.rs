//! What a server answers, told apart: the inner object, a refusal, or no CloudStack at all.

use serde_json::{Map, Value as Json};

use crate::text::quoted;
use crate::transport::Failure;

/// Classes of exceptions by `cserrorcode` (`CSExceptionErrorCode` in CloudStack).
const CLASSES: &[(i64, &str)] = &[
    (4250, "CloudRuntimeException"),
    (4260, "ExecutionException"),
    (4265, "HypervisorVersionChangedException"),
    (4270, "NioConnectionException"),
    (4275, "CloudException"),
    (4280, "AccountLimitException"),
    (4285, "AgentUnavailableException"),
    (4290, "CloudAuthenticationException"),
    (4295, "CloudTwoFactorAuthenticationException"),
    (4300, "ConcurrentOperationException"),
    (4305, "ConflictingNetworkSettingsException"),
    (4310, "DiscoveredWithErrorException"),
    (4315, "HAStateException"),
    (4320, "InsufficientAddressCapacityException"),
    (4325, "InsufficientCapacityException"),
    (4330, "InsufficientNetworkCapacityException"),
    (4331, "InsufficientVirtualNetworkCapacityException"),
    (4335, "InsufficientServerCapacityException"),
    (4340, "InsufficientStorageCapacityException"),
    (4345, "InternalErrorException"),
    (4350, "InvalidParameterValueException"),
    (4355, "ManagementServerException"),
    (4360, "NetworkRuleConflictException"),
    (4365, "PermissionDeniedException"),
    (4370, "ResourceAllocationException"),
    (4375, "ResourceInUseException"),
    (4380, "ResourceUnavailableException"),
    (4385, "StorageUnavailableException"),
    (4390, "UnsupportedServiceException"),
    (4395, "VirtualMachineMigrationException"),
    (4545, "RequestLimitException"),
    (4550, "StorageConflictException"),
    (4555, "UnavailableCommandException"),
    (4560, "OperationTimedoutException"),
    (9999, "ServerApiException"),
];

/// How much is shown of what is no answer, in bytes.
pub(crate) const SHOWN: usize = 256;

/// The class of a `cserrorcode`.
pub(crate) fn class(cs_code: i64) -> Option<&'static str> {
    CLASSES.iter().find(|(code, _)| *code == cs_code).map(|(_, class)| *class)
}

/// Reads an answer: the value of the one key that it has.
pub(crate) fn read(status: u16, body: &[u8]) -> Result<Json, Failure> {
    let inner = serde_json::from_slice::<Map<String, Json>>(body).ok();
    let inner = inner.and_then(|map| map.into_iter().next()).map(|(_, inner)| inner);
    let Some(inner) = inner else { return Err(foreign(status, body)) };
    if let Some(failure) = refusal(&inner, None) {
        return Err(failure);
    }
    match status {
        401 => Err(denied("it says no more")),
        200..300 => Ok(inner),
        _ => Err(foreign(status, body)),
    }
}

/// The refusal that an object is, if it is one.
pub(crate) fn refusal(inner: &Json, job: Option<&str>) -> Option<Failure> {
    let code = number(inner.get("errorcode")?)?;
    let text = inner.get("errortext").and_then(Json::as_str).unwrap_or_default().to_owned();
    if code == 401 && job.is_none() {
        return Some(denied(&text));
    }
    let cs_code = inner.get("cserrorcode").and_then(number);
    Some(Failure::Remote { code, cs_code, text, job: job.map(str::to_owned) })
}

pub(super) fn number(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

fn denied(text: &str) -> Failure {
    let why = format!("the server does not accept the credentials (401): {text}");
    Failure::Denied { why }
}

/// Something that is no answer of CloudStack: a proxy's page, for one.
pub(crate) fn foreign(status: u16, body: &[u8]) -> Failure {
    let start = body.get(..body.len().min(SHOWN)).unwrap_or_default();
    let start = String::from_utf8_lossy(start);
    let said = match start.trim() {
        "" => "nothing".to_owned(),
        start => quoted(start),
    };
    let what = format!("the server answered HTTP {status} and no JSON of CloudStack: {said}");
    match status {
        401 => Failure::Denied { why: what },
        _ => Failure::Unavailable { why: format!("{what}; is the URL that of its API?") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_key_is_the_answer_whatever_its_name() {
        let body = br#"{"acquirepodipaddress":{"id":"7"}}"#;
        assert_eq!(read(200, body).unwrap(), json!({"id": "7"}));
        assert_eq!(
            read(200, br#"{"x":18446744073709551616}"#).unwrap().to_string(),
            "18446744073709551616"
        );
    }

    #[test]
    fn codes_of_a_refusal_are_kept() {
        let body = br#"{"errorresponse":{"uuidList":[],"errorcode":533,"cserrorcode":4320,
            "errortext":"none left"}}"#;
        let Err(Failure::Remote { code, cs_code, text, job }) = read(533, body) else { panic!() };
        assert_eq!((code, cs_code, text.as_str(), job), (533, Some(4320), "none left", None));
        assert_eq!(class(4320), Some("InsufficientAddressCapacityException"));
        assert_eq!(class(-1), None);
    }

    #[test]
    fn wrong_credentials_are_told_from_other_refusals() {
        let body = br#"{"listzonesresponse":{"uuidList":[],"errorcode":401,"errortext":"no"}}"#;
        assert!(matches!(read(401, body), Err(Failure::Denied { why }) if why.ends_with(": no")));
        assert!(matches!(read(401, b"<html>"), Err(Failure::Denied { .. })));
    }

    #[test]
    fn what_is_no_answer_is_shown_printable() {
        let Err(Failure::Unavailable { why }) = read(502, b"<h1>Bad \x1b[2J\xff</h1>") else {
            panic!()
        };
        assert!(why.contains("HTTP 502") && why.contains("<h1>Bad \\x1b[2J"), "{why}");
        assert!(matches!(read(200, b""), Err(Failure::Unavailable { why }) if
            why.contains("nothing")));
        assert!(read(200, b"{}").is_err() && read(200, b"[1]").is_err());
        assert!(read(302, br#"{"a":{}}"#).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(body: Vec<u8>, status: u16) {
            let _ = read(status, &body);
        }
    }
}
