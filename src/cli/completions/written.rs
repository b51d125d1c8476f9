//! Candidates as a shell's script reads them.

use super::bash;
use crate::cli::args::{Asked, Shell};
use crate::shell::line::{partial, quote};
use crate::shell::{Candidate, Completion};
use crate::text::printable;

/// The lines for the script of a shell. `typed` is the line that was completed.
pub(super) fn written(found: &Completion, typed: &str, asked: &Asked) -> String {
    let word = typed.get(found.start..).unwrap_or_default();
    // What no line of a terminal can hold is no candidate.
    let candidates: Vec<_> =
        found.candidates.iter().filter(|one| !one.text.contains(char::is_control)).collect();
    match asked.shell {
        Some(Shell::Bash) => for_bash(&candidates, word, asked),
        Some(Shell::Fish) => lines(&candidates, |text| plain(text.trim_end())),
        Some(Shell::Powershell) => lines(&candidates, |text| for_powershell(text, word)),
        Some(Shell::Zsh) | None => {
            let note = found.note.iter().map(|note| format!("\t{}\n", printable(note)));
            lines(&candidates, str::to_owned) + &note.collect::<String>()
        }
    }
}

fn lines(candidates: &[&Candidate], text: impl Fn(&str) -> String) -> String {
    let each = candidates
        .iter()
        .map(|candidate| format!("{}\t{}\n", text(&candidate.text), about(candidate)));
    each.collect()
}

/// What there is to say of a candidate besides its text.
fn about(candidate: &Candidate) -> String {
    let Candidate { text, shown, id, about } = candidate;
    // Where the id is put in, the name says what it is.
    let name =
        Some(shown).filter(|shown| !id.is_empty() && text.contains(id.as_str()) && *shown != id);
    let id = Some(id).filter(|id| !id.is_empty() && !text.contains(id.as_str()));
    let parts = [name, id, Some(about).filter(|about| !about.is_empty())];
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    printable(&parts.join("  ")).into_owned()
}

fn for_bash(candidates: &[&Candidate], word: &str, asked: &Asked) -> String {
    let texts: Vec<_> = candidates.iter().map(|candidate| candidate.text.clone()).collect();
    let put_in = bash::replacements(&texts, word, &asked.breaks);
    let known: Vec<_> = candidates
        .iter()
        .zip(put_in)
        .filter_map(|(candidate, text)| Some((about(candidate), text?)))
        .collect();
    let widest = known.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    let listed = asked.list && known.len() > 1;
    let each = known.into_iter().map(|(about, text)| match listed && !about.is_empty() {
        true => format!("{text:widest$} ({about})\n"),
        false => format!("{text}\n"),
    });
    each.collect()
}

/// The word without its quotes.
fn plain(word: &str) -> String {
    partial(word).0.words.into_iter().map(|word| word.text).collect()
}

/// Quoted for PowerShell: more is special there than in our lines, and a quote in quotes is
/// doubled. Behind a comma it replaces only what follows, so there are no quotes around it all.
fn for_powershell(text: &str, word: &str) -> String {
    let end = if text.ends_with(' ') { " " } else { "" };
    let plain = plain(text.trim_end());
    let special = if word.contains(',') { "_-./:%+=," } else { "_-./:%+=" };
    let is_safe = |c: char| c.is_alphanumeric() || special.contains(c);
    let several = partial(text).0.words.len() > 1;
    // What is continued cannot be in quotes that are closed.
    if several {
        return text.to_owned();
    }
    if end.is_empty() || quote(&plain) == plain && plain.chars().all(is_safe) {
        return format!("{plain}{end}");
    }
    format!("'{}'{end}", plain.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-8000-8000-000000000001";

    fn found() -> Completion {
        let value = |text: &str, shown: &str| Candidate {
            text: text.into(),
            shown: shown.into(),
            id: ID.into(),
            about: "of the house".into(),
        };
        let candidates = vec![
            value("id='it is' ", "it is"),
            value(&format!("id={ID} "), "twice"),
            Candidate { text: "id=a\u{1b} ".into(), ..Candidate::default() },
        ];
        Completion { start: 4, candidates, note: Some("more".into()) }
    }

    fn shown(shell: Option<Shell>, list: bool) -> String {
        let asked = Asked { shell, list, breaks: " =".into(), ..Asked::default() };
        written(&found(), "set id=", &asked)
    }

    #[test]
    fn each_shell_gets_what_it_puts_in() {
        let raw = format!("id='it is' \t{ID}  of the house\nid={ID} \ttwice  of the house\n");
        assert_eq!(shown(None, false), format!("{raw}\tmore\n"));
        assert_eq!(shown(Some(Shell::Zsh), false), format!("{raw}\tmore\n"));
        let plain = format!("id=it is\t{ID}  of the house\nid={ID}\ttwice  of the house\n");
        assert_eq!(shown(Some(Shell::Fish), false), plain);
        let quoted = format!("'id=it is' \t{ID}  of the house\nid={ID} \ttwice  of the house\n");
        assert_eq!(shown(Some(Shell::Powershell), false), quoted);
        assert_eq!(shown(Some(Shell::Bash), false), format!("'it is' \n{ID} \n"));
        let listed = shown(Some(Shell::Bash), true);
        assert!(listed.contains(&format!("{ID}  (twice  of the house)\n")), "{listed}");
    }

    #[test]
    fn powershell_doubles_quotes_and_knows_commas() {
        assert_eq!(for_powershell("n=\"it's\" ", ""), "'n=it''s' ");
        assert_eq!(for_powershell("ids=a,b ", ""), "'ids=a,b' ");
        assert_eq!(for_powershell("filter=a,b", ""), "filter=a,b");
        assert_eq!(for_powershell("name=@x ", ""), "'name=@x' ");
        assert_eq!(for_powershell("zones ", ""), "zones ");
        assert_eq!(for_powershell("ids=a,b ", "ids=a,"), "ids=a,b ");
    }
}
