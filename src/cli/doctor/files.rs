//! Whether others on this machine can read what is ours.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::cli::args::Args;
use crate::cli::run::variable;
use crate::cli::store::data_dir;
use crate::cli::target::config_file;
use crate::text::Count;

const CHECK: &str = "files";

/// What is in the data directory, and whether it holds secrets or data.
const OURS: &[(&str, bool)] = &[
    ("store.db", true),
    ("store.db-wal", true),
    ("keys.bin", true),
    ("history", true),
    ("capuchin.log", false),
];

/// Looks at all files of ours that are there.
pub(super) fn check(args: &Args) -> Vec<Finding> {
    let mut files: Vec<(PathBuf, bool)> = Vec::new();
    if let Ok(file) = config_file(args, &variable) {
        // A directory that was named may hold what is everybody's.
        let dir = file.parent().filter(|_| args.config.is_none());
        files.extend(dir.map(|dir| (dir.to_path_buf(), false)));
        files.push((file, true));
    }
    if let Some(dir) = data_dir() {
        files.extend(OURS.iter().map(|(name, secret)| (dir.join(name), *secret)));
        files.push((dir, false));
    }
    let there = files.iter().filter_map(|(path, secret)| {
        let found = fs::metadata(path).ok()?;
        Some((path.as_path(), mode(&found), found.is_dir(), *secret))
    });
    judged(there)
}

#[cfg(unix)]
fn mode(found: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0o600
}

fn judged<'p>(files: impl Iterator<Item = (&'p Path, u32, bool, bool)>) -> Vec<Finding> {
    let (mut findings, mut count) = (Vec::new(), 0_u64);
    for (path, mode, is_dir, is_secret) in files {
        count += 1;
        findings.extend(permission(path, mode, is_dir, is_secret));
    }
    if findings.is_empty() {
        let count = Count::new(count, "file or directory", "files and directories");
        findings.push(Finding::ok(CHECK, format!("nobody else can read them ({count})")));
    }
    findings
}

/// What is wrong with the permissions of a file.
fn permission(path: &Path, mode: u32, is_dir: bool, is_secret: bool) -> Option<Finding> {
    let for_others = mode & 0o077;
    if for_others == 0 {
        return None;
    }
    let wanted = if is_dir { 0o700 } else { 0o600 };
    let says = format!("{} can be used by others ({mode:03o})", path.display());
    let mend = format!("chmod {wanted:o} '{}'", path.display());
    let finding = if is_secret { Finding::wrong } else { Finding::advice };
    Some(finding(CHECK, says, mend))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn files_that_others_can_read_are_wrong() {
        let path = Path::new("/d/config.toml");
        let open = permission(path, 0o644, false, true).unwrap();
        assert_eq!(open.state, State::Wrong);
        assert_eq!(open.says, "/d/config.toml can be used by others (644)");
        assert_eq!(open.mend, "chmod 600 '/d/config.toml'");
        assert_eq!(permission(path, 0o600, false, true), None);
        assert_eq!(permission(path, 0o400, false, true), None);
        let dir = permission(Path::new("/d"), 0o755, true, false).unwrap();
        assert_eq!((dir.state, dir.mend.as_str()), (State::Advice, "chmod 700 '/d'"));
    }

    #[test]
    fn all_in_order_is_one_finding() {
        let found = judged([(Path::new("/d"), 0o700, true, false)].into_iter());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].state, State::Ok);
    }
}
