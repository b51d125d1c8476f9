# bash completion for capuchin
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
