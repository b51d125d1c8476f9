//! Where database servers differ. Statements are written once, in SQL that all of them
//! understand; what they write differently stands here.

use std::borrow::Cow;

/// One way of writing SQL, and what its server can do.
pub(crate) struct Dialect {
    /// Sets a global or scoped setting.
    pub(crate) upsert_setting: &'static str,
    /// Sets the bitmap of a chunk.
    pub(super) upsert_chunk: &'static str,
    /// Sets a counter, or adds to it where writers work at the same time.
    pub(super) upsert_counter: &'static str,
    /// What follows a `SELECT` of rows that nobody else may change until the transaction ends.
    pub(super) lock: &'static str,
    /// Whether several connections write at the same time. Then what other writers change by the
    /// row, counters and bits of pools, is read anew, and locked, by each transaction.
    pub(super) is_shared: bool,
    /// The tables of the engine, by name.
    pub(super) tables: &'static str,
    /// The columns of a table that are written, in their order.
    pub(super) columns: &'static str,
    /// The words of the migrations, and what they are here.
    types: &'static [(&'static str, &'static str)],
    /// What statements of the engine say, and what that is here.
    words: &'static [(&'static str, &'static str)],
    /// What a `CREATE TABLE` ends with.
    table: &'static str,
    /// Whether there are indexes of a part of the rows.
    partial: bool,
    /// What is said so that a statement of a migration may be repeated.
    again: &'static str,
}

/// SQLite's.
pub(crate) const SQLITE: Dialect = Dialect {
    upsert_setting: "INSERT INTO setting (scope, scope_id, name, value) VALUES (?, ?, ?, ?) \
                     ON CONFLICT (scope, scope_id, name) DO UPDATE SET value = excluded.value",
    upsert_chunk: "INSERT INTO chunk (pool_id, chunk, open, bits) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (pool_id, chunk) \
                   DO UPDATE SET open = excluded.open, bits = excluded.bits",
    upsert_counter: "INSERT INTO counter (owner, owner_id, what, n) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (owner, owner_id, what) DO UPDATE SET n = excluded.n",
    lock: "",
    is_shared: false,
    tables: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             ORDER BY name",
    columns: "SELECT name FROM pragma_table_info(?) ORDER BY cid",
    types: &[
        ("@id", "INTEGER PRIMARY KEY"),
        ("@clustered", "WITHOUT ROWID"),
        ("@big", "INTEGER"),
        ("@flag", "INTEGER"),
        ("@name", "TEXT"),
        ("@text", "TEXT"),
        ("@bits", "BLOB"),
        ("@live", "INTEGER GENERATED ALWAYS AS (CASE WHEN removed IS NULL THEN 1 END) VIRTUAL"),
    ],
    words: &[],
    table: "",
    partial: true,
    again: "",
};

/// `MariaDB`'s.
pub(crate) const MARIADB: Dialect = Dialect {
    upsert_setting: "INSERT INTO setting (scope, scope_id, name, value) VALUES (?, ?, ?, ?) \
                     ON DUPLICATE KEY UPDATE value = VALUES(value)",
    upsert_chunk: "INSERT INTO chunk (pool_id, chunk, open, bits) VALUES (?, ?, ?, ?) \
                   ON DUPLICATE KEY UPDATE open = VALUES(open), bits = VALUES(bits)",
    upsert_counter: "INSERT INTO counter (owner, owner_id, what, n) VALUES (?, ?, ?, ?) \
                   ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
    lock: " FOR UPDATE",
    is_shared: true,
    tables: "SELECT table_name FROM information_schema.tables \
             WHERE table_schema = DATABASE() \
             AND table_name NOT IN ('capuchin_lock', 'capuchin_schema', 'gate', 'sequence') \
             ORDER BY table_name",
    columns: "SELECT column_name FROM information_schema.columns \
              WHERE table_schema = DATABASE() AND table_name = ? \
              AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position",
    types: &[
        ("@id", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"),
        ("@clustered", ""),
        ("@big", "BIGINT"),
        ("@flag", "TINYINT"),
        ("@name", "VARCHAR(255)"),
        ("@text", "MEDIUMTEXT"),
        ("@bits", "BLOB"),
        ("@live", "TINYINT AS (CASE WHEN removed IS NULL THEN 1 END) VIRTUAL"),
    ],
    words: &[(" LIKE ?", " LIKE ? COLLATE utf8mb4_general_ci"), (" length(", " char_length(")],
    // Texts are equal when their bytes are, as in SQLite.
    table: " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    partial: false,
    again: " IF NOT EXISTS",
};

impl Dialect {
    /// The statements of a migration in this server's words; those behind `@server` are for
    /// database servers only.
    pub(super) fn ddl(&self, sql: &str) -> Vec<String> {
        let plain: String =
            sql.split_inclusive('\n').filter(|line| !line.starts_with("--")).collect();
        let statements = plain.split(';').map(str::trim).filter(|one| !one.is_empty());
        let here = statements.filter_map(|one| match one.strip_prefix("@server ") {
            Some(one) => self.is_shared.then_some(one),
            None => Some(one),
        });
        here.map(|one| self.statement(one)).collect()
    }

    fn statement(&self, sql: &str) -> String {
        let mut sql = match sql.split_once("@where(") {
            None => sql.to_owned(),
            Some((index, rest)) if self.partial => [index, "WHERE (", rest].concat(),
            Some((index, _)) => index.to_owned(),
        };
        for (word, means) in self.types {
            sql = sql.replace(word, means);
        }
        for what in ["CREATE TABLE", "CREATE INDEX", "ADD COLUMN"] {
            sql = sql.replacen(what, &[what, self.again].concat(), 1);
        }
        if sql.starts_with("CREATE TABLE") {
            sql.push_str(self.table);
        }
        sql
    }

    /// A statement of the engine in this server's words: `LIKE` ignores letter case everywhere,
    /// and the length of a text is counted in characters.
    pub(super) fn words<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        let mut sql = Cow::Borrowed(sql);
        for (plain, here) in self.words {
            if sql.contains(plain) {
                sql = sql.replace(plain, here).into();
            }
        }
        sql
    }
}
