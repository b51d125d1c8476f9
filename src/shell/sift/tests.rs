//! Lists sifted and sorted as lines say.

use super::*;
use crate::shell::line::parse;
use crate::shell::samples::spec;
use serde_json::json;

#[derive(Default)]
struct Seen(Vec<String>);

impl Rows for Seen {
    fn begin(&mut self, _: &str, before: &Map<String, Json>) -> io::Result<()> {
        self.0.push(Json::Object(before.clone()).to_string());
        Ok(())
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        let row: Json = serde_json::from_str(row).unwrap();
        self.0.push(row["id"].to_string());
        Ok(())
    }
}

fn wanted(sort: &str, line: &str) -> Result<Wanted, Wrong> {
    let words = parse(line).unwrap().pop().map(|line| line.words).unwrap_or_default();
    let sort: Vec<_> =
        sort.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect();
    Wanted::read(spec("listZones"), &sort, split(&words).1, line)
}

/// The ids of the rows as they come out, or what is wrong.
fn sifted(sort: &str, line: &str, rows: &[Json]) -> Result<Vec<String>, Wrong> {
    let wanted = wanted(sort, line)?;
    let mut seen = Seen::default();
    let mut sifted = Sifted::new(&wanted, spec("listZones"), &mut seen);
    let before = json!({"count": 9}).as_object().unwrap().clone();
    sifted.begin("zone", &before).unwrap();
    for row in rows {
        if sifted.row(&row.to_string()).is_err() {
            return Err(sifted.wrong().unwrap());
        }
    }
    assert_eq!(sifted.missed(), Some((rows.len() as u64, 9)));
    sifted.end(Map::new()).unwrap();
    Ok(seen.0)
}

fn rows() -> Vec<Json> {
    vec![
        json!({"id": 1, "name": "web10", "vlan": "10"}),
        json!({"id": 2, "name": "web9", "vlan": "9"}),
        json!({"id": 3, "name": "Web9", "vlan": 100}),
        json!({"id": 4, "vlan": null}),
        json!({"id": 5, "name": "web9", "vlan": "9"}),
    ]
}

#[test]
fn rows_are_sorted_and_stay_where_they_are_alike() {
    let sorted = |sort| sifted(sort, "", &rows()).unwrap()[1..].join("");
    assert_eq!(sorted("name"), "32514");
    assert_eq!(sorted("-name"), "12534");
    assert_eq!(sorted("vlan"), "25134");
    assert_eq!(sorted("-vlan,-id"), "31524");
    assert_eq!(sifted("id", "", &rows()).unwrap()[0], r#"{"count":9}"#);
}

#[test]
fn rows_are_chosen_and_counted() {
    let chosen = sifted("", "list zones where name~web9 and id<5", &rows()).unwrap();
    assert_eq!(chosen, ["{}", "2", "3"]);
    let chosen = sifted("-id", "list zones WHERE NAME~web9", &rows()).unwrap();
    assert_eq!(chosen, [r#"{"count":3}"#, "5", "3", "2"]);
}

#[test]
fn fields_that_no_row_has_are_refused() {
    let why = |sort, line| sifted(sort, line, &rows()).unwrap_err();
    let near = why("", "list zones where nmae=x");
    assert_eq!(near.text, "the rows of `list zones` have no field `nmae`; did you mean `name`?");
    assert!(near.span.is_some() && why("nam", "").text.contains("did you mean `name`?"));
    assert!(why("", "list zones where vlna=x").text.contains("did you mean `vlan`?"));
    assert!(why("", "list zones where zzz=x").text.contains("`list zones -o json` shows"));
    assert!(why("", "list zones where name=x and sort=name").text.contains("before `where`"));
    assert!(sifted("", "list zones where vlan!=x", &rows()).is_ok());
}

#[test]
fn a_call_that_lists_nothing_has_no_rows() {
    let words = parse("create vpc where name=x").unwrap().remove(0).words;
    let wrong = Wanted::read(spec("createVPC"), &[], split(&words).1, "").unwrap_err();
    assert!(wrong.text.contains("`create vpc` lists nothing"));
}
