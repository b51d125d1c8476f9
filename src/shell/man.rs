//! The manual: a page of the program and one of each group of commands, in the language of
//! `man(7)`.

use std::fmt::Write as _;

use super::command::spelled;
use super::groups::{self, Group};
use super::help;
use super::render::Format;
use super::show::PICTURES;
use crate::schema::{Catalogue, Param, Spec};
use crate::text::{or_list, quoted};

/// An option or a subcommand of the program.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// How it is written: `-o, --output FORMAT`.
    pub(crate) synopsis: String,
    pub(crate) about: String,
}

/// Exit codes and what they say.
const CODES: &[(&str, &str)] = &[
    ("0", "It was done."),
    ("1", "The API refused the call, or the person at the terminal did when asked."),
    ("2", "The command line is wrong; nothing was called."),
    ("3", "The credentials are wrong or missing."),
    (
        "4",
        "The server cannot be reached or did not answer in time; the store cannot be opened; or \
         the results cannot be written.",
    ),
    ("5", "The call was made, and the query of --query has no answer."),
    ("130", "It was interrupted."),
];

const VARIABLES: &[(&str, &str)] = &[
    ("CAPUCHIN_STORE", "The file of the embedded store, as --store."),
    ("CAPUCHIN_CONFIG, CAPUCHIN_PROFILE, CAPUCHIN_URL", "As --config, --profile and --url."),
    ("CAPUCHIN_KEY, CAPUCHIN_SECRET", "As --key and --secret."),
    (
        "CAPUCHIN_USERNAME, CAPUCHIN_PASSWORD, CAPUCHIN_DOMAIN",
        "Who logs in at a server where there is no key.",
    ),
    ("CAPUCHIN_2FA_CODE", "The code of a second factor, should a server want one."),
    (
        "CLOUDSTACK_ENDPOINT, CLOUDSTACK_KEY, CLOUDSTACK_SECRET",
        "The server and the keys, where none of the above names any.",
    ),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "Proxies on the way to servers."),
    (
        "CAPUCHIN_PAGER, PAGER",
        "What long answers on a terminal go through, by default less; nothing is no pager.",
    ),
    ("NO_COLOR", "Set to anything, it keeps colours out of tables."),
    ("CLICOLOR_FORCE", "Set to 1, it colours tables and pictures also where there is no terminal."),
];

const FILES: &[(&str, &str)] = &[
    (
        "$XDG_DATA_HOME/capuchin/store.db",
        "The embedded store, made on first use. Without XDG_DATA_HOME the directory is \
         ~/.local/share/capuchin.",
    ),
    ("capuchin.log", "Beside it: warnings, under the names of CloudStack's exceptions."),
    (
        "history, history-PROFILE",
        "Beside it: what was typed at the prompt, without secrets, for each profile.",
    ),
    ("$XDG_CONFIG_HOME/capuchin/config.toml", "The profiles, for their owner only."),
    (
        "$XDG_STATE_HOME/capuchin/sessions",
        "Sessions at servers where a user logs in; they end by themselves.",
    ),
];

const SYNTAX: &[&str] = &[
    "A command is a verb and a noun, then parameters of the form name=value. The noun may be \
     written in one word or in several, in any letter case, and the name of the API is understood \
     as well: list public ip addresses, list publicipaddresses, listPublicIpAddresses.",
    "Where an id is wanted, the name of the thing will do if only one thing has it. A required \
     parameter that has only one possible value, such as the zone where there is one, need not be \
     given; what is filled in is said on standard error. The thing that is to be deleted is never \
     filled in.",
    "name=@FILE takes the value from a file. filter=FIELD,FIELD chooses the fields to show, \
     exclude=FIELD,FIELD those not to show. sort=FIELD,-FIELD sorts the rows of a list. where \
     CONDITION behind all other words chooses them: FIELD=VALUE, with = != ~ (has, in any case) !~ \
     < <= > >=, and, or, not and brackets.",
    "--query JQ, or query=JQ, asks the answer, as -o json shows it, something in jq's language: \
     list zones --query '.zone[] | .name'. Each value that it finds is a line of JSON; with -r or \
     --raw texts have no quotes. A query that fails has the status 5. It reads the answer whole: \
     of a very long list, -o jsonl and a pipe ask each row by itself.",
    "On a terminal an answer that is longer than the screen goes through a pager, and a table \
     tells times within a day from now, other times by the local clock, and sizes in KiB and more. \
     --no-pager and --exact, set pager off and set humanise off show all at once and as it came.",
    "watch SECONDS COMMAND shows a list or a picture anew in its place until Ctrl-C.",
    "In the shell and in scripts on standard input, quotes work as in sh(1), # begins a comment, ; \
     separates commands, | hands the answer to a program, > and >> write it to a file, and ! at \
     the start runs a command of the system's shell. A script ends at its first failure.",
    "The shell colours the line while it is typed: what cannot be right is red and underlined. The \
     prompt shows the code of the last failure until something succeeds. set editmode vi brings \
     the keys of vi, the setting editmode=vi of a profile does so for good; help keys tells of the \
     others. What is pasted, also in several lines, is carried out by Enter.",
    "There set -v NAME=VALUE sets a variable, unset -v NAME takes it away, and $NAME puts it into \
     a word, of which it stays a part whatever it holds. $last.FIELD is a field of the last \
     answer, of its first row if it is a list; $last[2].FIELD is one of the third, $last[-1].FIELD \
     one of the last, $last.count the number of rows. ${NAME} ends the name where more would \
     belong to it. \\$, '...' and a dollar with no name behind it are dollars; help variables says \
     more.",
    "for NAME in COMMAND; do COMMANDS; done carries commands out for each row of a list, \
     $NAME.FIELD being a field of it; for NAME in WORD... does so for each word. All rows are read \
     before the first turn. A failure and Ctrl-C leave the loop; help for says more.",
];

