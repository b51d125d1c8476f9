//! What to try after a refusal, where the refusal says enough to tell.

use super::command::spelled;
use crate::schema::{Catalogue, Completes, Spec, Words};

/// The command to try next.
pub(super) fn next(catalogue: &Catalogue, spec: &Spec, code: i64, text: &str) -> Option<String> {
    let known = |api: &str| catalogue.find(api).map(|spec| format!("`{}`", spelled(spec)));
    match code {
        431 => {
            let param = spec.param(&named(text)?.to_lowercase())?;
            let Completes::ListedBy(list) = param.completes else { return None };
            Some(format!("{} lists what {} may be", known(list)?, param.name))
        }
        432 => Some(format!("{} lists what this user may call", known("listApis")?)),
        535 => Some(format!("{} shows how much may be made", known("listResourceLimits")?)),
        533 => Some("`show capacity` shows what is left".to_owned()),
        _ => None,
    }
}

/// What to try where a list is empty: whoever makes accounts may see those of others, and does not
/// without saying so.
pub(super) fn empty(catalogue: &Catalogue, spec: &Spec, words: &Words) -> Option<&'static str> {
    let narrows = ["listall", "id", "ids", "account", "projectid"];
    let is_narrow = narrows.iter().any(|name| words.get(name).is_some());
    let may_see = catalogue.find("createAccount").is_some() && spec.param("listall").is_some();
    (may_see && !is_narrow).then_some("`listall=true` lists those of other accounts, too")
}

/// The parameter that the text says is invalid.
fn named(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("Invalid parameter ")?;
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::{catalogue, spec};

    fn hint(api: &str, code: i64, text: &str) -> Option<String> {
        next(&catalogue(), spec(api), code, text)
    }

    #[test]
    fn an_unknown_id_leads_to_the_list_of_such_things() {
        let text = "Unable to execute. Invalid parameter zoneid value=7 due to a wrong format";
        let found = hint("createVPC", 431, text).unwrap();
        assert_eq!(found, "`list zones` lists what zoneid may be");
        assert_eq!(hint("createVPC", 431, "Invalid parameter name: blank"), None);
        assert_eq!(hint("createVPC", 431, "Invalid parameter"), None);
        assert_eq!(hint("createVPC", 431, "The zone is in use"), None);
    }

    #[test]
    fn codes_lead_to_what_explains_them() {
        let all = crate::transport::catalogue();
        let hint = |code| next(&all, spec("createVPC"), code, "").unwrap_or_default();
        assert!(hint(432).starts_with("`list apis`"));
        assert!(hint(535).starts_with("`list resource limits`"));
        assert!(hint(533).starts_with("`show capacity`"));
        assert_eq!(hint(530), "");
    }
}
