//! The sections of the report.

use crate::bench::callers::{Seen, run};
use crate::bench::engine::Subject;
use crate::bench::{Failed, Report, baseline, disk as device, line, startup as programs};
use std::time::Duration;

/// How long a cell is measured.
const CELL: Duration = Duration::from_millis(1500);

pub(super) fn disk(report: &mut Report) -> Result<(), Failed> {
    let seen = Seen::of(device::syncs(&report.fresh("sync"), CELL)?);
    report.sync = seen.quantile(0.5);
    line(&format!("disk: 4 KiB overwrite + fdatasync      {}", seen.show()))
}

/// Bare allocations: an address, its limit counted, its event written, durable.
pub(super) fn callers(report: &mut Report) -> Result<(), Failed> {
    line("\nbare durable allocations from a /8 (limit counted, event written)")?;
    let mut one = None;
    for count in [1, 8, 64, 256] {
        let subject = Subject::new(&report.fresh("callers"), 8, 0)?;
        let seen = run(count, CELL, |_| Ok(subject.caller()))?;
        let first = *one.get_or_insert(seen.rate);
        let p99 = seen.quantile(0.99) / seen.quantile(0.5);
        line(&format!(
            "{count:>4} callers {}  {:>5.1} x one caller, p99 {p99:.1} x median, median {:.1} x \
             sync",
            seen.show(),
            seen.rate / first,
            seen.quantile(0.5) / report.sync
        ))?;
    }
    Ok(())
}

/// Whole calls of `associateIpAddress`, beside the bare allocation.
pub(super) fn calls(report: &mut Report) -> Result<(), Failed> {
    line("\nwhole associateIpAddress calls (access, checks, job, events, answer)")?;
    for count in [1, 64, 256] {
        let bare = Subject::new(&report.fresh("bare"), 8, 0)?;
        let bare = run(count, CELL, |_| Ok(bare.caller()))?;
        let subject = Subject::new(&report.fresh("calls"), 8, 0)?;
        let words = vec![("networkid", subject.network_id())];
        let seen = run(count, CELL, |_| {
            let mut call = subject.calls("associateIpAddress", words.clone());
            Ok(move || call().map(drop))
        })?;
        line(&format!(
            "{count:>4} callers {}  {:.2} of the bare {:.0}/s",
            seen.show(),
            seen.rate / bare.rate,
            bare.rate
        ))?;
    }
    Ok(())
}

/// The same work on a store with a row for every address and CloudStack's statements.
pub(super) fn cloudstack(report: &mut Report) -> Result<(), Failed> {
    line("\na row for every address, CloudStack's statements, one transaction each, /16")?;
    for (name, held) in [("empty", 0), ("90 % full", 58_980)] {
        let path = report.fresh("rows");
        baseline::make(&path, 65_534, held)?;
        let theirs = run(64, CELL, |_| baseline::caller(&path))?;
        let subject = Subject::new(&report.fresh("ours"), 16, u64::from(held))?;
        let ours = run(64, Duration::from_millis(100), |_| Ok(subject.caller()))?;
        line(&format!("{name:>9}, 64 callers, theirs {}", theirs.show()))?;
        line(&format!(
            "{name:>9}, 64 callers, ours   {}  {:.0} x",
            ours.show(),
            ours.rate / theirs.rate
        ))?;
    }
    Ok(())
}

/// The cost of an allocation by the size of the range and by how much of it is held: without
/// the disk's sync, which would hide it, and cells in turns, so that noise meets all alike.
pub(super) fn sizes(report: &mut Report) -> Result<(), Failed> {
    line("\nwork of one allocation and its release, without the sync, by size and fill")?;
    let mut cells = Vec::new();
    for prefix in [24u8, 16, 8] {
        for percent in [0u64, 90, 99] {
            // Rows for a /8 at 99 % would take minutes to make; one million of them do.
            let size = (1u64 << (32 - prefix)) - 3;
            let held = (size * percent / 100).min(1_000_000);
            let subject = Subject::new(&report.fresh("sizes"), prefix, held)?;
            cells.push((prefix, percent, held, subject, Vec::new()));
        }
    }
    for _ in 0..15 {
        for (_, _, _, subject, taken) in &mut cells {
            taken.push(subject.work(300)?);
        }
    }
    let mut medians = Vec::new();
    for (prefix, percent, held, _, taken) in cells {
        let median = Seen::of(taken).quantile(0.5);
        medians.push(median);
        line(&format!("/{prefix:<2} {percent:>2} % ({held:>7} held)  {:>6.2} us", median * 1e6))?;
    }
    let worst = medians.iter().copied().fold(0.0, f64::max);
    let best = medians.iter().copied().fold(f64::MAX, f64::min);
    line(&format!("worst over best: {:.2}", worst / best))
}