const DRAWN: &str = "They are drawn from lists alone, so any server will do. --svg FILE draws \
     into a file instead of the terminal; --ascii, TERM=dumb and a locale without UTF-8 keep to \
     plain characters. help show map explains what has a map.";

/// The page.
pub(crate) fn man(catalogue: &Catalogue, items: &[Item], version: &str) -> String {
    let mut page = format!(".TH CAPUCHIN 1 \"\" \"capuchin {}\" \"\"\n", escaped(version));
    section(&mut page, "NAME");
    page.push_str("capuchin \\- shell and address manager for Apache CloudStack\n");
    section(&mut page, "SYNOPSIS");
    page.push_str(".B capuchin\n[OPTION...] [VERB NOUN [name=value...]]\n");
    section(&mut page, "DESCRIPTION");
    paragraph(
        &mut page,
        "Calls CloudStack's API: one command if there is one, else the commands on standard \
         input, which is a shell with completion on a terminal. Without a server the calls are \
         answered by an embedded address manager, whose store is made on first use with a zone \
         named sandbox.",
    );
    section(&mut page, "OPTIONS");
    for item in items {
        entry(&mut page, &item.synopsis, &item.about);
    }
    let formats = or_list(&Format::ALL.map(Format::name)).replace('`', "");
    let formats = format!("The formats are {formats}; a terminal gets table, all else json.");
    page.push_str(".PP\n");
    text(&mut page, &formats);
    section(&mut page, "COMMANDS");
    for words in SYNTAX {
        paragraph(&mut page, words);
    }
    section(&mut page, "PICTURES");
    for spec in PICTURES {
        entry(&mut page, &spelled(spec), spec.about);
    }
    page.push_str(".PP\n");
    text(&mut page, DRAWN);
    section(&mut page, "EXIT STATUS");
    entries(&mut page, CODES);
    section(&mut page, "ENVIRONMENT");
    entries(&mut page, VARIABLES);
    section(&mut page, "FILES");
    entries(&mut page, FILES);
    section(&mut page, "APIS");
    for spec in catalogue.specs() {
        entry(&mut page, &spelled(spec), spec.about);
    }
    section(&mut page, "SEE ALSO");
    for group in groups::present(catalogue) {
        entry(&mut page, &format!("capuchin-{}(1)", group.name), &format!("{}.", group.about));
    }
    page
}

/// The names of the pages besides the program's own: `vpc` of `capuchin-vpc(1)`.
pub(crate) fn pages(catalogue: &Catalogue) -> Vec<&'static str> {
    groups::present(catalogue).iter().map(|group| group.name).collect()
}

/// The page of this name, which may be that of a command in it; or what is wrong with the name.
pub(crate) fn page(catalogue: &Catalogue, name: &str, version: &str) -> Result<String, String> {
    let bare = name.strip_prefix("capuchin-").unwrap_or(name);
    let named = groups::find(bare).filter(|group| !group.specs(catalogue).is_empty());
    let group = named.or_else(|| catalogue.find(bare).map(groups::of)).ok_or_else(|| {
        let pages = pages(catalogue);
        let hint = match crate::text::nearest(bare, pages.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", crate::text::and_list(&pages)),
        };
        format!("there is no page {}; {hint}", quoted(name))
    })?;
    Ok(of_group(catalogue, group, version))
}

