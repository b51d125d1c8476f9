//! Names in place of ids: `vpcid=Production_VPC` becomes the id that the API wants.
//!
//! The type of a parameter says which list API knows its things. An id and a number are left
//! alone; anything else is looked for among the names of the things, first exactly, then without
//! regard to letter case, then among their other descriptions. Of several things of one name those
//! count that agree with the ids that are also given, `zoneid` for one.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::listed::{Row, listed};
use super::wrong::Wrong;
use crate::model::Uid;
use crate::schema::{Completes, Param, Spec, Words};
use crate::text::{nearest_many, or_list, quoted};
use crate::transport::{Failure, Transport};

/// Candidates in a message at most.
const SHOWN: usize = 10;

/// Why a name could not be turned into an id.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// Nothing, or more than one thing, is called so.
    Wrong(Wrong),
    /// The list could not be asked for.
    Failed(Failure),
}

/// Puts ids in place of names.
pub(crate) fn resolve(
    transport: &dyn Transport,
    spec: &Spec,
    words: &mut Words,
) -> Result<(), Unresolved> {
    let mut params: Vec<_> = spec.params().collect();
    // The zone decides between things of one name, so it has to be an id by then.
    params.sort_by_key(|param| param.name != "zoneid");
    for param in params {
        let Completes::ListedBy(api) = param.completes else { continue };
        let Some(list) = transport.catalogue().find(api) else { continue };
        let Some(value) = words.get(param.name).map(str::to_owned) else { continue };
        if !takes_ids(param) {
            continue;
        }
        let search = Search { transport, list, param, given: words };
        let parts: Vec<&str> = match param.wire {
            "list" => value.split(',').map(str::trim).collect(),
            _ => vec![value.as_str()],
        };
        let ids = parts.iter().map(|part| search.id_of(part)).collect::<Result<Vec<_>, _>>()?;
        words.set(param.name, ids.join(","));
    }
    Ok(())
}

/// Whether the parameter's values are ids; others are completed from a list but sent as typed.
pub(crate) fn takes_ids(param: &Param) -> bool {
    match param.wire {
        "uuid" => true,
        "list" => !param.name.ends_with("names"),
        // Some ids are told to be texts.
        "string" => param.name.ends_with("id"),
        _ => false,
    }
}

/// Whether the value is one that no name is looked up for.
pub(crate) fn is_id(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or(value);
    value.is_empty() || number.bytes().all(|b| b.is_ascii_digit()) || Uid::parse(value).is_some()
}

/// The search for the thing that one parameter names.
struct Search<'s> {
    transport: &'s dyn Transport,
    list: &'static Spec,
    param: &'s Param,
    given: &'s Words,
}

impl Search<'_> {
    fn id_of(&self, name: &str) -> Result<String, Unresolved> {
        if is_id(name) {
            return Ok(name.to_owned());
        }
        let near = self.rows(&self.narrowed(name))?;
        if let Some(id) = self.only(name, &near)? {
            return Ok(id);
        }
        // What the list searches by may be less than what people call things by.
        let all = self.rows(&[])?;
        if let Some(id) = self.only(name, &all)? {
            return Ok(id);
        }
        Err(self.none(name, &all))
    }

    fn rows(&self, given: &[(&str, &str)]) -> Result<Vec<Row>, Unresolved> {
        listed(self.transport, self.list, given).map_err(Unresolved::Failed)
    }

    /// The parameters that let the list answer with few rows.
    fn narrowed<'n>(&self, name: &'n str) -> Vec<(&'static str, &'n str)> {
        if name.parse::<IpAddr>().is_ok() && self.list.param("ipaddress").is_some() {
            let mut given = vec![("ipaddress", name)];
            if self.list.param("allocatedonly").is_some() {
                given.push(("allocatedonly", "false"));
            }
            return given;
        }
        let keyword = self.list.param("keyword").map(|_| ("keyword", name));
        keyword.into_iter().collect()
    }

    /// The id of the only row called `name`.
    fn only(&self, name: &str, rows: &[Row]) -> Result<Option<String>, Unresolved> {
        let mut called = called(name, rows);
        if called.len() > 1 {
            let agreeing: Vec<_> = called.iter().copied().filter(|row| self.agrees(row)).collect();
            if !agreeing.is_empty() {
                called = agreeing;
            }
        }
        match called.as_slice() {
            [] => Ok(None),
            [row] => Ok(Some(row.id.clone())),
            several => Err(self.several(name, several)),
        }
    }

    /// Whether the row belongs to the zone, VPC and so on that are given too.
    fn agrees(&self, row: &Row) -> bool {
        let others = self.given.iter().filter(|(name, _)| *name != self.param.name);
        others
            .filter(|(_, value)| Uid::parse(value).is_some())
            .all(|(name, value)| row.text(name).is_none_or(|own| own == value))
    }

    fn several(&self, name: &str, rows: &[&Row]) -> Unresolved {
        let (param, count) = (self.param.name, rows.len());
        let mut text = format!("{param}={}: {count} are called so; give an id:", quoted(name));
        for row in rows.iter().take(SHOWN) {
            let _ = write!(text, "\n  {}  {}  {}", row.name, row.id, row.about);
        }
        Unresolved::Wrong(Wrong::new(text))
    }

    fn none(&self, name: &str, rows: &[Row]) -> Unresolved {
        let names: Vec<_> =
            rows.iter().map(|row| row.name.as_str()).filter(|name| !name.is_empty()).collect();
        let mut near = nearest_many(name, names.iter().copied(), 3);
        near.dedup();
        let hint = if !near.is_empty() {
            format!("did you mean {}?", or_list(&near))
        } else if rows.is_empty() {
            format!("`{}` lists none", super::command::spelled(self.list))
        } else if names.len() == rows.len() && rows.len() <= SHOWN {
            format!("there is {}", crate::text::and_list(&names))
        } else {
            format!("`{}` lists them", super::command::spelled(self.list))
        };
        let text = format!("{}={}: nothing is called so; {hint}", self.param.name, quoted(name));
        Unresolved::Wrong(Wrong::new(text))
    }
}

