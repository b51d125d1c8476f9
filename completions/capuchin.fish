# fish completion for capuchin
function __capuchin_complete
  capuchin complete --shell=fish -- (commandline -cp | string collect) 2>/dev/null
end
complete -c capuchin -f -k -a '(__capuchin_complete)'
