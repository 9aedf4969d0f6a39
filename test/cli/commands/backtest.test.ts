// Covers `src/engine/virtual/backtest-difference.ts`, `src/engine/virtual/backtest.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { event, run } from '../../journal/nouns.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'
import type { Printed } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const NOW = 100 * MINUTE

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  for (const name of ['data', 'rules', 'newer']) mkdirSync(join(folder, name))
  const { writer } = openBench({ dataDir: join(folder, 'data') })
  writer.commit({
    events: [
      event(1, { at: 1 * MINUTE, topic: 'doors/front', payload: Buffer.from('open') }),
      event(2, { at: 2 * MINUTE, topic: 'doors/front', payload: Buffer.from('shut') }),
      event(3, { at: 80 * MINUTE, topic: 'doors/front', payload: Buffer.from('open') }),
      event(4, { at: 81 * MINUTE, topic: 'doors/back', payload: Buffer.from('open') }),
      event(5, { at: 82 * MINUTE, topic: 'doors/back', payload: Buffer.from('shut') }),
      event(6, { at: 83 * MINUTE, topic: 'windows/1', payload: Buffer.from('open') }),
    ],
    changes: [
      {
        newRuns: [
          { run: run(1, { rule: 'door', event: 1, plannedAt: 1 * MINUTE }), steps: [] },
          { run: run(2, { rule: 'door', event: 3, plannedAt: 80 * MINUTE }), steps: [] },
          { run: run(3, { rule: 'door', event: 5, plannedAt: 82 * MINUTE }), steps: [] },
        ],
      },
    ],
  })
})

const write = (name: string, body: string, rule = 'door'): void =>
  writeFileSync(
    join(folder, name),
    `import { publish, rule, shell, wait } from 'vigie'
export default rule('${rule}', { on: 'doors/+name', ${body} })`,
  )
const backtest = (...args: string[]): Promise<Printed> =>
  runCommand(['backtest', ...args], { cwd: folder, now: () => NOW })
const plain = (out: string): string[] =>
  out
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .trimEnd()
    .split('\n')

it('tells what a rule would have done, and the events for which that is more or fewer than was done', async () => {
  write('rules/door.ts', `when: ({ payload }) => payload === 'open', do: () => [shell\`false\`]`)
  const { status, out } = await backtest('rules/door.ts', '--since', '30m')
  expect(plain(out)).toEqual([
    '4 recorded events, 1 rule.',
    'door: would have run 2 times; it ran 2 times: 1 more, 1 fewer',
    '  stopped by when 1',
    '  + #4 TIME doors/back open',
    '  - #5 TIME doors/back shut',
  ])
  expect(status).toBe(0)
})

it('lets virtual time pass between events and after the last: holds, waits, modes', async () => {
  write(
    'rules/door.ts',
    `when: ({ payload }) => payload === 'open', for: '2m', mode: 'single', do: () => [wait('1h')]`,
  )
  const { out } = await backtest('rules/door.ts', '--json')
  // The back door was shut within a minute; the front door stayed open at the end.
  expect(JSON.parse(out)).toMatchObject({
    events: 6,
    rules: [{ rule: 'door', would: 1, did: 3, more: [], fewer: [1, 5] }],
  })
})

it('does not feed back what rules would publish', async () => {
  write('rules/door.ts', `do: () => [publish('doors/again', 'x')]`)
  expect(JSON.parse((await backtest('rules/door.ts', '--json')).out)).toMatchObject({
    rules: [{ would: 5, more: [2, 4], fewer: [] }],
  })
})

it('compares with other rules of the same names', async () => {
  write('rules/door.ts', `when: ({ payload }) => payload === 'open', do: () => []`)
  write('newer/door.ts', `when: ({ params }) => params.name === 'back', do: () => []`)
  const { out } = await backtest('newer/door.ts', '--against', 'rules', '--json')
  expect(JSON.parse(out)).toMatchObject({
    rules: [{ rule: 'door', would: 2, did: 3, more: [5], fewer: [1, 3] }],
  })
  write('rules/other.ts', `do: () => []`, 'other')
  expect(await backtest('newer/door.ts', '--against', 'rules/door.ts', '--json')).toMatchObject({ out })
  expect((await backtest('newer/door.ts', '--against', 'gone')).error).toMatch(
    /^vigie: \S+\/gone cannot be read: there is no such file or folder\. Name files of rules, or a folder/,
  )
})

it('takes only the rules of the files that are named, or all of a folder', async () => {
  write('rules/door.ts', `do: () => []`)
  write('rules/other.ts', `do: () => []`, 'other')
  const rulesIn = async (path: string): Promise<string[]> =>
    (JSON.parse((await backtest(path, '--json')).out) as { rules: { rule: string }[] }).rules.map(
      ({ rule }) => rule,
    )
  expect(await rulesIn('rules/other.ts')).toEqual(['other'])
  expect(await rulesIn('rules')).toEqual(['door', 'other'])
})

it('shows what a rule gets wrong', async () => {
  write('rules/door.ts', `when: ({ payload }) => payload.missing.deep, do: () => []`)
  expect((await backtest('rules/door.ts')).out).toMatch(
    /event #1: rules\/door\.ts:2:\d+: rule "door": when threw/,
  )
})

it('refuses files that do not load, are not there, or lie in two folders', async () => {
  write('rules/door.ts', `whenn: 1, do: () => []`)
  write('newer/door.ts', `do: () => []`)
  const bad = await backtest('rules/door.ts')
  expect([bad.status, bad.error]).toEqual([1, expect.stringContaining('did you mean `when`?')])
  expect((await backtest('nothing.ts')).error).toContain('nothing.ts cannot be read: there is no such')
  expect((await backtest('rules/door.ts', 'newer/door.ts')).error).toContain('one folder at a time')
})

it('shows a bar to a person', async () => {
  write('rules/door.ts', `do: () => []`)
  const { error } = await runCommand(['backtest', 'rules/door.ts'], {
    cwd: folder,
    now: () => NOW,
    isTty: true,
  })
  expect(error).toContain('100 % 6 events')
})
