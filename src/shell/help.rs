//! Help: all that can be said about a command, from its description alone.

use std::fmt::{self, Write as _};

use super::command::{self, singular, spelled};
use super::complete::OWN;
use super::groups::{self, Group};
use super::line::Word;
use super::phrase::spaced;
use super::show;
use super::since::since;
use super::topics;
use super::wrong::Wrong;
use crate::schema::{Catalogue, Completes, Field, Kind, Param, Spec};
use crate::text::{nearest, or_list, quoted};

/// Columns of a line of help.
pub(super) const WIDTH: usize = 80;
/// Fields or related commands in a list at most.
const RELATED: usize = 12;

/// What is said about an API that a server was not asked about yet.
const UNKNOWN: &str = "`capuchin sync` asks the server what it is for.";

/// How lines are written, for the first screen.
const USAGE: &str = "\
list zones                            a verb, a noun, then name=value words
create vpc name=web zoneid=sandbox    where an id is wanted, a name will do
list zones filter=id where name~web   fields, rows and formats: `help csv`
list zones > FILE, list zones | jq .  to a file, to a program; !PROGRAM runs one
help vpc, help list, help create vpc  explain; also `settings`, `for`, `keys`

";

/// Help about the command that the words name; about everything if there are none.
pub(crate) fn help(catalogue: &Catalogue, words: &[Word]) -> Result<String, Wrong> {
    let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    if texts.first().is_some_and(|word| show::draws(word)) {
        return show::help(words);
    }
    match texts.as_slice() {
        [] => return Ok(overview(catalogue)),
        [word] => {
            if let Some(text) = topics::language(word) {
                return Ok(text.to_owned());
            }
            if let Some((name, about)) = OWN.iter().find(|(name, _)| name == word) {
                return Ok(format!("{name}: {about}\n"));
            }
            if *word == "keys" {
                return Ok(topics::KEYS.to_owned());
            }
            if let Some(text) = topics::format(word) {
                return Ok(text);
            }
        }
        _ => {}
    }
    if let Some(said) = topics::settings(&texts) {
        let place = words.last().map_or(0..0, |word| word.span.clone());
        return said.map_err(|why| Wrong::at(place, why));
    }
    let wrong = match command::find(catalogue, words) {
        Ok(found) => return Ok(about(catalogue, found.spec)),
        Err(wrong) => wrong,
    };
    let [word] = texts.as_slice() else { return Err(wrong) };
    if let Some(group) = groups::find(word).filter(|group| !group.specs(catalogue).is_empty()) {
        return Ok(of_group(catalogue, group));
    }
    of_verb(catalogue, word).ok_or_else(|| unknown(catalogue, word, wrong))
}

/// The commands of a verb.
fn of_verb(catalogue: &Catalogue, verb: &str) -> Option<String> {
    let is_of = |spec: &&&Spec| spec.verb().eq_ignore_ascii_case(verb);
    let specs: Vec<_> = catalogue.specs().iter().copied().filter(|spec| is_of(&spec)).collect();
    (!specs.is_empty()).then(|| commands(&specs))
}

fn of_group(catalogue: &Catalogue, group: &Group) -> String {
    format!("{}.\n\n{}", group.about, commands(&group.specs(catalogue)))
}

fn commands(specs: &[&Spec]) -> String {
    let names: Vec<_> = specs.iter().map(|spec| spelled(spec)).collect();
    let widest = names.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (name, spec) in names.iter().zip(specs) {
        row(&mut text, &format!("{name:widest$} "), spec.about);
    }
    text
}

/// What was perhaps meant by a single word that is neither command nor verb nor group.
fn unknown(catalogue: &Catalogue, word: &str, wrong: Wrong) -> Wrong {
    if wrong.text.contains("did you mean") {
        return wrong;
    }
    let verbs = catalogue.specs().iter().map(|spec| spec.verb());
    let own = OWN.iter().map(|(name, _)| *name);
    let near = nearest(word, verbs.chain(own).chain(topics::NAMES.iter().copied()));
    match near.or_else(|| groups::near(word)) {
        Some(near) => {
            let text =
                format!("there is no help about {}; did you mean `help {near}`?", quoted(word));
            Wrong { text, ..wrong }
        }
        None => wrong,
    }
}

/// All there is, on one screen.
fn overview(catalogue: &Catalogue) -> String {
    let own: Vec<_> = OWN.iter().map(|(name, _)| *name).collect();
    let mut text = USAGE.to_owned();
    let _ = writeln!(text, "{}", fitting("shell", &own));
    for group in groups::present(catalogue) {
        let nouns = group.nouns(catalogue);
        let nouns: Vec<_> = nouns.iter().map(String::as_str).collect();
        let _ = writeln!(text, "{}", fitting(group.name, &nouns));
    }
    text
}

/// A line with as many of the words as have room.
fn fitting(name: &str, words: &[&str]) -> String {
    let mut line = format!("{name:9}");
    for (at, word) in words.iter().enumerate() {
        let more = if at + 1 < words.len() { ", ...".len() } else { 0 };
        if line.len() + ", ".len() + word.len() + more > WIDTH {
            line.push_str(", ...");
            break;
        }
        line.push_str(if at == 0 { " " } else { ", " });
        line.push_str(word);
    }
    line
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
    parameters(&mut text, spec, "Required parameters", required);
    parameters(&mut text, spec, "Optional parameters", optional);
    fields(&mut text, spec);
    match spec.example {
        "" => row(&mut text, "\nUsage:\n ", &usage(spec)),
        example => row(&mut text, "\nExample:\n ", example),
    }
    let related = related(catalogue, spec);
    if !related.is_empty() {
        row(&mut text, "\nRelated:", &related.join(", "));
    }
    text
}