/// Every kind of call on an empty store and on one with a million live addresses.
pub(super) fn million(report: &mut Report) -> Result<(), Failed> {
    line("\ncalls on an empty store and with 1,000,000 live addresses (one caller)")?;
    let empty = Subject::new(&report.fresh("empty"), 8, 10)?;
    let full = Subject::new(&report.fresh("million"), 8, 1_000_000)?;
    for (name, command, words) in cases() {
        let mut medians = [0.0; 2];
        for (at, subject) in [&empty, &full].into_iter().enumerate() {
            let mut call = subject.calls(command, own(subject, &words)?);
            let mut taken = Vec::new();
            for _ in 0..60 {
                let began = std::time::Instant::now();
                call()?;
                taken.push(began.elapsed().as_secs_f64());
            }
            medians[at] = Seen::of(taken).quantile(0.5);
        }
        let [before, after] = medians;
        line(&format!(
            "{name:<44} {:>8.3} ms  {:>8.3} ms  {:.2} x",
            before * 1e3,
            after * 1e3,
            after / before
        ))?;
    }
    line(&format!("peak memory of this process: {} MB", peak_memory()))
}

type Case = (&'static str, &'static str, Vec<(&'static str, &'static str)>);

fn cases() -> Vec<Case> {
    vec![
        ("associate ip address", "associateIpAddress", vec![("networkid", "NETWORK")]),
        (
            "list public ip addresses, first page",
            "listPublicIpAddresses",
            ten(&[("listall", "true")]),
        ),
        ("list public ip addresses id=", "listPublicIpAddresses", vec![("id", "FIRST")]),
        ("list public ip addresses state=Free", "listPublicIpAddresses", ten(&[("state", "Free")])),
        (
            "list public ip addresses, page of all",
            "listPublicIpAddresses",
            ten(&[("allocatedonly", "false"), ("listall", "true")]),
        ),
        ("list vlan ip ranges", "listVlanIpRanges", vec![]),
        ("list zones", "listZones", vec![]),
    ]
}

fn ten(words: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let page = [("page", "1"), ("pagesize", "10")];
    words.iter().copied().chain(page).collect()
}

/// The words of a case with the ids of this store in them.
fn own(
    subject: &Subject,
    words: &[(&'static str, &'static str)],
) -> Result<Vec<(&'static str, String)>, Failed> {
    words
        .iter()
        .map(|(name, value)| {
            let value = match *value {
                "NETWORK" => subject.network_id(),
                "FIRST" => subject.first_id()?,
                other => other.to_owned(),
            };
            Ok((*name, value))
        })
        .collect()
}

/// The most memory that this process ever had, in MB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

/// One-shot commands beside a program that does nothing.
pub(super) fn startup(report: &mut Report) -> Result<(), Failed> {
    line("\none-shot commands (wall time of the whole process)")?;
    let home = report.folder.join("home");
    std::fs::create_dir_all(&home)?;
    programs::runs(&report.program, &["list", "zones"], &home, 1)?;
    let nothing = programs::runs("/bin/true".as_ref(), &[], &home, 100)?;
    line(&format!("an empty program                  {}", nothing.show()))?;
    let list = programs::runs(&report.program, &["list", "zones"], &home, 100)?;
    line(&format!(
        "capuchin list zones               {}  {:+.2} ms over nothing",
        list.show(),
        (list.quantile(0.5) - nothing.quantile(0.5)) * 1e3
    ))?;
    let offering = "networkofferingid=DefaultIsolatedNetworkOfferingWithSourceNatService";
    let network = ["create", "network", "name=web", "zoneid=sandbox", offering];
    programs::runs(&report.program, &network, &home, 1)?;
    let associate = ["associate", "ip", "address", "networkid=web"];
    let taken = programs::runs(&report.program, &associate, &home, 100)?;
    line(&format!(
        "capuchin associate ip address ... {}  {:+.2} ms over listing, sync {:.2} ms",
        taken.show(),
        (taken.quantile(0.5) - list.quantile(0.5)) * 1e3,
        report.sync * 1e3
    ))
}
