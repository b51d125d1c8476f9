//! Signed requests at the desk: who is let in, and that nothing changes for those who are not.

use super::*;
use crate::engine::{KeyPair, give_key, user_for_key};
use crate::schema::Fault;
use crate::sim::World;
use crate::text::Secret;
use crate::transport::sign::{Algorithm, encode, sign};
use std::sync::atomic::{AtomicU8, Ordering};

mod keys;

const NOW: &str = "2026-01-02T03:04:05Z";

fn now() -> Time {
    Time::parse(NOW).unwrap()
}

/// Other bytes each time.
fn other() -> [u8; 64] {
    static TIMES: AtomicU8 = AtomicU8::new(0);
    [TIMES.fetch_add(1, Ordering::Relaxed); 64]
}

/// A world whose admin has the key `KEY`, and the desk in front of it.
struct Scene {
    world: World,
    front: Front,
}

fn secret() -> Secret {
    Secret::new("s3cr3t")
}

impl Scene {
    fn new() -> Self {
        let world = World::sandbox();
        let vault = Vault::new([3; 32]);
        let sealed = vault.seal([4; 24], &secret(), "KEY").unwrap();
        let key = KeyPair { api_key: "KEY".into(), secret: sealed };
        world
            .engine
            .store()
            .write(move |tx| {
                let user = user_for_key(tx, "admin", None)?;
                give_key(tx, &user, &key, now()).map_err(Fault::from)
            })
            .unwrap();
        let front = Front::new(world.engine.clone(), vault, now, || Some(other()));
        Self { world, front }
    }

    fn ask(&self, query: &str) -> (u16, String) {
        let request = Request { query: query.into(), ..Request::default() };
        let response = self.front.answer(Door::Signed, &request);
        (response.status, String::from_utf8(response.body).unwrap())
    }

    fn networks(&self) -> String {
        self.world.ok("listPublicIpAddresses", &[]).to_string()
    }
}

fn signed(given: &[(&str, &str)]) -> String {
    let mut params: Vec<(String, String)> = given
        .iter()
        .chain(&[("response", "json")])
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let signature = sign(&params, &secret(), Algorithm::Sha1);
    params.push(("signature".into(), signature));
    let parts: Vec<_> =
        params.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    parts.join("&")
}

