//! The options that a command may have among its words: `-o FORMAT`, `-h`, `-y`, `-r`, `--no-wait`,
//! `--all`, `--dry-run`, `--exact`, `--no-pager` and `--query JQ`.
//!
//! No parameter looks like one, so they may stand anywhere.

use super::complete::{Candidate, best};
use super::line::Word;
use super::render::Format;
use super::sift::is_where;
use super::wrong::Wrong;

/// What the options say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Options {
    pub(crate) format: Option<Format>,
    pub(crate) help: bool,
    pub(crate) no_wait: bool,
    pub(crate) dry_run: bool,
    /// Whether to end something without asking.
    pub(crate) yes: bool,
    /// Whether a list is fetched to its last page.
    pub(crate) all: bool,
    /// Whether the texts that a query finds are printed without quotes.
    pub(crate) raw: bool,
    /// Whether a table shows times and sizes as they came.
    pub(crate) exact: bool,
    pub(crate) no_pager: bool,
}

/// What stands in front of a query, as an option and as the word of the parameters that it becomes.
pub(super) const QUERY: &str = "--query";

/// The options, for completion, and what each is for.
const ALL: &[(&str, &str)] = &[
    ("--all", "fetch a list to its last page"),
    ("--dry-run", "show what a server would be sent"),
    ("--exact", "show times and sizes in a table as they came"),
    ("--help", "explain the command"),
    ("--no-pager", "print a long answer at once"),
    ("--no-wait", "answer with the job"),
    ("--output", "the format of the answer"),
    ("--query", "ask the answer something in jq's language"),
    ("--raw", "print the texts that a query finds without quotes"),
    ("-h", "explain the command"),
    ("-o", "the format of the answer"),
    ("-r", "print the texts that a query finds without quotes"),
];

/// The options that begin so.
pub(crate) fn starting(typed: &str) -> Vec<Candidate> {
    let meant = best(typed, ALL, |(name, _)| name);
    meant.into_iter().map(|(name, about)| Candidate::finished(name, about)).collect()
}

/// The formats that begin so.
pub(crate) fn formats(typed: &str) -> Vec<Candidate> {
    let names = best(typed, Format::ALL.map(Format::name), |name| name);
    names.into_iter().map(|name| Candidate::finished(name, "")).collect()
}

/// Takes the options out of the words.
pub(crate) fn take(words: &[Word]) -> Result<(Vec<Word>, Options), Wrong> {
    let mut options = Options::default();
    let mut rest = Vec::with_capacity(words.len());
    let mut query = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            // The query itself is mostly quoted.
            text if text.starts_with("--query=") => query = Some(word.clone()),
            _ if word.quoted => rest.push(word.clone()),
            "-h" | "--help" => options.help = true,
            "--no-wait" => options.no_wait = true,
            "-y" | "--yes" => options.yes = true,
            "--dry-run" => options.dry_run = true,
            "--all" => options.all = true,
            "-r" | "--raw" => options.raw = true,
            "--exact" => options.exact = true,
            "--no-pager" => options.no_pager = true,
            QUERY => {
                let Some(asked) = words.next() else {
                    let text = "`--query` has nothing behind it; `--query .` shows all";
                    return Err(Wrong::at(word.span.clone(), text));
                };
                query = Some(Word::assigned(QUERY, asked));
            }
            "-o" | "--output" => {
                let Some(name) = words.next() else {
                    let text = format!("`{}` has no format behind it", word.text);
                    return Err(Wrong::at(word.span.clone(), text));
                };
                options.format = Some(format(&name.text, name)?);
            }
            text => match text.strip_prefix("--output=").or_else(|| text.strip_prefix("-o")) {
                Some(name) => {
                    options.format = Some(format(name.trim_start_matches('='), word)?);
                }
                None => rest.push(word.clone()),
            },
        }
    }
    // What stands behind `where` is its condition.
    let end = rest.iter().position(is_where).unwrap_or(rest.len());
    rest.splice(end..end, query);
    Ok((rest, options))
}

fn format(name: &str, word: &Word) -> Result<Format, Wrong> {
    name.parse().map_err(|error| Wrong::at(word.span.clone(), format!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::parse;

    fn taken(line: &str) -> Result<(Vec<String>, Options), Wrong> {
        let (words, options) = take(&parse(line).unwrap().remove(0).words)?;
        Ok((words.into_iter().map(|word| word.text).collect(), options))
    }

    #[test]
    fn options_stand_anywhere() {
        for line in [
            "list -o csv zones",
            "list zones -ocsv",
            "--output=csv list zones",
            "list zones --output csv",
            "list zones -o=CSV",
        ] {
            let (words, options) = taken(line).unwrap();
            assert_eq!(words, ["list", "zones"]);
            assert_eq!(options, Options { format: Some(Format::Csv), ..Options::default() });
        }
        assert!(taken("delete zone id=a -y").unwrap().1.yes);
        assert!(taken("--yes delete zone id=a").unwrap().1.yes);
        let (_, options) = taken("list zones -h --no-wait --all --dry-run").unwrap();
        assert!(options.help && options.no_wait && options.all && options.dry_run);
    }

    #[test]
    fn what_is_offered_is_taken() {
        for (name, _) in ALL {
            let (words, _) = taken(&format!("list {name} json")).unwrap();
            assert!(!words.contains(&(*name).to_owned()), "{name}");
        }
        let offered = |typed| starting(typed).into_iter().map(|c| c.shown).collect::<Vec<_>>();
        assert_eq!(offered("--n"), ["--no-pager", "--no-wait"]);
        assert_eq!(offered("--j"), [""; 0]);
    }

    #[test]
    fn a_query_is_a_word_in_front_of_a_condition() {
        for line in [
            "list zones a=b where x=y --query '.a | b'",
            "--query '.a | b' list zones a=b where x=y",
            "list zones a=b '--query=.a | b' where x=y",
            "list zones a=b --query='.a | b' where x=y -r",
        ] {
            let (words, options) = taken(line).unwrap();
            let expected = ["list", "zones", "a=b", "--query=.a | b", "where", "x=y"];
            assert_eq!(words, expected, "{line}");
            assert_eq!(options.raw, line.ends_with("-r"));
        }
        assert!(taken("list zones --query").unwrap_err().text.contains("nothing behind"));
    }

    #[test]
    fn other_words_stay() {
        let (words, options) = taken("list '-h' -x name=-o").unwrap();
        assert_eq!(words, ["list", "-h", "-x", "name=-o"]);
        assert_eq!(options, Options::default());
    }

    #[test]
    fn a_format_that_is_none_is_refused() {
        assert!(taken("list zones -o").unwrap_err().text.contains("no format"));
        assert!(taken("list zones -o xml").unwrap_err().text.contains("unknown output format"));
    }
}
