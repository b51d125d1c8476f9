//! `capuchin store schema`: what stands in the tables.

use serde_json::json;

use crate::cli::args::Args;
use crate::cli::upkeep::{Failure, show};
use crate::shell::Status;
use crate::shell::render::Shape;
use crate::store::{ColumnDoc, TableDoc, schema};
use crate::text::{nearest, quoted};

/// Shows all tables, or the columns of one.
pub(super) fn show_schema(args: &Args, table: Option<&str>) -> Result<Status, Failure> {
    let tables = schema();
    let Some(name) = table else {
        let rows: Vec<_> = tables.iter().map(row).collect();
        let answer = json!({ "count": rows.len(), "table": rows });
        let columns = &["name", "description", "columns", "since"];
        return Ok(show(args, &answer, Shape::List { key: "table" }, columns));
    };
    let Some(found) = tables.iter().find(|table| table.name == name) else {
        let names = tables.iter().map(|table| table.name.as_str());
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`capuchin store schema` lists them".to_owned(),
        };
        return Err(Failure::Misused(format!("there is no table {}; {hint}", quoted(name))));
    };
    let rows: Vec<_> = found.columns.iter().map(column).collect();
    let answer = json!({ "count": rows.len(), "column": rows });
    let columns = &["name", "type", "optional", "references", "description"];
    Ok(show(args, &answer, Shape::List { key: "column" }, columns))
}

fn row(table: &TableDoc) -> serde_json::Value {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    json!({ "name": table.name, "description": table.about, "since": table.since,
            "columns": names.join(", ") })
}

fn column(column: &ColumnDoc) -> serde_json::Value {
    let mut row = json!({ "name": column.name, "type": column.kind, "optional": column.optional,
                          "description": column.about });
    if let (Some(table), Some(row)) = (&column.references, row.as_object_mut()) {
        row.insert("references".to_owned(), json!(table));
    }
    row
}
