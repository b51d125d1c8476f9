//! A `MariaDB` of the benchmarks' own: durable, on the disk where the other stores are.

use crate::bench::Failed;
use crate::model::{Cell, CellRef};
use crate::store::{Db, MariaDb, Place, Server, StoreError};
use std::cell::Cell as Slot;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// What every administrator sets who wants to lose nothing.
const DURABLE: &[&str] = &[
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-doublewrite=1",
    "--innodb-flush-method=O_DIRECT",
    "--innodb-buffer-pool-size=768M",
    "--innodb-log-file-size=512M",
    "--skip-log-bin",
    "--skip-networking",
    "--max-connections=1000",
];

/// A running server, killed when this value is dropped.
pub(super) struct Maria {
    child: Child,
    folder: PathBuf,
    names: Slot<u32>,
}

/// What a store failed with, as a benchmark fails.
pub(super) fn failed(why: StoreError) -> Failed {
    why.to_string().into()
}

impl Maria {
    /// Starts one whose files are in `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self, Failed> {
        std::fs::create_dir_all(folder)?;
        let data = format!("--datadir={}", folder.join("data").display());
        // A server does not run as root unless it is told to.
        let own = std::fs::metadata("/proc/self")?;
        let is_root = std::os::unix::fs::MetadataExt::uid(&own) == 0;
        let whose = is_root.then_some("--user=root");
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", &data, "--auth-root-authentication-method=normal"]);
        let made = install.arg("--skip-test-db").args(whose).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        let mut server = Command::new("mariadbd");
        server.args(["--no-defaults", &data]).args(DURABLE).args(whose);
        server.arg(format!("--socket={}", folder.join("socket").display()));
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(folder.join("log"))?);
        let names = Slot::new(0);
        let this = Self { child: server.spawn()?, folder: folder.to_owned(), names };
        this.await_ready()?;
        Ok(this)
    }

    fn await_ready(&self) -> Result<(), Failed> {
        let begun = Instant::now();
        while let Err(why) = self.connect("mysql") {
            if begun.elapsed() > PATIENCE {
                return Err(format!("MariaDB does not start: {why}").into());
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A new, empty database; its name.
    pub(super) fn database(&self) -> Result<String, Failed> {
        self.names.set(self.names.get() + 1);
        let name = format!("bench{}", self.names.get());
        self.connect("mysql")?.script(&format!("CREATE DATABASE {name}")).map_err(failed)?;
        Ok(name)
    }

    /// Removes a database.
    pub(super) fn remove(&self, name: &str) -> Result<(), Failed> {
        self.connect("mysql")?.script(&format!("DROP DATABASE {name}")).map_err(failed)
    }

    /// A connection to a database.
    pub(super) fn connect(&self, name: &str) -> Result<MariaDb, Failed> {
        MariaDb::open(&self.at(name)).map_err(failed)
    }

    /// A database as the place of a store.
    pub(super) fn place(&self, name: &str) -> Place {
        Place::Server(self.at(name))
    }

    /// The same as it is written on the command line.
    pub(super) fn written(&self, name: &str) -> String {
        format!("mysql://root@localhost/{name}?socket={}", self.folder.join("socket").display())
    }

    fn at(&self, name: &str) -> Server {
        Server {
            user: "root".into(),
            password: None,
            host: "localhost".into(),
            port: 3306,
            socket: Some(self.folder.join("socket")),
            database: name.into(),
            ca: None,
            connect_time: Duration::from_secs(5),
            statement_time: Duration::from_mins(1),
            patience: Duration::from_secs(5),
            most: 32,
            idle: 8,
        }
    }

    /// The first column of the first row of an answer.
    pub(super) fn number(&self, name: &str, sql: &str, args: &[Cell]) -> Result<i64, Failed> {
        let mut found = 0;
        let mut db = self.connect(name)?;
        db.each(sql, args, &mut |cell| {
            match cell(0) {
                CellRef::Int(n) => found = n,
                CellRef::Text(text) => found = text.parse().unwrap_or(0),
                _ => {}
            }
            Ok(false)
        })
        .map_err(failed)?;
        Ok(found)
    }

    /// How often the server has counted something since it was started.
    pub(super) fn status(&self, what: &str) -> Result<i64, Failed> {
        let sql = "SELECT variable_value FROM information_schema.global_status \
                   WHERE variable_name = ?";
        self.number("mysql", sql, &[what.into()])
    }
}

impl Drop for Maria {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
