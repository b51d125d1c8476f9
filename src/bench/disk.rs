//! What the disk can do: the floor under every durable call.

use crate::bench::Failed;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Seconds that each of many overwrites of 4 KiB with fdatasync took.
pub(super) fn syncs(path: &Path, lasting: Duration) -> Result<Vec<f64>, Failed> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let page = [0x5a; 4096];
    for at in 0..256 {
        file.write_all_at(&page, at * 4096)?;
    }
    file.sync_all()?;
    let (began, mut taken) = (Instant::now(), Vec::new());
    while began.elapsed() < lasting {
        let at = Instant::now();
        file.write_all_at(&page, (taken.len() as u64 % 256) * 4096)?;
        file.sync_data()?;
        taken.push(at.elapsed().as_secs_f64());
    }
    Ok(taken)
}
