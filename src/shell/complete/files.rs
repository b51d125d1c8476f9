//! Candidates for files: behind `@`, whose contents are a value, and behind `>`.

use super::matching::best;
use super::{Around, Candidate, Completion};
use crate::shell::line::{Redirect, quote};

/// Files that are looked at in a directory at most.
const MOST: usize = 10_000;

/// A file in a directory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
}

/// What is in the directory on this machine; nothing if it cannot be read.
pub(crate) fn folder(directory: &str) -> Vec<File> {
    let directory = if directory.is_empty() { "." } else { directory };
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let files = entries.take(MOST).flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        // Also a link to a directory is one.
        let is_folder = entry.path().is_dir();
        Some(File { name, is_folder })
    });
    files.collect()
}

/// The files whose path begins so. `around` puts a path into what is typed.
pub(super) fn named(
    typed: &str,
    put_in: impl Fn(&str) -> String,
    around: &mut dyn Around,
) -> Vec<Candidate> {
    let at = typed.rfind('/').map_or(0, |at| at + 1);
    let (directory, start) = typed.split_at(at);
    let mut files = around.files(directory);
    // Hidden ones are there for those who know of them. What no line can hold is left out.
    files.retain(|file| start.starts_with('.') || !file.name.starts_with('.'));
    files.retain(|file| !file.name.contains(char::is_control));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let files = best(start, files, |file| &file.name);
    let each = files.into_iter().map(|file| {
        let (slash, end) = if file.is_folder { ("/", "") } else { ("", " ") };
        let path = format!("{directory}{}{slash}", file.name);
        let text = format!("{}{end}", put_in(&path));
        Candidate { text, shown: format!("{}{slash}", file.name), ..Candidate::default() }
    });
    each.collect()
}

/// The files whose path begins so, with `before` in front of each.
pub(crate) fn files(typed: &str, before: &str, around: &mut dyn Around) -> Vec<Candidate> {
    named(typed, |path| format!("{before}{}", quote(path)), around)
}

/// The files to which an answer may be written.
pub(super) fn behind_redirect(redirect: &Redirect, around: &mut dyn Around) -> Completion {
    let candidates = named(&redirect.path, |path| quote(path).into_owned(), around);
    Completion { start: redirect.span.start, candidates, note: None }
}
