//! The command line: from arguments and environment to a session, and from its end to an exit
//! code. Only this room reads the environment and the clock.

mod args;
mod clock;
mod completions;
mod exit;
mod keys;
mod log;
mod passwd;
mod run;
mod serve;
mod store;

pub(crate) use run::run;