fn of_group(catalogue: &Catalogue, group: &Group, version: &str) -> String {
    let (name, about, version) = (group.name, group.about, escaped(version));
    let upper = name.to_uppercase();
    let mut page = format!(".TH CAPUCHIN\\-{upper} 1 \"\" \"capuchin {version}\" \"\"\n");
    section(&mut page, "NAME");
    let _ = writeln!(page, "capuchin\\-{name} \\- {}", escaped(about));
    section(&mut page, "SYNOPSIS");
    let specs = group.specs(catalogue);
    for spec in &specs {
        let _ = writeln!(page, ".B capuchin {}\n.br", escaped(&help::usage(spec)));
    }
    section(&mut page, "COMMANDS");
    for spec in &specs {
        command(&mut page, catalogue, spec);
    }
    section(&mut page, "SEE ALSO");
    text(&mut page, "capuchin(1)");
    page
}

fn command(page: &mut String, catalogue: &Catalogue, spec: &Spec) {
    let _ = writeln!(page, ".SS {}", escaped(&spelled(spec)));
    text(page, spec.about);
    if spec.is_async() {
        text(page, "It is done in a job; the answer is the result of the job.");
    }
    text(page, &format!("The API is {}.", spec.name));
    if !spec.since.is_empty() {
        text(page, &format!("Since CloudStack {}.", spec.since));
    }
    let (required, optional): (Vec<_>, Vec<_>) = spec.params().partition(|param| param.required);
    params(page, spec, "Required parameters", required);
    params(page, spec, "Optional parameters", optional);
    let fields: Vec<_> = spec.fields.iter().map(|field| field.name).collect();
    paragraph(page, &format!("Answer: {}: {}.", help::answer(spec), fields.join(", ")));
    if !spec.example.is_empty() {
        paragraph(page, "Example:");
        let _ = writeln!(page, ".PP\n.RS\n.B capuchin {}\n.RE", escaped(spec.example));
    }
    let related = help::related(catalogue, spec);
    if !related.is_empty() {
        paragraph(page, &format!("Related: {}.", related.join(", ")));
    }
}

fn params(page: &mut String, spec: &Spec, title: &str, mut params: Vec<&Param>) {
    if params.is_empty() {
        return;
    }
    params.sort_by_key(|param| param.name);
    paragraph(page, &format!("{title}:"));
    for param in params {
        let about = help::described(spec, param);
        entry(page, &format!("{}={}", param.name, param.wire), &about);
    }
}

fn section(page: &mut String, title: &str) {
    let _ = writeln!(page, ".SH {title}");
}

fn paragraph(page: &mut String, words: &str) {
    page.push_str(".PP\n");
    text(page, words);
}

fn entries(page: &mut String, entries: &[(&str, &str)]) {
    for (name, about) in entries {
        entry(page, name, about);
    }
}

fn entry(page: &mut String, name: &str, about: &str) {
    let _ = writeln!(page, ".TP\n.B \"{}\"", escaped(name).replace('"', "\\(dq"));
    text(page, about);
}

/// A line of text; one that begins with a control character is kept from being a request.
fn text(page: &mut String, words: &str) {
    let guard = if words.starts_with(['.', '\'']) { "\\&" } else { "" };
    let _ = writeln!(page, "{guard}{}", escaped(words));
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::samples::catalogue;

    #[test]
    fn what_roff_would_take_for_its_own_is_escaped() {
        let mut page = String::new();
        text(&mut page, ".x \\ -y");
        entry(&mut page, "a \"b\"", "'c");
        assert_eq!(page, "\\&.x \\e \\-y\n.TP\n.B \"a \\(dqb\\(dq\"\n\\&'c\n");
    }

    #[test]
    fn every_option_and_api_is_there() {
        let items = [Item { synopsis: "-o FORMAT".into(), about: "How.".into() }];
        let page = man(&catalogue(), &items, "1.2");
        assert!(page.contains(".B \"\\-o FORMAT\"\nHow.\n"), "{page}");
        assert!(page.contains(".B \"create vpc\"\nCreates a VPC.\n"), "{page}");
        assert!(page.contains(".B \"capuchin\\-vpc(1)\"\n"), "{page}");
        assert!(page.lines().all(|line| !line.is_empty()));
    }

    #[test]
    fn a_page_is_found_by_group_and_by_command() {
        let catalogue = catalogue();
        let vpc = page(&catalogue, "vpc", "1.2").unwrap();
        for name in ["capuchin-vpc", "VPCs", "createVPC"] {
            assert_eq!(page(&catalogue, name, "1.2").unwrap(), vpc, "{name}");
        }
        assert!(vpc.contains(".B \"zoneid=uuid\"\n"), "{vpc}");
        assert!(vpc.contains("\n.SS create vpc\nCreates a VPC.\n"), "{vpc}");
        assert!(vpc.lines().all(|line| !line.is_empty()));
        let why = page(&catalogue, "vcp", "1.2").unwrap_err();
        assert_eq!(why, "there is no page `vcp`; did you mean `vpc`?");
        assert!(page(&catalogue, "banana", "").unwrap_err().contains("there are `zone`"));
    }
}
