# fish completion for capuchin
function __capuchin_complete
  for line in (capuchin complete (commandline -cp | string collect) 2>/dev/null)
    set -l parts (string split -m 1 \t -- $line)
    printf '%s\t%s\n' (string unescape -- (string trim -r -- $parts[1])) $parts[2]
  end
end
complete -c capuchin -f -a '(__capuchin_complete)'
