//! Names of the things that rows refer to, each looked up once per answer.

use crate::engine::Cx;
use crate::model::{Project, Uid};
use crate::schema::Fault;
use std::collections::HashMap;

/// A domain's path as answers show it: `ROOT` or `ROOT/a/b`.
pub(crate) fn shown_path(path: &str) -> String {
    format!("ROOT{}", path.trim_end_matches('/'))
}

/// What was looked up so far.
#[derive(Default)]
pub(crate) struct Names {
    known: HashMap<(Column, i64), String>,
    owners: HashMap<i64, OwnerNames>,
}

/// The owner of a thing as answers show it: an account or a project.
#[derive(Clone, Debug)]
pub(crate) struct OwnerNames {
    /// The name of the account; none of the hidden one of a project.
    pub(crate) account: Option<String>,
    /// The id of the project.
    pub(crate) projectid: Option<Uid>,
    /// The name of the project.
    pub(crate) project: Option<String>,
}

/// A table and one of its columns.
type Column = (&'static str, &'static str);

impl Names {
    /// The name of the account in row `id`.
    pub(crate) fn account(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<String, Fault> {
        self.look_up(cx, ("account", "name"), "SELECT name FROM account WHERE id = ?", id)
    }

    /// The account in row `id`, or the project whose hidden account it is.
    pub(crate) fn owner(&mut self, cx: &mut Cx<'_>, id: i64) -> Result<OwnerNames, Fault> {
        if let Some(known) = self.owners.get(&id) {
            return Ok(known.clone());
        }
        let names = match cx.project_of(id)? {
            Some((row, name)) => OwnerNames {
                account: None,
                projectid: Some(cx.uid::<Project>(row)),
                project: Some(name),
            },
            None => {
                let account = Some(self.account(cx, id)?);
                OwnerNames { account, projectid: None, project: None }
            }
        };
        self.owners.insert(id, names.clone());
        Ok(names)
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
        if let Some(known) = self.known.get(&(column, id)) {
            return Ok(known.clone());
        }
        let (table, name) = column;
        let found = cx.tx.memo((table, name, id), |tx| tx.one::<String>(sql, &[id.into()]))?;
        let name = (*found).clone().unwrap_or_default();
        self.known.insert((column, id), name.clone());
        Ok(name)
    }
}
