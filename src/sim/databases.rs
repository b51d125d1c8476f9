//! A real `MariaDB`, started for the tests, and databases on it.
//!
//! The tests run twice: as they are, on SQLite, and by [`everything_again_on_a_database_server`]
//! in a process of their own, whose worlds are databases of a server.

use crate::model::Column;
use crate::sim::scratch::Scratch;
use crate::store::{Db, MariaDb, Place, Server, Store, StoreError, Tx};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Names the socket of the server on which the worlds are to be.
const VARIABLE: &str = "CAPUCHIN_TEST_SOCKET";

/// A database of one world; it goes with its owner, or is kept for the next world.
pub(crate) struct Database {
    server: Server,
    socket: PathBuf,
    kept: bool,
}

/// Those whose worlds are gone. To empty their tables takes a tenth of the time that it takes to
/// make them.
static KEPT: Mutex<Vec<Database>> = Mutex::new(Vec::new());

impl Database {
    /// A new, empty one, if the worlds of this process are to be on a server.
    pub(crate) fn wanted() -> Option<Self> {
        let socket = std::env::var_os(VARIABLE)?;
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(database) = &kept {
            database.empty();
        }
        let mut database = kept.unwrap_or_else(|| Self::new(Path::new(&socket)));
        database.kept = true;
        Some(database)
    }

    /// Takes all rows out of it: such a store was not made yet.
    fn empty(&self) {
        let mut db = self.connect();
        let mut text = "SET foreign_key_checks = 0".to_owned();
        let sql = "SELECT table_name, COALESCE(auto_increment, 1) \
                   FROM information_schema.tables WHERE table_schema = DATABASE()";
        db.each(sql, &[], &mut |cell| {
            let table = String::from_cell(cell(0))?;
            text.extend(["; DELETE FROM `", &table, "`"]);
            // The first row of a store is row 1.
            if i64::from_cell(cell(1))? > 1 {
                text.extend(["; ALTER TABLE `", &table, "` AUTO_INCREMENT = 1"]);
            }
            Ok(true)
        })
        .expect("the tables");
        db.script(&text).expect("empty tables");
    }

    /// A new, empty one on the server behind `socket`.
    pub(crate) fn new(socket: &Path) -> Self {
        static NAMES: AtomicU64 = AtomicU64::new(0);
        let number = NAMES.fetch_add(1, Ordering::Relaxed);
        let name = format!("world_{}_{number}", std::process::id());
        tell(socket, &format!("CREATE DATABASE {name}")).expect("a database");
        Self { server: server(socket, &name), socket: socket.to_owned(), kept: false }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        Place::Server(self.server.clone())
    }

    /// A connection behind the back of its store.
    pub(crate) fn connect(&self) -> MariaDb {
        MariaDb::open(&self.server).expect("a connection")
    }

    /// A store in it, which keeps it as long as it lives.
    pub(crate) fn store(
        self,
        fresh_key: [u8; 16],
        fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
    ) -> Result<Store, StoreError> {
        let connect = move || Ok(Box::new(MariaDb::open(&self.server)?) as Box<dyn Db>);
        Store::with(Box::new(connect), None, fresh_key, fill)
    }

    /// Several stores in it, as several servers have.
    pub(crate) fn stores(
        self,
        count: usize,
        fresh_key: [u8; 16],
        fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
    ) -> Result<Vec<Store>, StoreError> {
        let database = Arc::new(self);
        let store = |_| {
            let own = Arc::clone(&database);
            let connect = move || Ok(Box::new(MariaDb::open(&own.server)?) as Box<dyn Db>);
            Store::with(Box::new(connect), None, fresh_key, fill)
        };
        (0..count).map(store).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.kept && !std::thread::panicking() {
            let (server, socket) = (self.server.clone(), self.socket.clone());
            let kept = Self { server, socket, kept: false };
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
            return;
        }
        let _ = tell(&self.socket, &format!("DROP DATABASE {}", self.server.database));
    }
}

fn tell(socket: &Path, sql: &str) -> Result<(), StoreError> {
    MariaDb::open(&server(socket, "mysql"))?.script(sql)
}

/// The database `name` of the server behind `socket`.
pub(crate) fn server(socket: &Path, name: &str) -> Server {
    Server { socket: Some(socket.to_owned()), ..Server::new("root", "localhost", name) }
}

/// A server that the tests started, in a directory that goes with it.
pub(crate) struct MariaServer {
    child: Child,
    scratch: Scratch,
    options: Vec<String>,
}

/// How often it is tried whether a server has started, and the pause between.
const TRIES: u32 = 1200;
const PAUSE: Duration = Duration::from_millis(50);

