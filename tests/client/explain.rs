//! `capuchin explain`: why things are as they are, on the embedded store and by a server's lists.

use super::script::{Script, json as body};
use super::{ZONE, against};
use crate::harness::Capuchin;
use serde_json::json;

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

fn with_network() -> Capuchin {
    let capuchin = Capuchin::new();
    let create = format!("create network name=web zoneid=sandbox networkofferingid={ISOLATED}");
    capuchin.run(&create).text();
    capuchin
}

/// What is told, on one line.
fn told(capuchin: &Capuchin, line: &str) -> String {
    let text = capuchin.run(line).text();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_address_is_explained_in_each_of_its_states() {
    let capuchin = with_network();
    let free = told(&capuchin, "explain address 203.0.113.2");
    assert!(free.contains("state Free") && free.contains("0 of 253 taken"), "{free}");
    assert!(free.contains("associate ip address ipaddress=203.0.113.2"), "{free}");
    for _ in 0..2 {
        capuchin.run("associate ip address networkid=web").text();
    }
    let source = told(&capuchin, "explain address 203.0.113.2");
    assert!(source.contains("held by ROOT/admin since"), "{source}");
    assert!(source.contains("the source NAT of the network web"), "{source}");
    let plain = told(&capuchin, "explain address 203.0.113.3");
    assert!(plain.contains("is associated and has no rules"), "{plain}");
    let rule = "create firewall rule ipaddressid=203.0.113.3 protocol=tcp startport=80 endport=80";
    capuchin.run(rule).text();
    let ruled = told(&capuchin, "explain address 203.0.113.3");
    assert!(ruled.contains("rules 1 firewall") && ruled.contains("It has rules:"), "{ruled}");
    capuchin.run("reserve ip address id=203.0.113.4").text();
    let reserved = told(&capuchin, "explain address 203.0.113.4");
    assert!(reserved.contains("It is reserved, and nobody but its account gets it"), "{reserved}");
    let gateway = told(&capuchin, "explain address 203.0.113.1");
    assert!(gateway.contains("in no range It is the gateway of the range"), "{gateway}");
    let elsewhere = told(&capuchin, "explain address 198.18.0.1");
    assert!(elsewhere.contains("No range has 198.18.0.1, nor any"), "{elsewhere}");
}

#[test]
fn a_limit_that_is_reached_is_told() {
    let capuchin = Capuchin::new();
    let account = "create account username=eve email=e@example.org firstname=e lastname=v \
                   accounttype=0 password=secret-word";
    capuchin.run(account).text();
    let owner = "account=eve domainid=ROOT";
    capuchin.run(&format!("update resource limit resourcetype=1 max=0 {owner}")).text();
    let zone = format!("zoneid=sandbox networkofferingid={ISOLATED}");
    capuchin.run(&format!("create network name=hers {zone} {owner}")).text();
    let text = told(&capuchin, "explain network hers");
    assert!(text.contains("addresses of the account 0 of 0"), "{text}");
    assert!(text.contains("The account eve may have no more addresses (error 532)"), "{text}");
}

#[test]
fn a_network_is_explained_with_what_it_needs_below() {
    let capuchin = with_network();
    let text = told(&capuchin, "explain network web");
    assert!(text.contains("It is Allocated: it has no VLAN or VNI"), "{text}");
    assert!(text.contains("1550: 50 more for VXLAN over IPv4"), "{text}");
    assert!(text.contains("Warning: a physical MTU of 1500 does not carry it"), "{text}");
    let text = told(&capuchin, "explain network web mtu=9000 over=ipv6");
    assert!(text.contains("1570: 70 more") && !text.contains("Warning"), "{text}");
    let wrong = [
        ("explain network web mtu=12", "from 68 to 65535"),
        ("explain network web over=ipx", "ipv6"),
        ("explain network nothing", "there is no network `nothing`"),
        ("explain", "`address`, `network` or `router`"),
        ("explain netwrk web", "did you mean `explain network`?"),
    ];
    for (line, says) in wrong {
        capuchin.run(line).stderr_has(says).status(2).check();
    }
}

#[test]
fn a_server_is_asked_for_its_lists() {
    let capuchin = Capuchin::new();
    let address = json!({"id": ZONE, "ipaddress": "192.0.2.7", "state": "Allocated",
        "account": "dev", "domain": "ROOT", "zonename": "z", "issourcenat": true,
        "associatednetworkname": "net", "associatednetworkid": ZONE});
    let answers = [
        body(
            200,
            json!({"listpublicipaddressesresponse": {"count": 1,
            "publicipaddress": [address]}}),
        ),
        body(200, json!({"listeventsresponse": {}})),
    ];
    let nothing = std::iter::repeat_n(body(200, json!({"listresponse": {}})), 20);
    let server = Script::new(answers.into_iter().chain(nothing));
    let text = against(&capuchin, &server, "explain address 192.0.2.7").text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("held by ROOT/dev") && text.contains("source NAT of the"), "{text}");
    assert!(server.requests().iter().all(|request| request.param("command").starts_with("list")));
}

#[test]
fn a_router_is_explained_with_its_addresses_or_why_it_has_none() {
    let capuchin = with_network();
    let none = told(&capuchin, "explain router web");
    assert!(none.contains("router none") && none.contains("It is Allocated"), "{none}");
    let deploy = "deploy virtual machine zoneid=sandbox serviceofferingid=\"Small Instance\" \
                  templateid=builtin networkids=web";
    capuchin.run(deploy).text();
    let router = told(&capuchin, "explain router web");
    assert!(router.contains("public address 203.0.113.2 (06:"), "{router}");
    assert!(router.contains("link-local address 169.254.0.2 (0e:00:a9:fe:00:02)"), "{router}");
    assert!(router.contains("guest address 10.1.1.1 in web"), "{router}");
    assert_eq!(told(&capuchin, "explain router r-3-VM"), router);
    capuchin.run("stop router id=r-3-VM").text();
    let stopped = told(&capuchin, "explain router r-3-VM");
    assert!(stopped.contains("state Stopped") && stopped.contains("start router id="), "{stopped}");
    assert!(stopped.contains("it has one only while it runs"), "{stopped}");
    capuchin.run("destroy router id=r-3-VM").text();
    let gone = told(&capuchin, "explain router web");
    assert!(gone.contains("It is up without a router"), "{gone}");
    capuchin.run("explain router nobody").stderr_has("there is no router").status(2).check();
}
