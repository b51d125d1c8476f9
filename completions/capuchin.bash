# bash completion for capuchin
_capuchin() {
  local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word head
  COMPREPLY=($(capuchin complete "$line" 2>/dev/null))
  COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
  word=${line##*[[:space:]]}
  head=${word%"${word##*[=:]}"}
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -o nospace -F _capuchin capuchin
