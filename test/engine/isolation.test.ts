// What rules may do to the engine, and what they cannot do to anybody else.

import { mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SmallHub } from './small-hub.ts'

// Each engine is a thread that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let hub: SmallHub
beforeEach(() => {
  hub = new SmallHub({ 'good.ts': plain('good', 'a') })
})
afterEach(() => hub.remove())

function plain(name: string, on: string, body = ''): string {
  return `import { rule, call } from 'vigie'\nexport default rule('${name}', { on: '${on}', do: () => [], ${body} })`
}

describe('a rule that', () => {
  const deaths: readonly [what: string, when: string, reason: RegExp, hangLimitMs: number][] = [
    ['hangs', 'for (;;);', /did not come to an end within/, 1_500],
    ['exits', 'process.exit(7)', /exit code 7/, 30_000],
    [
      'exhausts memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill({}))',
      /used up its memory/,
      30_000,
    ],
  ]
  for (const [what, code, reason, hangLimitMs] of deaths) {
    test(`${what} is quarantined with an alert, and the event is taken by the others`, async () => {
      hub.write({ 'bad.ts': plain('bad', 'a', `when: () => { ${code} },`) })
      await hub.start({ hangLimitMs, heapLimitMiB: 64 })
      const event = await hub.send('a')
      await hub.runOf('good', event)
      const death = await hub.message('vigie/hub/engine')
      expect(death).toMatchObject({ state: 'died', unit: { kind: 'rule', name: 'bad' } })
      expect(death['reason']).toMatch(reason)
      expect(await hub.message('vigie/alerts/quarantine/rule/bad')).toMatchObject({
        state: 'firing',
        severity: 'critical',
      })
      expect(hub.queries.verdictsOf(event)).toMatchObject([
        { rule: 'bad', stage: 'quarantined' },
        { rule: 'good', stage: 'fired' },
      ])
      const next = await hub.send('a')
      await hub.runOf('good', next)
      // Said once the engine is in charge; its runs may end before.
      await hub.until(
        () => hub.published.filter(({ topic }) => topic === 'vigie/hub/rules').length === 2 || undefined,
      )
      expect(await hub.engine.status()).toMatchObject({ state: 'running', restarts: 1, quarantined: ['bad'] })
    })
  }
})

test('a quarantine and its alert end when rules are saved', async () => {
  hub.write({ 'bad.ts': plain('bad', 'a', 'when: () => process.exit(1),') })
  await hub.start()
  await hub.runOf('good', await hub.send('a'))
  hub.write({ 'bad.ts': plain('bad', 'a') })
  await hub.engine.reload()
  expect(await hub.engine.status()).toMatchObject({ quarantined: [], failures: [] })
  const { run } = await hub.runOf('bad', await hub.send('a'))
  expect(run.state).toBe('done')
  await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'resolved')
})

test('a quarantine and its alert end with the hub', async () => {
  hub.write({ 'bad.ts': plain('bad', 'a', 'when: () => process.exit(1),') })
  await hub.start()
  await hub.runOf('good', await hub.send('a'))
  await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'firing')
  await hub.stop()
  await hub.start()
  await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'resolved')
  expect(await hub.engine.status()).toMatchObject({ quarantined: [] })
})

test('a call under way when the code of another rule takes the engine down is done again', async () => {
  hub.write({
    'good.ts': plain(
      'good',
      'a',
      `do: () => call(({ attempt }) => {
        if (attempt > 1) return { attempt }
        process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(hub.path('begun'))}, '')
        return new Promise(() => {})
      }),`,
    ),
    'bad.ts': plain('bad', 'b', 'when: () => process.exit(1),'),
  })
  await hub.start()
  const event = await hub.send('a')
  await hub.fileAppears('begun')
  await hub.send('b')
  const { run, steps } = await hub.runOf('good', event)
  expect(run.state).toBe('done')
  expect(steps).toMatchObject([{ outcome: { result: { attempt: 2 } } }])
})

test('a call that takes the engine down again and again ends as dead, and the others go on', async () => {
  hub.write({
    'bad.ts': plain(
      'bad',
      'bad',
      `do: () => call(async () => { await new Promise((go) => setTimeout(go, 10)); process.exit(3) }, { retry: { attempts: 2, min: '10ms' } }),`,
    ),
  })
  await hub.start()
  const { run, steps } = await hub.runOf('bad', await hub.send('bad'))
  expect(run.state).toBe('dead')
  expect(steps).toMatchObject([{ state: 'dead', attempt: 2, outcome: { reason: /the engine died/ } }])
  await hub.runOf('good', await hub.send('a'))
})

describe('a file that', () => {
  test('does not load is told with its line, and the others are in force', async () => {
    hub.write({ 'bad.ts': `const door: = 1` })
    await hub.start()
    const news = await hub.message('vigie/hub/rules')
    expect(news).toMatchObject({ state: 'incomplete', rules: ['good'] })
    expect(news['failures']).toEqual([expect.stringMatching(/^rules\/bad\.ts:1: /)])
    await hub.runOf('good', await hub.send('a'))
  })

  test('hangs while it loads is left out', async () => {
    hub.write({ 'bad.ts': `for (;;);` })
    await hub.start({ hangLimitMs: 1_500 })
    const { failures } = await hub.engine.status()
    expect(failures).toEqual([expect.stringMatching(/^rules\/bad\.ts: loading it took the engine down/)])
    await hub.runOf('good', await hub.send('a'))
  })

  test('hangs in an example of its rules is left out, and no other', async () => {
    hub.write({
      'bad.ts': plain('bad', 'x', `when: () => { for (;;); }, examples: [{ topic: 'x', expect: 'fire' }],`),
    })
    await hub.start({ hangLimitMs: 1_500 })
    const { failures } = await hub.engine.status()
    expect(failures).toEqual([expect.stringMatching(/^rules\/bad\.ts: loading it took the engine down/)])
    await hub.runOf('good', await hub.send('a'))
  })

  test('declares nothing, or something wrong, is told', async () => {
    hub.write({ 'a.ts': '', 'b.ts': plain('typo', 'x', `wehn: () => true,`) })
    await hub.start()
    const { failures } = await hub.engine.status()
    expect(failures).toEqual([
      expect.stringMatching(/^rules\/a\.ts: it exports no rule/),
      expect.stringMatching(/^rules\/b\.ts:2: rule "typo": there is no key `wehn`; did you mean `when`/),
    ])
  })
})

test('a folder that is not there is told, and its rules load once it is', async () => {
  await hub.start({ rulesDir: hub.path('elsewhere') })
  expect((await hub.engine.status()).failures).toEqual([expect.stringMatching(/cannot be read \(ENOENT\)/)])
  mkdirSync(hub.path('elsewhere'))
  writeFileSync(hub.path('elsewhere/late.ts'), plain('late', 'late'))
  await hub.until(() => hub.interest.includes('late') || undefined)
})
