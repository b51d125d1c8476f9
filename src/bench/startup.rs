//! One-shot commands: what a script pays for each.

use crate::bench::Failed;
use crate::bench::callers::Seen;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Seconds of each of `count` runs of a program.
pub(super) fn runs(
    program: &Path,
    words: &[&str],
    home: &Path,
    count: usize,
) -> Result<Seen, Failed> {
    let mut taken = Vec::new();
    for _ in 0..count {
        let mut command = Command::new(program);
        command.args(words).env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let began = Instant::now();
        let status = command.status()?;
        taken.push(began.elapsed().as_secs_f64());
        if !status.success() {
            return Err(format!("{} {words:?} failed: {status}", program.display()).into());
        }
    }
    Ok(Seen::of(taken))
}
