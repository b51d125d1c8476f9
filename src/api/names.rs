//! Names of the things that rows refer to, each looked up once per answer.

use crate::engine::Cx;
use crate::schema::Fault;
use std::collections::HashMap;

/// A domain's path as answers show it: `ROOT` or `ROOT/a/b`.
pub(crate) fn shown_path(path: &str) -> String {
    format!("ROOT{}", path.trim_end_matches('/'))
}

/// What was looked up so far.
#[derive(Default)]
pub(crate) struct Names(HashMap<(Column, i64), String>);

/// A table and one of its columns.
type Column = (&'static str, &'static str);

impl Names {
    /// The name of the account in row `id`.
    pub(crate) fn account(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("account", "name"), "SELECT name FROM account WHERE id = ?", id)
    }

    /// The name of a domain.
    pub(crate) fn domain(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("domain", "name"), "SELECT name FROM domain WHERE id = ?", id)
    }

    /// The path of a domain from ROOT down, as `ROOT/a/b`.
    pub(crate) fn domain_path(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        let path =
            self.look_up(cx, ("domain", "path"), "SELECT path FROM domain WHERE id = ?", id)?;
        Ok(shown_path(&path))
    }

    /// The name of a user.
    pub(crate) fn user(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("user", "username"), "SELECT username FROM user WHERE id = ?", id)
    }

    /// The name of a zone.
    pub(crate) fn zone(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("zone", "name"), "SELECT name FROM zone WHERE id = ?", id)
    }

    /// The name of a network.
    pub(crate) fn network(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("network", "name"), "SELECT name FROM network WHERE id = ?", id)
    }

    /// The name of a VPC.
    pub(crate) fn vpc(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("vpc", "name"), "SELECT name FROM vpc WHERE id = ?", id)
    }

    fn look_up(
        &mut self,
        cx: &mut Cx<'_>,
        column: Column,
        sql: &str,
        id: i64,
    ) -> Result<String, Fault> {
        if let Some(known) = self.0.get(&(column, id)) {
            return Ok(known.clone());
        }
        let (table, name) = column;
        let found = cx.tx.memo((table, name, id), |tx| tx.one::<String>(sql, &[id.into()]))?;
        let name = (*found).clone().unwrap_or_default();
        self.0.insert((column, id), name.clone());
        Ok(name)
    }
}
