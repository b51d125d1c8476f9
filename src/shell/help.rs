//! Help: all that can be said about a command, from its description alone.

use std::fmt::{self, Write as _};

use super::command::{self, spelled};
use super::complete::OWN;
use super::line::Word;
use super::phrase::spaced;
use super::render::Format;
use super::wrong::Wrong;
use crate::schema::{Catalogue, Completes, Field, Kind, Param, Spec};
use crate::text::or_list;

/// Columns of a line of help.
const WIDTH: usize = 100;
/// Fields or related commands in a list at most.
const RELATED: usize = 12;

/// What is said about an API that a server was not asked about yet.
const UNKNOWN: &str = "`capuchin sync` asks the server what it is for.";

/// Help about the command that the words name; about everything if there are none.
pub(crate) fn help(catalogue: &Catalogue, words: &[Word]) -> Result<String, Wrong> {
    if words.is_empty() {
        return Ok(overview(catalogue));
    }
    if let [word] = words
        && let Some((name, about)) = OWN.iter().find(|(name, _)| *name == word.text)
    {
        return Ok(format!("{name}: {about}\n"));
    }
    match command::find(catalogue, words) {
        Ok(found) => Ok(about(catalogue, found.spec)),
        Err(wrong) => of_verb(catalogue, words).ok_or(wrong),
    }
}

/// The commands of a verb.
fn of_verb(catalogue: &Catalogue, words: &[Word]) -> Option<String> {
    let [verb] = words else { return None };
    let is_of = |spec: &&&Spec| spec.verb().eq_ignore_ascii_case(&verb.text);
    let specs: Vec<_> = catalogue.specs().iter().filter(is_of).collect();
    let names: Vec<_> = specs.iter().map(|spec| spelled(spec)).collect();
    let widest = names.iter().map(String::len).max()?;
    let mut text = String::new();
    for (name, spec) in names.iter().zip(specs) {
        row(&mut text, &format!("{name:widest$} "), spec.about);
    }
    Some(text)
}

fn overview(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "VERB NOUN [name=value ...]     calls the API, for example: list zones\n\
         VERB NOUN ... | COMMAND        hands the answer to a program\n\
         VERB NOUN ... > FILE           writes the answer to a file\n\
         !COMMAND                       runs a command of the system's shell\n\
         help VERB NOUN                 explains a command; so does VERB NOUN -h\n\
         exit                           leaves the shell\n\n\
         Where an id is wanted, a name will do. filter=FIELD,FIELD chooses the fields to show,\n",
    );
    let formats = Format::ALL.map(Format::name);
    let _ = writeln!(text, "-o FORMAT how: {}.\n", or_list(&formats).replace('`', ""));
    let mut verbs: Vec<(&str, Vec<String>)> = Vec::new();
    for spec in catalogue.specs() {
        let noun = spaced(spec.name).split_off(1).join(" ");
        match verbs.last_mut() {
            Some((verb, nouns)) if *verb == spec.verb() => nouns.push(noun),
            _ => verbs.push((spec.verb(), vec![noun])),
        }
    }
    let widest = verbs.iter().map(|(verb, _)| verb.len()).max().unwrap_or(0);
    for (verb, nouns) in verbs {
        row(&mut text, &format!("{verb:widest$} "), &nouns.join(", "));
    }
    text
}

fn about(catalogue: &Catalogue, spec: &Spec) -> String {
    let mut text = String::new();
    let about = if spec.about.is_empty() { UNKNOWN } else { spec.about };
    let _ = writeln!(text, "{} ({})\n\n{about}", spelled(spec), spec.name);
    if spec.is_async() {
        text.push_str("It is done in a job; the answer is the result of the job.\n");
    }
    if !spec.since.is_empty() {
        let _ = writeln!(text, "Since CloudStack {}.", spec.since);
    }
    let (required, optional): (Vec<_>, Vec<_>) = spec.params().partition(|param| param.required);
    parameters(&mut text, "Required parameters", required);
    parameters(&mut text, "Optional parameters", optional);
    fields(&mut text, spec);
    if !spec.example.is_empty() {
        let _ = writeln!(text, "\nExample:\n  {}", spec.example);
    }
    let related = related(catalogue, spec);
    if !related.is_empty() {
        let _ = writeln!(text, "\nRelated: {}", related.join(", "));
    }
    text
}

