//! Secrets: a type that does not print, and the names of parameters that carry one.

use std::fmt;

/// What stands in for a secret value in a line.
const MASK: &str = "********";

/// Endings of parameter names whose value is secret, lower case. The list covers what
/// CloudStack strips from its own logs (`StringUtils.cleanString`) and its parameters of login,
/// VPN, user data and two-factor authentication.
const ENDINGS: &[&str] = &[
    "2fa",
    "accesskey",
    "apikey",
    "passphrase",
    "passwd",
    "password",
    "presharedkey",
    "privatekey",
    "psk",
    "secret",
    "secretkey",
    "sessionid",
    "sessionkey",
    "signature",
    "token",
    "userdata",
];

/// A text that must not be shown; [`fmt::Debug`] and [`fmt::Display`] print `(redacted)`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text itself, for the one place that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// Tells whether a parameter or setting of this name carries a secret; case does not count.
///
/// The end of the name decides, so `details[0].password` is secret and `passwordenabled` is not.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // What makes a call repeatable opens nothing, and is looked for in the history.
    !name.ends_with("clienttoken") && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Returns `line` with the value of every `name=value` word of a secret name masked.
///
/// Words are as a shell reads them: quotes and backslashes join what blanks would part, and the
/// whole word may be quoted. In a query string (`?name=value&name=value`) a value ends at `&`. Of
/// `set name value` all that follows the name goes, and so of a loop over secrets.
pub(crate) fn redact_line(line: &str) -> String {
    let safe = redact_words(line);
    match secret_set(&safe) {
        Some(end) => format!("{} {MASK}", &safe[..end]),
        None => safe,
    }
}

/// Where the name ends in the first `set name value`, or `for name in`, of a secret name.
fn secret_set(line: &str) -> Option<usize> {
    let commands = line.split([';', '\n']);
    commands.filter(|command| !command.trim().is_empty()).find_map(|command| {
        // A loop's `do` stands in front of its first command, `-v` in front of a variable.
        let mut words = command.split_whitespace().skip_while(|word| *word == "do");
        let set = words.next().filter(|word| ["set", "for"].contains(word));
        let name = set.and_then(|_| words.find(|word| *word != "-v"))?;
        let name = Some(name).filter(|name| is_secret_name(name) && words.next().is_some())?;
        Some(name.as_ptr().addr() - line.as_ptr().addr() + name.len())
    })
}

fn redact_words(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let value = if begins_word(before) { secret_value(rest) } else { None };
        if let Some(start) = value {
            safe.push_str(&rest[..start]);
            safe.push_str(MASK);
            rest = &rest[start + value_len(&rest[start..], before)..];
            before = MASK.chars().next_back().unwrap_or(before);
        } else {
            safe.push(c);
            rest = &rest[c.len_utf8()..];
            before = c;
        }
    }
    safe
}

fn begins_word(before: char) -> bool {
    before.is_whitespace() || matches!(before, '"' | '\'' | '?' | '&' | ',' | ';' | '{' | '(')
}

/// Returns where the value starts when `text` starts with a secret name and an equals sign.
fn secret_value(text: &str) -> Option<usize> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_-.[]".contains(c);
    let end = text.find(|c| !in_name(c))?;
    (text[end..].starts_with('=') && is_secret_name(&text[..end])).then_some(end + 1)
}

/// Returns the length in bytes of the value at the start of `text`; `before` is the character
/// in front of its name, which tells a query string or a quoted word from a plain word.
fn value_len(text: &str, before: char) -> usize {
    let mut open = Some(before).filter(|c| matches!(c, '"' | '\''));
    let whole_word = open;
    let in_query = matches!(before, '?' | '&');
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && open != Some('\'') {
            escaped = true;
        } else if open == Some(c) {
            if whole_word.is_some() {
                return at;
            }
            open = None;
        } else if open.is_none() && matches!(c, '"' | '\'') {
            open = Some(c);
        } else if open.is_none() && (c.is_whitespace() || in_query && c == '&') {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_set_is_masked_to_the_end() {
        for (line, safe) in [
            ("set secretkey hunter2", "set secretkey ********"),
            ("list zones; set  Password a b;x", "list zones; set  Password ********"),
            ("set secretkey", "set secretkey"),
            ("set output csv", "set output csv"),
            ("set -v password=hunter2 x=1", "set -v password=******** x=1"),
            ("set -v 'password=a b' x=1", "set -v 'password=********' x=1"),
            ("set -v password hunter2", "set -v password ********"),
            ("for x in a; do set password b", "for x in a; do set password ********"),
            ("for password in a b; do exit; done", "for password ********"),
            ("set secretkey=hunter2 x", "set secretkey=******** x"),
        ] {
            assert_eq!(redact_line(line), safe);
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "(redacted) (redacted)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn names_are_judged_by_their_end() {
        for name in [
            "password",
            "secretKey",
            "APIKEY",
            "details[0].password",
            "alert.smtp.password",
            "currentpassword",
            "userapikey",
            "usersecretkey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["name", "passwordenabled", "userdataid", "keypair", "publickey", ""] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn lines_lose_their_secrets_only() {
        let cases = [
            (
                "create user username=ann password=x y=1",
                "create user username=ann password=******** y=1",
            ),
            ("login password=\"a b\" domain=/", "login password=******** domain=/"),
            ("login password='a b'c\\ d domain=/", "login password=******** domain=/"),
            ("login 'password=a b' domain=/", "login 'password=********' domain=/"),
            ("login password=a&b domain=/", "login password=******** domain=/"),
            (
                "GET /api?command=x&apiKey=k&signature=s%3D HTTP",
                "GET /api?command=x&apiKey=********&signature=******** HTTP",
            ),
            ("login password=", "login password=********"),
            ("login password=\"open", "login password=********"),
            ("list zones name=password", "list zones name=password"),
        ];
        for (line, safe) in cases {
            assert_eq!(redact_line(line), safe);
        }
    }

    proptest! {
        #[test]
        fn a_value_without_blanks_never_shows(value in "[!-%(-~]{4,20}") {
            let value = value.replace('\\', "/").replace('"', "q");
            let line = format!("login password={value} x=1");
            prop_assert_eq!(redact_line(&line), "login password=******** x=1");
        }

        #[test]
        fn any_line_is_survived(line in any::<String>()) {
            redact_line(&line);
        }
    }
}
