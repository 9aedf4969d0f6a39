import { expect, test, vi } from 'vitest'
import { strayError } from '../../../src/engine/load/user-errors.ts'
import { vigie } from '../../support/cli.ts'
import { HOSTILE } from '../../support/hostile.ts'
import { SmallHub } from '../small-hub.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

/** With this stack below its name and message. */
const thrown = (error: Error, ...frames: string[]): Error =>
  Object.assign(error, {
    stack: [`${error.name}: ${error.message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n'),
  })

const OWN = `Work.attempt (${new URL('../../../src/engine/steps/work.ts', import.meta.url).href}:12:3)`

test('the author of a rule file is shown calls in rule files, and no others', () => {
  const error = thrown(
    new TypeError('boom'),
    'inner (file:///nowhere/rules/door.ts?v=0123456789abcdef:3:35)',
    'EventEmitter.emit (node:events:508:28)',
    'Timeout._onTimeout (file:///nowhere/rules/lib/more.ts?v=0123456789abcdef:4:9)',
    OWN,
    'listOnTimeout (node:internal/timers:605:17)',
  )
  expect(strayError('/nowhere/rules', error)).toBe(
    `Code of a rule file failed while nobody waited for it: TypeError: boom
    at inner (rules/door.ts:3:35)
    at Timeout._onTimeout (rules/lib/more.ts:4:9)`,
  )
})

test.each(['engine/steps/work.ts', 'base/clock.ts', 'rules/evaluate/plan.ts', 'main.ts'])(
  "an error of the hub's own, thrown in src/%s, is none of theirs",
  (file) => {
    const frame = `run (${new URL(`../../../src/${file}`, import.meta.url).href}:12:3)`
    expect(strayError('/nowhere/rules', thrown(new Error('a mistake'), frame))).toBeUndefined()
  },
)

test.each([
  ['a string', 'a string'],
  [thrown(new TypeError('fetch failed', { cause: new Error('no route') }), 'fetch (node:internal:1:1)')],
])(
  'what comes from nobody is told as most likely theirs',
  (error, said = 'TypeError: fetch failed (no route)') => {
    expect(strayError('/nowhere/rules', error)).toBe(
      `Something failed while nobody waited for it, most likely in code of a rule file: ${said}`,
    )
  },
)

test.each(Object.entries(HOSTILE))(
  '%s that was thrown while nobody waited is put into words',
  (_what, make) => {
    expect(strayError('/nowhere/rules', make())).toMatch(/^Something failed while nobody waited for it/)
  },
)

test('a promise that a rule forgot does not end the engine', async () => {
  const hub = new SmallHub({
    'a.ts': `import { rule } from 'vigie'
export default rule('a', { on: 'a', do: () => { void Promise.reject('a string'); return [] } })`,
  })
  try {
    await hub.start()
    await hub.runOf('a', await hub.send('a'))
    await hub.runOf('a', await hub.send('a'))
    expect(await hub.engine.status()).toMatchObject({ restarts: 0, generation: 1 })
  } finally {
    await hub.remove()
  }
})

test('an inspection goes on, too', async () => {
  const hub = new SmallHub({
    'a.ts': `void Promise.reject(new Error('forgotten'))\nexport const nothing = 1`,
  })
  try {
    const { stdout, stderr } = await vigie('check', hub.path('rules'), '--no-types')
    expect(stdout).toContain('rules/a.ts: it exports no rule')
    expect(stderr).toMatch(/^Code of a rule file .*: forgotten\n\s+at rules\/a\.ts:1:21$/)
  } finally {
    await hub.remove()
  }
})
