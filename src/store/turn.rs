//! Turns between processes: two file locks that make writers take turns.
//!
//! SQLite's own waiting polls with growing pauses, and the process that writes most starves the
//! others for seconds. A lock on a file wakes its waiter at once. Two of them make it fair: who
//! wants to write takes the turnstile, then the door, and leaves the turnstile when through the
//! door. So a process that has just written finds the turnstile held by the one that waits.

use crate::store::StoreError;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// The two locks of one store.
pub(crate) struct Turn {
    turnstile: File,
    door: File,
}

/// A turn: the door is open to nobody else until this is dropped.
pub(crate) struct Turned<'t>(&'t File);

impl Turn {
    /// Opens the lock files beside the store.
    pub(crate) fn open(store: &Path) -> Result<Self, StoreError> {
        let beside = |ending: &str| {
            let mut name = store.as_os_str().to_owned();
            name.push(ending);
            lock_file(&PathBuf::from(name))
        };
        Ok(Self { turnstile: beside("-turn")?, door: beside("-lock")? })
    }

    /// Waits for the turn.
    pub(crate) fn take(&self) -> Result<Turned<'_>, StoreError> {
        let failed = |why: std::io::Error| StoreError::Other(format!("cannot lock: {why}"));
        self.turnstile.lock().map_err(failed)?;
        let through = self.door.lock();
        self.turnstile.unlock().map_err(failed)?;
        through.map_err(failed)?;
        Ok(Turned(&self.door))
    }
}

impl Drop for Turned<'_> {
    fn drop(&mut self) {
        // Nothing to do about a failure here; the system unlocks when the process ends.
        let _ = self.0.unlock();
    }
}

fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|why| match why.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly(path.to_owned())
        }
        std::io::ErrorKind::StorageFull => StoreError::Full,
        _ => StoreError::Other(format!("{}: {why}", path.display())),
    })
}
