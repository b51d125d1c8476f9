//! The `MariaDB` driver: the only file that knows the crate `mysql`.

use crate::model::{Cell, CellRef};
use crate::store::codes;
use crate::store::dialect::{Dialect, MARIADB};
use crate::store::gate::{self, ITSELF, SLOTS, SNAPSHOT, VERSION};
use crate::store::server::Server;
use crate::store::spelling::Text;
use crate::store::{Bulk, Db, RowFn, Sharing, Stale, StoreError};
use mysql::consts::{ColumnFlags, ColumnType};
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder, Row, SslOpts, Value};
use std::fs::File;
use std::sync::mpsc::sync_channel;

/// A connection to a database of a `MariaDB` server.
pub(crate) struct MariaDb {
    connection: Conn,
    /// Which row of the gate this connection holds while it writes beside others.
    slot: i64,
    /// Whether the server is a node of a cluster.
    in_cluster: bool,
    /// What the transaction has made of the row of the gate: it is that as long as a node has not
    /// ended it without a word.
    passed: i64,
    /// What ended the transaction, if something did: all that follows until the next fails alike.
    trouble: Option<StoreError>,
    open: bool,
    /// What the transaction builds on that has not begun there yet.
    guess: Option<Guess>,
    /// The driver forgets to tell the server over an encrypted connection that it sends many rows
    /// at one time, and is then refused when it does.
    is_encrypted: bool,
    /// What broke the connection: an answer that comes too late must not be taken for another's.
    broken: Option<StoreError>,
}

/// The version of the gate that a transaction builds on, which writes or only reads.
#[derive(Clone, Copy)]
enum Guess {
    Write(i64),
    Read(i64),
}

/// Statements kept prepared; more than the engine has.
const STATEMENTS: usize = 512;
/// The most that goes over in one packet, in bytes.
const PACKET: usize = 16 << 20;
/// Rows at most that are written in one text.
const IN_TEXT: usize = 8192;
impl MariaDb {
    /// Connects.
    pub(crate) fn open(server: &Server) -> Result<Self, StoreError> {
        let mut this = Self {
            connection: connect(server)?,
            slot: 0,
            in_cluster: false,
            passed: 0,
            trouble: None,
            open: false,
            guess: None,
            is_encrypted: server.ca.is_some(),
            broken: None,
        };
        // Before it waits for others: a node that is cut off is still to be spoken with.
        this.slot = this.own_slot()?;
        this.in_cluster = wait_for_others(&mut this.connection)?;
        Ok(this)
    }

    /// The row of the gate of this connection. The nodes of a cluster number their connections
    /// alike; rows that nobody else writes at the same time are never in each other's way.
    fn own_slot(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT CONNECTION_ID() * @@auto_increment_increment + @@auto_increment_offset";
        let outcome = last_number(&mut self.connection, sql);
        Ok(self.note(outcome)?.rem_euclid(SLOTS))
    }

    /// Notes what ends a transaction, and passes everything on.
    fn note<T>(&mut self, outcome: Result<T, mysql::Error>) -> Result<T, StoreError> {
        outcome.map_err(|why| {
            let why = explain(&why);
            if why.ends_transaction() {
                self.trouble = Some(why.clone());
            }
            if matches!(why, StoreError::Gone(_)) {
                self.broken = Some(why.clone());
            }
            why
        })
    }

    /// Nothing goes over a connection that broke.
    fn is_whole(&mut self) -> Result<(), StoreError> {
        let Some(why) = &self.broken else { return Ok(()) };
        self.trouble = Some(why.clone());
        Err(why.clone())
    }

    /// A transaction that was a guess begins in earnest before the first statement.
    fn ready(&mut self) -> Result<(), StoreError> {
        self.is_whole()?;
        let (version, found) = match self.guess.take() {
            None => return Ok(()),
            Some(Guess::Write(version)) => (version, self.begin_write(Sharing::Beside)?),
            Some(Guess::Read(version)) => (version, self.begin_read_version()?),
        };
        if found == version {
            return Ok(());
        }
        let why = StoreError::Stale(Stale::Rows);
        self.trouble = Some(why.clone());
        Err(why)
    }

    fn text(&mut self, sql: &str) -> Result<(), StoreError> {
        self.ready()?;
        let outcome = run_all(&mut self.connection, sql);
        self.note(outcome)
    }

