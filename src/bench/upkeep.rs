//! What keeps a large store in order, and what must not become slow as it grows.

use crate::bench::callers::Seen;
use crate::bench::engine::Subject;
use crate::bench::networks::{fill, prepare};
use crate::bench::{Failed, Report, line};
use crate::engine::{Pass, collect};
use crate::model::{EntityKind, GuestAddress, GuestKind, Nic, Time};
use crate::store::{StoreError, Tx};
use serde_json::Value as Json;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Rows that are filled in at once.
const BATCH: usize = 20_000;
/// Interfaces of the large guest network.
const NICS: i64 = 1_000_000;
/// Networks of the collector's store, and those of them that are due.
const NETWORKS: i64 = 100_000;
const DUE: i64 = 1_000;
/// Addresses of the store that is checked.
const HELD: u64 = 1_000_000;

fn told(why: impl std::fmt::Display) -> Failed {
    why.to_string().into()
}

/// Calls that are measured.
const MEASURED: usize = 60;

/// A further address of an interface in a /8, by how many interfaces there are.
pub(super) fn guests(report: &mut Report) -> Result<(), Failed> {
    line("\nadd ip to nic, in an empty /8 guest network and in one with 1,000,000 interfaces")?;
    let mut medians = [0.0; 2];
    for (at, count) in [0, NICS].into_iter().enumerate() {
        let subject = Subject::new(&report.fresh("guests"), 8, 0)?;
        let vm = machine(&subject, &[("gateway", "10.0.0.1"), ("netmask", "255.0.0.0")])?;
        for first in (0..count).step_by(BATCH) {
            subject.store.write(move |tx| stand(tx, first)).map_err(told)?;
        }
        let nic = text(&vm, "/virtualmachine/nic/0/id")?;
        let mut call = subject.calls("addIpToNic", vec![("nicid", nic)]);
        let mut taken = Vec::with_capacity(MEASURED);
        for _ in 0..MEASURED {
            let began = Instant::now();
            call()?;
            taken.push(began.elapsed().as_secs_f64());
        }
        let seen = Seen::of(taken);
        medians[at] = seen.quantile(0.5);
        line(&format!("{count:>9} interfaces  {}", seen.show()))?;
    }
    line(&format!("the last over the first: {:.2}", medians[1] / medians[0]))
}

/// A VM in a new network of the sandbox.
fn machine(subject: &Subject, network: &[(&'static str, &str)]) -> Result<Json, Failed> {
    let one = |list: &'static str, kind: &str, words: &[(&'static str, &str)]| {
        let words = words.iter().map(|(name, word)| (*name, (*word).to_owned())).collect();
        text(&subject.calls(list, words)()?, &format!("/{kind}/0/id"))
    };
    let zone = subject.store.key().encode(EntityKind::Zone, 0, 1).to_string();
    let isolated = [("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")];
    let offering = one("listNetworkOfferings", "networkoffering", &isolated)?;
    let mut words = vec![("name", "guests".to_owned()), ("zoneid", zone.clone())];
    words.push(("networkofferingid", offering));
    words.extend(network.iter().map(|(name, word)| (*name, (*word).to_owned())));
    let network = text(&subject.calls("createNetwork", words)()?, "/network/id")?;
    let service = one("listServiceOfferings", "serviceoffering", &[])?;
    let template = one("listTemplates", "template", &[("templatefilter", "executable")])?;
    let words = vec![
        ("zoneid", zone),
        ("networkids", network),
        ("serviceofferingid", service),
        ("templateid", template),
    ];
    subject.calls("deployVirtualMachine", words)()
}

fn text(body: &Json, path: &str) -> Result<String, Failed> {
    let found = body.pointer(path).and_then(Json::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("no {path} in {body}").into())
}

/// Puts interfaces into the network of the first one, with the addresses from `first` on.
fn stand(tx: &mut Tx, first: i64) -> Result<(), StoreError> {
    let missing = || StoreError::Other("there is no interface".into());
    let mut nic: Nic = tx.first("WHERE device = 0", &[])?.ok_or_else(missing)?;
    let pool = -nic.network_id;
    let base = Ipv4Addr::new(10, 0, 1, 0).to_bits();
    for number in (first..).take(BATCH) {
        let low = u32::try_from(number).unwrap_or(0);
        let ip = Ipv4Addr::from_bits(base + low);
        let [_, a, b, c] = low.to_be_bytes();
        (nic.id, nic.device, nic.is_default) = (0, number + 1, false);
        (nic.ip, nic.mac) = (Some(ip), Some(format!("06:00:01:{a:02x}:{b:02x}:{c:02x}")));
        let holder_id = tx.insert(&nic)?;
        let held = GuestAddress { network_id: nic.network_id, ip, kind: GuestKind::Nic, holder_id };
        tx.put_row(GuestAddress::INSERT, &held.cells())?;
        tx.mark(pool, u64::from(ip.to_bits()), true)?;
    }
    Ok(())
}

/// A pass of the collector over many networks of which a few are due, and one that finds nothing.
pub(super) fn collector(report: &mut Report) -> Result<(), Failed> {
    line("\na pass of the collector over 100,000 networks, of which 1,000 are due")?;
    let subject = Subject::new(&report.fresh("collector"), 8, 0)?;
    subject.store.write(|tx| prepare(tx, false)).map_err(told)?;
    machine(&subject, &[])?;
    for first in (0..NETWORKS).step_by(BATCH) {
        subject.store.write(move |tx| fill(tx, first)).map_err(told)?;
    }
    subject.store.write(populate).map_err(told)?;
    for name in ["due", "nothing due"] {
        let began = Instant::now();
        let later = Time::from_millis(1_767_322_800_000).plus_seconds(3600);
        let freed = collect(&subject.store, Pass::default(), later).map_err(told)?;
        let count = freed.iter().filter(|one| one.freed && one.what == "network").count();
        let taken = began.elapsed().as_secs_f64();
        line(&format!("{name:>11}: {count:>5} networks shut down in {taken:.2} s"))?;
    }
    Ok(())
}

/// Lets a running VM have an interface in all networks but the last few, which have long been seen
/// idle.
fn populate(tx: &mut Tx) -> Result<(), StoreError> {
    let last: i64 = tx.one("SELECT MAX(id) FROM network", &[])?.unwrap_or(0);
    let missing = || StoreError::Other("there is no interface".into());
    let mut nic: Nic = tx.first("WHERE device = 0", &[])?.ok_or_else(missing)?;
    for number in 0..NETWORKS {
        nic.network_id = last - number;
        if number < DUE {
            let sql = "INSERT INTO idle_network (network_id, seen) VALUES (?, ?)";
            tx.run(sql, &[nic.network_id.into(), Time::from_millis(0).into()])?;
        } else {
            (nic.id, nic.device, nic.is_default) = (0, number + 1, false);
            (nic.ip, nic.mac) = (None, None);
            tx.insert(&nic)?;
        }
    }
    Ok(())
}

/// `capuchin store check` on a large store, from the start of the process.
pub(super) fn check(report: &mut Report) -> Result<(), Failed> {
    line("\ncapuchin store check on 1,000,000 addresses")?;
    let path = report.fresh("check");
    drop(Subject::new(&path, 8, HELD)?);
    let home = report.folder.join("home");
    std::fs::create_dir_all(&home)?;
    let mut command = Command::new(&report.program);
    command.arg("--store").arg(&path).args(["store", "check"]).env_clear().env("HOME", home);
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let taken = began.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stdout);
    line(&format!("{taken:.2} s: {}", said.lines().last().unwrap_or("nothing")))
}
