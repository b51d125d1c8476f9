//! The style of the house, kept by a test.
//!
//! Each check is a small function from a [`Source`] (or the whole tree) to complaints of the form
//! `file:line: what, use X instead`, with a test of its own that it does complain.

mod floors;
mod markdown;
mod modules;
mod shape;
mod source;
mod text;
mod words;

use source::Source;
use std::fs;
use std::path::Path;

/// One complaint, as `file:line: text`.
fn complaint(source: &Source, line: usize, text: &str) -> String {
    format!("{}:{line}: {text}", source.path)
}

/// Every file under `folder` (relative to the repository) whose name ends in `.extension`, sorted;
/// the repository's root, the empty folder, is not descended from.
fn files(root: &Path, folder: &str, extension: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return found };
    for entry in entries {
        let entry = entry.expect("a readable folder");
        let name = entry.file_name().into_string().expect("a file name in UTF-8");
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if !folder.is_empty() && entry.path().is_dir() {
            found.extend(files(root, &path, extension));
        } else if name.ends_with(&format!(".{extension}")) {
            let text = fs::read_to_string(entry.path()).expect("a text file");
            found.push(Source::new(&path, &text));
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn all(root: &Path, folders: &[&str], extension: &str) -> Vec<Source> {
    folders.iter().flat_map(|folder| files(root, folder, extension)).collect()
}

#[test]
fn the_tree_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let mut rust = all(root, &["src", "tests", "benches"], "rs");
    let sql = all(root, &["src", "tests"], "sql");
    let prose = all(root, &["", "docs"], "md");
    for known in ["src/lib.rs", "src/main.rs", "tests/lib.rs", "tests/tidy/source.rs"] {
        assert!(rust.iter().any(|source| source.path == known), "the walk missed {known}");
    }

    let mut complaints = modules::unreachable(&rust, &manifest);
    modules::mark_tests(&mut rust, &manifest);
    for source in &rust {
        complaints.extend(text::header(source));
        complaints.extend(text::long_lines(source));
        complaints.extend(text::long_file(source));
        complaints.extend(text::ascii(source));
        complaints.extend(text::blanks(source));
        complaints.extend(shape::long_functions(source, shape::EXCEPTIONS));
        complaints.extend(shape::macro_indents(source));
        complaints.extend(words::banned(source));
        complaints.extend(floors::upward(source));
        complaints.extend(floors::strangers(source));
    }
    complaints.extend(floors::spread(&rust));
    complaints.extend(shape::stale_exceptions(&rust, shape::EXCEPTIONS));
    complaints.extend(sql.iter().flat_map(text::blanks));
    for source in &prose {
        complaints.extend(markdown::title(source));
        complaints.extend(text::blanks(source));
    }
    let count = complaints.len();
    assert!(complaints.is_empty(), "{count} complaints:\n{}\n", complaints.join("\n"));
}
