//! Help about things that are no commands: output formats and the server's settings.

use std::fmt::Write as _;

use super::help::row;
use super::render::Format;
use crate::model::setting::{self, Allowed, Setting, SettingScope};
use crate::model::setting_table::SETTINGS;
use crate::text::{nearest, or_list, quoted};

/// What there is help about besides commands, verbs and groups.
pub(super) const NAMES: &[&str] =
    &["column", "csv", "for", "json", "jsonl", "keys", "settings", "table", "text", "variables"];

/// Help about the keys of the shell.
pub(super) const KEYS: &str = "\
keys: what the keys of the shell do. `set editmode vi` brings those of vi, for good
`capuchin profile edit PROFILE editmode=vi`.

Tab, Shift-Tab      complete, then go through the candidates; Enter or Right takes one
Up, Down            the lines before, of this profile
Ctrl-R              search them; Ctrl-R again goes on, Ctrl-G leaves
Ctrl-A, Ctrl-E      to the start, to the end
Alt-B, Alt-F        a word back, a word on
Ctrl-W, Ctrl-U      drop the word, the line before the cursor; Ctrl-Y brings it back
Ctrl-C              drop the line, or end what runs
Ctrl-D              leave, in an empty line

An open quote or a \\ at the end goes on in the next line. What is pasted is put into the
line, several lines too, and carried out by Enter. A line that begins with a blank is not
kept. What is wrong is red and underlined; `!431` in the prompt is the code of the last
failure.
";

const VARIABLES: &str = "\
Variables are for the shell and for scripts on standard input.

  set -v zone=sandbox net='a b'   sets variables; `set -v` alone lists them
  unset -v zone                   takes one away
  create vpc zoneid=$zone         puts the value in, as one part of the word
  list vpcs > ${zone}.csv         braces end the name where more would belong to it
  $last.id, $last.tags.env        a field of the last answer: of its first row if
                                  it is a list; entries of tags and maps too
  $last[2].id, $last[-1].id       of the third row, [0] being the first; of the last
  $last.count                     how many rows there are
  set -v vpc=$last                keeps an answer: $vpc.id from then on

A value is never read again: blanks, quotes and `;` in it stay what they are. There
is nothing to put in within '...', behind `|` and `!`, and for a dollar with no name
behind it. Where a dollar and a name are meant write `\\$name` or '$name'.
A variable, a field or a row that is not there is an error, not an empty text.

Of a list `$last` keeps the first 1000 rows and the last 100. Values of variables
that look secret (password, ...key) are not shown.
";

const LOOPS: &str = "\
for NAME in COMMAND; do COMMANDS; done: carries commands out for each row of a list.
for NAME in WORD...; do COMMANDS; done: for each of the words.

  for vpc in list vpcs where state=Enabled; do
    list networks vpcid=$vpc.id > ${vpc.name}.json
  done
  for name in web db; do create vpc name=$name; done
  for row in $last; do list zones id=$row.id; done

All rows, of all pages, are read before the first turn, so that none is missed
whatever is deleted meanwhile. $NAME.FIELD is a field of the row; outside the loop
the variable is what it was before. Loops may stand inside loops.

The first command that fails ends the loop and its script; Ctrl-C does too. Before
something is deleted each turn asks a person, unless -y says not to. What follows
`|` or `!` up to the end of the line belongs to the system's shell: put `done` on a
line of its own then. `help variables` explains `$`.
";

/// Help about what lines can hold besides commands, if the word asks for it.
pub(super) fn language(word: &str) -> Option<&'static str> {
    match word {
        "variables" | "variable" | "$" | "unset" => Some(VARIABLES),
        "for" | "loops" | "loop" | "do" | "done" => Some(LOOPS),
        _ => None,
    }
}

/// What an output format is good for.
fn purpose(format: Format) -> &'static str {
    match format {
        Format::Json => "the whole answer, indented; what a pipe gets",
        Format::Jsonl => "each row as JSON on a line of its own, for programs that read lines",
        Format::Table => "a framed table that fits the terminal; what a terminal gets",
        Format::Csv => "comma-separated values with a header, for spreadsheets",
        Format::Column => "aligned columns without frames, for awk and sort",
        Format::Text => "lines of name = value, for grep",
    }
}

