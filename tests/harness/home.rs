//! A scratch directory that is gone after the test, however the test ends.
//!
//! The name has the process that made it. What a killed process left behind is removed by the
//! next one, and lies in the build directory meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static CLEANED: Once = Once::new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The directory; it and all in it are removed on drop.
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn new() -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
        CLEANED.call_once(|| remove_left_behind(base));
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let home = Self(base.join(format!("capuchin-{}-{number}", process::id())));
        let _ = fs::remove_dir_all(home.path());
        for name in ["home", "tmp", "data", "config"] {
            fs::create_dir_all(home.path().join(name)).expect("a scratch directory");
        }
        home
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.path());
    }
}

/// Removes the directories of processes that live no more; another process may do the same now.
fn remove_left_behind(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if owner(&name.to_string_lossy()).is_some_and(|owner| !is_alive(owner)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn owner(name: &str) -> Option<u32> {
    name.strip_prefix("capuchin-")?.split('-').next()?.parse().ok()
}

/// Where there is no `/proc`, every process counts as alive and nothing is removed.
fn is_alive(process: u32) -> bool {
    let proc = Path::new("/proc");
    !proc.join("self").exists() || proc.join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_gone_after_use() {
        let home = Home::new();
        let path = home.path().to_path_buf();
        assert!(path.join("data").is_dir());
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn only_what_dead_processes_left_is_removed() {
        let base = Home::new();
        let dead = base.path().join("capuchin-4294967295-0");
        let mine = base.path().join(format!("capuchin-{}-9", process::id()));
        fs::create_dir(&dead).unwrap();
        fs::create_dir(&mine).unwrap();
        remove_left_behind(base.path());
        assert!(!dead.exists() || !Path::new("/proc/self").exists());
        assert!(mine.exists() && base.path().join("data").exists());
    }
}
