//! Signatures: how a request is signed, and how a signed one is judged. Pure; client and server
//! share it.
//!
//! What is signed: all parameters but the signature itself, sorted by name, as `name=value` joined
//! by `&`, values percent-encoded, the whole lower-cased. Then HMAC and base64.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::model::Time;
use crate::text::Secret;

/// A request's parameters as they are sent: names in their own letter case, values decoded, no
/// name twice.
pub(crate) type Pairs = [(String, String)];

/// The hash of a signature. CloudStack knows the first only.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Algorithm {
    /// HMAC-SHA1, what every client uses.
    #[default]
    Sha1,
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// What is wrong with the time limit of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stale {
    /// Version 3 of signatures demands `expires`.
    Missing,
    /// It is no time.
    Unreadable,
    /// It is over.
    Over,
}

/// Letters that clients encode differently. CloudStack's own spelling is the first.
const SPELLINGS: [(char, [&str; 2]); 3] =
    [('*', ["*", "%2A"]), ('~', ["%7E", "~"]), (':', ["%3A", ":"])];

/// The signature of a request; a parameter named `signature` is left out.
pub(crate) fn sign(params: &Pairs, secret: &Secret, algorithm: Algorithm) -> String {
    let text = canonical(params, false, 0);
    let (key, text) = (secret.expose().as_bytes(), text.as_bytes());
    match algorithm {
        Algorithm::Sha1 => code::<Hmac<Sha1>>(key, text),
        Algorithm::Sha256 => code::<Hmac<Sha256>>(key, text),
        Algorithm::Sha512 => code::<Hmac<Sha512>>(key, text),
    }
}

/// The SHA-256 of a text, in base64.
pub(crate) fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// The text that is signed.
pub(crate) fn signed_text(params: &Pairs) -> String {
    canonical(params, false, 0)
}

/// Whether `signature` is one of these parameters under this secret. Its length tells the hash.
///
/// CloudStack sorts names with capitals before small letters and has one spelling for each
/// letter. Clients that sort without regard to case, or spell `*`, `~` or `:` otherwise, are
/// understood as well. The comparison takes the same time wherever the first difference is.
pub(crate) fn verify(params: &Pairs, signature: &str, secret: &Secret) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    let matches: fn(&[u8], &[u8], &[u8]) -> bool = match signature.len() {
        20 => is_code::<Hmac<Sha1>>,
        32 => is_code::<Hmac<Sha256>>,
        64 => is_code::<Hmac<Sha512>>,
        _ => return false,
    };
    let key = secret.expose().as_bytes();
    let seen = spellings_in(params);
    (0..1 << SPELLINGS.len()).filter(|spelling| spelling & !seen == 0).any(|spelling| {
        let matches =
            |folded| matches(key, canonical(params, folded, spelling).as_bytes(), &signature);
        matches(false) || matches(true)
    })
}

/// Whether the request may still be answered at `now`: one with `signatureversion=3` says in
/// `expires` until when; others are good for ever.
pub(crate) fn check_expiry(params: &Pairs, now: Time) -> Result<(), Stale> {
    if get(params, "signatureversion") != Some("3") {
        return Ok(());
    }
    let text = get(params, "expires").filter(|text| !text.is_empty()).ok_or(Stale::Missing)?;
    let expires = instant(text).ok_or(Stale::Unreadable)?;
    if expires < now { Err(Stale::Over) } else { Ok(()) }
}

/// The value of a parameter, its name in lower case; the last one where letter case differs.
pub(crate) fn get<'a>(params: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = params.iter().rev().find(|(given, _)| given.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// A value as it stands in a query string and in what is signed: Java's `URLEncoder`, with `%20`
/// for a blank.
pub(crate) fn encode(value: &str) -> String {
    spell(value, 0)
}

/// A time that says its zone: without one nobody knows when the request ends.
fn instant(text: &str) -> Option<Time> {
    let (_, time) = text.split_once('T')?;
    let has_zone = time.ends_with('Z') || time.contains(['+', '-']);
    has_zone.then(|| Time::parse(text)).flatten()
}

/// The text to sign. Bit n of `spelling` takes the other spelling of the n-th letter.
fn canonical(params: &Pairs, folded: bool, spelling: usize) -> String {
    let signed = params.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature"));
    let mut parts: Vec<(Cow<'_, str>, &str)> = signed
        .map(|(name, value)| {
            let key = if folded { name.to_lowercase().into() } else { Cow::from(name) };
            (key, value.as_str())
        })
        .collect();
    parts.sort();
    let parts: Vec<_> =
        parts.iter().map(|(name, value)| format!("{name}={}", spell(value, spelling))).collect();
    parts.join("&").to_lowercase()
}

fn spell(value: &str, spelling: usize) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(value.len() + value.len() / 4);
    for byte in value.bytes() {
        let letter = char::from(byte);
        let other = SPELLINGS.iter().enumerate().find(|(_, (of, _))| *of == letter);
        if let Some((at, (_, spellings))) = other {
            text.push_str(spellings[spelling >> at & 1]);
        } else if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.') {
            text.push(letter);
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Which of the letters with two spellings occur.
fn spellings_in(params: &Pairs) -> usize {
    let occurs = |letter| params.iter().any(|(_, value)| value.contains(letter));
    let letters = SPELLINGS.iter().enumerate().filter(|(_, (letter, _))| occurs(*letter));
    letters.fold(0, |seen, (at, _)| seen | 1 << at)
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Option<M> {
    // HMAC takes keys of every length.
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac)
}

fn code<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> String {
    mac::<M>(key, text).map(|mac| STANDARD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

fn is_code<M: Mac + KeyInit>(key: &[u8], text: &[u8], code: &[u8]) -> bool {
    mac::<M>(key, text).is_some_and(|mac| mac.verify_slice(code).is_ok())
}

#[cfg(test)]
mod tests;