impl MariaServer {
    /// Starts a server with these options beside the usual ones.
    pub(crate) fn start(options: &[&str]) -> Self {
        let scratch = Scratch::new();
        // Servers remove each other's temporary tables where they share a directory for them.
        std::fs::create_dir_all(scratch.file("tmp")).expect("a directory");
        install(&scratch.file("data"), &scratch.file("tmp"));
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let child = launch(&scratch, &options);
        let this = Self { child, scratch, options };
        this.await_ready();
        this
    }

    /// Kills it, so that it finishes nothing.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again after it was killed.
    pub(crate) fn restart(&mut self) {
        self.child = launch(&self.scratch, &self.options);
        self.await_ready();
    }

    /// The same with one option in place of another.
    pub(crate) fn restart_with(&mut self, old: &str, new: &str) {
        let option = self.options.iter_mut().find(|option| *option == old);
        new.clone_into(option.expect("an option"));
        self.restart();
    }

    /// Has it run a statement as its administrator.
    pub(crate) fn tell(&self, sql: &str) {
        self.try_tell(sql).unwrap_or_else(|why| panic!("{sql}: {why}"));
    }

    /// The same for what may fail.
    pub(crate) fn try_tell(&self, sql: &str) -> Result<(), StoreError> {
        tell(&self.socket(), sql)
    }

    /// A number that it counts.
    pub(crate) fn count(&self, name: &str) -> i64 {
        let mut db = MariaDb::open(&server(&self.socket(), "mysql")).expect("a connection");
        let sql = "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status \
                   WHERE variable_name = ?";
        let mut found = None;
        db.each(sql, &[name.into()], &mut |cell| {
            found = Some(i64::from_cell(cell(0))?);
            Ok(false)
        })
        .expect("a status");
        found.expect("a number")
    }

    /// Starts one that keeps nothing safe, for tests that look at what is there only.
    pub(crate) fn fast() -> Self {
        Self::start(&[
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-flush-method=nosync",
        ])
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.scratch.file("socket")
    }

    fn await_ready(&self) {
        let mut said = None;
        for _ in 0..TRIES {
            match tell(&self.socket(), "SELECT 1") {
                Ok(()) => return,
                Err(why) => said = Some(why),
            }
            std::thread::park_timeout(PAUSE);
        }
        panic!("MariaDB does not start: {said:?}: {}", self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.scratch.file("log")).unwrap_or_default()
    }
}

impl Drop for MariaServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes the tables that a server has for itself.
fn install(data: &Path, tmp: &Path) {
    let mut install = Command::new("mariadb-install-db");
    install.env("TMPDIR", tmp).arg("--no-defaults").arg(data_option(data)).args(as_whom());
    install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    let output = install.output().expect("mariadb-install-db of the package mariadb-server");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn launch(scratch: &Scratch, options: &[String]) -> Child {
    let log = File::options().create(true).append(true).open(scratch.file("log"));
    let log = log.expect("a log");
    let socket = format!("--socket={}", scratch.file("socket").display());
    let mut server = Command::new("mariadbd");
    server
        .env("TMPDIR", scratch.file("tmp"))
        .arg("--no-defaults")
        .arg(data_option(&scratch.file("data")))
        .arg(socket);
    server.args(as_whom()).args(["--skip-networking", "--max-connections=1000"]).args(options);
    server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    server.spawn().expect("mariadbd of the package mariadb-server")
}

fn data_option(data: &Path) -> String {
    format!("--datadir={}", data.display())
}

/// A server does not run as root unless it is told to.
fn as_whom() -> Option<&'static str> {
    let own = std::fs::metadata("/proc/self").expect("a process");
    (std::os::unix::fs::MetadataExt::uid(&own) == 0).then_some("--user=root")
}

/// Tests that have a store of their own, or none, and would only repeat themselves; and those of
/// words that are refused before a store is asked.
const OWN_STORE: &[&str] = &[
    "net::",
    "schema::",
    "shell::",
    "sim::bad_input",
    "sim::cluster",
    "sim::copies",
    "sim::guesses",
    "sim::kill",
    "sim::outages",
    "sim::processes",
    "sim::random",
    "sim::reopen",
    "store::whole",
    "text::",
];

/// All tests of this binary run again, in a process whose worlds are databases of a server.
#[test]
fn everything_again_on_a_database_server() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let server = MariaServer::fast();
    let mut again = Command::new(std::env::current_exe().expect("this binary"));
    again.env(VARIABLE, server.socket()).arg("--test-threads=4");
    for name in OWN_STORE.iter().chain(&["everything_again_on_a_database_server"]) {
        again.args(["--skip", name]);
    }
    let output = again.output().expect("this binary once more");
    let text = String::from_utf8_lossy(&output.stdout);
    let told: Vec<&str> = text.lines().filter(|line| line.starts_with("test result:")).collect();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let passed = told.iter().filter_map(|line| line.split(' ').nth(3)?.parse::<u32>().ok());
    assert!(passed.sum::<u32>() > 700, "too few ran: {told:?}");
}
