//! What can go wrong below SQL, and what a person is told about it.

use crate::model::Corrupt;
use crate::schema::{Exception, Fault};
use std::fmt;
use std::path::PathBuf;

/// What memory knew wrongly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stale {
    /// Rows that are seldom written, or that the transaction goes on.
    Rows,
    /// Which numbers of a pool are taken.
    Numbers,
    /// How many there are of something.
    Counts,
}

/// A failure of the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StoreError {
    /// A uniqueness constraint refused a row; the text names table and columns.
    Unique(String),
    /// A CHECK or foreign key refused a row.
    Constraint(String),
    /// The disk is full.
    Full,
    /// The file, or the directory it is in, cannot be written.
    ReadOnly(PathBuf),
    /// The file is no store, or it is damaged.
    Damaged(String),
    /// The file is a database of another program.
    Foreign,
    /// The store was written by a newer version of the program.
    Newer {
        /// The store's schema version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A copy into the store was broken off.
    Unfinished,
    /// Somebody else held the store for too long.
    Busy,
    /// The transaction met others that changed the same rows; it may be run again.
    Contended(String),
    /// What memory knew is not so any more; the transaction is run again on what is.
    Stale(Stale),
    /// The database server went away, or is not there.
    Gone(String),
    /// The connection broke while the transaction was being committed.
    Unknown(String),
    /// The database server takes no writes now.
    Refusing(String),
    /// The database server, or this program, has no connection left.
    Crowded(String),
    /// A statement took too long.
    Slow(String),
    /// The database server does not let us in.
    Denied(String),
    /// The database server does not show a certificate that is trusted.
    Untrusted(String),
    /// Everything else that the database or the system said.
    Other(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unique(what) => write!(f, "there is already such a row ({what})"),
            Self::Constraint(what) => write!(f, "a rule of the store refused a row ({what})"),
            Self::Full => f.write_str("the disk is full; make room and try again"),
            Self::ReadOnly(path) => write!(
                f,
                "{} cannot be written; check its owner and permissions, or name another store \
                 with --store",
                path.display()
            ),
            Self::Damaged(why) => write!(
                f,
                "the store is damaged ({why}); nothing was changed. Copy the file away, then \
                 restore a backup or start anew with another --store"
            ),
            Self::Foreign => f.write_str(
                "the file is a database of another program; nothing was changed. Name another \
                 store with --store",
            ),
            Self::Newer { found, known } => write!(
                f,
                "the store has schema version {found}, this program knows {known}; nothing was \
                 changed. Use a newer capuchin"
            ),
            Self::Unfinished => f.write_str(
                "a copy into this store was broken off; run the same `capuchin store restore` or \
                 `migrate` again, which goes on with it",
            ),
            Self::Busy => f.write_str("another process kept the store locked for too long"),
            Self::Other(why) => f.write_str(why),
            other => other.of_server(f),
        }
    }
}

impl StoreError {
    /// What is said of failures of a database server.
    fn of_server(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contended(_) | Self::Stale(_) => f.write_str(
                "others changed the same rows again and again; nothing was changed, try again",
            ),
            Self::Gone(why) => write!(
                f,
                "the database server cannot be reached ({why}); nothing was changed, try again \
                 when it can"
            ),
            Self::Unknown(why) => write!(
                f,
                "the database server went away while it was being told to keep the change \
                 ({why}); look whether it was made before you repeat it"
            ),
            Self::Refusing(why) => write!(
                f,
                "the database server takes no changes ({why}); nothing was changed, try again when \
                 it does"
            ),
            Self::Crowded(why) => write!(f, "there is no connection to the database left: {why}"),
            Self::Slow(_) => f.write_str("the database server took too long; nothing was changed"),
            Self::Denied(why) => write!(
                f,
                "the database server does not let us in ({why}); check user, password and \
                 database of --store"
            ),
            Self::Untrusted(why) => write!(
                f,
                "the database server does not prove who it is ({why}); check ca= of --store, \
                 which must name the certificate that signed the server's, and the host, which \
                 must be in it"
            ),
            _ => f.write_str("the store failed"),
        }
    }

    /// Whether the transaction is over: nothing that follows in it would be kept.
    pub(super) fn ends_transaction(&self) -> bool {
        use StoreError::{Contended, Gone, Slow, Stale, Unknown};
        matches!(self, Contended(_) | Stale(_) | Gone(_) | Unknown(_) | Slow(_))
    }
}

impl From<Corrupt> for StoreError {
    fn from(corrupt: Corrupt) -> Self {
        Self::Damaged(corrupt.to_string())
    }
}

/// SQL's words are for the log; a caller learns what kind of failure it was.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let logged = format!("{error:?}");
        match &error {
            StoreError::Unique(_) | StoreError::Constraint(_) => {
                Fault::internal("The call would break a rule of the store", logged)
            }
            StoreError::Other(_) => Fault::internal("The store failed", logged),
            _ => Fault {
                logged: Some(logged),
                ..Fault::new(Exception::ResourceUnavailable, format!("The store failed: {error}"))
            },
        }
    }
}
