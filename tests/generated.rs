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
    for (path, line) in [
        ("man/capuchin.1", "man"),
        ("completions/capuchin.bash", "completions bash"),
        ("completions/capuchin.ps1", "completions powershell"),
        ("completions/capuchin.fish", "completions fish"),
        ("completions/capuchin.zsh", "completions zsh"),
    ] {
        let (path, text) = (root.join(path), capuchin.run(line).text());
        if update {
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(&path, &text).expect("a file that can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{} is old: UPDATE=1 cargo test generated", path.display());
    }
}
