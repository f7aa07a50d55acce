/** Shells that completions can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What a shell has to load so that it completes our command line. It asks the program of this path and no other: what is typed in
 * front of the words may be a file of a checkout, which must not run at a press of Tab.
 */
export function completionScript(shell: Shell, program: string): string {
  return SCRIPTS[shell](`'${program.replaceAll("'", `'\\''`)}'`);
}

// Each line of an answer is WORD, tab, DESCRIPTION; or a colon and what the shell is to do besides.
const SCRIPTS: Readonly<Record<Shell, (program: string) => string>> = {
  bash: (program) => `# Completions of cloche for bash. Load them in ~/.bashrc: source <(cloche completion bash)
_cloche() {
  local word description
  COMPREPLY=()
  while IFS=$'\\t' read -r word description; do
    case $word in
      :files) compopt -o default ;;
      :directories) compopt -o dirnames ;;
      :goes-on) compopt -o nospace ;;
      *) COMPREPLY+=("$word") ;;
    esac
  done < <(${program} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _cloche cloche`,

  zsh: (program) => `#compdef cloche
# Completions of cloche for zsh. Load them in ~/.zshrc after compinit: source <(cloche completion zsh)
_cloche() {
  local word description
  local -a found added
  while IFS=$'\\t' read -r word description; do
    case $word in
      :files) _files ;;
      :directories) _files -/ ;;
      :goes-on) added=(-S '') ;;
      *) found+=("\${word//:/\\\\:}:$description") ;;
    esac
  done < <(${program} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found == 0 )) || _describe cloche found "\${added[@]}"
}
if [ "$funcstack[1]" = _cloche ]; then _cloche "$@"; else compdef _cloche cloche; fi`,

  fish: (program) => `# Completions of cloche for fish. Load them in ~/.config/fish/config.fish: cloche completion fish | source
function __cloche_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (${program} complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files' ':directories'
                __fish_complete_path (commandline -ct)
            case ':*'
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c cloche -e
complete -c cloche -f -a '(__cloche_complete)'`,
};