/// The rows called `name`, by the strictest way of calling that finds one.
pub(super) fn called<'r>(name: &str, rows: &'r [Row]) -> Vec<&'r Row> {
    let ways: [&dyn Fn(&Row) -> bool; 4] = [
        &|row| row.name == name,
        &|row| row.name.eq_ignore_ascii_case(name),
        &|row| row.other_names().any(|other| other == name),
        &|row| row.other_names().any(|other| other.eq_ignore_ascii_case(name)),
    ];
    let mut found = ways.iter().map(|way| rows.iter().filter(|row| way(row)).collect::<Vec<_>>());
    found.find(|rows| !rows.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::{ADDRESS, FAST, OFFERING, SANDBOX, Sample, spec};
    use serde_json::json;

    fn resolved(api: &str, given: &[(&str, &str)]) -> Result<Words, String> {
        resolved_by(&Sample::new(), api, given)
    }

    fn resolved_by(sample: &Sample, api: &str, given: &[(&str, &str)]) -> Result<Words, String> {
        let mut words: Words = given.iter().copied().collect();
        match resolve(sample, spec(api), &mut words) {
            Ok(()) => Ok(words),
            Err(Unresolved::Wrong(wrong)) => Err(wrong.text),
            Err(Unresolved::Failed(failure)) => Err(format!("{failure:?}")),
        }
    }

    #[test]
    fn a_name_becomes_the_id() {
        let given = [("zoneid", "SANDBOX"), ("vpcofferingid", "Default VPC offering")];
        let words = resolved("createVPC", &given).unwrap();
        assert_eq!(words.get("zoneid"), Some(SANDBOX));
        assert_eq!(words.get("vpcofferingid"), Some(OFFERING));
    }

    #[test]
    fn ids_numbers_and_texts_are_left_alone() {
        let sample = Sample::new();
        for value in [FAST, "-1", "7", ""] {
            let words = resolved_by(&sample, "createVPC", &[("zoneid", value)]).unwrap();
            assert_eq!(words.get("zoneid"), Some(value));
        }
        resolved_by(&sample, "updateConfiguration", &[("name", "nope")]).unwrap();
        resolved_by(&sample, "createVPC", &[("name", "sandbox")]).unwrap();
        assert!(sample.calls.borrow().is_empty());
    }

    #[test]
    fn each_part_of_a_list_is_resolved() {
        let words = resolved("createVPC", &[("tags", "sandbox, 7")]).unwrap();
        assert_eq!(words.get("tags"), Some(format!("{SANDBOX},7").as_str()));
    }

    #[test]
    fn an_address_is_its_own_name_whether_it_is_free_or_not() {
        let sample = Sample::new();
        let words = resolved_by(&sample, "disassociateIpAddress", &[("id", "203.0.113.2")]);
        assert_eq!(words.unwrap().get("id"), Some(ADDRESS));
        let asked = "listPublicIpAddresses allocatedonly=false ipaddress=203.0.113.2";
        assert_eq!(*sample.calls.borrow(), [asked]);
    }

    #[test]
    fn a_name_that_nothing_has_brings_suggestions() {
        assert_eq!(
            resolved("createVPC", &[("zoneid", "sandbx")]).unwrap_err(),
            "zoneid=`sandbx`: nothing is called so; did you mean `sandbox`?"
        );
        assert_eq!(
            resolved("createVPC", &[("zoneid", "qq")]).unwrap_err(),
            "zoneid=`qq`: nothing is called so; there is `sandbox`"
        );
        let empty = Sample::with_zones(json!([]));
        assert_eq!(
            resolved_by(&empty, "createVPC", &[("zoneid", "qq")]).unwrap_err(),
            "zoneid=`qq`: nothing is called so; `list zones` lists none"
        );
    }

    #[test]
    fn several_of_a_name_are_listed() {
        let text = resolved("createVPC", &[("vpcofferingid", "twice")]).unwrap_err();
        assert!(text.starts_with("vpcofferingid=`twice`: 2 are called so; give an id:"), "{text}");
        assert!(text.contains(SANDBOX) && text.contains(ADDRESS), "{text}");
    }

    #[test]
    fn other_ids_decide_between_things_of_one_name() {
        let zones = json!([
            {"id": FAST, "name": "a", "vpcofferingid": OFFERING},
            {"id": ADDRESS, "name": "a", "vpcofferingid": SANDBOX},
        ]);
        let sample = Sample::with_zones(zones);
        let given = [("zoneid", "a"), ("vpcofferingid", OFFERING)];
        let words = resolved_by(&sample, "createVPC", &given).unwrap();
        assert_eq!(words.get("zoneid"), Some(FAST));
    }
}