/// Help about output formats, if the word is the name of one.
pub(super) fn format(word: &str) -> Option<String> {
    let asked: Format = match word {
        // Rows and fields are chosen in the same way whatever the format is.
        "where" | "sort" | "filter" | "exclude" => Format::Table,
        word => word.parse().ok()?,
    };
    let mut text = format!("-o {asked}: {}.\n\n", purpose(asked));
    for other in Format::ALL.into_iter().filter(|other| *other != asked) {
        let _ = writeln!(text, "{:6} {}", other.name(), purpose(other));
    }
    text.push_str(
        "\nfilter=FIELD,FIELD chooses the fields, exclude=FIELD,FIELD leaves some out.\n\
         sort=FIELD,-FIELD sorts the rows of a list; `where` chooses them: list zones where\n\
         name~web and not (allocationstate=Disabled or id=x), with = != ~ !~ < <= > >=.\n\
         --query JQ asks the answer, as -o json shows it, something in jq's language, a line\n\
         for each value, texts without quotes with --raw: list zones --query '.zone[].name'.\n",
    );
    Some(text)
}

/// Help about the settings of the global configuration, if that is what the words ask for.
pub(super) fn settings(words: &[&str]) -> Option<Result<String, String>> {
    let about = |name: &str| match setting::find(name) {
        Some(setting) => Ok(about(setting)),
        None => Err(unknown(name)),
    };
    match words {
        ["settings"] => Some(Ok(all())),
        ["settings" | "setting", name] => Some(about(&name.to_lowercase())),
        [name] => setting::find(name).map(|setting| Ok(self::about(setting))),
        _ => None,
    }
}

fn all() -> String {
    let mut text = String::from(
        "help settings NAME explains one; list configurations shows their values,\n\
         update configuration name=NAME value=VALUE changes one.\n\n",
    );
    for setting in SETTINGS {
        let _ = writeln!(text, "{}", setting.name);
    }
    text
}

fn about(setting: &Setting) -> String {
    let mut text = String::new();
    let sentence = if setting.about.is_empty() { setting.category } else { setting.about };
    row(&mut text, &format!("{}:", setting.name), &format!("{sentence}."));
    let allowed = match setting.allowed {
        Allowed::Any => format!("{:?}", setting.kind).to_lowercase(),
        Allowed::Choices(words) => or_list(words).replace('`', ""),
        Allowed::Range { min, max } => format!("{min} to {max}"),
        Allowed::Share => "0 to 1".to_owned(),
    };
    let scope = match setting.scope {
        SettingScope::Global => "everywhere",
        SettingScope::Zone => "everywhere or for a zone",
        SettingScope::Domain => "everywhere or for a domain",
        SettingScope::Account => "everywhere or for an account",
    };
    let default = if setting.default.is_empty() { "(empty)" } else { setting.default };
    let takes = if setting.dynamic { "at once" } else { "when the server starts again" };
    let _ = write!(
        text,
        "\n  allowed       {allowed}\n  default       {default}\n  set           {scope}\n  \
         takes effect  {takes}\n\nExample:\n  update configuration name={} value={}\n",
        setting.name,
        super::line::quote(setting.default)
    );
    text
}

fn unknown(name: &str) -> String {
    let hint = match nearest(name, SETTINGS.iter().map(|setting| setting.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`help settings` lists them".to_owned(),
    };
    format!("there is no setting {}; {hint}", quoted(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_help() {
        for name in NAMES.iter().filter(|name| !["keys", "settings"].contains(name)) {
            assert!(format(name).is_some() || language(name).is_some(), "{name}");
        }
        for text in [VARIABLES, LOOPS] {
            assert!(text.lines().count() <= 23, "it fits a screen");
            assert!(text.lines().all(|line| line.len() <= 84), "{text}");
        }
        assert!(format("xml").is_none());
        assert!(format("where").unwrap().contains("`where` chooses them"));
        assert!(format("csv").unwrap().starts_with("-o csv: comma-separated values"));
    }

    #[test]
    fn a_setting_is_explained() {
        let text = settings(&["settings", "network.gc.interval"]).unwrap().unwrap();
        assert!(text.starts_with("network.gc.interval: "), "{text}");
        assert!(text.contains("  default       600\n"), "{text}");
        assert_eq!(settings(&["network.gc.interval"]), Some(Ok(text)));
        assert_eq!(
            settings(&["settings", "network.gc.intervall"]).unwrap().unwrap_err(),
            "there is no setting `network.gc.intervall`; did you mean `network.gc.interval`?"
        );
        assert!(settings(&["settings"]).unwrap().unwrap().contains("\nnetwork.gc.interval\n"));
        assert!(settings(&["zone"]).is_none());
    }
}
