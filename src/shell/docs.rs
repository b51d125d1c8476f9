//! The reference of all commands as Markdown, from their descriptions.

use std::fmt::Write as _;

use super::command::spelled;
use super::groups::{self, Group};
use super::help;
use crate::schema::{Catalogue, Kind, Param, Spec};

/// The reference.
pub(crate) fn docs(catalogue: &Catalogue, version: &str) -> String {
    let mut text = format!(
        "# Commands of Capuchin {version}\n\nWritten by `capuchin docs`. Each command is an API \
         of CloudStack: `capuchin create vpc name=web` calls `createVPC`.\n"
    );
    let groups = groups::present(catalogue);
    text.push('\n');
    for group in &groups {
        let _ = writeln!(text, "* [{}](#{})", group.about, anchor(group.about));
    }
    for group in groups {
        of_group(&mut text, catalogue, group);
    }
    text
}

fn of_group(text: &mut String, catalogue: &Catalogue, group: &Group) {
    let _ = writeln!(text, "\n## {}", group.about);
    for spec in group.specs(catalogue) {
        command(text, catalogue, spec);
    }
}

fn command(text: &mut String, catalogue: &Catalogue, spec: &Spec) {
    let _ = writeln!(text, "\n### {}\n\n{}", spelled(spec), escaped(spec.about));
    let mut facts = vec![format!("API `{}`", spec.name)];
    if spec.is_async() {
        facts.push("done in a job".to_owned());
    }
    if !spec.since.is_empty() {
        facts.push(format!("since CloudStack {}", spec.since));
    }
    let _ = writeln!(text, "\n{}.", facts.join(", "));
    let example = if spec.example.is_empty() { help::usage(spec) } else { spec.example.to_owned() };
    let _ = writeln!(text, "\n```sh\ncapuchin {example}\n```");
    parameters(text, spec);
    answer(text, spec);
    let related = help::related(catalogue, spec);
    if !related.is_empty() {
        let links = related.iter().map(|name| format!("[{name}](#{})", anchor(name)));
        let _ = writeln!(text, "\nRelated: {}.", links.collect::<Vec<_>>().join(", "));
    }
}

fn parameters(text: &mut String, spec: &Spec) {
    let mut params: Vec<&Param> = spec.params().collect();
    if params.is_empty() {
        return;
    }
    params.sort_by_key(|param| (!param.required, param.name));
    text.push_str(
        "\n| parameter | type | required | what it is for |\n| --- | --- | --- | --- |\n",
    );
    for param in params {
        let required = if param.required { "yes" } else { "" };
        let about = escaped(&help::described(spec, param));
        let _ = writeln!(text, "| `{}` | {} | {required} | {about} |", param.name, param.wire);
    }
}

fn answer(text: &mut String, spec: &Spec) {
    let what = match spec.kind {
        Kind::List => format!("`count`, and of each `{}`", spec.key),
        Kind::Object => format!("`{}` with", spec.key),
        Kind::Success | Kind::Flat => "the fields".to_owned(),
    };
    let fields: Vec<_> = spec.fields.iter().map(|field| format!("`{}`", field.name)).collect();
    if !fields.is_empty() {
        let _ = writeln!(text, "\nAnswer: {what} {}.", fields.join(", "));
    }
}

/// What Markdown renderers make of a title in a link.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A text in a cell: what would end the cell or begin a tag is escaped, but not in code.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::catalogue;

    #[test]
    fn every_command_and_parameter_is_there() {
        let text = docs(&catalogue(), "1.2");
        assert!(text.starts_with("# Commands of Capuchin 1.2\n"), "{text}");
        for spec in catalogue().specs() {
            assert!(text.contains(&format!("\n### {}\n", spelled(spec))), "{}", spec.name);
        }
        assert!(text.contains("| `zoneid` | uuid | yes | what it is for; id or name, see "));
        assert!(text.contains("Related: [list vpcs](#list-vpcs)."), "{text}");
    }

    #[test]
    fn links_lead_to_titles() {
        let text = docs(&crate::transport::catalogue(), "1");
        let titles: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("### ").or_else(|| line.strip_prefix("## ")))
            .map(anchor)
            .collect();
        for link in text.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(titles.iter().any(|title| title == link), "{link}");
        }
    }
}