/// The line that a command needs at least.
pub(super) fn usage(spec: &Spec) -> String {
    let required = spec.params().filter(|param| param.required);
    let required = required.map(|param| format!(" {}=...", param.name));
    let more = if spec.params().any(|param| !param.required) { " [name=value ...]" } else { "" };
    format!("{}{}{more}", spelled(spec), required.collect::<String>())
}

fn parameters(text: &mut String, spec: &Spec, title: &str, mut params: Vec<&Param>) {
    if params.is_empty() {
        return;
    }
    params.sort_by_key(|param| param.name);
    let _ = writeln!(text, "\n{title}:");
    let widest = params.iter().map(|param| param.name.len()).max().unwrap_or(0);
    for param in params {
        let start = format!("  {:widest$}  {:8}", param.name, param.wire);
        row(text, &start, &described(spec, param));
    }
}

/// What a parameter is for, which values it takes and since when.
pub(super) fn described(spec: &Spec, param: &Param) -> String {
    let described = Described(param).to_string();
    match since(spec.name, param.name) {
        Some(version) if described.is_empty() => format!("since {version}"),
        Some(version) => format!("{described}; since {version}"),
        None => described,
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

/// What the answer holds.
pub(super) fn answer(spec: &Spec) -> String {
    match spec.kind {
        Kind::List if spec.key.is_empty() => "count, and the rows".into(),
        Kind::List => format!("count, and of each {}", spec.key),
        Kind::Object => spec.key.to_owned(),
        Kind::Success | Kind::Flat => "the fields".to_owned(),
    }
}

fn fields(text: &mut String, spec: &Spec) {
    let _ = writeln!(text, "\nAnswer: {}", answer(spec));
    let widest = spec.fields.iter().map(|field: &Field| field.name.len()).max().unwrap_or(0);
    for field in spec.fields {
        row(text, &format!("  {:widest$}  {:8}", field.name, field.wire), field.about);
    }
}

/// The commands about the same things: by their noun, or whose answer is of the same class.
pub(super) fn related(catalogue: &Catalogue, spec: &Spec) -> Vec<String> {
    let about = noun(spec);
    let answer = |of: &Spec| (of.kind != Kind::Success).then_some(of.class);
    let class = answer(spec).filter(|class| !class.is_empty());
    let same = |other: &&&Spec| {
        let is_alike = noun(other) == about || (class.is_some() && answer(other) == class);
        is_alike && other.name != spec.name
    };
    let mut others: Vec<&Spec> = catalogue.specs().iter().filter(same).copied().collect();
    others.sort_by_key(|other| noun(other) != about);
    others.into_iter().take(RELATED).map(spelled).collect()
}

/// What a command is about, whether of one or of many: `vpc`, `ip address`.
fn noun(spec: &Spec) -> String {
    let words = spelled(spec);
    words.split_once(' ').map_or_else(String::new, |(_, noun)| singular(noun))
}

/// A name and what is said about it, wrapped at blanks behind the column of the names.
pub(super) fn row(text: &mut String, start: &str, about: &str) {
    let before = start.rfind('\n').map_or(0, |at| at + 1);
    let (above, start) = start.split_at(before);
    text.push_str(above);
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
    fn commands_about_the_same_things_are_related() {
        let noun = |name| noun(&Spec { name, ..Spec::BLANK });
        assert_eq!(noun("deleteVPC"), noun("listVPCs"));
        assert_eq!(noun("listPublicIpAddresses"), noun("updatePublicIpAddress"));
        assert_eq!(noun("listZones"), "zone");
    }

    #[test]
    fn examples_are_spelled_as_the_commands_are() {
        for spec in crate::transport::catalogue().specs() {
            assert!(spec.example.starts_with(&spelled(spec)), "{}", spec.example);
        }
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
        assert_eq!(helped("exit").unwrap(), "exit: Leaves the shell.\n");
        assert!(helped("lits zones").unwrap_err().text.contains("did you mean `list zones`?"));
    }

    #[test]
    fn a_group_lists_its_commands() {
        let text = helped("vpc").unwrap();
        assert!(text.starts_with("VPCs, their offerings, gateways and routes.\n\n"), "{text}");
        assert!(text.contains("\ncreate vpc          Creates a VPC.\n"), "{text}");
        assert!(helped("vpn").is_err(), "there is nothing in it");
    }

    #[test]
    fn all_there_is_fits_one_screen() {
        let built_in = Catalogue::read_from(crate::transport::entries::Entries::built_in());
        for catalogue in [catalogue(), crate::transport::catalogue(), built_in] {
            let text = help(&catalogue, &[]).unwrap();
            // The last line of the screen is the prompt's.
            assert!(text.lines().count() <= 23, "{text}");
            assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        }
        assert!(helped("").unwrap().contains("\nvpc       vpcs, vpc offerings\n"));
    }

    #[test]
    fn the_nearest_help_is_named() {
        let why = |line: &str| helped(line).unwrap_err().text;
        assert!(why("exti").contains("did you mean `help exit`?"), "{}", why("exti"));
        assert!(why("vcp").contains("did you mean `help vpc`?"), "{}", why("vcp"));
        assert!(why("lits zones").contains("did you mean `list zones`?"));
    }

    #[test]
    fn a_parameter_says_since_when_it_is_there() {
        let text =
            help(&crate::transport::catalogue(), &split_argv(&["createNetwork".into()]).words);
        assert!(text.unwrap().contains("since 4.18.0"));
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
