// What a shell is told once: whenever it completes a command line of vigie, it asks `vigie completion words` what may
// stand there. So a script is true for every later version. Of the answer, each line is a word, a tab and a summary, or
// the first line says that the shell itself completes names of files or folders.

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const FILES = '<files>'
export const FOLDERS = '<folders>'

export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: String.raw`# Completion of vigie for bash 4 and newer. In ~/.bashrc: source <(vigie completion bash)
_vigie() {
  local current=${'$'}{COMP_WORDS[COMP_CWORD]} line lines
  mapfile -t lines < <("${'$'}{COMP_WORDS[0]}" completion words -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  case ${'$'}{lines[0]} in
    '${FILES}') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    '${FOLDERS}') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *) for line in "${'$'}{lines[@]}"; do COMPREPLY+=("$(printf %q "${'$'}{line%%$'\t'*}")"); done ;;
  esac
}
complete -F _vigie vigie
`,
  zsh: String.raw`#compdef vigie
# Completion of vigie for zsh. In ~/.zshrc, behind compinit: source <(vigie completion zsh)
_vigie() {
  local line
  local -a lines words_with_summary
  lines=("${'$'}{(@f)$("${'$'}{words[1]}" completion words -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  case ${'$'}{lines[1]} in
    '${FILES}') _files; return ;;
    '${FOLDERS}') _files -/; return ;;
    '') return 1 ;;
  esac
  for line in "${'$'}{lines[@]}"; do
    words_with_summary+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  _describe vigie words_with_summary
}
if [[ ${'$'}{funcstack[1]} == _vigie ]]; then _vigie "$@"; else compdef _vigie vigie; fi
`,
  fish: String.raw`# Completion of vigie for fish. In a terminal: vigie completion fish > ~/.config/fish/completions/vigie.fish
function __vigie_words
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($before[1] completion words -- $before[2..-1] "$current" 2>/dev/null)
  switch "$lines[1]"
    case '${FILES}'
      __fish_complete_path "$current"
    case '${FOLDERS}'
      __fish_complete_directories "$current"
    case '*'
      printf '%s\n' $lines
  end
end
complete -c vigie -f -a '(__vigie_words)'
`,
}
