//! Whole requests at the front desk of the server, on a store in memory.

use crate::api::Engine;
use crate::engine::{Content, KeyPair, Vault, give_key, seed, user_for_key};
use crate::fuzzing::{first_line, text};
use crate::model::Time;
use crate::schema::Fault;
use crate::store::Store;
use crate::text::Secret;
use crate::transport::front::{Door, Front, Request};
use crate::transport::sign::{Algorithm, encode, sign};
use crate::transport::wire;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// When everything happens.
const NOW: Time = Time::from_millis(1_767_322_800_000);
/// After so many requests everything begins anew, so that memory has a bound.
const MOST: u32 = 2000;
/// The longest answer: that of `listApis` is the longest that there is of an empty store.
const LONGEST: usize = 4 << 20;

thread_local! {
    static DESK: RefCell<Option<(Front, u32)>> = const { RefCell::new(None) };
}

fn secret() -> Secret {
    Secret::new("secret")
}

fn desk() -> Result<Front, Fault> {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let name = format!("fuzz-{}", NAMES.fetch_add(1, Ordering::Relaxed));
    let store = Store::memory(&name, [7; 16], &mut |tx| seed(tx, NOW, Content::Sandbox))?;
    let vault = Vault::new([3; 32]);
    let sealed = vault.seal([4; 24], &secret(), "KEY").unwrap_or_default();
    let key = KeyPair { api_key: "KEY".to_owned(), secret: sealed };
    store.write(move |tx| {
        let user = user_for_key(tx, "admin", None)?;
        give_key(tx, &user, &key, NOW).map_err(Fault::from)
    })?;
    Ok(Front::new(Engine::new(Arc::new(store), || NOW), vault, || NOW, || Some([9; 64])))
}

/// Hands a request in, checks that the answer is one, and returns its status.
fn ask(door: Door, request: &Request) -> u16 {
    DESK.with_borrow_mut(|kept| {
        let (front, count) = kept.get_or_insert_with(|| match desk() {
            Ok(front) => (front, 0),
            Err(why) => panic!("no desk: {why}"),
        });
        let response = front.answer(door, request);
        *count += 1;
        if *count >= MOST {
            *kept = None;
        }
        assert!(response.body.len() <= LONGEST, "{} bytes", response.body.len());
        assert!((200..600).contains(&response.status), "{}", response.status);
        let is_json = response.content_type.starts_with("application/json");
        let well_formed = if is_json {
            serde_json::from_slice::<serde_json::Value>(&response.body).is_ok()
        } else {
            crate::transport::wire_xml::said(&response.body).is_ok()
        };
        assert!(well_formed, "{}", text(&response.body));
        response.status
    })
}

/// A line that says how (words of `post`, `integration` and `sign`), one of cookies, one of the
/// query string, then the form.
pub fn request(data: &[u8]) {
    let (how, rest) = first_line(data);
    let (cookies, rest) = first_line(rest);
    let (query, form) = first_line(rest);
    let how = text(how);
    let says = |word: &str| how.split(' ').any(|given| given == word);
    let door = if says("integration") { Door::Integration } else { Door::Signed };
    let (mut query, mut form) = (text(query).into_owned(), form.to_vec());
    let sign_it = says("sign");
    if sign_it && let Some(params) = wire::params(&query, &form) {
        (query, form) = (signed(params), Vec::new());
    }
    let cookies = text(cookies).into_owned();
    let post = says("post");
    let status = ask(door, &Request { post, cookies, query, form, ..Request::default() });
    let refused = matches!(status, 401 | 405 | 431 | 531);
    assert!(door == Door::Integration || sign_it || refused, "{status} without a signature");
}

/// The request with the admin's signature.
fn signed(mut params: Vec<(String, String)>) -> String {
    params.retain(|(name, _)| !["apikey", "signature"].contains(&&*name.to_ascii_lowercase()));
    params.push(("apiKey".to_owned(), "KEY".to_owned()));
    let signature = sign(&params, &secret(), Algorithm::Sha1);
    params.push(("signature".to_owned(), signature));
    let parts = params.iter().map(|(name, value)| [encode(name), encode(value)].join("="));
    parts.collect::<Vec<_>>().join("&")
}

/// A line of cookies, then the form of a `login`.
pub fn login(data: &[u8]) {
    let (cookies, rest) = first_line(data);
    let cookies = text(cookies).into_owned();
    let query = "command=login".to_owned();
    let form = rest.to_vec();
    let outside = Request { post: true, cookies, query, form, ..Request::default() };
    let status = ask(Door::Signed, &outside);
    assert!(status != 200, "logged in without a password");
}
