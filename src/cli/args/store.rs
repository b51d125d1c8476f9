//! What is to be done with a store as a whole.

use std::path::PathBuf;

use clap::{ArgAction, Subcommand};

use crate::shell::render::Format;

/// What is to be done with the store.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StoreCommand {
    /// Show where the store is, its versions, its size and how much is in it
    Info {
        /// How it is shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Check that rows, bits and counters agree, while servers run; the exit code is 1 if not
    Check {
        /// Write a backup, then put right in one transaction what has one right answer
        #[arg(long)]
        repair: bool,
        /// Where the backup goes; beside the store when left out
        #[arg(long, value_name = "FILE", requires = "repair")]
        backup: Option<PathBuf>,
        /// How the findings are shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Show the tables of a store and what they mean, or the columns of one of them
    Schema {
        /// The table
        table: Option<String>,
        /// How it is shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Write what is in the store now into a new file, which is a store itself
    Backup {
        /// The file, which must not be there yet
        file: PathBuf,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Put a backup where there is no store yet
    Restore {
        /// The backup
        file: PathBuf,
        /// Put it in place of the store that is there
        #[arg(long)]
        replace: bool,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
    /// Copy the store to another place and compare row for row; repeated, it goes on
    Migrate {
        /// A file or a database, as `mysql://user@host/database`
        #[arg(long, value_name = "PLACE")]
        to: PathBuf,
        /// How the tables are shown
        #[arg(short, long, value_name = "FORMAT")]
        output: Option<Format>,
        /// Explain this command
        #[arg(short = 'h', long = "help", action = ArgAction::Help)]
        _help: Option<bool>,
    },
}