#[test]
fn a_signed_request_is_answered() {
    let scene = Scene::new();
    let (status, body) = scene.ask(&signed(&[("command", "listZones"), ("apiKey", "KEY")]));
    assert_eq!(status, 200, "{body}");
    assert!(body.starts_with(r#"{"listzonesresponse":{"count":1,"zone":[{"#), "{body}");
}

#[test]
fn who_does_not_sign_rightly_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    let zone = scene.world.id("listZones", &[]);
    let network = [("name", "n"), ("displaytext", "n"), ("zoneid", zone.as_str())];
    scene.world.ok(
        "createNetwork",
        &[
            &network[..],
            &[(
                "networkofferingid",
                &scene.world.id(
                    "listNetworkOfferings",
                    &[("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")],
                ),
            )],
        ]
        .concat(),
    );
    let call = [("command", "associateIpAddress"), ("zoneid", zone.as_str())];
    let with = |more: &[(&str, &str)]| signed(&[&call[..], more].concat());
    let good = with(&[("apiKey", "KEY")]);
    let before = scene.networks();
    let wrong = [
        with(&[]),
        with(&[("apiKey", "OTHER")]),
        with(&[("apiKey", "KEY"), ("signatureVersion", "3")]),
        with(&[("apiKey", "KEY"), ("signatureVersion", "3"), ("expires", "soon")]),
        with(&[
            ("apiKey", "KEY"),
            ("signatureVersion", "3"),
            ("expires", "2026-01-02T03:04:04+0000"),
        ]),
        good.replace("apiKey=KEY", "apiKey=key"),
        good.replace("response=json", "response=json&account=x"),
        good.replace("zoneid=", "zoneid=x"),
        good.replace("signature=", "signature=A"),
        good.split("&signature").next().unwrap().to_owned(),
        good.replace("associateIpAddress", "disassociateIpAddress"),
    ];
    for query in wrong {
        let (status, body) = scene.ask(&query);
        assert_eq!(status, 401, "{query}: {body}");
        if body.starts_with('{') {
            let text =
                format!(r#"response":{{"uuidList":[],"errorcode":401,"errortext":"{REFUSED}"}}}}"#);
            assert!(body.ends_with(&text), "{body}");
        }
    }
    assert_eq!(scene.networks(), before);
    let (status, body) = scene.ask(&good);
    assert_eq!(status, 200, "{body}");
    assert!(body.starts_with(r#"{"associateipaddressresponse":{"id":""#), "{body}");
    assert_ne!(scene.networks(), before);
}

#[test]
fn a_request_lives_until_it_expires() {
    let scene = Scene::new();
    let call = [("command", "listZones"), ("apiKey", "KEY"), ("signatureVersion", "3")];
    for expires in [NOW, "2026-01-02T03:04:05+0000", "2026-01-02T03:19:05Z"] {
        let query = signed(&[&call[..], &[("expires", expires)]].concat());
        assert_eq!(scene.ask(&query).0, 200, "{expires}");
    }
}

#[test]
fn unknown_commands_are_no_more_known_to_those_who_sign() {
    let scene = Scene::new();
    let (status, body) = scene.ask(&signed(&[("command", "listzones"), ("apiKey", "KEY")]));
    assert_eq!(status, 401);
    assert!(body.starts_with(r#"{"errorresponse":"#), "{body}");
    assert_eq!(scene.ask("").0, 401);
}

#[test]
fn a_disabled_user_is_refused() {
    let scene = Scene::new();
    let query = signed(&[("command", "listZones"), ("apiKey", "KEY")]);
    let disable = "UPDATE user SET state = 'disabled' WHERE id = 2";
    let done =
        scene.world.engine.store().write(move |tx| tx.run(disable, &[]).map_err(Fault::from));
    assert_eq!(done, Ok(1));
    assert_eq!(scene.ask(&query).0, 401);
}

#[test]
fn a_key_file_of_another_store_opens_nothing() {
    let mut scene = Scene::new();
    scene.front.vault = Vault::new([5; 32]);
    assert_eq!(scene.ask(&signed(&[("command", "listZones"), ("apiKey", "KEY")])).0, 401);
}

#[test]
fn the_integration_door_asks_nobody_who_he_is() {
    let scene = Scene::new();
    let ask = |query: &str| {
        let request =
            Request { query: query.into(), form: b"response=json".to_vec(), ..Request::default() };
        let response = scene.front.answer(Door::Integration, &request);
        (response.status, String::from_utf8(response.body).unwrap())
    };
    let (status, body) = ask("command=listZones");
    assert_eq!(status, 200, "{body}");
    let (status, body) = ask("command=listzones");
    assert_eq!(status, 432);
    assert_eq!(
        body,
        r#"{"errorresponse":{"uuidList":[],"errorcode":432,"cserrorcode":9999,"#.to_owned()
            + r#""errortext":"Unknown API command: listzones"}}"#
    );
    let (status, body) = ask("command=listZones&id=x");
    assert_eq!(status, 431);
    assert!(body.contains("Invalid parameter id value=x due to incorrect long value"), "{body}");
}

/// Logs the admin in, whose password is `right`.
fn logged_in(scene: &Scene) -> (String, String) {
    let hash = crate::engine::hash(&Secret::new("right"), [1; 16]).unwrap();
    let set = move |tx: &mut crate::store::Tx| {
        crate::engine::set_password(tx, "admin", None, &hash, now())
    };
    scene.world.engine.store().write(set).unwrap();
    let answer = post(scene, "", "command=login&username=admin&password=right&response=json");
    assert_eq!(answer.status, 200, "{:?}", answer.description);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let key = body["loginresponse"]["sessionkey"].as_str().unwrap().to_owned();
    let cookies: Vec<_> =
        answer.cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    (cookies.join("; "), key)
}

fn post(scene: &Scene, cookies: &str, form: &str) -> Response {
    let (cookies, form) = (cookies.to_owned(), form.as_bytes().to_vec());
    let request = Request { post: true, cookies, form, ..Request::default() };
    scene.front.answer(Door::Signed, &request)
}

#[test]
fn a_session_is_its_cookies_and_its_key() {
    let scene = Scene::new();
    let (cookies, key) = logged_in(&scene);
    let form = format!("command=listZones&response=json&sessionkey={key}");
    assert_eq!(post(&scene, &cookies, &form).status, 200);
    assert_eq!(post(&scene, "", &form).status, 401);
    assert_eq!(post(&scene, &cookies, &format!("sessionkey={key}")).status, 400);
    let unknown = format!("command=makeTea&sessionkey={key}");
    assert_eq!(post(&scene, &cookies, &unknown).status, 432);
    let out = post(&scene, &cookies, &format!("command=logout&response=json&sessionkey={key}"));
    assert_eq!(out.body, br#"{"logoutresponse":{"description":"success"}}"#);
    assert_eq!(post(&scene, &cookies, &form).status, 401);
    assert_eq!(post(&scene, &cookies, "command=logout").status, 431);
}

#[test]
fn a_login_tells_how_far_the_clocks_of_the_user_are_ahead() {
    let scene = Scene::new();
    logged_in(&scene);
    for (zone, ahead) in [("Asia/Kolkata", "5.5"), ("America/New_York", "-5.0")] {
        let sql = format!("UPDATE user SET timezone = '{zone}' WHERE id = 2");
        let store = scene.world.engine.store();
        store.write(move |tx| tx.run(&sql, &[]).map_err(Fault::from)).unwrap();
        let answer = post(&scene, "", "command=login&username=admin&password=right&response=json");
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let body = &body["loginresponse"];
        assert_eq!((&body["timezone"], &body["timezoneoffset"]), (&zone.into(), &ahead.into()));
    }
}

#[test]
fn what_was_asked_and_by_whom_is_known_by_a_name_and_an_id() {
    let scene = Scene::new();
    let (cookies, key) = logged_in(&scene);
    let login = post(&scene, "", "command=LOGIN&username=admin&password=right&response=json");
    let user = login.user.clone().unwrap();
    assert_eq!(login.command, "login");
    let known = |answer: &Response| (answer.command, answer.user.is_some());
    let form = |command: &str| format!("command={command}&sessionkey={key}");
    assert_eq!(known(&post(&scene, &cookies, &form("makeTea"))), ("unknown", true));
    let zones = post(&scene, &cookies, &form("listZones"));
    assert_eq!((zones.command, zones.user.as_deref()), ("listZones", Some(user.as_str())));
    let out = post(&scene, &cookies, &form("Logout"));
    assert_eq!((out.command, out.user.as_deref()), ("logout", Some(user.as_str())));
    assert_eq!(known(&post(&scene, &cookies, &form("logout"))), ("logout", false));
    assert_eq!(known(&post(&scene, "", "command=listZones")), ("listZones", false));
    assert_eq!(known(&post(&scene, "", "response=json")), ("none", false));
}

#[test]
fn a_session_that_does_not_prove_itself_ends() {
    let disable = "UPDATE user SET state = 'disabled' WHERE id = 2";
    for wrong in ["param", "cookie", "key", "user"] {
        let scene = Scene::new();
        let (cookies, key) = logged_in(&scene);
        let good = format!("command=listZones&sessionkey={key}");
        let only = cookies.split("; ").next().unwrap();
        let status = match wrong {
            "param" => post(&scene, &cookies, "command=listZones").status,
            "cookie" => post(&scene, only, &good).status,
            "key" => post(&scene, &cookies, &format!("{good}x")).status,
            _ => {
                let store = scene.world.engine.store();
                store.write(move |tx| tx.run(disable, &[]).map_err(Fault::from)).unwrap();
                post(&scene, &cookies, &good).status
            }
        };
        assert_eq!(status, 401, "{wrong}");
        assert_eq!(post(&scene, &cookies, &good).status, 401, "{wrong}");
    }
}

#[test]
fn a_login_is_refused_as_cloudstack_refuses_it() {
    let scene = Scene::new();
    let login = "command=login&response=json&username=admin&password=";
    assert_eq!(post(&scene, "", login).status, 531);
    logged_in(&scene);
    let wrong = post(&scene, "", &format!("{login}wrong"));
    assert_eq!(
        String::from_utf8(wrong.body).unwrap(),
        r#"{"loginresponse":{"uuidList":[],"errorcode":531,"errortext":"Failed to "#.to_owned()
            + "authenticate user admin in domain 1; please provide valid credentials\"}}"
    );
    let status = |more: &str| post(&scene, "", &format!("{login}right{more}")).status;
    assert_eq!((status("&domain=ROOT"), status("&domain=nowhere")), (531, 531));
    assert_eq!((status("&domainid=x"), status("&domainId=1&domain=x")), (401, 200));
    assert_eq!((status("&domain=/"), status("&domain=")), (200, 200));
    let (status, _) = scene.ask(&format!("{login}right"));
    assert_eq!(status, 405);
}