    /// What is said before the last statements of a transaction: that of a guess begins here, if
    /// the version is the one it builds on; a node of a cluster may have ended one without saying
    /// so. `NULL` is refused.
    fn opening(&mut self) -> Text {
        let mut text = Text::default();
        match self.guess.take() {
            Some(Guess::Write(version) | Guess::Read(version)) => {
                text.say("START TRANSACTION");
                text.say(&gate::pass(self.slot, "version", version));
            }
            None if self.in_cluster => text.say(&gate::pass(self.slot, "passed", self.passed)),
            None => {}
        }
        text
    }

    /// Runs the last statements of a transaction, with one answer to all of them: more would keep
    /// the rows that everybody needs for as long as they take to be sent. What fails while the
    /// transaction is open has changed nothing; what fails when it is not is only certain if
    /// another one came before.
    fn last(&mut self, mut text: Text) -> Result<(), StoreError> {
        text.say("COMMIT");
        if self.in_cluster {
            text.say(ITSELF);
        }
        let outcome = run_all(&mut self.connection, &text.together());
        if let Err(why) = self.note(outcome) {
            return Err(match why {
                StoreError::Gone(why) => StoreError::Unknown(why),
                StoreError::Unique(_) | StoreError::Contended(_) | StoreError::Stale(_) => why,
                other if self.is_open() => other,
                other => StoreError::Unknown(other.to_string()),
            });
        }
        self.open = false;
        Ok(())
    }

    /// Whether the server still has the transaction open.
    fn is_open(&mut self) -> bool {
        let open = last_number(&mut self.connection, "SELECT @@in_transaction");
        open.is_ok_and(|open| open == 1)
    }
}

impl Db for MariaDb {
    fn dialect(&self) -> &'static Dialect {
        &MARIADB
    }

    fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        self.ready()?;
        let outcome = self.connection.exec_drop(MARIADB.words(sql), values(args));
        self.note(outcome)?;
        Ok(self.connection.affected_rows())
    }

    fn many(&mut self, sql: &str, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        self.ready()?;
        // All rows in one go, unless the server is a node: it then keeps to itself that another
        // transaction has ended this one.
        if self.in_cluster || self.is_encrypted {
            return rows.iter().try_for_each(|row| self.run(sql, row).map(drop));
        }
        let outcome = self.connection.exec_batch(sql, rows.iter().map(|row| values(row)));
        self.note(outcome)
    }

    /// One text with all values in it: each journey costs more than reading the text does.
    fn all(&mut self, bulks: &[Bulk]) -> Result<(), StoreError> {
        self.ready()?;
        if bulks.iter().map(|(_, rows)| rows.len()).sum::<usize>() > IN_TEXT {
            return bulks.iter().try_for_each(|(sql, rows)| self.many(sql, rows));
        }
        let mut text = Text::default();
        for (sql, rows) in bulks {
            text.spell(sql, rows);
        }
        if text.statements == 0 {
            return Ok(());
        }
        let outcome = run_all(&mut self.connection, &text.together());
        self.note(outcome)
    }

    fn insert(&mut self, sql: &str, args: &[Cell]) -> Result<i64, StoreError> {
        self.run(sql, args)?;
        Ok(self.connection.last_insert_id().cast_signed())
    }

    fn each(&mut self, sql: &str, args: &[Cell], row: &mut RowFn<'_>) -> Result<(), StoreError> {
        self.ready()?;
        let sql = MARIADB.words(sql);
        let outcome = hand_on(&mut self.connection, &sql, args, row);
        match outcome {
            Ok(handed) => handed,
            Err(why) => self.note(Err(why)),
        }
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        // A guess that came to nothing.
        if sql == "ROLLBACK" && self.guess.take().is_some() {
            return Ok(());
        }
        let ends = sql == "COMMIT" || sql == "ROLLBACK";
        match ends && self.in_cluster {
            true => self.text(&[sql, "; ", ITSELF].concat())?,
            false => self.text(sql)?,
        }
        self.open &= !ends;
        Ok(())
    }

    fn commit(&mut self, bulks: &[Bulk]) -> Result<(), StoreError> {
        let is_small = bulks.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= IN_TEXT;
        if !is_small {
            self.all(bulks)?;
        }
        self.is_whole()?;
        let mut text = self.opening();
        for (sql, rows) in bulks.iter().filter(|_| is_small) {
            text.spell(sql, rows);
        }
        self.last(text)
    }

    fn begin_guess(&mut self, version: i64) -> bool {
        self.trouble = None;
        self.guess = Some(Guess::Write(version));
        true
    }

    fn seat(&self) -> u64 {
        self.slot.unsigned_abs()
    }

    fn in_transaction(&mut self) -> bool {
        (self.open || self.guess.is_some()) && self.trouble.is_none()
    }

    fn trouble(&mut self) -> Option<StoreError> {
        self.trouble.clone()
    }

    /// The gate lets either many through, each by a slot, or one alone, which takes all slots. Row
    /// locks do that on one server, and in a cluster the check of what was written when it is
    /// committed. The version says how often somebody was alone.
    fn begin_write(&mut self, sharing: Sharing) -> Result<i64, StoreError> {
        self.is_whole()?;
        (self.trouble, self.guess) = (None, None);
        self.open = true;
        let gate = gate::enter(self.slot, sharing);
        // What comes after a node has ended the transaction must not be kept by itself.
        let first = if self.in_cluster { "SET autocommit = 0; " } else { "" };
        let text = [first, "START TRANSACTION; ", &gate].concat();
        let outcome = last_numbers(&mut self.connection, &text);
        let (version, passed) = self.note(outcome)?;
        self.passed = passed;
        Ok(version)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        (self.trouble, self.guess) = (None, None);
        self.text(SNAPSHOT)?;
        self.open = true;
        Ok(())
    }

    fn begin_read_version(&mut self) -> Result<i64, StoreError> {
        (self.trouble, self.guess) = (None, None);
        self.is_whole()?;
        let outcome = last_number(&mut self.connection, &[SNAPSHOT, "; ", VERSION].concat());
        let version = self.note(outcome)?;
        self.open = true;
        Ok(version)
    }

    fn begin_read_guess(&mut self, version: i64) -> bool {
        self.trouble = None;
        self.guess = Some(Guess::Read(version));
        true
    }

    fn version(&mut self) -> Result<i64, StoreError> {
        self.trouble = None;
        self.is_whole()?;
        let outcome = last_number(&mut self.connection, VERSION);
        self.note(outcome)
    }
}

