//! A request as a command of the system's shell, for people who want to see or repeat it.
//!
//! The secret key is left out: the command signs with `$CAPUCHIN_SECRET`.

use std::fmt::Write;

use crate::text::is_secret_name;
use crate::transport::sign::{Algorithm, signed_text};

/// What stands for a parameter's value that nobody is shown.
const MASK: &str = "********";

/// The command that sends `params`, which have no signature yet.
pub(crate) fn command(
    url: &str,
    get: bool,
    params: &[(String, String)],
    algorithm: Algorithm,
) -> String {
    let shown: Vec<_> = params
        .iter()
        .map(|(name, value)| {
            let hidden = is_secret_name(name) && name != "apiKey";
            (name.clone(), if hidden { MASK.to_owned() } else { value.clone() })
        })
        .collect();
    let hash = match algorithm {
        Algorithm::Sha1 => "sha1",
        Algorithm::Sha256 => "sha256",
        Algorithm::Sha512 => "sha512",
    };
    let mut command = format!("curl -sS {}", if get { "-G " } else { "" });
    command.push_str(&quoted(url));
    for (name, value) in &shown {
        command.push_str(" \\\n  --data-urlencode ");
        command.push_str(&quoted(&format!("{name}={value}")));
    }
    let text = quoted(&signed_text(&shown));
    // Writing to a string does not fail.
    let _ = write!(
        command,
        " \\\n  --data-urlencode \"signature=$(printf %s {text} |\n    \
         openssl dgst -{hash} -hmac \"$CAPUCHIN_SECRET\" -binary | openssl base64 -A)\"\n"
    );
    command
}

/// A word of the shell that means this text and nothing else.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_signs_by_itself_and_shows_no_secret() {
        let params = [("apiKey", "K"), ("command", "it's"), ("password", "hunter2")];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown = command("http://h/client/api", false, &params, Algorithm::Sha1);
        assert_eq!(
            shown,
            "curl -sS 'http://h/client/api' \\\n  --data-urlencode 'apiKey=K' \\\n  \
             --data-urlencode 'command=it'\\''s' \\\n  \
             --data-urlencode 'password=********' \\\n  \
             --data-urlencode \"signature=$(printf %s \
             'apikey=k&command=it%27s&password=********' |\n    openssl dgst -sha1 -hmac \
             \"$CAPUCHIN_SECRET\" -binary | openssl base64 -A)\"\n"
        );
        assert!(command("http://h", true, &[], Algorithm::Sha512).starts_with("curl -sS -G"));
    }
}
