//! Clients by address and by number, at the desk.

use super::*;
use crate::engine::Vault;
use crate::model::{EntityKind, RoleKind, Time};
use crate::sim::World;
use crate::transport::front::{Door, Response};

/// An account that is not the root administrators'.
const TENANT: Caller =
    Caller { user_id: 9, account_id: 9, domain_id: 1, role_id: 4, kind: RoleKind::User };

fn front(world: &World, access: Access) -> Front {
    let clock = || Time::from_millis(1_000);
    let front = Front::new(world.engine.clone(), Vault::new([3; 32]), clock, || Some([9; 64]));
    front.guarded(access).unwrap()
}

fn from(client: &str) -> Request {
    Request { client: client.parse().ok(), ..Request::default() }
}

fn set(world: &World, name: &str, value: &str) {
    world.ok("updateConfiguration", &[("name", name), ("value", value)]);
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn from_elsewhere_all_is_refused_like_a_wrong_signature() {
    let world = World::sandbox();
    let allow = vec!["192.0.2.0/24".parse().unwrap()];
    let front = front(&world, Access { allow, ..Access::default() });
    let ask = |client: &str, query: &str| {
        let query = query.to_owned();
        let request = Request { post: true, query, ..from(client) };
        front.answer(Door::Signed, &request)
    };
    for command in ["listZones", "login&username=admin", "logout", "nonsense"] {
        let query = format!("command={command}&response=json&apikey=a&signature=b");
        let refused = ask("198.51.100.1", &query);
        assert_eq!(refused.status, 401);
        assert!(text(&refused).contains(REFUSED), "{}", text(&refused));
    }
    let query = "command=listZones&response=json&apikey=a&signature=b";
    assert_eq!(text(&ask("198.51.100.1", query)), text(&ask("192.0.2.1", query)));
    assert_eq!(ask("192.0.2.1", "command=logout").status, 431);
}

#[test]
fn an_account_calls_from_where_its_setting_says() {
    let world = World::sandbox();
    let front = front(&world, Access::default());
    let admit = |client| {
        front.let_in(&Caller::ADMIN, &from(client), None, Moment::default()).map_err(|e| e.status)
    };
    assert!(admit("198.51.100.1").is_ok() && admit("2001:db8::1").is_ok());
    set(&world, "api.allowed.source.cidr.list", "192.0.2.0/24,2001:db8::/32");
    assert_eq!(admit("198.51.100.1").err(), Some(401));
    assert!(admit("192.0.2.1").is_ok() && admit("2001:db8::1").is_ok());
    assert_eq!(front.is_source(2, &from("198.51.100.1"), Moment::default()), Ok(false));
    let account = world.engine.store().key().encode(EntityKind::Account, 0, 2).to_string();
    let params = [
        ("name", "api.allowed.source.cidr.list"),
        ("value", "198.51.100.0/24"),
        ("accountid", account.as_str()),
    ];
    world.ok("updateConfiguration", &params);
    assert!(admit("198.51.100.1").is_ok());
    assert_eq!(admit("192.0.2.1").err(), Some(401));
}

#[test]
fn an_account_has_so_many_requests_and_the_root_administrators_have_all() {
    let world = World::sandbox();
    set(&world, "api.throttling.enabled", "true");
    set(&world, "api.throttling.interval", "5");
    set(&world, "api.throttling.max", "2");
    let front = front(&world, Access::default());
    let spec = crate::api::find("listZones").map(|api| &api.spec);
    let ask = |caller: Caller| front.let_in(&caller, &from("192.0.2.1"), spec, Moment::default());
    for _ in 0..5 {
        assert!(ask(Caller::ADMIN).is_ok());
    }
    assert!(ask(TENANT).is_ok() && ask(TENANT).is_ok());
    let refused = ask(TENANT).unwrap_err();
    assert_eq!(refused.status, 429);
    assert_eq!(
        String::from_utf8(refused.write(crate::transport::wire::Format::Json, false)).unwrap(),
        r#"{"listzonesresponse":{"uuidList":[],"errorcode":429,"cserrorcode":9999,"errortext":"#
            .to_owned()
            + "\"The given user has reached his/her account api limit, please retry after 5000 \
               ms.\"}}"
    );
    assert_eq!(front.retry_after(429), Some(5));
    assert_eq!((front.retry_after(503), front.retry_after(401)), (Some(1), None));
}

#[test]
fn requests_are_not_limited_unless_the_setting_says_so() {
    let world = World::sandbox();
    set(&world, "api.throttling.max", "1");
    let front = front(&world, Access::default());
    for _ in 0..3 {
        assert!(front.let_in(&TENANT, &from("192.0.2.1"), None, Moment::default()).is_ok());
    }
}
