//! Candidates for a line that begins with the program's name: its own options and subcommands, and
//! behind them the line language.

use crate::cli::args::{Offer, Wanted, wanted};
use crate::cli::settings;
use crate::schema::Catalogue;
use crate::shell::line::{Word, partial};
use crate::shell::render::Format;
use crate::shell::{Around, Candidate, Completion, best, complete, files};

/// What the program itself is asked for.
pub(super) trait Program {
    /// The names of the profiles.
    fn profiles(&self) -> Vec<String>;
}

/// A line taken apart: the program's options, the words typed and the one that is being typed.
pub(super) struct Typed<'l> {
    line: &'l str,
    words: Vec<Word>,
    current: Word,
    pub(super) wanted: Wanted,
}

impl<'l> Typed<'l> {
    /// Takes a line apart that begins with the program's name; nothing if it has no name yet.
    pub(super) fn new(line: &'l str) -> Option<Self> {
        let (typed, fault) = partial(line);
        if fault.is_some_and(|fault| !fault.needs_more()) {
            return None;
        }
        let mut words = typed.words.into_iter();
        words.next().filter(|program| program.span.end < line.len())?;
        let mut words: Vec<Word> = words.collect();
        let current = words.pop_if(|word| word.span.end == line.len());
        let current = current.unwrap_or_else(|| Word::opened_at(line.len()));
        let texts: Vec<_> = words.iter().map(|word| word.text.clone()).collect();
        let wanted = wanted(&texts, &current.text);
        Some(Self { line, words, current, wanted })
    }

    /// The words of the options in front of the command: they say whom to ask.
    pub(super) fn options(&self) -> Vec<String> {
        let count = match self.wanted {
            Wanted::Line(count) => count,
            Wanted::First(_) => self.words.len(),
            Wanted::Words(_) | Wanted::Value { .. } => 0,
        };
        self.words.iter().take(count).map(|word| word.text.clone()).collect()
    }

    /// The candidates.
    pub(super) fn complete(
        &self,
        catalogue: &Catalogue,
        around: &mut dyn Around,
        program: &dyn Program,
    ) -> Completion {
        let start = self.current.span.start;
        let ours = |offers: &[Offer]| {
            let meant = best(&self.current.text, offers, |offer| &offer.text);
            meant.into_iter().map(|offer| Candidate::finished(&offer.text, &offer.about)).collect()
        };
        let candidates: Vec<Candidate> = match &self.wanted {
            Wanted::Line(word) => {
                let word = self.words.get(*word).unwrap_or(&self.current);
                return self.line_from(word.span.start, catalogue, around);
            }
            Wanted::First(offers) => {
                let mut found = self.line_from(start, catalogue, around);
                let begins = |text: &str| {
                    let text = text.get(..self.current.text.len());
                    text.is_some_and(|text| text.eq_ignore_ascii_case(&self.current.text))
                };
                let offers: Vec<_> =
                    offers.iter().filter(|offer| begins(&offer.text)).cloned().collect();
                let ours: Vec<Candidate> = ours(&offers);
                found.candidates.retain(|known| !ours.iter().any(|own| own.text == known.text));
                found.candidates.extend(ours);
                return found;
            }
            Wanted::Words(offers) => ours(offers),
            Wanted::Value { of, kind, before } => self.value(of, kind, before, around, program),
        };
        Completion { start, candidates, note: None }
    }

    fn line_from(
        &self,
        start: usize,
        catalogue: &Catalogue,
        around: &mut dyn Around,
    ) -> Completion {
        let line = self.line.get(start..).unwrap_or_default();
        let found = complete(catalogue, line, line.len(), around);
        Completion { start: found.start + start, ..found }
    }

    /// Candidates for a value, by what the help calls it.
    fn value(
        &self,
        of: &str,
        kind: &str,
        before: &str,
        around: &mut dyn Around,
        program: &dyn Program,
    ) -> Vec<Candidate> {
        let typed = self.current.text.get(before.len()..).unwrap_or_default();
        let words: Vec<String> = match kind {
            "FILE" | "PATH" => return files(typed, before, around),
            "FORMAT" => Format::ALL.map(|format| format.name().to_owned()).into(),
            "PROFILE" => program.profiles(),
            "NAME" if of.starts_with("profile ") && of != "profile add" => program.profiles(),
            "SETTING=VALUE" => return self.setting(typed),
            _ => return Vec::new(),
        };
        let meant = best(typed, words, |word| word);
        let each = meant.iter().map(|word| {
            let quoted = crate::shell::line::quote(word);
            let text = format!("{before}{quoted} ");
            Candidate { text, shown: word.clone(), ..Candidate::default() }
        });
        each.collect()
    }

