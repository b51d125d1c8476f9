//! A store: opened once, shared by all callers of the process.

use crate::model::{CellRef, UidKey};
use crate::store::commit::{Committer, Connect, MakeWriter, Ran, Signal, Task, UNSEEN, Writer};
use crate::store::mariadb::MariaDb;
use crate::store::readers::{Bounds, Connections, Lent, Readers};
use crate::store::sqlite::Sqlite;
use crate::store::turn::Turn;
use crate::store::versions::{Moment, Versions};
use crate::store::{Db, Meter, Retry, Server, Sharing, StoreError, Tx, migrate};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Fills a store that has just been made.
type Fill<'f> = &'f mut dyn FnMut(&mut Tx) -> Result<(), StoreError>;

/// Where a store is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// In a file.
    File(PathBuf),
    /// In a database of a server.
    Server(Server),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

/// How to open a store.
pub(crate) struct Open<'o> {
    /// Where it is.
    pub(crate) place: &'o Place,
    /// Sixteen random bytes: the key of the ids, should the store be made now.
    pub(crate) fresh_key: [u8; 16],
    /// Fills a store that has just been made, in the transaction that makes it.
    pub(crate) fill: &'o mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
}

/// The one place where everything is kept.
pub(crate) struct Store {
    connect: Connect,
    path: Option<PathBuf>,
    key: UidKey,
    /// Whether opening it made it.
    fresh: bool,
    committer: OnceLock<Committer>,
    /// Held while the committer is made.
    making: Mutex<()>,
    readers: Readers,
    meter: Arc<Meter>,
    /// The newest version that a writer has seen.
    newest: Arc<AtomicI64>,
    /// The version of a shared database.
    versions: Option<Versions>,
}

impl Store {
    /// Opens the store, makes it if there is none, and brings an older one up to date.
    pub(crate) fn open(open: Open<'_>) -> Result<Self, StoreError> {
        match open.place {
            Place::File(path) => {
                private_file(path)?;
                let at = path.clone();
                let connect = move || Ok(Box::new(Sqlite::open(&at, true)?) as Box<dyn Db>);
                Self::with(Box::new(connect), Some(path.clone()), open.fresh_key, open.fill)
            }
            Place::Server(server) => {
                let (bounds, server) = (Bounds::of(server), server.clone());
                let connect = move || Ok(Box::new(MariaDb::open(&server)?) as Box<dyn Db>);
                let new = (open.fresh_key, open.fill);
                Self::within(bounds, Box::new(connect), None, new)
            }
        }
    }