fn parameters(text: &mut String, title: &str, mut params: Vec<&Param>) {
    if params.is_empty() {
        return;
    }
    params.sort_by_key(|param| param.name);
    let _ = writeln!(text, "\n{title}:");
    let widest = params.iter().map(|param| param.name.len()).max().unwrap_or(0);
    for param in params {
        let start = format!("  {:widest$}  {:8}", param.name, param.wire);
        row(text, &start, &Described(param).to_string());
    }
}

/// What a parameter is for and which values it takes.
struct Described<'p>(&'p Param);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.about)?;
        let then = if self.0.about.is_empty() { "" } else { "; " };
        match self.0.completes {
            // What a flag takes goes without saying.
            Completes::Choices(_) if self.0.wire == "boolean" => Ok(()),
            Completes::Choices(words) => write!(f, "{then}{}", or_list(words).replace('`', "")),
            Completes::ListedBy(api) => {
                let list = spaced(api).join(" ");
                let what = if self.0.wire == "string" { "see" } else { "id or name, see" };
                write!(f, "{then}{what} `{list}`")
            }
            Completes::Nothing => Ok(()),
        }
    }
}

fn fields(text: &mut String, spec: &Spec) {
    let what = match spec.kind {
        Kind::List => format!("count, and of each {}", spec.key),
        Kind::Object => spec.key.to_owned(),
        Kind::Success | Kind::Flat => "the fields".to_owned(),
    };
    let _ = writeln!(text, "\nAnswer: {what}");
    let widest = spec.fields.iter().map(|field: &Field| field.name.len()).max().unwrap_or(0);
    for field in spec.fields {
        row(text, &format!("  {:widest$}  {:8}", field.name, field.wire), field.about);
    }
}

/// The commands whose answer is of the same class.
fn related(catalogue: &Catalogue, spec: &Spec) -> Vec<String> {
    let same = |other: &&&Spec| {
        !spec.class.is_empty() && other.class == spec.class && other.name != spec.name
    };
    let is_common = spec.kind == Kind::Success;
    let others = catalogue.specs().iter().filter(same).filter(|_| !is_common);
    others.take(RELATED).map(|other| spelled(other)).collect()
}

/// A name and what is said about it, wrapped at blanks behind the column of the names.
fn row(text: &mut String, start: &str, about: &str) {
    let left = start.len() + 1;
    let mut line = start.to_owned();
    for word in about.split(' ') {
        if line.len() > left && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = " ".repeat(left - 1);
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::split_argv;
    use crate::shell::samples::catalogue;

    fn helped(line: &str) -> Result<String, Wrong> {
        let args: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        help(&catalogue(), &split_argv(&args).words)
    }

    #[test]
    fn a_command_is_explained_in_every_spelling() {
        let text = helped("create vpc").unwrap();
        assert_eq!(helped("createVPC").unwrap(), text);
        assert!(text.starts_with("create vpc (createVPC)\n\nCreates a VPC.\n"), "{text}");
        assert!(text.contains("done in a job"), "{text}");
        let zone = "  zoneid         uuid     what it is for; id or name, see `list zones`\n";
        assert!(text.contains(zone), "{text}");
        assert!(text.contains("Related: list vpcs"), "{text}");
    }

    #[test]
    fn allowed_values_are_named() {
        let text = helped("list public ip addresses").unwrap();
        assert!(text.contains("string   what it is for; Free or Allocated\n"), "{text}");
        assert!(text.contains("Answer: count, and of each publicipaddress\n"), "{text}");
    }

    #[test]
    fn a_verb_lists_its_commands() {
        let text = helped("list").unwrap();
        assert!(text.contains("\nlist zones                Lists things.\n"), "{text}");
        assert!(helped("").unwrap().contains("update        configuration\n"));
        assert_eq!(helped("exit").unwrap(), "exit: Leaves the shell.\n");
        assert!(helped("lits zones").unwrap_err().text.contains("did you mean `list zones`?"));
    }

    #[test]
    fn long_texts_are_wrapped() {
        let mut text = String::new();
        row(&mut text, "  a    ", &"word ".repeat(40));
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.len() <= WIDTH));
        assert!(text.lines().skip(1).all(|line| line.starts_with("        word")));
    }
}
