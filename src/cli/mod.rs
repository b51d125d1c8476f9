//! The command line: from arguments and environment to a session, and from its end to an exit
//! code. Only this room reads the environment and the clock.

mod args;
mod clock;
mod completions;
mod config;
mod descriptors;
mod exit;
mod ini;
mod keys;
mod log;
mod passwd;
mod profile;
mod run;
mod self_signed;
mod serve;
mod server;
mod settings;
mod store;
mod target;

pub(crate) use run::run;
