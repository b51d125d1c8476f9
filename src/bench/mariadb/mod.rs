//! The store on `MariaDB` beside CloudStack's statements on the same server in the same run.

mod rows;
mod server;

use crate::bench::callers::{Seen, run};
use crate::bench::engine::Subject;
use crate::bench::mariadb::server::{Maria, failed};
use crate::bench::server::{Server, network};
use crate::bench::{Failed, Report, line};
use crate::model::CellRef;
use crate::store::{Db, Sqlite};
use std::time::Duration;

/// How long a cell is measured.
const CELL: Duration = Duration::from_secs(2);
/// Addresses of the pool with a row for each.
const ROWS: u32 = 65_536;
/// Live addresses for what one takes on the disk, and at most where a pool is to be nearly full.
const LIVE: u64 = 200_000;
/// Callers of most cells.
const CALLERS: usize = 64;

/// What CloudStack's pattern does, a second: with the best plan, and with that of `MariaDB` when
/// the pool is fresh and when some of it is used.
struct Theirs {
    best: f64,
    fresh: f64,
    used: f64,
}

/// All of it.
pub(super) fn mariadb(report: &mut Report) -> Result<(), Failed> {
    line("\nMariaDB, durable, on the same disk")?;
    let maria = Maria::start(&report.folder.join("mariadb"))?;
    let theirs = cloudstack(&maria)?;
    bare(&maria, &theirs)?;
    several(&maria)?;
    calls(report, &maria, &theirs)?;
    sizes(&maria)?;
    ranges(&maria)?;
    bytes(report, &maria)
}

/// A row for every address, 8 connections.
fn cloudstack(maria: &Maria) -> Result<Theirs, Failed> {
    line(&format!("CloudStack's statements, {ROWS} rows, 8 connections"))?;
    let mut theirs = Theirs { best: 0.0, fresh: 0.0, used: 0.0 };
    for percent in [0, 15, 90] {
        let name = maria.database()?;
        rows::make(maria, &name, ROWS, ROWS / 100 * percent)?;
        for is_best in [false, true] {
            let seen = run(8, CELL, |_| rows::caller(maria, &name, is_best))?;
            match (is_best, percent) {
                (true, _) => theirs.best = theirs.best.max(seen.rate),
                (false, 0) => theirs.fresh = seen.rate,
                (false, _) => theirs.used = theirs.used.max(seen.rate),
            }
            let whose = if is_best { "best" } else { "default" };
            let plan = rows::plan(maria, &name, is_best)?;
            line(&format!("{percent:>4} % used, {whose:<7} plan {}  ({plan})", seen.show()))?;
        }
        maria.remove(&name)?;
    }
    Ok(theirs)
}

/// Bare allocations: an address, its limit counted, its event written, durable.
fn bare(maria: &Maria, theirs: &Theirs) -> Result<(), Failed> {
    line("bare durable allocations from a /8 (limit counted, event written)")?;
    for count in [1, 8, CALLERS, 256] {
        let name = maria.database()?;
        let subject = Subject::at(&maria.place(&name), 8, 0)?;
        let seen = run(count, CELL, |_| Ok(subject.caller()))?;
        line(&format!(
            "{count:>4} callers {}  p99 {:.1} x median",
            seen.show(),
            seen.quantile(0.99) / seen.quantile(0.5)
        ))?;
        line(&format!("             {}", theirs.beside(&seen)))?;
        drop(subject);
        maria.remove(&name)?;
    }
    Ok(())
}

impl Theirs {
    fn beside(&self, ours: &Seen) -> String {
        let Self { best, fresh, used } = self;
        format!(
            "{:.0} x the best plan, {:.0} x the default one fresh, {:.0} x from 15 % on",
            ours.rate / best,
            ours.rate / fresh,
            ours.rate / used
        )
    }
}

/// Several stores on one database, as servers are, with the same callers in all.
fn several(maria: &Maria) -> Result<(), Failed> {
    line(&format!("several stores on one database, {CALLERS} callers in all"))?;
    let mut one = None;
    for stores in [1, 2, 4] {
        let name = maria.database()?;
        let place = maria.place(&name);
        let first = Subject::at(&place, 8, 0)?;
        let others = (1..stores).map(|_| first.beside(&place)).collect::<Result<Vec<_>, _>>()?;
        let subject = |caller: usize| others.get(caller % stores).unwrap_or(&first);
        let before = (maria.status("COM_ROLLBACK")?, maria.status("COM_COMMIT")?);
        let seen = run(CALLERS, CELL, |caller| Ok(subject(caller).caller()))?;
        let again = maria.status("COM_ROLLBACK")? - before.0;
        let batches = maria.status("COM_COMMIT")? - before.1;
        let rate = *one.get_or_insert(seen.rate);
        line(&format!(
            "{stores:>4} stores  {}  {:.2} of one; {again} of {batches} batches again",
            seen.show(),
            seen.rate / rate
        ))?;
        drop((others, first));
        maria.remove(&name)?;
    }
    Ok(())
}

