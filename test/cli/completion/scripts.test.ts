// The scripts in the shells for which they are. Bash is asked as its line editor asks; zsh and fish on a terminal.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { SCRIPTS } from '../../../src/cli/completion/scripts.ts'
import { BIN, temporaryFolder } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import { openScreen, type Screen } from '../../support/screen.ts'
import { itWith } from '../../support/tools.ts'

let folder: string
let path: string
beforeAll(
  forAllTests(async () => {
    folder = temporaryFolder()
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'vigie'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
    chmodSync(join(bin, 'vigie'), 0o755)
    mkdirSync(join(folder, 'my data'))
    writeFileSync(
      join(folder, 'vigie.config.ts'),
      `import { ntfy } from 'vigie/channels'
export default { alerts: { channels: { phone: ntfy({ topic: 'home' }) } } }`,
    )
    path = `${bin}:${process.env['PATH']}`
  }),
)

itWith('bash').each([
  [['hist'], ['history']],
  [['runs', '--state', 'de'], ['dead']],
  [['alert', 'test', ''], ['phone']],
  [['check', 'my'], ['my data']],
  [['history', '--config', 'vigie.c'], ['vigie.config.ts']],
  [['history', '--no-such'], []],
] as const)('bash completes %j by %j', (words, expected) => {
  writeFileSync(join(folder, 'vigie.bash'), SCRIPTS.bash)
  // Outside of its line editor, bash has no compopt.
  const asked = `compopt() { :; }; source ./vigie.bash
COMP_WORDS=(vigie "$@"); COMP_CWORD=$#; _vigie
[ "\${#COMPREPLY[@]}" -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`
  const said = execFileSync('bash', ['-c', asked, 'bash', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  expect(said.split('\n').filter(Boolean)).toEqual(expected)
})

itWith('bash', 'tmux')('bash completes on a terminal', async () => {
  writeFileSync(join(folder, 'rc.bash'), `PS1='> '\n${SCRIPTS.bash}`)
  await completesOn(openScreen(`cd '${folder}' && bash --rcfile rc.bash -i`, { PATH: path }))
})

itWith('zsh', 'tmux')('zsh completes on a terminal, and shows what a command is for', async () => {
  writeFileSync(join(folder, '.zshrc'), `PS1='> '\nautoload -U compinit; compinit -u -D\n${SCRIPTS.zsh}`)
  const screen = openScreen(`cd '${folder}' && zsh -i`, { PATH: path, ZDOTDIR: folder })
  await completesOn(screen)
  screen.press('C-u', 'vigie p', 'Tab', 'Tab')
  await screen.shows(/^pings +-- list pings: state/m)
})

itWith('fish', 'tmux')('fish completes on a terminal, and shows what a command is for', async () => {
  const config = join(folder, 'fish', 'completions')
  mkdirSync(config, { recursive: true })
  writeFileSync(join(config, 'vigie.fish'), SCRIPTS.fish)
  writeFileSync(
    join(folder, 'fish', 'config.fish'),
    `function fish_prompt; echo '> '; end\nset fish_greeting\n`,
  )
  const screen = openScreen(`cd '${folder}' && fish -i`, {
    PATH: path,
    XDG_CONFIG_HOME: folder,
    HOME: folder,
  })
  await completesOn(screen)
  screen.press('C-u', 'vigie p', 'Tab')
  await screen.shows(/^pings +\(list pings: state/m)
})

async function completesOn(screen: Screen): Promise<void> {
  await screen.shows(/^>/m)
  screen.press('vigie hist', 'Tab')
  await screen.shows(/^> vigie history/m)
  screen.press('--lim', 'Tab')
  await screen.shows(/^> vigie history --limit/m)
  screen.press('C-u', 'vigie alert test ', 'Tab')
  await screen.shows(/^> vigie alert test phone/m)
  screen.press('C-u', 'vigie check my', 'Tab')
  await screen.shows(/^> vigie check (?:my\\ data|'my data)/m)
}
