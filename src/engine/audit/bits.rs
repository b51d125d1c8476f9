//! The bits of the pools say what the rows say: a number without a row that is marked as taken is
//! never given out, and a full chunk that is marked as open is searched for nothing.

use super::{Findings, ip};
use crate::model::{Cell, CellRef, Column, EntityKind};
use crate::store::{CHUNK, StoreError, Tx};
use std::collections::BTreeMap;

/// The bytes of a chunk.
const BYTES: usize = 512;

/// The bits of a chunk by pool and number of the chunk.
type Chunks = BTreeMap<(i64, u64), [u8; BYTES]>;

/// A kind of pool, and how its rows and the names of its numbers are found.
struct Pools {
    kind: &'static str,
    /// The pool, the chunk, its bits and whether it is open; of the pools of this kind.
    chunks: &'static str,
    rows: &'static str,
    /// The row of the owner, and the number to add to one of the pool.
    owner: &'static str,
}

const ADDRESSES: Pools = Pools {
    kind: "address",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'address' ORDER BY pool_id, chunk",
    rows: "SELECT range_id, place FROM address UNION ALL \
           SELECT range_id, place FROM quarantine WHERE removed IS NULL",
    owner: "SELECT id, (gateway & netmask) FROM vlan_range WHERE id = ?",
};

const VNETS: Pools = Pools {
    kind: "vnet",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'vnet' ORDER BY pool_id, chunk",
    rows: "SELECT p.vnet_pool, v.vnet FROM vnet v \
           JOIN physical_network p ON p.id = v.physical_network_id",
    owner: "SELECT id, 0 FROM physical_network WHERE vnet_pool = ?",
};

const PORTABLES: Pools = Pools {
    kind: "portable",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'portable' ORDER BY pool_id, chunk",
    rows: "SELECT range_id, place FROM portable_address",
    owner: "SELECT id, (gateway & netmask) FROM portable_range WHERE id = ?",
};

/// The numbers of a pod's pool are addresses.
const PODS: Pools = Pools {
    kind: "pod",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'pod' ORDER BY pool_id, chunk",
    rows: "SELECT p.pool_id, a.ip FROM pod_address a JOIN pod p ON p.id = a.pod_id",
    owner: "SELECT id, 0 FROM pod WHERE pool_id = ?",
};

/// The pool of a network's guests has the network's number, negative.
const GUESTS: Pools = Pools {
    kind: "guest",
    chunks: "SELECT -pool_id, chunk, bits, open FROM chunk WHERE pool_id < 0 \
             ORDER BY pool_id, chunk",
    rows: "SELECT network_id, ip FROM guest_address",
    owner: "SELECT id, 0 FROM network WHERE id = ?",
};

const IP6: Pools = Pools {
    kind: "ip6",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'ip6' ORDER BY pool_id, chunk",
    rows: "SELECT prefix_id, place FROM ip6_subnet",
    owner: "SELECT id, 0 FROM ip6_prefix WHERE id = ?",
};

const ASNS: Pools = Pools {
    kind: "asn",
    chunks: "SELECT pool_id, chunk, bits, open FROM chunk JOIN pool ON pool.id = pool_id \
             WHERE pool.kind = 'asn' ORDER BY pool_id, chunk",
    rows: "SELECT range_id, number FROM as_number",
    owner: "SELECT id, 0 FROM asn_range WHERE id = ?",
};

/// The kinds of pools that are checked.
const POOLS: [Pools; 7] = [ADDRESSES, PORTABLES, VNETS, PODS, GUESTS, IP6, ASNS];

/// Checks the pools of addresses, of pods' and guests' addresses, and of VLANs and VNIs.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    for pools in POOLS {
        let marked = marked(tx, &pools, findings)?;
        let rows = rows(tx, &pools)?;
        for at in differing(&marked, &rows) {
            let bits = |chunks: &Chunks| chunks.get(&at).copied().unwrap_or([0; BYTES]);
            compare(tx, &pools, at, (&bits(&marked), &bits(&rows)), findings)?;
        }
    }
    Ok(())
}

/// Takes away all chunks of the pools of a kind.
const OF_KIND: &str = "DELETE FROM chunk WHERE pool_id IN (SELECT id FROM pool WHERE kind = ?)";

/// Writes those chunks anew that do not say what the rows say.
pub(super) fn mend(tx: &mut Tx, done: &mut Findings) -> Result<(), StoreError> {
    check(tx, done)?;
    for pools in POOLS {
        let mut odd = Findings::new(tx)?;
        let marked = marked(tx, &pools, &mut odd)?;
        let rows = rows(tx, &pools)?;
        let mut wrong = differing(&marked, &rows);
        // Chunks that are no chunks, or that say wrongly whether they have room, are among all.
        if !odd.is_empty() {
            wrong = rows.keys().copied().collect();
            match pools.kind == GUESTS.kind {
                true => tx.run("DELETE FROM chunk WHERE pool_id < 0", &[])?,
                false => tx.run(OF_KIND, &[pools.kind.into()])?,
            };
        }
        for (number, chunk) in wrong {
            let pool = if pools.kind == GUESTS.kind { -number } else { number };
            let place = [pool.into(), Cell::Int(i64::try_from(chunk).unwrap_or(i64::MAX))];
            tx.run("DELETE FROM chunk WHERE pool_id = ? AND chunk = ?", &place)?;
            let Some(bits) = rows.get(&(number, chunk)) else { continue };
            let sql = "SELECT 1 FROM pool WHERE id = ?";
            if pool > 0 && tx.one::<i64>(sql, &[pool.into()])?.is_none() {
                let row = [pool.into(), pools.kind.into()];
                tx.run("INSERT INTO pool (id, kind) VALUES (?, ?)", &row)?;
            }
            let has_room = bits.iter().any(|byte| *byte != u8::MAX);
            let [pool, chunk] = place;
            let sql = "INSERT INTO chunk (pool_id, chunk, open, bits) VALUES (?, ?, ?, ?)";
            tx.run(sql, &[pool, chunk, has_room.to_cell(), Cell::Blob(bits.to_vec())])?;
        }
    }
    Ok(())
}

