#compdef capuchin
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