    /// Candidates for a setting of a profile.
    fn setting(&self, typed: &str) -> Vec<Candidate> {
        let Some((name, value)) = typed.split_once('=') else {
            let given = |name: &str| {
                let has = |word: &Word| word.text.split('=').next() == Some(name);
                self.words.iter().any(has)
            };
            let open = settings::names().filter(|name| !given(name));
            let each = best(typed, open, |name| name).into_iter().map(|name| {
                let text = format!("{name}=");
                Candidate { shown: text.clone(), text, ..Candidate::default() }
            });
            return each.collect();
        };
        let words = best(value, settings::words(name), |word| word);
        let each = words.into_iter().map(|word| {
            let text = format!("{name}={word} ");
            Candidate { text, shown: word.to_owned(), ..Candidate::default() }
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{File, Question, Reply};
    use crate::transport::catalogue;

    struct Nobody;

    impl Around for Nobody {
        fn ask(&mut self, _: &Question) -> Reply {
            Reply::Nothing(None)
        }

        fn files(&mut self, directory: &str) -> Vec<File> {
            assert_eq!(directory, "");
            ["a b", "b"].map(|name| File { name: name.into(), is_folder: false }).into()
        }
    }

    impl Program for Nobody {
        fn profiles(&self) -> Vec<String> {
            vec!["embedded".into(), "prod".into()]
        }
    }

    fn offered(line: &str) -> Vec<String> {
        let Some(typed) = Typed::new(line) else { return Vec::new() };
        let found = typed.complete(&catalogue(), &mut Nobody, &Nobody);
        let start = found.start;
        assert!(line.is_char_boundary(start), "{line}");
        found.candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn the_program_and_its_options_are_skipped() {
        assert_eq!(offered("capuchin lis"), ["list "]);
        assert_eq!(offered("capuchin --debug --store '/a b' list zon"), ["zones "]);
        assert_eq!(offered("capuchin -p prod list zones na"), ["name="]);
        assert_eq!(offered("capuchin -o c"), ["csv ", "column "]);
        assert_eq!(offered("capuchin"), [""; 0]);
        assert_eq!(offered(""), [""; 0]);
        let options = |line| Typed::new(line).unwrap().options();
        assert_eq!(options("capuchin -p prod list z"), ["-p", "prod"]);
        assert_eq!(options("capuchin -p prod l"), ["-p", "prod"]);
        assert_eq!(options("capuchin -p"), [""; 0]);
    }

    #[test]
    fn our_own_words_complete() {
        assert_eq!(offered("capuchin --de"), ["--debug "]);
        assert_eq!(offered("capuchin prof"), ["profile "]);
        assert_eq!(offered("capuchin profile u"), ["use "]);
        assert_eq!(offered("capuchin profile use p"), ["prod "]);
        assert_eq!(offered("capuchin profile add p"), [""; 0]);
        assert_eq!(offered("capuchin -p e"), ["embedded "]);
        assert_eq!(offered("capuchin --profile=e"), ["--profile=embedded "]);
        assert_eq!(offered("capuchin serve --li"), ["--listen "]);
        assert_eq!(offered("capuchin completions z"), ["zsh "]);
        assert_eq!(offered("capuchin -c a"), ["'a b' "]);
        assert_eq!(offered("capuchin --config=b"), ["--config=b "]);
    }

    #[test]
    fn settings_of_profiles_complete() {
        assert_eq!(offered("capuchin profile add x url=y sig"), ["signature="]);
        assert_eq!(offered("capuchin profile add x url=y url"), [""; 0]);
        assert_eq!(offered("capuchin profile edit x method="), ["method=post ", "method=get "]);
        assert_eq!(offered("capuchin profile edit x verifycert=t"), ["verifycert=true "]);
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_odd(
            line in "(capuchin ?)?(-[a-z-]{0,9}=? ?|[a-z]{0,6} ?|\\PC{0,9}){0,4}",
        ) {
            let typed = Typed::new(&line);
            if let Some(typed) = typed {
                struct None;
                impl Around for None {
                    fn ask(&mut self, _: &Question) -> Reply { Reply::Late }
                    fn files(&mut self, _: &str) -> Vec<File> { Vec::new() }
                }
                typed.complete(&catalogue(), &mut None, &Nobody);
            }
        }
    }
}
