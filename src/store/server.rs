//! Where a store on a database server is, and how long is waited for it.

use crate::text::Secret;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The port of `MariaDB`.
const PORT: u16 = 3306;

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
}

/// As it is written, without the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database, .. } = self;
        write!(f, "mysql://{user}@{host}:{port}/{database}")
    }
}
