//! Requests and answers as they travel: parameters out of a query string or a form, and the one
//! outer object around an answer. Pure; knows no socket.

use serde_json::{Value as Json, json};

use crate::api::Reply;
use crate::schema::{Exception, Fault, Kind, Spec, Words};
use crate::text::shorten;
use crate::transport::sign::Pairs;
use crate::transport::{wire_json, wire_xml};

/// More parameters than any command has.
const MOST_PARAMS: usize = 4096;

/// The outer key where there is no command.
const NO_COMMAND: &str = "errorresponse";

/// Parameters that are about the request, not for the command.
const OF_REQUEST: &[&str] =
    &["apikey", "command", "expires", "response", "sessionkey", "signature", "signatureversion"];

/// How an answer is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// JSON, where `response=json` asks for it.
    Json,
    /// XML, where nothing or anything else does.
    Xml,
}

/// An answer before it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Envelope {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The outermost key.
    key: String,
    /// What stands under it.
    body: Json,
}

impl Format {
    /// The format that a request asks for.
    pub(crate) fn of(params: &Pairs) -> Self {
        let json = crate::transport::sign::get(params, "response")
            .is_some_and(|format| format.eq_ignore_ascii_case("json"));
        if json { Self::Json } else { Self::Xml }
    }

    /// The value of `Content-Type`.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=UTF-8",
            Self::Xml => "text/xml; charset=UTF-8",
        }
    }
}

impl Envelope {
    /// An answer of this status with `body` under `key`.
    pub(crate) fn new(status: u16, key: &str, body: Json) -> Self {
        Self { status, key: key.to_owned(), body }
    }

    /// The answer to a call that was accepted: of an asynchronous one, its job.
    pub(crate) fn reply(reply: Reply) -> Self {
        let body = match reply.job {
            Some(job) => {
                let id = job.made.map(|id| ("id".to_owned(), Json::from(id)));
                let job = ("jobid".to_owned(), Json::from(job.id));
                Json::Object(id.into_iter().chain([job]).collect())
            }
            // Outside of jobs CloudStack writes it as a text, which clients compare with.
            None if reply.spec.kind == Kind::Success => json!({ "success": "true" }),
            None => reply.body,
        };
        Self { status: 200, key: reply.spec.response_name(), body }
    }

    /// The answer to a call that was refused.
    pub(crate) fn fault(spec: Option<&Spec>, fault: &Fault) -> Self {
        let code = fault.code();
        let spec = spec.filter(|_| fault.exception != Exception::UnsupportedAction);
        let about: Vec<_> = fault
            .about
            .iter()
            .map(|(uuid, what)| json!({ "uuid": uuid, "description": what }))
            .collect();
        let body = json!({
            "uuidList": about, "errorcode": code, "cserrorcode": fault.exception.cs_code(),
            "errortext": fault.text,
        });
        Self { status: code, key: key(spec), body }
    }

    /// The answer to a request that did not become a call.
    pub(crate) fn refusal(spec: Option<&Spec>, status: u16, text: &str) -> Self {
        let body = json!({ "uuidList": [], "errorcode": status, "errortext": text });
        Self { status, key: key(spec), body }
    }

    /// What is wrong, if something is.
    pub(crate) fn error_text(&self) -> Option<&str> {
        self.body.get("errortext").filter(|_| self.status != 200)?.as_str()
    }

    /// A text that stands in the answer to a call that was accepted.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.body.get(name).filter(|_| self.status == 200)?.as_str()
    }

    /// The text that is sent. The version is shown to those who are known.
    pub(crate) fn write(&self, format: Format, known: bool) -> Vec<u8> {
        match format {
            Format::Json => wire_json::write(&self.key, &self.body),
            Format::Xml => wire_xml::write(&self.key, &self.body, known),
        }
    }
}

fn key(spec: Option<&Spec>) -> String {
    spec.map_or_else(|| NO_COMMAND.to_owned(), Spec::response_name)
}

/// The parameters of a request, each name once: of several values the last counts, and those of
/// the form come after those of the query string. None if there are more than any command has.
pub(crate) fn params(query: &str, form: &[u8]) -> Option<Vec<(String, String)>> {
    let parts = query.as_bytes().split(|byte| *byte == b'&');
    let parts = parts.chain(form.split(|byte| *byte == b'&')).filter(|part| !part.is_empty());
    let mut params = std::collections::BTreeMap::new();
    for (count, part) in parts.enumerate() {
        if count >= MOST_PARAMS {
            return None;
        }
        let mut halves = part.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default());
        params.insert(name, decode(halves.next().unwrap_or_default()));
    }
    Some(params.into_iter().collect())
}

/// Decodes `%XX` and `+`. What is no encoding stands for itself, what is no UTF-8 is replaced.
fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The parameters for the command, read as leniently as CloudStack does: a boolean is true or
/// else false, and a number that is blank was not given.
pub(crate) fn words(spec: &Spec, params: Vec<(String, String)>) -> Result<Words, Fault> {
    let mut words = Words::default();
    for (name, value) in params {
        let lower = name.to_ascii_lowercase();
        if OF_REQUEST.contains(&lower.as_str()) {
            continue;
        }
        if name.contains('[') && !is_map_entry(&name) {
            return Err(malformed(&name));
        }
        match spec.param(&lower).map(|param| param.wire) {
            Some("boolean") => words.set(&name, value.eq_ignore_ascii_case("true").to_string()),
            Some("integer" | "float" | "double") if value.trim().is_empty() => {}
            _ => words.set(&name, value),
        }
    }
    Ok(words)
}

/// `name[3].key`.
fn is_map_entry(name: &str) -> bool {
    let Some((map, rest)) = name.split_once('[') else { return false };
    let Some((index, key)) = rest.split_once("].") else { return false };
    let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    !map.is_empty() && is_index && !key.is_empty()
}

fn malformed(name: &str) -> Fault {
    let name = shorten(name, 60);
    Fault::new(
        Exception::MalformedParameter,
        format!(
            "Unable to decode parameter {name}; if specifying an object array, please use \
             parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup"
        ),
    )
}

#[cfg(test)]
mod tests;
