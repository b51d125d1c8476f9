//! The commands as people say them: `list public ip addresses`.

/// A way to say a command.
#[derive(Clone, Debug)]
pub(crate) struct Phrase {
    /// The words, lower-case.
    pub(crate) words: Vec<String>,
    /// The words without blanks.
    pub(crate) letters: String,
    /// The API that is meant.
    pub(crate) name: &'static str,
    /// What it does; empty where nobody said it.
    pub(crate) about: &'static str,
}

impl Phrase {
    /// These words for the API `name`.
    pub(crate) fn new(words: Vec<String>, name: &'static str, about: &'static str) -> Self {
        Self { letters: words.concat(), words, name, about }
    }

    /// What the name of the API says itself.
    pub(crate) fn of(name: &'static str, about: &'static str) -> Self {
        Self::new(spaced(name), name, about)
    }
}

/// The words of an API's name, lower-case: `list`, `network`, `acl`, `lists` of
/// `listNetworkACLLists`.
pub(crate) fn spaced(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let next = letters.get(at + 1);
        let after_small = before.is_some_and(|before| !before.is_uppercase());
        // The last capital of several begins the next word, unless it only has a plural s behind.
        let plural = next == Some(&'s') && letters.get(at + 2).is_none_or(|c| c.is_uppercase());
        let before_small = next.is_some_and(|next| next.is_lowercase()) && !plural;
        let begins = at > 0 && letter.is_uppercase() && (after_small || before_small);
        match words.last_mut() {
            Some(word) if !begins => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        let say = |name| spaced(name).join(" ");
        assert_eq!(say("listZones"), "list zones");
        assert_eq!(say("createVPC"), "create vpc");
        assert_eq!(say("listVPCs"), "list vpcs");
        assert_eq!(say("listVPCOfferings"), "list vpc offerings");
        assert_eq!(say("listNetworkACLLists"), "list network acl lists");
        assert_eq!(say("listPublicIpAddresses"), "list public ip addresses");
        assert_eq!(say("addIpToNic"), "add ip to nic");
        assert_eq!(say("createIpv6FirewallRule"), "create ipv6 firewall rule");
        assert_eq!(say("listOsTypes"), "list os types");
        assert_eq!(say("login"), "login");
        assert_eq!(say(""), "");
    }
}
