//! The command line: from arguments and environment to a session, and from its end to an exit
//! code. Only this room reads the environment and the clock.

mod args;
mod at;
pub(crate) mod clock;
mod cmk;
mod completions;
pub(crate) mod config;
mod console;
mod descriptors;
mod doctor;
mod exit;
mod gc;
pub(crate) mod ini;
mod keys;
mod log;
mod manual;
mod passwd;
mod profile;
mod run;
pub(crate) mod self_signed;
mod serve;
mod server;
pub(crate) mod settings;
mod store;
mod target;
mod upkeep;

pub(crate) use run::run;
#[cfg(test)]
pub(crate) use run::run_as;
