//! Completion in bash, zsh, fish and PowerShell: scripts that ask `capuchin complete`.
//!
//! `capuchin complete LINE` prints a candidate a line, a tab and a few words behind it. Each
//! candidate is a whole word as it would be typed; a blank at its end says that it is finished. A
//! line without a candidate is a note. `--shell` has the candidates as that shell wants them.

mod ask;
mod bash;
mod kept;
mod own;
mod written;

use crate::cli::args::Shell;

pub(crate) use ask::run;

const BASH: &str = r#"# bash completion for capuchin
_capuchin() {
  local line=${COMP_LINE:0:COMP_POINT} list= candidate
  # At the second Tab the candidates are only listed: then they may have words behind them.
  [[ ${COMP_TYPE:-9} == 63 ]] && list=--list
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(
    capuchin complete --shell=bash --breaks="$COMP_WORDBREAKS" $list -- "$line" 2>/dev/null
  )
}
complete -o nospace -o nosort -F _capuchin capuchin 2>/dev/null ||
  complete -o nospace -F _capuchin capuchin
"#;

/// `-U` because what matches was chosen already, by more than how a word begins.
const ZSH: &str = r#"#compdef capuchin
# zsh completion for capuchin
_capuchin() {
  # A word that is quoted from its beginning is left alone.
  [[ -n $QIPREFIX ]] && return 1
  local line text about typed="${(j: :)words[1,CURRENT-1]} $PREFIX"
  local -a finished open finished_shown open_shown
  local -i widest=0
  local -a lines=(${(f)"$(capuchin complete --shell=zsh -- "$typed" 2>/dev/null)"})
  for line in $lines; do
    text=${${line%%$'\t'*}% }
    (( $#text > widest )) && widest=$#text
  done
  for line in $lines; do
    text=${line%%$'\t'*} about=${line#*$'\t'}
    if [[ -z $text ]]; then
      compadd -x "$about"
    elif [[ $text == *' ' ]]; then
      finished+=("${text% }") finished_shown+=("${(r:widest:)${text% }}${about:+  $about}")
    else
      open+=("$text") open_shown+=("${(r:widest:)text}${about:+  $about}")
    fi
  done
  (( $#finished )) && compadd -U -Q -V finished -l -d finished_shown -- "${finished[@]}"
  (( $#open )) && compadd -U -Q -V open -S '' -l -d open_shown -- "${open[@]}"
  return 0
}
if [[ $funcstack[1] == _capuchin ]]; then _capuchin "$@"; else compdef _capuchin capuchin; fi
"#;

/// fish quotes what it puts in, so it is given plain words.
const FISH: &str = r"# fish completion for capuchin
function __capuchin_complete
  capuchin complete --shell=fish -- (commandline -cp | string collect) 2>/dev/null
end
complete -c capuchin -f -k -a '(__capuchin_complete)'
";

/// The line goes through standard input: old versions lose quotes in arguments.
const POWERSHELL: &str = r#"# PowerShell completion for capuchin
Register-ArgumentCompleter -Native -CommandName capuchin -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $line = $commandAst.Extent.Text
  $at = $cursorPosition - $commandAst.Extent.StartOffset
  if ($at -lt $line.Length) { $line = $line.Substring(0, $at) } else { $line = $line.PadRight($at) }
  # Behind a comma only what follows it is replaced.
  $word = ($line -split '\s')[-1]
  $kept = $word.Length - $wordToComplete.Length
  $split = $word.Contains(',') -and $word.EndsWith($wordToComplete)
  if (-not $split -or $word -match '["'']') { $kept = 0 }
  $before = $word.Substring(0, $kept)
  $line | capuchin complete --shell=powershell -- - 2>$null | ForEach-Object {
    $text, $about = $_ -split "`t", 2
    if ($text) {
      if ($kept -and $text.StartsWith($before)) { $text = $text.Substring($kept) }
      if (-not $about) { $about = $text }
      $result = [System.Management.Automation.CompletionResult]
      $result::new($text, $text.Trim(), 'ParameterValue', $about)
    }
  }
}
"#;

/// The script for a shell.
pub(crate) fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::Powershell => POWERSHELL,
    }
}
