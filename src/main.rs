//! The door: everything happens in [`capuchin::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    capuchin::run()
}
