// Covers `src/cli/commands/check-types.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { longTest } from '../../support/long-test.ts'
import { ROOT, temporaryFolder } from '../../support/hub.ts'
import { vigie } from '../../support/cli.ts'
import { runCommand } from '../../support/terminal.ts'
import type { Printed } from '../../support/terminal.ts'

// A thread, and the type checker.
vi.setConfig({ testTimeout: 60_000 })

let dir: string
beforeEach(() => {
  dir = join(temporaryFolder(), 'rules')
  mkdirSync(dir)
})

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)
const check = (...args: string[]): Promise<Printed> => runCommand(['check', dir, ...args], { cwd: dir })

it('finds nothing wrong with the starter rules, and names those that one message can fire together', async () => {
  const { status, out } = await runCommand(['check'], { cwd: ROOT })
  expect(out).toMatch(/\b\d+ rules, \d+ pings?, \d+ watch(?:es)?, 0 errors, 0 warnings\.\n$/)
  expect(out).toContain('one message can fire both "device-lost"')
  expect(status).toBe(0)
})

it('tells file, line, rule and hint of what would not load, and of an example that does not hold', async () => {
  write(
    'door.ts',
    `import { rule } from 'vigie'
export const typo = rule('typo', { on: 'a', whenn: () => true, do: () => [] } as never)
export const never = rule('never', {
  on: 'a',
  when: () => false,
  do: () => [],
  examples: [{ topic: 'a', expect: 'fire' }],
})`,
  )
  const { status, out } = await check('--no-types')
  expect(out).toContain('error rules/door.ts:2: rule "typo": there is no key `whenn`; did you mean `when`?')
  expect(out).toContain(
    'error rules/door.ts:3: rule "never": examples.0 (a): expected to fire, but when said no',
  )
  expect(status).toBe(1)
})

it('checks the configuration: what it holds, and its types', async () => {
  const folder = join(dir, '..')
  const config = (text: string): void => writeFileSync(join(folder, 'vigie.config.ts'), text)
  const checked = (...args: string[]) => runCommand(['check', ...args], { cwd: folder })
  write('good.ts', `import { rule } from 'vigie'\nexport default rule('good', { on: 'a', do: () => [] })`)
  config(`import { ntfy } from 'vigie/channels'
export default { alerts: { channels: { phone: ntfy({ topic: 'home' }) } } }`)
  expect(await checked()).toMatchObject({
    status: 0,
    out: 'vigie.config.ts, 1 rule, 0 errors, 0 warnings.\n',
  })

  config(`import { defineConfig } from 'vigie'
export default defineConfig({ mqqt: {} })`)
  const wrong = await checked()
  expect(wrong.out).toMatch(
    /^error \S+\/vigie\.config\.ts is not a valid configuration:\n  mqqt: .*"mqtt"\?$/m,
  )
  expect(wrong.out).toMatch(/^error vigie\.config\.ts:2:31: .*'mqqt'/m)
  // The rules beside it are checked all the same.
  expect(wrong.out).toContain('vigie.config.ts, 1 rule, 2 errors')
  expect(wrong.status).toBe(1)
})

it('shows warnings, which are no reason to fail', async () => {
  write(
    'loop.ts',
    `import { publish, rule } from 'vigie'
export default rule('loop', { on: 'a/#', do: () => [publish('a/b')] })`,
  )
  const { status, out } = await check('--no-types')
  expect(out).toContain('warning rules/loop.ts:2: rule "loop": it publishes to "a/b"')
  expect(status).toBe(0)
})

it('type-checks files that have no configuration and no packages beside them', async () => {
  write('helper.ts', `export const limit: number = 5`)
  write(
    'typed.ts',
    `import { rule, shell } from 'vigie'
import { z } from 'zod'
import { limit } from './helper'
export default rule('typed', {
  on: 'a/+id',
  payload: z.object({ n: z.number() }),
  when: ({ payload }) => payload.n > limit && process.pid > 0,
  do: ({ params }) => [shell\`echo \${params.idd}\`],
})`,
  )
  const { status, out } = await check()
  expect(out).toMatch(/^error rules\/typed\.ts:8:\d+: Property 'idd' does not exist.*\(TS2339\)$/m)
  expect(out).toContain('1 rule, 1 error, 0 warnings.')
  expect(status).toBe(1)
})

it('tells of a file whose code ends the thread', async () => {
  write('exit.ts', `process.reallyExit(3)`)
  const { status, out } = await check('--no-types')
  expect(out).toContain('error rules/exit.ts: ended with exit code 3; nothing more could be looked at.')
  expect(status).toBe(1)
})

it('shows all that a file prints while it loads, though there is an answer as soon as it has', async () => {
  const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index}`)
  const talk = 'for (let n = 0; n < 3000; n++) { console.error(`line ${n}`); console.log(`line ${n}`) }'
  write(
    'talks.ts',
    `import { rule } from 'vigie'\n${talk}\nexport default rule('r', { on: 'a', do: () => [] })`,
  )
  const { stdout, stderr } = await vigie('check', dir, '--no-types')
  expect(stderr.split('\n')).toEqual(lines)
  expect(stdout.split('\n')).toEqual([...lines, '1 rule, 0 errors, 0 warnings.'])
})

longTest(
  'says one sentence of a file that uses up all memory at a stroke, and shows what the file itself wrote',
  async () => {
    write('grow.ts', `console.error('begun'); const all = []; for (;;) all.push(new Array(3e7).fill(1.5))`)
    const { exitCode, stdout, stderr } = await vigie('check', dir, '--no-types')
    expect(stdout).toMatch(/^error rules\/grow\.ts: .*; nothing more could be looked at\.\n0 rules, 1 error/)
    expect(stderr).toBe('begun')
    expect(exitCode).toBe(1)
  },
)

it('names a folder that is not there', async () => {
  const { status, error } = await runCommand(['check', '/nowhere/rules'])
  expect(error).toContain('The folder /nowhere/rules cannot be read: there is no such file or folder.')
  expect(status).toBe(1)
})