/// Whole calls over signed HTTP.
fn calls(report: &Report, maria: &Maria, theirs: &Theirs) -> Result<(), Failed> {
    line(&format!("associateIpAddress over signed HTTP, {CALLERS} clients"))?;
    let name = maria.database()?;
    let home = report.folder.join("mariadb-server");
    let server = Server::start(&report.program, &home, Some(&maria.written(&name)))?;
    wide(maria, &name)?;
    let network = network(&mut server.connect()?)?;
    let calling = |_| {
        let (mut client, network) = (server.connect()?, network.clone());
        Ok(move || client.call("associateIpAddress", &[("networkid", &network)]).map(drop))
    };
    run(CALLERS, CELL / 2, calling)?;
    let seen = run(CALLERS, CELL, calling)?;
    line(&format!("             {}", seen.show()))?;
    line(&format!("             {}", theirs.beside(&seen)))?;
    drop(server);
    maria.remove(&name)
}

/// Makes the sandbox's range wide enough, before anything is taken from it.
fn wide(maria: &Maria, name: &str) -> Result<(), Failed> {
    let mut db = maria.connect(name)?;
    let base = 11i64 << 24;
    let sql = "UPDATE vlan_range SET gateway = ?, netmask = ?, first = ?, last = ? \
               WHERE type = 'VirtualNetwork'";
    let args = [base + 1, 0xff00_0000, base + 2, base + 0x00ff_fff0].map(Into::into);
    db.run(sql, &args).map_err(failed)?;
    db.run("UPDATE gate SET version = version + 1", &[]).map_err(failed)?;
    Ok(())
}

/// The cost of an allocation and its release by the size of the range and by how much is held.
fn sizes(maria: &Maria) -> Result<(), Failed> {
    line("work of one allocation and its release, by size and fill")?;
    let mut cells = Vec::new();
    for prefix in [24u8, 16, 8] {
        for percent in [0u64, 90, 99] {
            let held = (((1u64 << (32 - prefix)) - 3) * percent / 100).min(LIVE);
            let name = maria.database()?;
            let subject = Subject::at(&maria.place(&name), prefix, held)?;
            cells.push((prefix, percent, held, subject, Vec::new(), name));
        }
    }
    for _ in 0..11 {
        for (_, _, _, subject, taken, _) in &mut cells {
            taken.push(subject.work(100)?);
        }
    }
    let mut medians = Vec::new();
    for (prefix, percent, held, subject, taken, name) in cells {
        let median = Seen::of(taken).quantile(0.5);
        medians.push(median);
        line(&format!("/{prefix:<2} {percent:>2} % ({held:>7} held)  {:>7.1} us", median * 1e6))?;
        drop(subject);
        maria.remove(&name)?;
    }
    let worst = medians.iter().copied().fold(0.0, f64::max);
    let best = medians.iter().copied().fold(f64::MAX, f64::min);
    line(&format!("worst over best: {:.2}", worst / best))
}

/// Making a range: one row, beside a row for every address.
fn ranges(maria: &Maria) -> Result<(), Failed> {
    let name = maria.database()?;
    let subject = Subject::at(&maria.place(&name), 8, 0)?;
    let made = (0..21).map(|_| subject.make_range()).collect::<Result<Vec<_>, _>>()?;
    let inside = Seen::of(made.iter().map(|one| one.0).collect()).quantile(0.5);
    let whole = Seen::of(made.iter().map(|one| one.1).collect()).quantile(0.5);
    let rows = maria.database()?;
    rows::make(maria, &rows, 1000, 0)?;
    let each = rows::range(maria, &rows, 1000, 4000)?;
    line(&format!(
        "making a /8: {:.2} ms of statements, {:.2} ms with the commit; rows: {:.0} us an \
         address, {:.0} s for a /16",
        inside * 1e3,
        whole * 1e3,
        each * 1e6,
        each * f64::from(ROWS)
    ))?;
    drop(subject);
    maria.remove(&rows)?;
    maria.remove(&name)
}

/// What a live address takes on the disk.
fn bytes(report: &Report, maria: &Maria) -> Result<(), Failed> {
    let name = maria.database()?;
    drop(Subject::at(&maria.place(&name), 8, LIVE)?);
    let mut db = maria.connect(&name)?;
    db.each("ANALYZE TABLE address, chunk", &[], &mut |_| Ok(true)).map_err(failed)?;
    let size = "SELECT CAST(SUM(data_length + index_length) AS SIGNED) \
                FROM information_schema.tables WHERE table_schema = ? \
                AND table_name IN ('address', 'chunk')";
    let theirs = maria.number(&name, size, &[name.as_str().into()])?;
    let [none, all] = [0, LIVE].map(|held| -> Result<i64, Failed> {
        let path = report.fresh("bytes");
        drop(Subject::new(&path, 8, held)?);
        let (mut db, mut size) = (Sqlite::open(&path, true).map_err(failed)?, 0);
        db.each("PRAGMA page_count", &[], &mut |cell| {
            if let CellRef::Int(pages) = cell(0) {
                size = pages * 4096;
            }
            Ok(false)
        })
        .map_err(failed)?;
        Ok(size)
    });
    let live = i64::try_from(LIVE)?;
    line(&format!(
        "a live address on the disk: {} bytes on MariaDB, {} on SQLite",
        theirs / live,
        (all? - none?) / live
    ))
}
