//! What is said behind the cursor while a line is typed: the parameter that comes next.

use crate::schema::{Catalogue, Param, Spec, Words};
use crate::shell::line::{Word, partial};
use crate::shell::{check, command};

/// The hint for a line whose end the cursor is at.
pub(super) fn hint(catalogue: &Catalogue, line: &str) -> Option<String> {
    let (typed, None) = partial(line) else { return None };
    if typed.pipe.is_some() || typed.redirect.is_some() {
        return None;
    }
    let mut done = typed.words;
    let current = done.pop_if(|word| word.span.end == line.len());
    let found = command::meant(catalogue, &done)?;
    let given: Words = done.get(found.words..)?.iter().filter_map(Word::assignment).fold(
        Words::default(),
        |mut words, given| {
            words.set(given.name, given.value);
            words
        },
    );
    let Some(current) = current else { return missing(found.spec, &given) };
    match current.assignment() {
        Some(value) if value.value.is_empty() && !current.quoted => {
            let param = found.spec.param(check::base(&value.name.to_lowercase()))?;
            Some(format!(" {}", about(param)))
        }
        Some(_) => None,
        None => begun(found.spec, &given, &current.text),
    }
}

/// The parameters that must be given still, the first with what it is for.
fn missing(spec: &Spec, given: &Words) -> Option<String> {
    let missing = check::missing(spec, given);
    let (first, others) = missing.split_first()?;
    let mut text = format!("{}= {}", first.name, about(first));
    for param in others {
        text.extend([" ", param.name, "="]);
    }
    Some(text)
}

/// The rest of the parameter that begins so, with what it is for.
fn begun(spec: &Spec, given: &Words, typed: &str) -> Option<String> {
    let typed = typed.to_lowercase();
    let mut open: Vec<&Param> = spec
        .params()
        .filter(|param| param.name.starts_with(&typed) && given.get(param.name).is_none())
        .collect();
    open.sort_by_key(|param| (!param.required, param.name));
    let param = open.first().filter(|_| !typed.is_empty())?;
    let rest = param.name.get(typed.len()..)?;
    Some(format!("{rest}= {}", about(param)))
}

fn about(param: &Param) -> String {
    match (param.required, param.about) {
        (true, "") => "(required)".to_owned(),
        (true, about) => format!("{about} (required)"),
        (false, about) => about.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples;

    fn hinted(line: &str) -> Option<String> {
        hint(&samples::catalogue(), line)
    }

    #[test]
    fn the_next_parameter_is_explained() {
        assert_eq!(
            hinted("create vpc ").as_deref(),
            Some("name= what it is for (required) vpcofferingid= zoneid=")
        );
        assert_eq!(
            hinted("create vpc name=x vpcofferingid=y ").as_deref(),
            Some("zoneid= what it is for (required)")
        );
        assert_eq!(hinted("create vpc zo").as_deref(), Some("neid= what it is for (required)"));
        assert_eq!(hinted("create vpc zoneid=").as_deref(), Some(" what it is for (required)"));
        assert_eq!(hinted("list zones na").as_deref(), Some("me= what it is for"));
    }

    #[test]
    fn where_there_is_nothing_to_say_nothing_is_said() {
        for line in
            ["", "list", "list zones ", "list zones name=x", "create vpc qq", "list zones |"]
        {
            assert_eq!(hinted(line), None, "{line}");
        }
    }
}
