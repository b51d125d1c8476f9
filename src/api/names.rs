//! Names of the things that rows refer to, each looked up once per answer.

use crate::engine::Cx;
use crate::model::{Cell, Column};
use crate::schema::Fault;
use std::collections::HashMap;

/// A domain's path as answers show it: `ROOT` or `ROOT/a/b`.
pub(crate) fn shown_path(path: &str) -> String {
    format!("ROOT{}", path.trim_end_matches('/'))
}

/// What was looked up so far.
#[derive(Default)]
pub(crate) struct Names(HashMap<(&'static str, i64), String>);

impl Names {
    /// The name of the account in row `id`.
    pub(crate) fn account(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT name FROM account WHERE id = ?", id)
    }

    /// The name of a domain.
    pub(crate) fn domain(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT name FROM domain WHERE id = ?", id)
    }

    /// The path of a domain from ROOT down, as `ROOT/a/b`.
    pub(crate) fn domain_path(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        let path = self.look_up(cx, "SELECT path FROM domain WHERE id = ?", id)?;
        Ok(shown_path(&path))
    }

    /// The name of a user.
    pub(crate) fn user(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT username FROM user WHERE id = ?", id)
    }

    /// The name of a zone.
    pub(crate) fn zone(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT name FROM zone WHERE id = ?", id)
    }

    /// The name of a network.
    pub(crate) fn network(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT name FROM network WHERE id = ?", id)
    }

    /// The name of a VPC.
    pub(crate) fn vpc(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, "SELECT name FROM vpc WHERE id = ?", id)
    }

    fn look_up(&mut self, cx: &mut Cx<'_>, sql: &'static str, id: i64) -> Result<String, Fault> {
        let name = cx.tx.memo((sql, "", id), |tx| {
            let args: [Cell; 1] = [id.to_cell()];
            tx.one::<String>(sql, &args)
        })?;
        Ok((*name).clone().unwrap_or_default())
    }
}
