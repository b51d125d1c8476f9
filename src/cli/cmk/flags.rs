//! CloudMonkey's flags, in the way Go programs take them: one dash or two, the value behind a
//! blank or `=`, all of them in front of the command.

use crate::cli::args::Unread;

/// The flags with a value, and what they are here.
const VALUES: &[(&str, &str)] = &[
    ("c", "--config"),
    ("k", "--key"),
    ("o", "--output"),
    ("p", "--profile"),
    ("s", "--secret"),
    ("u", "--url"),
];

const USAGE: &str = "\
Usage: cmk [-h] [-v] [-d] [-o FORMAT] [-p PROFILE] [-c FILE] [-u URL] [-k KEY]
           [-s SECRET] [VERB NOUN [name=value]...]

This is Capuchin, in the manner of CloudMonkey; without a command it is a shell.

  -c FILE     the configuration, Capuchin's or CloudMonkey's
  -d          say on standard error what is sent
  -h          this text; behind a command, its help
  -k KEY      the API key to use
  -o FORMAT   json, default, table, text, column, csv or jsonl
  -p PROFILE  the profile to use
  -s SECRET   the secret key to use
  -u URL      the server to use
  -v          the version

`cmk help` lists the commands. What differs from CloudMonkey is in
docs/from-cloudmonkey.md of Capuchin.
";

/// The arguments as we take them ourselves; or what to print instead.
pub(super) fn translated(words: &[String]) -> Result<Vec<String>, Unread> {
    let mut ours = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix('-').filter(|flag| !flag.is_empty()) else {
            ours.push(word.clone());
            break;
        };
        if flag == "-" {
            break;
        }
        let flag = flag.strip_prefix('-').unwrap_or(flag);
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (flag, None),
        };
        if let Some((_, option)) = VALUES.iter().find(|(known, _)| *known == name) {
            let value = value.or_else(|| words.next().cloned());
            let value =
                value.ok_or_else(|| misused(&format!("-{name} needs a value behind it")))?;
            // To CloudMonkey an empty value is none.
            if !value.is_empty() {
                ours.extend([(*option).to_owned(), value]);
            }
        } else {
            ours.extend(switch(name, value.as_deref())?);
        }
    }
    ours.extend(words.cloned());
    Ok(ours)
}

/// A flag without a value; Go programs let `=true` or `=false` stand behind it.
fn switch(name: &str, value: Option<&str>) -> Result<Option<String>, Unread> {
    let on = match value {
        None | Some("true" | "1" | "t" | "T" | "TRUE" | "True") => true,
        Some("false" | "0" | "f" | "F" | "FALSE" | "False") => false,
        Some(_) => return Err(misused(&format!("-{name} is `true` or `false`"))),
    };
    match name {
        "h" | "help" if on => Err(Unread { text: USAGE.to_owned(), code: 0 }),
        "v" => Ok(on.then(|| "--version".to_owned())),
        "d" => Ok(on.then(|| "--debug".to_owned())),
        "h" | "help" => Ok(None),
        _ => Err(misused(&format!("there is no flag -{name}"))),
    }
}

fn misused(why: &str) -> Unread {
    Unread { text: format!("{why}; `cmk -h` lists the flags"), code: 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(line: &str) -> Result<String, Unread> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        translated(&words).map(|words| words.join(" "))
    }

    #[test]
    fn flags_are_taken_in_all_spellings() {
        for line in ["-o csv list zones", "-o=csv list zones", "--o csv list zones"] {
            assert_eq!(ours(line).unwrap(), "--output csv list zones", "{line}");
        }
        assert_eq!(
            ours("-d -p prod -u http://h -k K -s S -c f list zones").unwrap(),
            "--debug --profile prod --url http://h --key K --secret S --config f list zones"
        );
        assert_eq!(ours("-d=false -v").unwrap(), "--version");
    }

    #[test]
    fn what_is_behind_the_verb_is_left_alone() {
        assert_eq!(ours("list zones -h -o x").unwrap(), "list zones -h -o x");
        assert_eq!(ours("-- list zones").unwrap(), "list zones");
        assert_eq!(ours("set apikey=x").unwrap(), "set apikey=x");
    }

    #[test]
    fn unknown_flags_are_wrong_and_help_is_a_result() {
        assert_eq!(ours("-Z").unwrap_err().code, 2);
        assert_eq!(ours("-o").unwrap_err().code, 2);
        assert_eq!(ours("-oc list").unwrap_err().code, 2);
        assert_eq!(ours("-h").unwrap_err().code, 0);
        assert_eq!(ours("--help").unwrap_err().code, 0);
    }
}
