// What may stand at the end of a command line; a table over the real commands.
//
// Covers `src/cli/completion/known.ts`, `src/cli/commands/completion.ts`.

import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { complete } from '../../../src/cli/completion/words.ts'
import type { Candidate } from '../../../src/cli/completion/words.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

const wordsFor = async (...line: string[]): Promise<readonly string[] | string> => {
  const words = await complete(COMMANDS, line, (kind): Candidate[] => [
    { word: `a-${kind}` },
    { word: `other-${kind}` },
  ])
  return typeof words === 'string' ? words : words.map(({ word }) => word)
}

it.each<readonly [readonly string[], readonly string[] | string]>([
  [['hist'], ['history']],
  [['help', 'hist'], ['history']],
  [['--utc', 'hist'], ['history']],
  [['--v'], ['--version']],
  [['nonsense', ''], []],
  [['history', '--cs'], ['--csv']],
  [['history', '--csv', '--cs'], []],
  [['history', '--ut'], ['--utc']],
  [['runs', '--state', 'de'], ['dead']],
  [['runs', '--state=de'], ['--state=dead']],
  [
    ['runs', '--rule', ''],
    ['a-rule', 'other-rule'],
  ],
  [['runs', '--rule', 'o'], ['other-rule']],
  [['runs', '--config', ''], 'files'],
  [['runs', '-c', ''], 'files'],
  [['runs', '--data', 'da'], 'folders'],
  [
    ['history', ''],
    ['a-topic', 'other-topic'],
  ],
  [['history', '--since', ''], []],
  [['check', ''], 'folders'],
  [['backtest', 'rules/a.ts', ''], 'files'],
  [
    ['alert', 's'],
    ['show', 'silence'],
  ],
  [['alert', 'ack', 'a'], ['a-alert']],
  [['alert', '--json', 'ack', 'a'], ['a-alert']],
  [['alert', 'test', 'a'], ['a-channel']],
  [['alert', 'list', ''], []],
  [['clients', 'kick', 'a'], ['a-client']],
  [['user', 'rm', 'a'], ['a-user']],
  [['user', 'import', ''], 'files'],
  [['user', 'add', ''], []],
  [
    ['run', ''],
    ['show', 'retry', 'rerun', 'cancel', 'discard'],
  ],
  [['run', 'show', 'a'], ['a-run']],
  [['run', '--name', 'x', '--', ''], []],
  [['kill', 'a'], ['a-command']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
])('after vigie %j may come %j', async (line, expected) => {
  expect(await wordsFor(...line)).toEqual(expected)
})

it('offers every command with its summary', async () => {
  const words = (await complete(COMMANDS, [''], () => [])) as readonly Candidate[]
  for (const { usage, summary } of COMMANDS)
    expect(words).toContainEqual({ word: usage.split(' ')[0], summary })
})

describe('what only the data folder and the configuration know', () => {
  const words = async (cwd: string, ...line: string[]): Promise<string> =>
    (await runCommand(['completion', 'words', '--', ...line], { cwd })).out

  it('is offered, but for what no shell can take', async () => {
    const folder = temporaryFolder()
    const { dataDir, writer } = openBench()
    const topics = ['doors/front', 'doors/back door', 'doors/\u0007bell', 'lamp']
    writer.commit({ events: topics.map((topic, index) => event(index + 1, { topic })), changes: [] })
    writeFileSync(
      join(folder, 'vigie.config.ts'),
      `import { ntfy } from 'vigie/channels'
export default { data: ${JSON.stringify(dataDir)}, alerts: { channels: { phone: ntfy({ topic: 'home' }) } } }`,
    )
    const found = await words(folder, 'history', 'doors/')
    expect(found.split('\n').toSorted()).toEqual(['', 'doors/back door\t', 'doors/front\t'])
    expect(await words(folder, 'alert', 'test', '')).toBe('phone\tntfy\n')
  })

  it('is left out where there is none, without a word and without a failure', async () => {
    const cwd = temporaryFolder()
    for (const line of [
      ['run', 'show', ''],
      ['kill', ''],
      ['clients', 'kick', ''],
      ['history', ''],
    ])
      expect(await runCommand(['completion', 'words', '--', ...line], { cwd })).toEqual({
        status: 0,
        out: '',
        error: '',
      })
  })
})
