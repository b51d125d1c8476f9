//! Measures the allocator against a row-per-address store written like CloudStack's, in one run;
//! and the shell at a terminal.
//!
//! `cargo bench --features bench` prints all; words after `--` choose sections by name,
//! and `-- server 60` keeps the server under load for a minute.

mod keys;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let program = env!("CARGO_BIN_EXE_capuchin");
    let code = capuchin::bench(&words, program);
    if !words.is_empty() && !words.iter().any(|word| word == "keys") {
        return code;
    }
    match keys::keys(program) {
        Ok(()) => code,
        Err(why) => {
            keys::say(&why.to_string());
            ExitCode::FAILURE
        }
    }
}
