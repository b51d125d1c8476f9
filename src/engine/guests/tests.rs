//! Which address a guest gets.

use super::{Holder, acquire, as_invalid, holder, release};
use crate::engine::network_tests::{ISOLATED, L2, make};
use crate::engine::{Caller, Cx, Owner};
use crate::model::{GuestKind, Network};
use crate::schema::Fault;
use crate::sim::{EPOCH, World};
use std::net::Ipv4Addr;

/// Does something with the network that was made first.
fn with<T: Send + 'static>(
    world: &World,
    run: impl Fn(&mut Cx<'_>, &Network) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    world.engine.store().write(move |tx| {
        let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "deployVirtualMachine");
        let network: Option<Network> =
            cx.tx.first("WHERE traffic_type = 'Guest' ORDER BY id", &[])?;
        run(&mut cx, &network.unwrap())
    })
}

fn nic(id: i64) -> Holder {
    let owner = Owner { account_id: 2, domain_id: 1 };
    Holder { kind: GuestKind::Nic, id, owner }
}

#[test]
fn the_lowest_free_address_is_taken_and_never_that_of_the_gateway() {
    let world = World::sandbox();
    make(&world, ISOLATED, &[("gateway", "10.1.1.2"), ("netmask", "255.255.255.248")]);
    let all = with(&world, |cx, network| {
        (1..=6).map(|id| Ok(acquire(cx, network, None, nic(id)))).collect::<Result<Vec<_>, Fault>>()
    });
    let all = all.unwrap();
    let got: Vec<String> = all.iter().flatten().map(Ipv4Addr::to_string).collect();
    assert_eq!(got, ["10.1.1.1", "10.1.1.3", "10.1.1.4", "10.1.1.5", "10.1.1.6"]);
    let fault = all[5].clone().unwrap_err();
    assert_eq!((fault.code(), fault.exception.cs_code()), (533, 4331));
    assert!(fault.text.contains("10.1.1.0/29 is full"), "{fault}");
}

#[test]
fn an_address_that_was_given_back_is_the_next() {
    let world = World::sandbox();
    make(&world, ISOLATED, &[]);
    let next = with(&world, |cx, network| {
        for id in 1..=3 {
            acquire(cx, network, None, nic(id))?;
        }
        release(cx, network.id, Ipv4Addr::new(10, 1, 1, 3))?;
        acquire(cx, network, None, nic(4))
    });
    assert_eq!(next.unwrap(), Ipv4Addr::new(10, 1, 1, 3));
}

#[test]
fn what_is_no_guests_address_is_refused_with_the_reason() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[]);
    let id = net["id"].as_str().unwrap();
    world.ok("updateNetwork", &[("id", id), ("guestvmcidr", "10.1.1.0/25")]);
    for (ip, why) in [
        ("10.1.1.1", "is the gateway"),
        ("10.1.1.0", "is no host of"),
        ("10.1.1.127", "is no host of"),
        ("10.1.1.128", "is kept from the guests"),
        ("10.1.2.1", "is not in 10.1.1.0/25"),
        ("10.1.1.9", "is that of a virtual machine"),
    ] {
        let ip: Ipv4Addr = ip.parse().unwrap();
        let refused = with(&world, move |cx, network| {
            if holder(cx, network.id, Ipv4Addr::new(10, 1, 1, 9))?.is_none() {
                acquire(cx, network, Some(Ipv4Addr::new(10, 1, 1, 9)), nic(1))?;
            }
            Ok(acquire(cx, network, Some(ip), nic(2)))
        });
        let fault = refused.unwrap().unwrap_err();
        assert!(fault.code() == 533 && fault.text.contains(why), "{ip}: {fault}");
        let fault = as_invalid("ipaddress")(fault);
        assert!(fault.code() == 431 && fault.text.starts_with("Invalid parameter ipaddress"));
    }
}

#[test]
fn a_network_without_addresses_gives_none() {
    let world = World::sandbox();
    make(&world, L2, &[]);
    let fault = with(&world, |cx, network| acquire(cx, network, None, nic(1))).unwrap_err();
    assert!(fault.text.contains("has no IPv4 addresses"), "{fault}");
}

#[test]
fn a_wrong_bit_costs_one_more_try_and_is_right_afterwards() {
    let world = World::sandbox();
    make(&world, ISOLATED, &[]);
    let got = with(&world, |cx, network| {
        let first = acquire(cx, network, None, nic(1))?;
        cx.tx.mark(super::pool(network.id), u64::from(first.to_bits()), false)?;
        let again = acquire(cx, network, Some(first), nic(2)).is_err();
        cx.tx.mark(super::pool(network.id), u64::from(first.to_bits()), false)?;
        Ok((first, again, acquire(cx, network, None, nic(2))?))
    });
    let (first, again, second) = got.unwrap();
    assert!(again && second > first, "{first} {second}");
}

#[test]
fn the_last_address_of_a_large_block_costs_what_the_first_costs() {
    let world = World::sandbox();
    make(&world, ISOLATED, &[("gateway", "10.0.0.1"), ("netmask", "255.0.0.0")]);
    let got = with(&world, |cx, network| {
        // A million addresses are taken as bits only; looking for the next one must pass them.
        let low = u64::from(Ipv4Addr::new(10, 0, 0, 0).to_bits());
        for number in low..low + 1_000_000 {
            cx.tx.mark(super::pool(network.id), number, true)?;
        }
        acquire(cx, network, None, nic(1))
    });
    assert_eq!(got.unwrap(), Ipv4Addr::from_bits(0x0a00_0000 + 1_000_000));
}