/// Runs statements in one journey; the number that the last of them answers.
fn last_number(connection: &mut Conn, sql: &str) -> Result<i64, mysql::Error> {
    last_numbers(connection, sql).map(|(number, _)| number)
}

/// The first two numbers that the last of the statements answers.
fn last_numbers(connection: &mut Conn, sql: &str) -> Result<(i64, i64), mysql::Error> {
    let (mut answers, mut numbers) = (connection.query_iter(sql)?, (0, 0));
    while let Some(rows) = answers.iter() {
        for row in rows {
            let row = row?;
            numbers = (row.get(0).unwrap_or(numbers.0), row.get(1).unwrap_or(numbers.1));
        }
    }
    Ok(numbers)
}

/// On a node of a cluster, each transaction begins with all that was committed on any node before:
/// who goes on at another server finds there what the first one has acknowledged. A server that
/// was built without clusters does not know the word, and needs none.
/// Returns whether it is a node.
fn wait_for_others(connection: &mut Conn) -> Result<bool, StoreError> {
    const UNKNOWN: u16 = 1193;
    let is_on = match connection.query_first::<i64, _>("SELECT @@wsrep_on") {
        Err(mysql::Error::MySqlError(said)) if said.code == UNKNOWN => return Ok(false),
        other => other.map_err(|why| explain(&why))? == Some(1),
    };
    if is_on {
        let sql = "SET SESSION wsrep_sync_wait = 1";
        connection.query_drop(sql).map_err(|why| explain(&why))?;
    }
    Ok(is_on)
}

/// Hands on the rows of an answer. The outer error is the connection's, the inner the taker's.
fn hand_on(
    connection: &mut Conn,
    sql: &str,
    args: &[Cell],
    row: &mut RowFn<'_>,
) -> Result<Result<(), StoreError>, mysql::Error> {
    let (mut enough, mut handed) = (false, Ok(()));
    // To the end, whatever the taker wants: after the rows the server may say that another one
    // has ended the transaction.
    for found in connection.exec_iter(sql, values(args))? {
        let found = found?;
        if enough {
            continue;
        }
        match row(&|at| lend(&found, at)) {
            Ok(more) => enough = !more,
            Err(why) => (enough, handed) = (true, Err(why)),
        }
    }
    Ok(handed)
}

/// Runs statements one after another, and hears what the server says to each of them.
fn run_all(connection: &mut Conn, sql: &str) -> Result<(), mysql::Error> {
    let mut answers = connection.query_iter(sql)?;
    while let Some(answer) = answers.iter() {
        for row in answer {
            row?;
        }
    }
    Ok(())
}

