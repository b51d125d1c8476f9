//! What is generated and kept in the tree is what the program prints today.
//!
//! `UPDATE=1 cargo test generated` writes it anew.

use crate::harness::Capuchin;
use std::fs;
use std::path::Path;

#[test]
fn generated_files_are_up_to_date() {
    let capuchin = Capuchin::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE").is_some();
    let mut files: Vec<(String, String)> = [
        ("man/capuchin.1", "man"),
        ("docs/api.md", "docs"),
        ("completions/capuchin.bash", "completions bash"),
        ("completions/capuchin.ps1", "completions powershell"),
        ("completions/capuchin.fish", "completions fish"),
        ("completions/capuchin.zsh", "completions zsh"),
    ]
    .map(|(path, line)| (path.to_owned(), line.to_owned()))
    .into();
    files.extend(pages(&capuchin).map(|page| (format!("man/{page}.1"), format!("man {page}"))));
    for (path, line) in &files {
        let (path, text) = (root.join(path), capuchin.run(line).text());
        if update {
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(&path, &text).expect("a file that can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{} is old: UPDATE=1 cargo test generated", path.display());
    }
    for entry in fs::read_dir(root.join("man")).expect("the pages") {
        let name = entry.expect("a page").file_name().into_string().expect("UTF-8");
        let known = files.iter().any(|(path, _)| *path == format!("man/{name}"));
        assert!(known, "man/{name} is no page any more");
    }
}

/// The pages that the program's own names.
fn pages(capuchin: &Capuchin) -> impl Iterator<Item = String> {
    let main = capuchin.run("man").text().replace("\\-", "-");
    let names: Vec<_> = main
        .lines()
        .filter_map(|line| line.strip_prefix(".B \"")?.strip_suffix("(1)\""))
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "{main}");
    names.into_iter()
}

#[test]
fn the_pages_are_ones_that_man_can_show() {
    // Where there is a `man`, it finds nothing to complain about.
    let found = std::process::Command::new("man").arg("--version").output();
    if !found.is_ok_and(|found| found.status.success()) {
        return;
    }
    let capuchin = Capuchin::new();
    for page in ["", "vpc", "address"] {
        let path = capuchin.dir().join("page.1");
        fs::write(&path, capuchin.run(&format!("man {page}")).text()).expect("a file");
        let mut man = std::process::Command::new("man");
        let shown = man.arg("--warnings").arg("-l").arg(&path).output().expect("a page");
        let said = String::from_utf8_lossy(&shown.stderr);
        assert!(shown.status.success() && said.is_empty(), "{page}: {said}");
    }
}
