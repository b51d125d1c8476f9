//! From the words at a line's start to the API that is meant.
//!
//! `createVPC`, `create vpc`, `CREATE Vpc` and `list public ip addresses` are all understood: what
//! counts is the letters, without blanks and case. A plural where the API has the singular, or the
//! other way round, is understood too as long as only one API can be meant.

use super::line::Word;
use super::phrase::{others, spaced};
use super::wrong::Wrong;
use crate::schema::{Catalogue, Phrase, Spec};
use crate::text::{nearest_many, or_list, quoted};

/// A command as it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) spec: &'static Spec,
    /// How many words name it; what follows are its parameters.
    pub(crate) words: usize,
}

/// Suggestions in a message at most.
const SUGGESTIONS: usize = 3;

/// Finds the API that the words at the start of `words` name, the longest name first.
pub(crate) fn find(catalogue: &Catalogue, words: &[Word]) -> Result<Found, Wrong> {
    meant(catalogue, words).ok_or_else(|| {
        let others = others(catalogue);
        let phrases: Vec<_> = catalogue.phrases().iter().chain(&others).collect();
        unknown(&phrases, head(words))
    })
}

/// The same for those who need not know what is wrong: that takes its time to tell.
pub(crate) fn meant(catalogue: &Catalogue, words: &[Word]) -> Option<Found> {
    let head = head(words);
    if let Some(found) = longest(head, |name| catalogue.find(name)) {
        return Some(found);
    }
    let others = others(catalogue);
    let other_words = |name: &str| {
        let meant = others.iter().find(|phrase| phrase.letters == name)?;
        catalogue.find(meant.name)
    };
    let phrases: Vec<_> = catalogue.phrases().iter().chain(&others).collect();
    longest(head, other_words)
        .or_else(|| longest(head, |name| catalogue.find(lenient(&phrases, name)?)))
}

/// How many of the words, which name no command yet, begin one. Each must end where a word of the
/// command ends, but for the last one if it is still being typed.
pub(crate) fn begun(catalogue: &Catalogue, head: &[Word], is_typed: bool) -> usize {
    let others = others(catalogue);
    let mut letters = String::new();
    for (at, word) in head.iter().enumerate() {
        letters.push_str(&word.text.to_lowercase());
        let is_open = is_typed && at + 1 == head.len();
        let mut phrases = catalogue.phrases().iter().chain(&others);
        let goes_on = |phrase: &Phrase| {
            phrase.letters.starts_with(&letters) && (is_open || ends_word(phrase, letters.len()))
        };
        if !phrases.any(goes_on) {
            return at;
        }
    }
    head.len()
}

/// Whether a word of the phrase ends at this letter.
fn ends_word(phrase: &Phrase, at: usize) -> bool {
    let mut end = 0;
    phrase.words.iter().any(|word| {
        end += word.len();
        end == at
    })
}

/// The words before the first `name=value`.
pub(crate) fn head(words: &[Word]) -> &[Word] {
    let end = words.iter().position(|word| word.assignment().is_some()).unwrap_or(words.len());
    &words[..end]
}

/// The letters of the words, lower-case.
pub(crate) fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.to_lowercase()).collect()
}

/// What most of the words mean together.
fn longest(head: &[Word], find: impl Fn(&str) -> Option<&'static Spec>) -> Option<Found> {
    (1..=head.len()).rev().find_map(|words| {
        let spec = find(&joined(head.get(..words)?))?;
        Some(Found { spec, words })
    })
}

/// The only API whose name differs in nothing but the number of its nouns.
fn lenient(phrases: &[&Phrase], name: &str) -> Option<&'static str> {
    let initial = name.get(..1)?;
    let name = singular(name);
    let near = phrases.iter().filter(|phrase| phrase.letters.starts_with(initial));
    let mut meant = near.filter(|phrase| singular(&phrase.letters) == name);
    let first = meant.next()?.name;
    meant.all(|other| other.name == first).then_some(first)
}

/// A noun as of one thing.
pub(super) fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches"] {
        if name.ends_with(ending) {
            return name[..name.len() - 2].to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => name.to_owned(),
    }
}

fn unknown(phrases: &[&Phrase], head: &[Word]) -> Wrong {
    let Some((first, last)) = head.first().zip(head.last()) else {
        return Wrong::new("no command before the parameters; `help` lists the commands");
    };
    let span = first.span.start..last.span.end;
    let typed = head.iter().map(Word::named).collect::<Vec<_>>().join(" ");
    let mut near = near(phrases, head);
    near.dedup();
    let hint = if near.is_empty() {
        "`help` lists the commands".to_owned()
    } else {
        let near: Vec<_> = near.iter().map(String::as_str).collect();
        format!("did you mean {}?", or_list(&near))
    };
    Wrong::at(span, format!("unknown command {}; {hint}", quoted(&typed)))
}

