//! Whether the server of a profile can be reached, is who it says, and knows us.

use std::fs;
use std::time::UNIX_EPOCH;

use super::certificate::validity;
use super::{Finding, days};
use crate::cli::clock;
use crate::cli::server::{address, catalogue_file, connect};
use crate::cli::settings::Profile;
use crate::model::Time;
use crate::schema::Words;
use crate::transport::{Answer, Failure, Probe, Transport, Way, probe};

/// A clock that is off by more than this is to be put right, in seconds.
const OFF: i64 = 60;
/// A signature is good for this long, in seconds.
const SIGNATURE: i64 = 15 * 60;
/// A certificate that ends in fewer days is to be renewed.
const SOON: i64 = 14;
/// A catalogue older than this may lack commands, in days.
const OLD: i64 = 90;

/// Looks at the server.
pub(super) fn check(profile: &Profile, get: bool) -> Vec<Finding> {
    let url = address(profile.url.as_deref().unwrap_or_default());
    let way = Way { get, ..crate::cli::server::way(profile) };
    let found = probe(way.clone());
    let mut findings = Vec::new();
    let answered = match found {
        Ok(found) => {
            findings.push(Finding::ok("server", format!("{url} answers (HTTP {})", found.status)));
            findings.extend(encryption(&url, profile.verify, &found, clock::now()));
            findings.push(times(clock::now(), found.date.as_deref().and_then(http_date)));
            true
        }
        Err(why) => {
            findings.extend(unreachable(&url, &why, &way));
            false
        }
    };
    if answered {
        findings.push(credentials(&cheap_call(profile, get)));
    }
    findings.push(catalogue(age_of_catalogue(profile)));
    findings
}

/// Why there is no answer: perhaps the certificate, which a second look without trust tells.
fn unreachable(url: &str, why: &str, way: &Way) -> Vec<Finding> {
    if url.starts_with("https:") && way.verify {
        let careless = probe(Way { verify: false, ..way.clone() });
        if let Ok(found) = careless {
            return vec![untrusted(url, why, &found, clock::now())];
        }
    }
    let mend = "check the address (`capuchin profile show`), the network and the server";
    vec![Finding::wrong("server", format!("{url}: {why}"), mend)]
}

fn untrusted(url: &str, why: &str, found: &Probe, now: Time) -> Finding {
    let left = days_left(found, now);
    let (says, mend) = match left {
        Some(left) if left < 0 => (
            format!("the certificate of {url} ended {} days ago", -left),
            "have it renewed by whoever runs the server".to_owned(),
        ),
        _ => (
            format!("the certificate of {url} is not trusted: {why}"),
            "name the authority that signed it: capuchin profile edit PROFILE cacert=FILE"
                .to_owned(),
        ),
    };
    Finding::wrong("tls", says, mend)
}

fn days_left(found: &Probe, now: Time) -> Option<i64> {
    let (_, end) = validity(found.certificate.as_deref()?)?;
    Some(days(end * 1000 - now.millis()))
}

fn encryption(url: &str, verify: bool, found: &Probe, now: Time) -> Vec<Finding> {
    if !url.starts_with("https:") {
        let host = url.split('/').nth(2).unwrap_or_default();
        let here = ["localhost", "127.", "[::1]"].iter().any(|start| host.starts_with(start));
        let mend = "use https:// where the server has it";
        let says = format!("nothing that {host} is sent is encrypted");
        return match here {
            true => vec![Finding::ok("tls", "the server is on this machine")],
            false => vec![Finding::advice("tls", says, mend)],
        };
    }
    let mut findings = Vec::new();
    if !verify {
        findings.push(Finding::advice(
            "tls",
            "verifycert=false: anybody may pose as the server",
            "capuchin profile edit PROFILE verifycert=true cacert=FILE",
        ));
    }
    findings.extend(days_left(found, now).map(certificate));
    findings
}

/// A certificate that ends in so many days.
fn certificate(left: i64) -> Finding {
    let says = format!("the certificate is good for {left} days");
    match left {
        ..0 => Finding::wrong(
            "tls",
            format!("the certificate ended {} days ago", -left),
            "have it renewed by whoever runs the server",
        ),
        0..SOON => Finding::advice("tls", says, "have it renewed by whoever runs the server"),
        _ => Finding::ok("tls", says),
    }
}

/// How far the clocks are apart.
fn times(ours: Time, theirs: Option<Time>) -> Finding {
    let Some(theirs) = theirs else {
        return Finding::ok("clock", "the server does not tell its time");
    };
    let off = (ours.millis() - theirs.millis()) / 1000;
    let side = if off > 0 { "ahead of" } else { "behind" };
    let says = format!("this machine is {} s {side} the server", off.abs());
    let mend = "set the clock that is wrong, here with: timedatectl set-ntp true";
    match off.abs() {
        0..=OFF => Finding::ok("clock", "the clocks of this machine and of the server agree"),
        far if far >= SIGNATURE => Finding::wrong("clock", says, mend),
        _ => Finding::advice("clock", says, mend),
    }
}

