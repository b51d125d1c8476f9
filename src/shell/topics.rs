//! Help about things that are no commands: output formats and the server's settings.

use std::fmt::Write as _;

use super::help::row;
use super::render::Format;
use crate::model::setting::{self, Allowed, Setting, SettingScope};
use crate::model::setting_table::SETTINGS;
use crate::text::{nearest, or_list, quoted};

/// What there is help about besides commands, verbs and groups.
pub(super) const NAMES: &[&str] = &["column", "csv", "json", "jsonl", "settings", "table", "text"];

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
    let asked: Format = word.parse().ok()?;
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
        for name in NAMES.iter().filter(|name| **name != "settings") {
            assert!(format(name).is_some(), "{name}");
        }
        assert!(format("xml").is_none());
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
