// `vigie completion`: prints what makes a shell complete command lines of vigie, and answers the shell when it does.

import { printable } from '../../base/printable.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { FILES, FOLDERS, SCRIPTS, SHELLS } from '../completion/scripts.ts'
import { type Candidate, complete } from '../completion/words.ts'
import { type Command, type CommandEntry, type CommandInput, EXIT, UserError } from '../frame/command.ts'

/** @param entries all commands */
export const completionOf = (entries: readonly CommandEntry[]): Command => ({
  options: [],
  help: `bash, in ~/.bashrc:
  source <(vigie completion bash)
zsh, in ~/.zshrc behind compinit:
  source <(vigie completion zsh)
fish, once:
  vigie completion fish > ~/.config/fish/completions/vigie.fish

The shell then asks "vigie completion words -- LINE" what may stand at the end of the line: commands, options, their
values, and the names of rules, runs, alerts, channels, clients, users and topics, as the data folder and the hub know
them.`,
  async run(input) {
    const [shell = '', ...line] = input.args as readonly string[]
    if (shell === 'words') return answer(entries, line, input)
    const known = SHELLS.find((each) => each === shell)
    if (known === undefined) throw new UserError(unknownShell(shell))
    input.terminal.out(SCRIPTS[known])
    return EXIT.ok
  },
})

async function answer(
  entries: readonly CommandEntry[],
  line: readonly string[],
  input: CommandInput,
): Promise<number> {
  const { out } = input.terminal
  const found = await complete(entries, line, async (...asked) => {
    // Most completions need no store and no configuration.
    const { knownWords } = await import('../completion/known.ts')
    return knownWords(input)(...asked)
  })
  if (found === 'files' || found === 'folders') out(`${found === 'files' ? FILES : FOLDERS}\n`)
  else out(found.filter(isOneLine).map(lineOf).join(''))
  return EXIT.ok
}

/** A shell could not type any other word. */
const isOneLine = ({ word }: Candidate): boolean => word === printable(word, word.length)

const lineOf = ({ word, summary }: Candidate): string =>
  `${word}\t${printable(summary ?? '', 60).replaceAll('\t', ' ')}\n`

function unknownShell(shell: string): string {
  const meant = nearMiss(shell, SHELLS)
  const hint = meant === undefined ? `There are: ${SHELLS.join(', ')}.` : `Did you mean "${meant}"?`
  return `"vigie completion" does not know the shell ${JSON.stringify(shell)}. ${hint}`
}
