#compdef capuchin
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
