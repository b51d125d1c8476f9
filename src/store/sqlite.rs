//! The SQLite driver: the only file that knows rusqlite.

use crate::model::{Cell, CellRef};
use crate::store::dialect::{Dialect, SQLITE};
use crate::store::{Db, RowFn, Sharing, StoreError};
use rusqlite::backup::Backup;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A connection to one SQLite file, or to a database in memory.
pub(crate) struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

/// How long SQLite itself waits for a lock. Writers queue elsewhere (`turn.rs`), so that this is
/// only met while another process recovers the log after a crash.
const BUSY: Duration = Duration::from_secs(20);
/// Statements kept prepared; more than the engine has.
const STATEMENTS: usize = 256;

impl Sqlite {
    /// Opens the file at `path`, which must be there unless `create` is set.
    pub(crate) fn open(path: &Path, create: bool) -> Result<Self, StoreError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        refuse_cut_off(path)?;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| explain(&error, path))?;
        Self::prepare(connection, path)
    }

    /// Opens a database in memory that all connections of this process with the same `name` share.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn memory(name: &str) -> Result<Self, StoreError> {
        let uri = format!("file:{name}?mode=memory&cache=shared");
        let path = PathBuf::from(&uri);
        let connection = Connection::open(&uri).map_err(|error| explain(&error, &path))?;
        Self::prepare(connection, &path)
    }

    fn prepare(connection: Connection, path: &Path) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let mut this = Self { connection, path: path.to_owned() };
        this.connection.busy_timeout(BUSY).map_err(|error| explain(&error, path))?;
        // FULL: a commit is on the disk before it is acknowledged. Nothing here changes the file,
        // which may be another program's.
        this.script(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; \
             PRAGMA temp_store = MEMORY;",
        )?;
        Ok(this)
    }

    /// Becomes a copy of another file, in one transaction: other processes see what was here
    /// before, or the copy.
    pub(super) fn become_copy_of(&mut self, path: &Path) -> Result<(), StoreError> {
        let from = Self::open(path, false)?;
        let copying = |error: &rusqlite::Error| explain(error, &self.path);
        let copied = Backup::new(&from.connection, &mut self.connection)
            .and_then(|backup| backup.run_to_completion(i32::MAX, BUSY, None));
        copied.map_err(|error| copying(&error))
    }

    fn explain(&self, error: &rusqlite::Error) -> StoreError {
        explain(error, &self.path)
    }
}

impl Db for Sqlite {
    fn dialect(&self) -> &'static Dialect {
        &SQLITE
    }

    fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        let mut statement =
            self.connection.prepare_cached(sql).map_err(|error| explain(&error, &self.path))?;
        statement
            .execute(params_from_iter(args.iter()))
            .map(|changed| u64::try_from(changed).unwrap_or(0))
            .map_err(|error| explain(&error, &self.path))
    }

    fn insert(&mut self, sql: &str, args: &[Cell]) -> Result<i64, StoreError> {
        self.run(sql, args)?;
        Ok(self.connection.last_insert_rowid())
    }

    fn each(&mut self, sql: &str, args: &[Cell], row: &mut RowFn<'_>) -> Result<(), StoreError> {
        let mut statement =
            self.connection.prepare_cached(sql).map_err(|error| explain(&error, &self.path))?;
        let mut rows = statement
            .query(params_from_iter(args.iter()))
            .map_err(|error| explain(&error, &self.path))?;
        while let Some(found) = rows.next().map_err(|error| explain(&error, &self.path))? {
            if !row(&|at| lend(found, at))? {
                break;
            }
        }
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| self.explain(&error))
    }

    fn in_transaction(&mut self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Takes the lock at once instead of failing later: there is one writer at a time.
    fn begin_write(&mut self, _sharing: Sharing) -> Result<i64, StoreError> {
        self.script("BEGIN IMMEDIATE")?;
        let mut version = 0;
        self.each("PRAGMA data_version", &[], &mut |cell| {
            if let CellRef::Int(n) = cell(0) {
                version = n;
            }
            Ok(false)
        })?;
        Ok(version)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.script("BEGIN DEFERRED")
    }
}

fn lend<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> CellRef<'r> {
    match row.get_ref(at) {
        Ok(ValueRef::Integer(n)) => CellRef::Int(n),
        Ok(ValueRef::Text(text)) => {
            std::str::from_utf8(text).map_or(CellRef::Blob(text), CellRef::Text)
        }
        Ok(ValueRef::Blob(bytes)) => CellRef::Blob(bytes),
        Ok(ValueRef::Null | ValueRef::Real(_)) | Err(_) => CellRef::Null,
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// SQLite notices when whole pages are missing at the end, but reads a last page that was cut off
/// as if it ended in zeros. While there is a log, the page may be in there.
fn refuse_cut_off(path: &Path) -> Result<(), StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_logged = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    let mut head = [0; 18];
    let read = File::open(path).and_then(|mut file| {
        file.read_exact(&mut head)?;
        file.metadata()
    });
    let (Ok(found), false) = (read, is_logged) else { return Ok(()) };
    let size = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    if head.starts_with(b"SQLite format 3\0") && size > 0 && found.len() % size != 0 {
        return Err(StoreError::Damaged("the file is cut off".into()));
    }
    Ok(())
}

/// Says in our words what SQLite said in its own.
fn explain(error: &rusqlite::Error, path: &Path) -> StoreError {
    let text = error.to_string();
    let Some(code) = error.sqlite_error() else {
        return StoreError::Other(text);
    };
    match code.code {
        ErrorCode::ConstraintViolation => match code.extended_code {
            rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
            | rusqlite::ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Unique(text),
            _ => StoreError::Constraint(text),
        },
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly(path.to_owned()),
        ErrorCode::CannotOpen => cannot_open(path),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        _ => StoreError::Other(text),
    }
}

/// SQLite says only that it could not; the file tells why.
fn cannot_open(path: &Path) -> StoreError {
    match std::fs::metadata(path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => StoreError::Other(format!(
            "there is no store at {} and its directory takes none",
            path.display()
        )),
        Err(why) => StoreError::Other(format!("{}: {why}", path.display())),
        Ok(found) if found.is_dir() => {
            StoreError::Other(format!("{} is a directory, not a store", path.display()))
        }
        Ok(_) => StoreError::ReadOnly(path.to_owned()),
    }
}