/// Connects, and is back in time also when a server takes the connection and then says nothing.
/// The attempt then ends by itself.
fn connect(server: &Server) -> Result<Conn, StoreError> {
    if let Some((path, why)) = server.ca.as_ref().and_then(|ca| Some((ca, File::open(ca).err()?))) {
        return Err(StoreError::Untrusted(format!("{}: {why}", path.display())));
    }
    let (options, session) = (options(server), server.session());
    let (done, outcome) = sync_channel(1);
    let attempt = move || {
        let made = Conn::new(options).and_then(|mut connection| {
            connection.query_drop(session)?;
            Ok(connection)
        });
        // Nobody may be waiting any more.
        let _ = done.send(made);
    };
    let spawned = std::thread::Builder::new().name("connecting".into()).spawn(attempt);
    spawned.map_err(|why| StoreError::Other(format!("there is no thread to connect: {why}")))?;
    match outcome.recv_timeout(server.connect_time) {
        Ok(made) => made.map_err(|why| explain(&why)),
        Err(_) => {
            let seconds = server.connect_time.as_secs_f64();
            Err(StoreError::Gone(format!("no answer within {seconds} s")))
        }
    }
}

fn options(server: &Server) -> OptsBuilder {
    // A server that gives up first says why.
    let silence = Some(server.statement_time + server.connect_time);
    let millis = u32::try_from(server.connect_time.as_millis()).ok();
    let mut options = OptsBuilder::new()
        .user(Some(&server.user))
        .pass(server.password.as_ref().map(|secret| secret.expose().to_owned()))
        .db_name(Some(&server.database))
        .tcp_nodelay(true)
        .stmt_cache_size(STATEMENTS)
        .max_allowed_packet(Some(PACKET))
        .tcp_connect_timeout(Some(server.connect_time))
        .read_timeout(silence)
        .write_timeout(silence)
        // One that does not even acknowledge what it is sent is gone.
        .tcp_user_timeout_ms(millis)
        .tcp_keepalive_time_ms(millis)
        .tcp_keepalive_probe_interval_secs(Some(1))
        .prefer_socket(false);
    options = match &server.socket {
        Some(path) => options.socket(Some(path.to_string_lossy())),
        None => options.ip_or_hostname(Some(&server.host)).tcp_port(server.port),
    };
    if let Some(ca) = &server.ca {
        options = options.ssl_opts(SslOpts::default().with_root_cert_path(Some(ca.clone())));
    }
    options
}

fn values(args: &[Cell]) -> Vec<Value> {
    args.iter()
        .map(|cell| match cell {
            Cell::Null => Value::NULL,
            Cell::Int(n) => Value::Int(*n),
            Cell::Text(text) => Value::Bytes(text.clone().into_bytes()),
            Cell::Blob(bytes) => Value::Bytes(bytes.clone()),
        })
        .collect()
}

fn lend(row: &Row, at: usize) -> CellRef<'_> {
    let (Some(value), Some(column)) = (row.as_ref(at), row.columns_ref().get(at)) else {
        return CellRef::Null;
    };
    match value {
        Value::Int(n) => CellRef::Int(*n),
        Value::UInt(n) => CellRef::Int(n.cast_signed()),
        Value::Bytes(bytes) => match (column.column_type(), std::str::from_utf8(bytes)) {
            // Sums are decimal numbers there.
            (ColumnType::MYSQL_TYPE_NEWDECIMAL, Ok(digits)) => {
                digits.parse().map_or(CellRef::Null, CellRef::Int)
            }
            (_, Ok(text)) if !is_raw(column) => CellRef::Text(text),
            _ => CellRef::Blob(bytes),
        },
        _ => CellRef::Null,
    }
}

/// Whether a column holds bytes and no text: its character set is then none.
fn is_raw(column: &mysql::Column) -> bool {
    const NONE: u16 = 63;
    column.character_set() == NONE && column.flags().contains(ColumnFlags::BINARY_FLAG)
}

/// Says in our words what the server said in its own.
fn explain(error: &mysql::Error) -> StoreError {
    let said = match error {
        mysql::Error::MySqlError(said) => said,
        mysql::Error::TlsError(why) => return StoreError::Untrusted(why.to_string()),
        mysql::Error::IoError(why) => return StoreError::Gone(why.to_string()),
        // The driver finds out about a certificate when it writes over the connection.
        other if other.to_string().contains("certificate") => {
            return StoreError::Untrusted(other.to_string());
        }
        other => return StoreError::Gone(other.to_string()),
    };
    codes::explain(said.code, said.message.clone())
}
