//! What goes without saying: a required parameter that has only one possible value.
//!
//! With one zone, `create vpc` needs no `zoneid`. It is filled in aloud, so that a script can be
//! made explicit. The thing that a call is about is never guessed: one zone does not make
//! `delete zone` mean that zone.

use super::endings::takes_away;
use super::listed::listed;
use super::resolve::takes_ids;
use crate::schema::{Completes, Param, Spec, Words};
use crate::text::printable;
use crate::transport::Transport;

/// Fills in what is missing; returns what to say about it.
pub(crate) fn fill(
    transport: &dyn Transport,
    spec: &Spec,
    missing: &[&'static Param],
    words: &mut Words,
) -> Vec<String> {
    let mut said = Vec::new();
    if spec.event.is_empty() || takes_away(spec) {
        return said;
    }
    for param in missing.iter().filter(|param| !matches!(param.name, "id" | "ids")) {
        let Some(only) = only_value(transport, param) else { continue };
        said.push(format!("{}={} (the only {})", param.name, printable(&only.name), only.what));
        words.set(param.name, only.value);
    }
    said
}

struct Only {
    value: String,
    name: String,
    what: String,
}

fn only_value(transport: &dyn Transport, param: &Param) -> Option<Only> {
    match param.completes {
        Completes::Choices([only]) => {
            let value = (*only).to_owned();
            Some(Only { name: value.clone(), value, what: "choice".into() })
        }
        Completes::ListedBy(api) if takes_ids(param) => {
            let list = transport.catalogue().find(api)?;
            let mut rows = listed(transport, list, &[]).ok()?.into_iter();
            let (first, None) = (rows.next()?, rows.next()) else { return None };
            let name = if first.name.is_empty() { first.id.clone() } else { first.name };
            Some(Only { value: first.id, name, what: list.key.to_owned() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::check::missing;
    use crate::shell::samples::{FAST, SANDBOX, Sample, spec};
    use serde_json::json;

    fn filled(sample: &Sample, api: &str) -> (Words, Vec<String>) {
        let mut words = Words::default();
        let missing = missing(spec(api), &words);
        let said = fill(sample, spec(api), &missing, &mut words);
        (words, said)
    }

    #[test]
    fn the_only_zone_is_taken_and_said() {
        let (words, said) = filled(&Sample::new(), "createVPC");
        assert_eq!(words, [("zoneid", SANDBOX)].into_iter().collect());
        assert_eq!(said, ["zoneid=sandbox (the only zone)"]);
    }

    #[test]
    fn of_several_or_none_nothing_is_taken() {
        let two = json!([{"id": SANDBOX, "name": "a"}, {"id": FAST, "name": "b"}]);
        for zones in [two, json!([])] {
            let (words, said) = filled(&Sample::with_zones(zones), "createVPC");
            assert_eq!((words, said), (Words::default(), Vec::new()));
        }
    }

    #[test]
    fn what_is_to_go_is_never_guessed() {
        let (words, said) = filled(&Sample::new(), "deleteZone");
        assert_eq!((words, said), (Words::default(), Vec::new()));
    }
}
