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
    let shown = masked(params);
    let hash = match algorithm {
        Algorithm::Sha1 => "sha1",
        Algorithm::Sha256 => "sha256",
        Algorithm::Sha512 => "sha512",
    };
    let mut command = format!("curl -sS {}{}", if get { "-G " } else { "" }, quoted(url));
    add(&shown, &mut command);
    let text = quoted(&signed_text(&shown));
    // Writing to a string does not fail.
    let _ = write!(
        command,
        " \\\n  --data-urlencode \"signature=$(printf %s {text} |\n    \
         openssl dgst -{hash} -hmac \"$CAPUCHIN_SECRET\" -binary | openssl base64 -A)\"\n"
    );
    command
}

/// The commands that log in with `login`, the password being `$CAPUCHIN_PASSWORD`, and send
/// `params` in that session.
pub(crate) fn with_login(
    url: &str,
    get: bool,
    login: &[(String, String)],
    params: &[(String, String)],
) -> String {
    let mut command = format!("sessionkey=$(curl -sS -c cookies {}", quoted(url));
    add(login, &mut command);
    command.push_str(
        " \\\n  --data-urlencode \"password=$CAPUCHIN_PASSWORD\" |\n  \
         sed 's/.*\"sessionkey\" *: *\"\\([^\"]*\\)\".*/\\1/')\n",
    );
    let how = if get { "-G " } else { "" };
    let _ = write!(command, "curl -sS {how}-b cookies {}", quoted(url));
    add(&masked(params), &mut command);
    command.push_str(" \\\n  --data-urlencode \"sessionkey=$sessionkey\"\n");
    command
}

/// The parameters without the values that nobody is shown.
fn masked(params: &[(String, String)]) -> Vec<(String, String)> {
    let shown = params.iter().map(|(name, value)| {
        let hidden = is_secret_name(name) && name != "apiKey";
        (name.clone(), if hidden { MASK.to_owned() } else { value.clone() })
    });
    shown.collect()
}

fn add(params: &[(String, String)], command: &mut String) {
    for (name, value) in params {
        command.push_str(" \\\n  --data-urlencode ");
        command.push_str(&quoted(&format!("{name}={value}")));
    }
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

    #[test]
    fn who_logs_in_shows_no_password() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<_> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let (login, call) = (pairs(&[("username", "u")]), pairs(&[("password", "hunter2")]));
        assert_eq!(
            with_login("http://h", true, &login, &call),
            "sessionkey=$(curl -sS -c cookies 'http://h' \\\n  --data-urlencode 'username=u' \\\n  \
             --data-urlencode \"password=$CAPUCHIN_PASSWORD\" |\n  \
             sed 's/.*\"sessionkey\" *: *\"\\([^\"]*\\)\".*/\\1/')\n\
             curl -sS -G -b cookies 'http://h' \\\n  --data-urlencode 'password=********' \\\n  \
             --data-urlencode \"sessionkey=$sessionkey\"\n"
        );
    }
}