    /// A store in memory that lives as long as this value.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn memory(
        name: &str,
        fresh_key: [u8; 16],
        fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let name = name.to_owned();
        let connect = move || Ok(Box::new(Sqlite::memory(&name)?) as Box<dyn Db>);
        Self::with(Box::new(connect), None, fresh_key, fill)
    }

    /// A store over any connections; tests put faults in between.
    pub(crate) fn with(
        connect: Box<dyn Fn() -> Result<Box<dyn Db>, StoreError> + Send + Sync>,
        path: Option<PathBuf>,
        fresh_key: [u8; 16],
        fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        Self::within(Bounds::default(), connect, path, (fresh_key, fill))
    }

    /// The same with so many connections. `new` is what it is made with, should there be none.
    fn within(
        bounds: Bounds,
        connect: Box<dyn Fn() -> Result<Box<dyn Db>, StoreError> + Send + Sync>,
        path: Option<PathBuf>,
        (fresh_key, fill): ([u8; 16], Fill<'_>),
    ) -> Result<Self, StoreError> {
        let mut db = connect()?;
        let versions = db.dialect().is_shared.then(Versions::default);
        let mut fresh = false;
        if migrate::version(&mut *db)? != migrate::known() {
            let turn = path.as_deref().map(Turn::open).transpose()?;
            let _turned = turn.as_ref().map(Turn::take).transpose()?;
            (db, fresh) = migrate::migrate(db, fresh_key, fill)?;
        }
        let key = read_key(&mut *db)?;
        let meter = Arc::<Meter>::default();
        let readers = Readers::new(bounds, Arc::clone(&meter));
        // The first reader, or the writer, takes over the connection that is open already.
        drop(readers.lend(|| Ok(Tx::new(db, key)))?);
        let connect = Arc::from(connect);
        let (committer, making) = (OnceLock::new(), Mutex::default());
        let newest = Arc::new(AtomicI64::new(UNSEEN));
        Ok(Self { connect, path, key, fresh, committer, making, readers, meter, newest, versions })
    }

    /// Whether opening it made it.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// The key of its ids.
    pub(crate) fn key(&self) -> UidKey {
        self.key
    }

    /// Runs a use case in a transaction of its own that others may share the sync of. It may be
    /// run several times; only the last run counts. An `Err` leaves no trace in the store.
    pub(crate) fn write<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        self.write_as(Sharing::Alone, use_case)
    }

    /// The same; `sharing` says how it stands to those of other servers.
    pub(crate) fn write_as<T, E, F>(&self, sharing: Sharing, use_case: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let committer = self.committer()?;
        let task = Arc::new(UseCase {
            run: Mutex::new(use_case),
            outcome: Mutex::new(None),
            signal: Signal::here(),
            sharing,
        });
        let queued: Arc<dyn Task> = task.clone();
        committer.submit(&queued);
        let outcome = task.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.unwrap_or_else(|| Err(StoreError::Other("the use case was not run".into()).into()))
    }

    /// The state of what seldom changes, as it is at some moment from now on.
    pub(crate) fn moment(&self) -> Moment {
        Moment(self.version())
    }

    /// Runs a use case that only reads, on one state of the store. A connection that broke since
    /// it was last used is replaced; where one breaks meanwhile, the use case is run again.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        use_case: impl FnMut(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_at(self.moment(), use_case)
    }

    /// The same; what seldom changes may be what it was at that moment.
    pub(crate) fn read_at<T, E: From<StoreError>>(
        &self,
        Moment(now): Moment,
        mut use_case: impl FnMut(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.readers.lend(|| self.reader())?;
        if let Err(why) = lent.tx()?.begin_read(now) {
            self.renew(&mut lent, why)?;
        }
        let mut outcome = use_case(lent.tx()?);
        match lent.tx()?.trouble() {
            Some(why @ StoreError::Gone(_)) => self.renew(&mut lent, why)?,
            // What it remembered has changed since it was asked.
            Some(StoreError::Stale(_)) => {
                lent.tx()?.end_read();
                lent.tx()?.begin_read(None)?;
            }
            _ => return end_read(lent, outcome),
        }
        outcome = use_case(lent.tx()?);
        end_read(lent, outcome)
    }

    /// The version of a shared database now; none of others, and where it cannot be asked.
    fn version(&self) -> Option<i64> {
        self.versions.as_ref()?.now(|| {
            let mut lent = self.readers.lend(|| self.reader())?;
            let version = lent.tx()?.version();
            if version.is_err() {
                lent.spoil();
                self.doubt();
            }
            version
        })
    }

    /// Lets those who write look whether their connections still stand before they send anything
    /// over them: what is sent as a whole over one that broke may have been done or not.
    fn doubt(&self) {
        self.newest.store(UNSEEN, Ordering::Relaxed);
    }

    /// Lends another connection in place of one that failed, if that may help, and begins.
    fn renew(&self, lent: &mut Lent<'_>, why: StoreError) -> Result<(), StoreError> {
        let is_gone = matches!(why, StoreError::Gone(_));
        if is_gone {
            // The others are as old as this one.
            self.readers.close_idle();
            self.doubt();
            self.meter.retried(Retry::Connection);
        }
        let fresh = || if is_gone { self.reader() } else { Err(why) };
        lent.replace(fresh)?;
        lent.tx()?.begin_read(None)
    }

    fn reader(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new((self.connect)()?, self.key))
    }

    /// What it counts.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Its connections now.
    pub(crate) fn connections(&self) -> Connections {
        let readers = self.readers.connections();
        let writers = self.committer.get().map_or(0, Committer::writers);
        Connections { open: readers.open + writers, ..readers }
    }

    /// The committer, made when something is first written.
    fn committer(&self) -> Result<&Committer, StoreError> {
        if let Some(committer) = self.committer.get() {
            return Ok(committer);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(committer) = self.committer.get() {
            return Ok(committer);
        }
        let writer = Writer {
            tx: self.readers.take_idle().map_or_else(|| self.reader(), Ok)?,
            turn: self.path.as_deref().map(Turn::open).transpose()?,
            seen: UNSEEN,
            connect: Arc::clone(&self.connect),
            work: Arc::default(),
            meter: Arc::clone(&self.meter),
            newest: Arc::clone(&self.newest),
        };
        let second = writer.tx.is_shared().then(|| self.second_writer());
        Ok(self.committer.get_or_init(|| Committer::new(writer, second)))
    }

    /// Makes the second writer of a store that several connections may write.
    fn second_writer(&self) -> MakeWriter {
        let (connect, key, meter) = (Arc::clone(&self.connect), self.key, Arc::clone(&self.meter));
        let newest = Arc::clone(&self.newest);
        Box::new(move |work| {
            let tx = Tx::new(connect()?, key);
            let (connect, meter) = (Arc::clone(&connect), Arc::clone(&meter));
            let newest = Arc::clone(&newest);
            Ok(Writer { tx, turn: None, seen: UNSEEN, connect, work, meter, newest })
        })
    }
}

/// A use case with its outcome.
struct UseCase<F, T, E> {
    run: Mutex<F>,
    outcome: Mutex<Option<Result<T, E>>>,
    signal: Signal,
    sharing: Sharing,
}

impl<F, T, E> UseCase<F, T, E> {
    fn settle(&self, outcome: Result<T, E>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}

impl<F, T, E> Task for UseCase<F, T, E>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut Tx) -> Result<T, E> + Send,
{
    fn run(&self, tx: &mut Tx) -> Ran {
        let outcome = (self.run.lock().unwrap_or_else(PoisonError::into_inner))(tx);
        let ran = if outcome.is_ok() { Ran::Kept } else { Ran::Refused };
        self.settle(outcome);
        ran
    }

    fn fail(&self, why: StoreError) {
        self.settle(Err(why.into()));
    }

    fn signal(&self) -> &Signal {
        &self.signal
    }

    fn sharing(&self) -> Sharing {
        self.sharing
    }
}

pub(super) fn read_key(db: &mut dyn Db) -> Result<UidKey, StoreError> {
    let mut key = None;
    db.each("SELECT uid_key FROM installation", &[], &mut |cell| {
        if let CellRef::Blob(bytes) = cell(0) {
            key = bytes.try_into().ok().map(UidKey::new);
        }
        Ok(false)
    })?;
    key.ok_or_else(|| StoreError::Damaged("it has no key for its ids".into()))
}

/// Makes the file if there is none, for its owner's eyes only: it will hold secrets.
pub(super) fn private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(match why.kind() {
            std::io::ErrorKind::StorageFull => StoreError::Full,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly(path.to_owned())
            }
            _ => StoreError::Other(format!("{}: {why}", path.display())),
        }),
    }
}

fn end_read<T, E: From<StoreError>>(mut lent: Lent<'_>, outcome: Result<T, E>) -> Result<T, E> {
    if !lent.tx()?.end_read() {
        lent.spoil();
    }
    outcome
}
