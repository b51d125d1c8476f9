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
    let mut words = Vec::with_capacity(4);
    let (mut start, mut before) = (0, 'a');
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() {
            let mut behind = name.get(at..).unwrap_or_default().chars().skip(1);
            if at > 0 && begins(before, behind.next(), behind.next()) {
                words.push(name.get(start..at).unwrap_or_default().to_lowercase());
                start = at;
            }
        }
        before = letter;
    }
    if let Some(last) = name.get(start..).filter(|last| !last.is_empty()) {
        words.push(last.to_lowercase());
    }
    words
}

/// Whether a word begins with a capital that has these before and behind it.
fn begins(before: char, next: Option<char>, after: Option<char>) -> bool {
    // The last capital of several begins the next word, unless it only has a plural s behind.
    let plural = next == Some('s') && after.is_none_or(char::is_uppercase);
    !before.is_uppercase() || next.is_some_and(char::is_lowercase) && !plural
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
