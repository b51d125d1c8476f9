# fish completion for capuchin
function __capuchin_complete
  capuchin complete (commandline -cp) 2>/dev/null | string replace -r ' \t' '\t'
end
complete -c capuchin -f -a '(__capuchin_complete)'