fn marked(tx: &mut Tx, pools: &Pools, findings: &mut Findings) -> Result<Chunks, StoreError> {
    let mut chunks = Chunks::new();
    tx.each(pools.chunks, &[], |cell| {
        let (pool, chunk) = (i64::from_cell(cell(0))?, i64::from_cell(cell(1))?);
        let CellRef::Blob(bytes) = cell(2) else { return Ok(true) };
        let Ok(bits) = <[u8; BYTES]>::try_from(bytes) else {
            findings.note("bits", |_| {
                let length = bytes.len();
                format!("chunk {chunk} of the pool {pool} has {length} bytes and not {BYTES}")
            });
            return Ok(true);
        };
        let has_room = bits.iter().any(|byte| *byte != u8::MAX);
        if has_room != bool::from_cell(cell(3))? {
            findings.note("open-chunks", |_| {
                let (is, says) = if has_room { ("room", "none") } else { ("no room", "some") };
                format!("chunk {chunk} of the pool {pool} has {is}, and is marked as having {says}")
            });
        }
        chunks.insert((pool, chunk.unsigned_abs()), bits);
        Ok(true)
    })?;
    Ok(chunks)
}

fn rows(tx: &mut Tx, pools: &Pools) -> Result<Chunks, StoreError> {
    let mut chunks = Chunks::new();
    tx.each(pools.rows, &[], |cell| {
        let (pool, number) = (i64::from_cell(cell(0))?, i64::from_cell(cell(1))?.unsigned_abs());
        let bits = chunks.entry((pool, number / CHUNK)).or_insert([0; BYTES]);
        let at = usize::try_from(number % CHUNK / 8).unwrap_or(0);
        if let Some(byte) = bits.get_mut(at) {
            *byte |= 1 << (number % 8);
        }
        Ok(true)
    })?;
    Ok(chunks)
}

/// Where the two differ; a chunk that is not there is free.
fn differing(marked: &Chunks, rows: &Chunks) -> Vec<(i64, u64)> {
    let free = [0; BYTES];
    let differs =
        |at: &&(i64, u64)| marked.get(*at).unwrap_or(&free) != rows.get(*at).unwrap_or(&free);
    let only_rows = rows.keys().filter(|at| !marked.contains_key(*at));
    marked.keys().chain(only_rows).filter(differs).copied().collect()
}

/// Tells each number of a chunk in which the bits differ.
fn compare(
    tx: &mut Tx,
    pools: &Pools,
    (pool, chunk): (i64, u64),
    (marked, rows): (&[u8; BYTES], &[u8; BYTES]),
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut owner = (pool, 0);
    tx.each(pools.owner, &[pool.into()], |cell| {
        owner = (i64::from_cell(cell(0))?, Option::from_cell(cell(1))?.unwrap_or(0));
        Ok(false)
    })?;
    let bytes = (0..).zip(marked.iter().zip(rows));
    for (at, (marked, row)) in bytes.filter(|(_, (marked, row))| marked != row) {
        for bit in (0..8).filter(|bit| (marked ^ row) >> bit & 1 == 1) {
            let number = i64::try_from(chunk * CHUNK + at * 8 + bit).unwrap_or(i64::MAX);
            let is_held = row >> bit & 1 == 1;
            findings.note("bits", |names| told(names, pools, owner, number, is_held));
        }
    }
    Ok(())
}

fn told(
    names: &Findings,
    pools: &Pools,
    (owner, base): (i64, i64),
    number: i64,
    is_held: bool,
) -> String {
    let state = if is_held {
        "is held, and marked as free: it should be marked as taken"
    } else {
        "is free, and marked as taken, so that nobody gets it: it should be marked as free"
    };
    if pools.kind == ADDRESSES.kind {
        let range = names.id(EntityKind::VlanRange, owner);
        return format!("the address {} of the range {range} {state}", ip(base + number));
    }
    if pools.kind == PORTABLES.kind {
        let range = names.id(EntityKind::PortableRange, owner);
        return format!("the address {} of the portable range {range} {state}", ip(base + number));
    }
    if pools.kind == PODS.kind {
        let pod = names.id(EntityKind::Pod, owner);
        return format!("the address {} of the pod {pod} {state}", ip(number));
    }
    if pools.kind == GUESTS.kind {
        let network = names.id(EntityKind::Network, owner);
        return format!("the guests' address {} of the network {network} {state}", ip(number));
    }
    if pools.kind == IP6.kind {
        let prefix = names.id(EntityKind::Ip6Prefix, owner);
        return format!("subnet {number} of the IPv6 prefix {prefix} {state}");
    }
    if pools.kind == ASNS.kind {
        let range = names.id(EntityKind::AsnRange, owner);
        return format!("the AS number {number} of the range {range} {state}");
    }
    let physical = names.id(EntityKind::PhysicalNetwork, owner);
    format!("the VLAN or VNI {number} of the physical network {physical} {state}")
}
