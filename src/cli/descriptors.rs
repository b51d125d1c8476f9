//! What the system has room for: open files, of which a connection is one, bytes on a disk, and
//! lines on a terminal; and whether somebody types at it.
//! Only this file knows `rustix`.

use std::path::Path;

/// Files that are open beside the connections: the store's, the log, listeners.
const OTHERS: u64 = 128;

/// Lets the process open as many files as the system allows it; how many connections that makes.
pub(crate) fn for_connections() -> u32 {
    let files = most_files().unwrap_or(u64::MAX);
    u32::try_from(files.saturating_sub(OTHERS).max(1)).unwrap_or(u32::MAX)
}

/// The free bytes of the disk that the directory is on.
#[cfg(unix)]
pub(crate) fn free(dir: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(dir).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// The free bytes of the disk that the directory is on; nobody knows.
#[cfg(not(unix))]
pub(crate) fn free(_: &Path) -> Option<u64> {
    None
}

/// The lines of the terminal that standard output is.
pub(crate) fn terminal_rows() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// Whether a key was pressed at the terminal that nobody has read yet.
pub(crate) fn is_typed() -> bool {
    rustix::io::ioctl_fionread(std::io::stdin()).is_ok_and(|bytes| bytes > 0)
}

/// None if there is no limit.
fn most_files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        // What the system does not let us raise stays as it is.
        Err(_) => limit.current,
    }
}
