//! What can go wrong below SQL, and what a person is told about it.

use crate::model::Corrupt;
use crate::schema::{Exception, Fault};
use std::fmt;
use std::path::PathBuf;

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
    /// Somebody else held the store for too long.
    Busy,
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
            Self::Busy => f.write_str("another process kept the store locked for too long"),
            Self::Other(why) => f.write_str(why),
        }
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