/// The commands that were perhaps meant: those of the verb, if it is one, before all others.
fn near(phrases: &[&Phrase], head: &[Word]) -> Vec<String> {
    let typed = joined(head);
    let verb = head.first().map(|word| word.text.to_lowercase()).unwrap_or_default();
    let of_verb = phrases.iter().filter(|phrase| phrase.words.first() == Some(&verb));
    let of_verb: Vec<_> = of_verb.map(|phrase| phrase.letters.as_str()).collect();
    let mut letters = nearest_many(&typed, of_verb.iter().copied(), SUGGESTIONS);
    if letters.is_empty() {
        let all = phrases.iter().map(|phrase| phrase.letters.as_str());
        letters = nearest_many(&typed, all, SUGGESTIONS);
    }
    if letters.is_empty() && of_verb.len() <= SUGGESTIONS {
        letters = of_verb;
    }
    let phrase = |letters: &str| phrases.iter().find(|phrase| phrase.letters == letters);
    letters.into_iter().filter_map(phrase).map(|phrase| phrase.words.join(" ")).collect()
}

/// The command as people write it: `create vpc`.
pub(crate) fn spelled(spec: &Spec) -> String {
    spaced(spec.name).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::{parse, split_argv};
    use crate::shell::{check, samples};

    fn words(line: &str) -> Vec<Word> {
        let args: Vec<_> = line.split(' ').map(str::to_owned).collect();
        split_argv(&args).words
    }

    fn found(line: &str) -> (&'static str, usize) {
        let found = find(&samples::catalogue(), &words(line)).unwrap();
        (found.spec.name, found.words)
    }

    fn refused(line: &str) -> String {
        find(&samples::catalogue(), &words(line)).unwrap_err().text
    }

    #[test]
    fn all_spellings_mean_the_same() {
        for line in ["createVPC", "createvpc", "CREATE VPC", "create vpc", "create Vpc"] {
            assert_eq!(found(line).0, "createVPC", "{line}");
        }
        for line in [
            "list public ip addresses",
            "list publicipaddresses",
            "listPublicIpAddresses",
            "list publicip addresses",
            "list public ip address",
        ] {
            assert_eq!(found(line).0, "listPublicIpAddresses", "{line}");
        }
    }

    #[test]
    fn words_behind_the_name_are_left_over() {
        assert_eq!(found("list zones"), ("listZones", 2));
        assert_eq!(found("list zones name=sandbox"), ("listZones", 2));
        assert_eq!(found("list zones sandbox"), ("listZones", 2));
        assert_eq!(found("list vpc offerings name=x"), ("listVPCOfferings", 3));
    }

    #[test]
    fn other_words_for_settings_are_known() {
        assert_eq!(found("set global configuration name=x"), ("updateConfiguration", 3));
        assert_eq!(found("set configuration name=x"), ("updateConfiguration", 2));
        assert_eq!(found("list global configurations"), ("listConfigurations", 3));
    }

    #[test]
    fn number_is_forgiven_where_one_api_is_meant() {
        assert_eq!(found("list zone").0, "listZones");
        assert_eq!(found("create vpcs").0, "createVPC");
        assert_eq!(found("delete zones").0, "deleteZone");
        assert_eq!(singular("listpolicies"), "listpolicy");
        assert_eq!(singular("publicipaddresses"), "publicipaddress");
        assert_eq!(singular("publicipaddress"), "publicipaddress");
    }

    #[test]
    fn every_api_is_found_by_its_name_and_by_its_words() {
        for catalogue in [samples::catalogue(), crate::transport::catalogue()] {
            for spec in catalogue.specs() {
                let noun = spec.name[spec.verb().len()..].to_lowercase();
                for line in [spec.name.into(), spelled(spec), format!("{} {noun}", spec.verb())] {
                    let words = words(line.trim());
                    let found = find(&catalogue, &words).unwrap();
                    assert_eq!((found.spec.name, found.words), (spec.name, words.len()));
                }
            }
        }
    }

    #[test]
    fn every_example_is_a_line_that_can_be_carried_out() {
        let catalogue = crate::transport::catalogue();
        for spec in catalogue.specs().iter().filter(|spec| !spec.example.is_empty()) {
            let line = parse(spec.example).unwrap().remove(0);
            let found = find(&catalogue, &line.words).unwrap();
            assert_eq!(found.spec.name, spec.name, "{}", spec.example);
            let nobody = |_: &str| Err(std::io::ErrorKind::NotFound.into());
            let rest = &line.words[found.words..];
            check::read(spec, rest, spec.example, &nobody).expect(spec.example);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_words_are_survived(line in "([a-zA-Z=]{0,8} ?){0,6}|.{0,40}") {
            let _ = find(&samples::catalogue(), &words(&line));
        }
    }

    #[test]
    fn an_unknown_command_names_those_that_are_near() {
        assert!(refused("lsit zones").contains("did you mean `list zones`?"));
        assert!(refused("list zonse").contains("`list zones`"));
        assert!(refused("create banana").contains("`create vpc`"));
        assert_eq!(refused("banana"), "unknown command `banana`; `help` lists the commands");
        assert!(refused("name=x").contains("no command before the parameters"));
    }
}
