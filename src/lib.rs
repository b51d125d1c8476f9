//! Capuchin: shell, command line and embedded IP address manager for Apache CloudStack.
//!
//! The house has floors; a room uses only rooms below it (kept by `tests/tidy.rs`):
//! `cli` 9, `shell` 8, `transport` 7, `api` 6, `engine` 5, `store` 4, `schema` 3, `model` 2,
//! `net` 1, `text` 0.

mod api;
#[cfg(feature = "bench")]
mod bench;
mod cli;
mod engine;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzzing;
mod model;
mod net;
mod schema;
mod shell;
#[cfg(test)]
mod sim;
mod store;
mod text;
mod transport;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub use bench::run as bench;

use std::process::ExitCode;

/// Runs the program with the process's arguments and environment.
pub fn run() -> ExitCode {
    cli::run()
}
