//! The one integration binary: every file beside this one is a module of it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod cli;
mod client;
mod generated;
mod harness;
mod pictures;
mod readme;
mod repl;
mod server;
mod shells;
mod snapshots;
mod tidy;
