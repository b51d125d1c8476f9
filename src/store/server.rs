//! Where a store on a database server is, and how long is waited for it.

use crate::text::Secret;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The port of `MariaDB`.
const PORT: u16 = 3306;

/// Seconds after which the server takes back what a transaction has locked of which it hears
/// nothing more: who holds it was stopped, or cut off without a word.
const IDLE: u32 = 5;

/// A database of a `MariaDB` server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Server {
    /// The user.
    pub(crate) user: String,
    /// The password, if there is one.
    pub(crate) password: Option<Secret>,
    /// The host, by name or address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// The socket on this machine, instead of host and port.
    pub(crate) socket: Option<PathBuf>,
    /// The database.
    pub(crate) database: String,
    /// Certificates that the server's must be signed by; then the connection is encrypted.
    pub(crate) ca: Option<PathBuf>,
    /// How long is waited for a connection to be made.
    pub(crate) connect_time: Duration,
    /// How long a statement may take.
    pub(crate) statement_time: Duration,
    /// How long a reader waits for one of the connections.
    pub(crate) patience: Duration,
    /// Connections at one time at most (`db.cloud.maxActive`).
    pub(crate) most: usize,
    /// Connections that are kept while nobody needs them (`db.cloud.maxIdle`).
    pub(crate) idle: usize,
}

impl Server {
    /// A database of the server at a host, with the limits that hold where nothing else is said.
    pub(crate) fn new(user: &str, host: &str, database: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: None,
            host: host.to_owned(),
            port: PORT,
            socket: None,
            database: database.to_owned(),
            ca: None,
            connect_time: Duration::from_secs(5),
            statement_time: Duration::from_secs(20),
            patience: Duration::from_secs(5),
            most: 32,
            idle: 8,
        }
    }

    /// What is said to the server first. A text is what its bytes are, and nothing is cut off to
    /// make it fit. A row that somebody else has locked is waited for several times.
    pub(super) fn session(&self) -> String {
        let seconds = self.statement_time.as_secs_f64();
        let lock = (self.statement_time.as_secs() / 4).max(1);
        format!(
            "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin, \
             sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,\
             NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', \
             max_statement_time = {seconds}, innodb_lock_wait_timeout = {lock}, \
             idle_write_transaction_timeout = {IDLE}; \
             SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
        )
    }
}

/// As it is written, without the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database, .. } = self;
        write!(f, "mysql://{user}@{host}:{port}/{database}")
    }
}