/// Reads a time as HTTP has it.
fn http_date(text: &str) -> Option<Time> {
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Time::from_millis(parsed.as_millisecond()))
}

/// Calls what everybody may call and costs nothing.
fn cheap_call(profile: &Profile, get: bool) -> Result<Answer, Failure> {
    let server = connect(profile, get, true);
    let missing = || Failure::Unavailable { why: "the catalogue has no listApis".to_owned() };
    let spec = server.catalogue().find("listApis").ok_or_else(missing)?;
    let words: Words = [("name", "listApis")].into_iter().collect();
    server.call(spec, &words)
}

fn credentials(answer: &Result<Answer, Failure>) -> Finding {
    let check = "credentials";
    let mend = "capuchin profile edit PROFILE apikey=KEY secretkey=-";
    match answer {
        Ok(_) => Finding::ok(check, "the server knows them"),
        Err(Failure::Denied { why }) if why.contains("expire") => Finding::wrong(
            check,
            why.clone(),
            "set the clock of this machine: timedatectl set-ntp true",
        ),
        Err(Failure::Denied { why }) => Finding::wrong(check, why.clone(), mend),
        Err(Failure::Unavailable { why }) => {
            Finding::wrong(check, why.clone(), "ask again when the server answers")
        }
        Err(Failure::Remote { text, code, .. }) => Finding::advice(
            check,
            format!("the server knows them, and refuses listApis ({code}): {text}"),
            "have the role of this user allow listApis, so that `capuchin sync` works",
        ),
        Err(Failure::Refused { fault, .. }) => Finding::wrong(check, fault.to_string(), mend),
        Err(Failure::Unread(why)) => Finding::wrong(check, why.to_string(), "ask again"),
        Err(Failure::Interrupted { .. }) => Finding::advice(check, "not checked", "ask again"),
    }
}

/// How many days ago the server told of its APIs.
fn age_of_catalogue(profile: &Profile) -> Option<i64> {
    let written = fs::metadata(catalogue_file(profile)?).ok()?.modified().ok()?;
    let written = written.duration_since(UNIX_EPOCH).ok()?.as_millis();
    Some(days(clock::now().millis() - i64::try_from(written).ok()?))
}

fn catalogue(age: Option<i64>) -> Finding {
    let (check, mend) = ("catalogue", "capuchin sync");
    match age {
        None => Finding::advice(
            check,
            "the commands are those of CloudStack 4.22; this server was not asked for its own",
            mend,
        ),
        Some(age) if age > OLD => {
            Finding::advice(check, format!("the server told of its commands {age} days ago"), mend)
        }
        Some(_) => Finding::ok(check, "the commands are those of the server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1000)
    }

    #[test]
    fn clocks_are_compared() {
        let state = |off| times(at(off), Some(at(0))).state;
        assert_eq!(state(0), State::Ok);
        assert_eq!(state(-60), State::Ok);
        assert_eq!(state(-120), State::Advice);
        assert_eq!(state(901), State::Wrong);
        assert_eq!(times(at(0), None).state, State::Ok);
        assert!(times(at(-120), Some(at(0))).says.contains("120 s behind"));
        let date = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(date.millis(), 784_111_777_000);
        assert!(http_date("yesterday").is_none());
    }

    #[test]
    fn certificates_end() {
        assert_eq!(certificate(-1).state, State::Wrong);
        assert_eq!(certificate(13).state, State::Advice);
        assert_eq!(certificate(14).state, State::Ok);
        let bare = Probe { status: 200, date: None, certificate: None };
        let state = |url, verify| encryption(url, verify, &bare, at(0)).first().map(|f| f.state);
        assert_eq!(state("http://cloud/client/api", true), Some(State::Advice));
        assert_eq!(state("http://127.0.0.1:8080/", true), Some(State::Ok));
        assert_eq!(state("https://cloud/", false), Some(State::Advice));
        assert_eq!(state("https://cloud/", true), None);
        let says = untrusted("https://c/", "UnknownIssuer", &bare, at(0));
        assert!(says.says.contains("UnknownIssuer") && says.mend.contains("cacert"), "{says:?}");
    }

    #[test]
    fn credentials_are_judged_by_the_answer() {
        let denied = |why: &str| credentials(&Err(Failure::Denied { why: why.into() }));
        assert!(denied("no").mend.contains("profile edit"));
        assert!(denied("the signature expired").mend.contains("clock"));
        let refused = Failure::Remote { code: 432, cs_code: None, text: "no".into(), job: None };
        assert_eq!(credentials(&Err(refused)).state, State::Advice);
        let answer = Answer { body: serde_json::json!({}), job: None, made: None };
        assert_eq!(credentials(&Ok(answer)).state, State::Ok);
    }

    #[test]
    fn a_catalogue_grows_old() {
        assert_eq!(catalogue(None).state, State::Advice);
        assert_eq!(catalogue(Some(91)).state, State::Advice);
        assert_eq!(catalogue(Some(1)).state, State::Ok);
    }
}
