//! Signatures against values worked out elsewhere, and round trips.

use super::*;
use proptest::prelude::*;

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const ALGORITHMS: &[Algorithm] = &[Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

fn secret() -> Secret {
    Secret::new("s3cr3t-of-the-tests")
}

/// A value with every letter that somebody spells otherwise.
const ODD: &str = "a b*c~d:e/\u{e9}+&=";

#[test]
fn signatures_are_those_that_openssl_and_python_compute() {
    let params = pairs(&[("response", "json"), ("command", "listZones"), ("apiKey", "KEY")]);
    let vectors = [
        (Algorithm::Sha1, "OAIk88ffXS0tqKotfT6N4bcoT70="),
        (Algorithm::Sha256, "LwrWGZiukQUXlLBIpd9S6V3E/t3tU9QB6829guPUKZw="),
        (
            Algorithm::Sha512,
            "cDHDtQynav6Tu25Tam5yp2LVNRm+4Nnn5tzS9T9RwZ5xFKX6guI2EwhNbCWmJcIg1CbXHkwpC6u7+o4DwTtN\
             Ww==",
        ),
    ];
    for (algorithm, signature) in vectors {
        assert_eq!(sign(&params, &secret(), algorithm), signature);
        assert!(verify(&params, signature, &secret()), "{algorithm:?}");
    }
}

#[test]
fn capitals_sort_before_small_letters_and_blanks_are_percent_20() {
    let params =
        pairs(&[("command", "listZones"), ("name", ODD), ("Zone", "1"), ("apiKey", "KEY")]);
    assert_eq!(sign(&params, &secret(), Algorithm::Sha1), "Fs+fVjAovYlkf2D687k/SwNUgyE=");
}

#[test]
fn other_sort_orders_and_spellings_are_understood() {
    let params =
        pairs(&[("command", "listZones"), ("name", ODD), ("Zone", "1"), ("apiKey", "KEY")]);
    let signatures = [
        "Fs+fVjAovYlkf2D687k/SwNUgyE=",
        "n6U5BGFxyirt9XbGuRyRPpaCl38=",
        "RS7oHOGZGtetsRzUFEkb6+2/M/0=",
        "5u/JP+WxHBc6F5bwWx4DbGA/zok=",
    ];
    for signature in signatures {
        assert!(verify(&params, signature, &secret()), "{signature}");
    }
}

#[test]
fn the_signature_itself_is_not_signed() {
    let mut params = pairs(&[("command", "listZones"), ("apikey", "KEY")]);
    let signature = sign(&params, &secret(), Algorithm::Sha1);
    params.push(("Signature".into(), signature.clone()));
    assert!(verify(&params, &signature, &secret()));
}

#[test]
fn what_is_no_signature_is_refused() {
    let params = pairs(&[("command", "listZones")]);
    for signature in ["", "x", "====", "AAAA", "\u{e9}"] {
        assert!(!verify(&params, signature, &secret()), "{signature}");
    }
    let right = sign(&params, &secret(), Algorithm::Sha1);
    assert!(!verify(&params, &right, &Secret::new("other")));
    assert!(!verify(&pairs(&[("command", "listZone")]), &right, &secret()));
    assert!(!verify(&pairs(&[("command", "listZones"), ("id", "1")]), &right, &secret()));
}

#[test]
fn version_3_lives_until_it_expires() {
    let now = Time::parse("2026-01-02T03:04:05Z").unwrap();
    let check = |given: &[(&str, &str)]| check_expiry(&pairs(given), now);
    assert_eq!(check(&[("signatureversion", "2"), ("expires", "2001-01-01T00:00:00Z")]), Ok(()));
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&[("signatureVersion", "3")]), Err(Stale::Missing));
    let expires = |text| check(&[("signatureVersion", "3"), ("Expires", text)]);
    let good = [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05+0000",
        "2026-01-02T04:04:06+01:00",
        "2026-01-02T04:04:06+0100",
        "2026-01-02T03:04:06.123456Z",
        "2026-01-02T04:04:06.123456+0100",
        "2026-01-02T04:04:06.123456+01:00",
    ];
    for text in good {
        assert_eq!(expires(text), Ok(()), "{text}");
    }
    for text in ["2026-01-02T03:04:04Z", "2026-01-02T04:04:04+0100", "1970-01-01T00:00:00Z"] {
        assert_eq!(expires(text), Err(Stale::Over), "{text}");
    }
    for text in ["", " "] {
        assert!(expires(text).is_err());
    }
    for text in ["soon", "2030-01-01", "2030-01-01 00:00:00", "2030-01-01T00:00:00", "T", "1e9"] {
        assert_eq!(expires(text), Err(Stale::Unreadable), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_what_is_changed_does_not(
        params in prop::collection::btree_map("[A-Za-z]{1,8}", any::<String>(), 1..6),
        key in "[ -~]{1,40}",
        which in any::<prop::sample::Index>(),
        algorithm in prop::sample::select(ALGORITHMS),
    ) {
        let mut params: Vec<_> = params.into_iter().collect();
        params.retain(|(name, _)| !name.eq_ignore_ascii_case("signature"));
        prop_assume!(!params.is_empty());
        let key = Secret::new(key);
        let signature = sign(&params, &key, algorithm);
        prop_assert!(verify(&params, &signature, &key));
        params.reverse();
        prop_assert!(verify(&params, &signature, &key));
        let at = which.index(params.len());
        params[at].1.push('x');
        prop_assert!(!verify(&params, &signature, &key));
    }

    #[test]
    fn no_signature_and_no_time_makes_it_panic(text in any::<String>(), name in any::<String>()) {
        let params = vec![(name, text.clone()), ("signatureversion".into(), "3".into()),
            ("expires".into(), text.clone())];
        verify(&params, &text, &secret());
        let _ = check_expiry(&params, Time::from_millis(0));
    }
}
