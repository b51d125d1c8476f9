//! What is in the way when a thing is to be removed, named for the one who must clear it away.

use crate::engine::Cx;
use crate::model::{Cell, Column, Record};
use crate::schema::{Exception, Fault};
use crate::text::{Count, and_list, printable, shorten};

/// Names shown of each kind of thing.
const SHOWN: u64 = 3;

/// What was found in the way, kind by kind: `2 pods (`a` and `b`)`.
#[derive(Default)]
pub(crate) struct Obstacles(Vec<String>);

impl Obstacles {
    /// Looks for rows of `R` for which the condition holds; they are called by the column `label`.
    pub(crate) fn look<R: Record>(
        &mut self,
        cx: &mut Cx<'_>,
        (one, many): (&'static str, &'static str),
        label: &str,
        condition: &str,
        args: &[Cell],
    ) -> Result<(), Fault> {
        let count = cx.tx.count::<R>(&format!("WHERE {condition}"), args)?;
        if count == 0 {
            return Ok(());
        }
        let table = R::TABLE;
        let sql =
            format!("SELECT {label} FROM {table} WHERE {condition} ORDER BY id LIMIT {SHOWN}");
        let mut names: Vec<String> = Vec::new();
        cx.tx.each(&sql, args, |cell| {
            let name = String::from_cell(cell(0))?;
            names.push(printable(&shorten(&name, 60)).into_owned());
            Ok(true)
        })?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let more = if count > SHOWN { " and others" } else { "" };
        let count = Count::new(count, one, many);
        self.0.push(format!("{count} ({}{more})", and_list(&names)));
        Ok(())
    }

    /// Refuses to remove `what` when anything is in the way: `CloudRuntimeException`.
    pub(crate) fn refuse(self, what: &str) -> Result<(), Fault> {
        if self.0.is_empty() {
            return Ok(());
        }
        let found = self.0.join(", ");
        let text = format!("The {what} cannot be deleted because it still has {found}");
        Err(Fault::new(Exception::CloudRuntime, text))
    }
}
