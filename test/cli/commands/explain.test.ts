import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'
import type { Printed } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(
    join(folder, 'rules', 'doors.ts'),
    `import { rule, shell, wait } from 'vigie'
export default [
  rule('ring', { on: 'doors/+name', do: ({ params }) => [shell\`ring \${params.name}\`, wait('1s')] }),
  rule('open', { on: 'doors/+name', when: ({ payload }) => payload === 'open', for: '2m', do: () => [] }),
  rule('once', {
    on: 'doors/+name',
    dedupe: { key: ({ payload }) => String(payload), window: '1h' },
    do: () => [],
  }),
  rule('below', { on: 'doors/+name/', do: () => [] }),
  rule('else', { on: 'windows/#', do: () => [] }),
]`,
  )
})

const explain = (...args: string[]): Promise<Printed> =>
  runCommand(['explain', ...args], { cwd: folder, now: () => 1_000_000 })

it('tells of every rule whether it fires, what it would do, or which stage says no', async () => {
  const { status, out } = await explain('doors/front', 'shut')
  expect(out.split('\n')).toEqual([
    '✓ ring (rules/doors.ts:3, key front) fires at once',
    '    0 ring front',
    '    1 wait 1s',
    '✓ once (rules/doors.ts:5, key front) fires at once',
    '✗ open (rules/doors.ts:4, key front) when: it returned false',
    '· below (rules/doors.ts:10) does not wait for this topic; it would match "doors/front/": with a slash at the end',
    '1 other rule does not wait for this topic.',
    '',
  ])
  expect(status).toBe(0)
})

it('tells when a timer would let it fire', async () => {
  expect((await explain('doors/front', 'open')).out).toMatch(/✓ open .* fires after 2m \(for: /)
})

it('tells that a retained message fires nothing', async () => {
  expect((await explain('doors/front', 'shut', '--retained')).out).toMatch(
    /✗ ring .* origin: the message is retained; retained: 'fire' would take it/,
  )
})

it('knows what the rules remember, and changes nothing of it', async () => {
  const { writer } = openBench({ dataDir: join(folder, 'data') })
  const state = { seenAt: 999_000, dedupe: { seen: [{ key: 'shut', at: 999_000 }] } }
  writer.commit({
    changes: [{ ruleStates: [{ rule: 'once', key: 'front', state, wakeAt: null }] }],
  })
  const before = await explain('doors/front', 'shut')
  expect(before.out).toMatch(/✗ once .* dedupe: the same as 1s before/)
  expect((await explain('doors/front', 'shut')).out).toBe(before.out)
})

it('gives one JSON object per rule', async () => {
  const { out } = await explain('doors/front', 'shut', '--json')
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { rule: 'ring', fires: 'at once', verdict: { stage: 'fired', key: 'front' }, plan: { ok: true } },
    { rule: 'open', fires: '', verdict: { stage: 'when' } },
    { rule: 'once' },
    { rule: 'below', verdict: null },
    { rule: 'else', verdict: null, hint: null },
  ])
})

it('refuses a topic that no message can have', async () => {
  const { status, error } = await explain('doors/+')
  expect(error).toContain('+')
  expect(status).toBe(1)
})
