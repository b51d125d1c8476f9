//! Measures the allocator against a row-per-address store written like CloudStack's, in one run.
//!
//! `cargo bench --features bench` prints all; words after `--` choose sections by name,
//! and `-- server 60` keeps the server under load for a minute.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    capuchin::bench(&words, env!("CARGO_BIN_EXE_capuchin"))
}
