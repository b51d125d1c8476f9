//! Where database servers differ. Statements are written once, in SQL that all of them
//! understand; what they write differently stands here.

/// Sets a counter.
pub(crate) const UPSERT_COUNTER: &str = "INSERT INTO counter (owner, owner_id, what, n) \
     VALUES (?, ?, ?, ?) ON CONFLICT (owner, owner_id, what) DO UPDATE SET n = excluded.n";

/// Sets the bitmap of a chunk.
pub(crate) const UPSERT_CHUNK: &str = "INSERT INTO chunk (pool_id, chunk, open, bits) \
     VALUES (?, ?, ?, ?) ON CONFLICT (pool_id, chunk) \
     DO UPDATE SET open = excluded.open, bits = excluded.bits";

/// Sets a global or scoped setting.
pub(crate) const UPSERT_SETTING: &str = "INSERT INTO setting (scope, scope_id, name, value) \
     VALUES (?, ?, ?, ?) ON CONFLICT (scope, scope_id, name) DO UPDATE SET value = excluded.value";

/// Lets readers never wait for a writer, nor a writer for them. The file remembers it, so it is
/// said once, to a file that is known to be ours.
pub(crate) const KEEP_LOG: &str = "PRAGMA journal_mode = WAL";

/// Starts a transaction that will write: SQLite takes the lock at once instead of failing later.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// Starts a transaction that sees one state of the store and writes nothing.
pub(crate) const BEGIN_READ: &str = "BEGIN DEFERRED";

/// Turns the words of the migrations into this server's types.
pub(crate) fn ddl(sql: &str) -> String {
    [
        ("@id", "INTEGER PRIMARY KEY"),
        ("@clustered", "WITHOUT ROWID"),
        ("@big", "INTEGER"),
        ("@flag", "INTEGER"),
        ("@name", "TEXT"),
        ("@text", "TEXT"),
        ("@bits", "BLOB"),
        ("@live", "INTEGER GENERATED ALWAYS AS (CASE WHEN removed IS NULL THEN 1 END) VIRTUAL"),
    ]
    .iter()
    .fold(sql.replace("@where(", "WHERE ("), |sql, (word, means)| sql.replace(word, means))
}
