//! Where a store on a database server is, and how long is waited for it.

use crate::text::Secret;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

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

/// As it is written, without the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database, .. } = self;
        write!(f, "mysql://{user}@{host}:{port}/{database}")
    }
}
