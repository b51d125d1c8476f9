//! What can stand where among the program's own words, from their definition.

use clap::{Arg, Command, CommandFactory};

use super::Args;

/// What is wanted at the cursor.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// A command of the line language, which begins at this of the words.
    Line(usize),
    /// The first word of one, or one of ours.
    First(Vec<Offer>),
    /// One of these.
    Words(Vec<Offer>),
    /// The value of an option, or of a word of a subcommand.
    Value {
        /// The subcommands in front, as `profile use`.
        of: String,
        /// What the value is called in the help.
        kind: String,
        /// The name of an option and `=` that stand in the same word.
        before: String,
    },
}

/// A word, and what it is for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    pub(crate) text: String,
    pub(crate) about: String,
}

/// What is wanted behind these words, the program's name not among them, where `current` is typed.
pub(crate) fn wanted(words: &[String], current: &str) -> Wanted {
    let root = Args::command();
    let mut walk = Walk { command: &root, of: Vec::new(), positional: 0 };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.starts_with('-') && word.len() > 1 {
            if let Some(option) = walk.option(word).filter(|option| takes_next(option, word)) {
                if at == words.len() {
                    return walk.value(option, String::new());
                }
                at += 1;
            }
        } else if let Some(inner) = visible(walk.command).find(|inner| inner.get_name() == word) {
            walk = walk.into(inner);
        } else if walk.of.is_empty() {
            return Wanted::Line(at - 1);
        } else {
            walk.positional += 1;
        }
    }
    walk.at(current)
}

/// A place in the definition.
struct Walk<'c> {
    command: &'c Command,
    of: Vec<String>,
    /// How many plain words of the subcommand are there.
    positional: usize,
}

impl<'c> Walk<'c> {
    fn into(mut self, inner: &'c Command) -> Self {
        self.of.push(inner.get_name().to_owned());
        Self { command: inner, of: self.of, positional: 0 }
    }

    fn option(&self, word: &str) -> Option<&'c Arg> {
        let mut options = self.command.get_arguments();
        let name = word.split('=').next().unwrap_or_default();
        match name.strip_prefix("--") {
            Some(long) => options.find(|option| option.get_long() == Some(long)),
            None => {
                let short = name.chars().nth(1);
                options.find(|option| short.is_some() && option.get_short() == short)
            }
        }
    }

    /// What is wanted for the value of an option or a word.
    fn value(&self, arg: &Arg, before: String) -> Wanted {
        let possible = arg.get_possible_values();
        let flags = arg.get_action().takes_values();
        if flags && !possible.is_empty() {
            let offers = possible.iter().map(|value| Offer {
                text: format!("{before}{}", value.get_name()),
                about: value.get_help().map(ToString::to_string).unwrap_or_default(),
            });
            return Wanted::Words(offers.collect());
        }
        let kind = arg.get_value_names().and_then(|names| names.first());
        let kind = kind.map(ToString::to_string).unwrap_or_default();
        Wanted::Value { of: self.of.join(" "), kind, before }
    }

    fn at(&self, current: &str) -> Wanted {
        if current.starts_with('-') {
            if let Some((name, _)) = current.split_once('=')
                && let Some(option) = self.option(name)
            {
                return self.value(option, format!("{name}="));
            }
            return Wanted::Words(self.options());
        }
        if self.of.is_empty() {
            return Wanted::First(self.subcommands());
        }
        if self.command.has_subcommands() {
            return Wanted::Words(self.subcommands());
        }
        let words: Vec<_> =
            self.command.get_positionals().filter(|word| !word.is_hide_set()).collect();
        match words.get(self.positional).or(words.last()) {
            Some(word) if self.positional < words.len() || takes_several(word) => {
                self.value(word, String::new())
            }
            _ => Wanted::Words(self.options()),
        }
    }

    fn subcommands(&self) -> Vec<Offer> {
        let each = visible(self.command).map(|inner| Offer {
            text: inner.get_name().to_owned(),
            about: inner.get_about().map(ToString::to_string).unwrap_or_default(),
        });
        each.collect()
    }

    fn options(&self) -> Vec<Offer> {
        let options = self.command.get_arguments().filter(|option| !option.is_hide_set());
        let each = options.filter_map(|option| {
            Some(Offer {
                text: format!("--{}", option.get_long()?),
                about: option.get_help().map(ToString::to_string).unwrap_or_default(),
            })
        });
        each.collect()
    }
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|inner| !inner.is_hide_set())
}

/// Whether the value of the option is the next word.
fn takes_next(option: &Arg, word: &str) -> bool {
    let has_its_own = word.contains('=') || (!word.starts_with("--") && word.chars().count() > 2);
    option.get_action().takes_values() && !has_its_own
}

fn takes_several(word: &Arg) -> bool {
    matches!(word.get_action(), clap::ArgAction::Append)
        || word.get_num_args().is_some_and(|count| count.max_values() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str, current: &str) -> Wanted {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        wanted(&words, current)
    }

    fn texts(line: &str, current: &str) -> Vec<String> {
        match found(line, current) {
            Wanted::First(offers) | Wanted::Words(offers) => {
                offers.into_iter().map(|offer| offer.text).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn value(line: &str, current: &str) -> (String, String) {
        match found(line, current) {
            Wanted::Value { of, kind, .. } => (of, kind),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_line_begins_behind_the_options() {
        assert_eq!(found("list zones", ""), Wanted::Line(0));
        assert_eq!(found("--debug -p prod list", "z"), Wanted::Line(3));
        assert_eq!(found("-pprod --output=csv list", ""), Wanted::Line(2));
        assert!(matches!(found("", "li"), Wanted::First(_)));
        assert!(matches!(found("-p prod", "li"), Wanted::First(_)));
    }

    #[test]
    fn options_and_subcommands_are_those_of_the_definition() {
        assert!(texts("", "--").contains(&"--profile".to_owned()));
        assert!(texts("serve", "--").contains(&"--listen".to_owned()));
        assert!(texts("", "").contains(&"profile".to_owned()));
        assert!(!texts("", "").contains(&"complete".to_owned()));
        assert!(texts("profile", "").contains(&"use".to_owned()));
        assert!(texts("keys create", "--").contains(&"--user".to_owned()));
    }

    #[test]
    fn values_have_kinds_or_words() {
        assert_eq!(value("-p", ""), (String::new(), "PROFILE".into()));
        assert_eq!(value("", "--profile=x"), (String::new(), "PROFILE".into()));
        assert_eq!(value("profile use", ""), ("profile use".into(), "NAME".into()));
        let settings = ("profile add".to_owned(), "SETTING=VALUE".to_owned());
        assert_eq!(value("profile add prod", ""), settings);
        assert_eq!(value("profile add prod url=x", ""), settings);
        assert_eq!(value("profile import", ""), ("profile import".into(), "FILE".into()));
        assert!(texts("completions", "").contains(&"zsh".to_owned()));
        assert_eq!(texts("keys create --format", ""), ["env", "json", "text"]);
        assert_eq!(texts("keys create", "--format=e")[0], "--format=env");
    }

    #[test]
    fn what_is_full_wants_options() {
        assert!(matches!(found("profile use a", ""), Wanted::Words(_)));
        assert!(matches!(found("--nope", ""), Wanted::First(_)));
    }
}
