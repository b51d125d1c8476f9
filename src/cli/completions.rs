//! Completion in bash, zsh and fish: scripts that ask `capuchin complete`.
//!
//! `capuchin complete LINE` prints a candidate a line, a tab and a few words behind it. Each
//! candidate is a whole word as it would be typed; a blank at its end says that it is finished.

use crate::cli::args::Shell;
use crate::schema::Catalogue;
use crate::shell::{Row, complete};
use crate::text::printable;

/// bash splits words at `=` and `:`, so what is in front of the last of them is taken off again.
const BASH: &str = r#"# bash completion for capuchin
_capuchin() {
  local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word head
  COMPREPLY=($(capuchin complete "$line" 2>/dev/null))
  COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
  word=${line##*[[:space:]]}
  head=${word%"${word##*[=:]}"}
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -o nospace -F _capuchin capuchin
"#;

const ZSH: &str = r#"#compdef capuchin
# zsh completion for capuchin
_capuchin() {
  local line typed="${(j: :)words[1,CURRENT-1]} $PREFIX"
  local -a finished open
  for line in ${(f)"$(capuchin complete "$typed" 2>/dev/null)"}; do
    line=${line%%$'\t'*}
    if [[ $line == *' ' ]]; then finished+=("${line% }"); else open+=("$line"); fi
  done
  (( $#finished )) && compadd -Q -- "${finished[@]}"
  (( $#open )) && compadd -Q -S '' -- "${open[@]}"
}
compdef _capuchin capuchin
"#;

/// fish quotes what it puts in, so the quotes of a candidate go.
const FISH: &str = r"# fish completion for capuchin
function __capuchin_complete
  for line in (capuchin complete (commandline -cp | string collect) 2>/dev/null)
    set -l parts (string split -m 1 \t -- $line)
    printf '%s\t%s\n' (string unescape -- (string trim -r -- $parts[1])) $parts[2]
  end
end
complete -c capuchin -f -a '(__capuchin_complete)'
";

/// The script for a shell.
pub(crate) fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
    }
}

/// The candidates for a line that begins with the program's name.
pub(crate) fn candidates(
    catalogue: &Catalogue,
    line: &str,
    mut lookup: impl FnMut(&str) -> Vec<Row>,
) -> String {
    let line = behind_options(line);
    let found = complete(catalogue, line, line.len(), &mut lookup);
    let each = found.candidates.iter().map(|candidate| {
        format!("{}\t{}\n", printable(&candidate.text), printable(&candidate.about))
    });
    each.collect()
}

/// Options of the program that have a value behind them.
const TAKE_VALUES: &[&str] = &[
    "--store",
    "-p",
    "--profile",
    "-u",
    "--url",
    "-k",
    "--key",
    "-s",
    "--secret",
    "-c",
    "--config",
];

/// The words of the options between the program's name and the command.
pub(crate) fn options(line: &str) -> impl Iterator<Item = &str> {
    let end = line.len() - behind_options(line).len();
    line.get(..end).unwrap_or_default().split_whitespace().skip(1)
}

/// The line without the program's name and the options before the command.
fn behind_options(line: &str) -> &str {
    let mut rest = without_word(line);
    loop {
        let trimmed = rest.trim_start();
        let option = trimmed.split(char::is_whitespace).next().unwrap_or_default();
        let takes_value = TAKE_VALUES.contains(&option);
        // What is still being typed is not behind anything.
        if !option.starts_with('-') || option.len() == trimmed.len() || option == "-o" {
            return trimmed;
        }
        rest = without_word(trimmed);
        if takes_value {
            rest = without_word(rest.trim_start());
        }
    }
}

fn without_word(line: &str) -> &str {
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    line.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_and_its_options_are_skipped() {
        assert_eq!(behind_options("capuchin li"), "li");
        assert_eq!(behind_options("capuchin --debug --store /a/b list z"), "list z");
        assert_eq!(behind_options("capuchin -p prod list z"), "list z");
        assert_eq!(options("capuchin -p prod list z").collect::<Vec<_>>(), ["-p", "prod"]);
        assert_eq!(options("capuchin").count(), 0);
        assert_eq!(behind_options("capuchin -o c"), "-o c");
        assert_eq!(behind_options("capuchin --de"), "--de");
        assert_eq!(behind_options("capuchin"), "");
        assert_eq!(behind_options(""), "");
    }
}
