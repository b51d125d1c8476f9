//! Since which version of CloudStack a parameter can be given, where it was not always there.
//!
//! `since.tsv` has a line for each API with such parameters, as of CloudStack 4.22: its lower-case
//! name, a tab, and `parameter=version` words.

/// All that is known.
const SINCE: &str = include_str!("since.tsv");

/// The version that the parameter came with.
pub(crate) fn since(api: &str, param: &str) -> Option<&'static str> {
    let is_it =
        |line: &&str| line.split_once('\t').is_some_and(|(name, _)| name.eq_ignore_ascii_case(api));
    let (_, words) = SINCE.lines().find(is_it)?.split_once('\t')?;
    let mut pairs = words.split(' ').filter_map(|word| word.split_once('='));
    pairs.find(|(name, _)| *name == param).map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_parameters_say_it() {
        assert_eq!(since("createNetwork", "publicmtu"), Some("4.18.0"));
        assert_eq!(since("createNetwork", "name"), None);
        assert_eq!(since("nope", "name"), None);
    }

    #[test]
    fn every_line_can_be_read() {
        for line in SINCE.lines() {
            let (api, words) = line.split_once('\t').unwrap();
            assert!(!api.is_empty() && api.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(words.split(' ').all(|word| word.split_once('=').is_some()), "{line}");
        }
    }
}
