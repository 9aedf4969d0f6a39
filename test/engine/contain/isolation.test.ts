// What rules may do to the engine, and what they cannot do to anybody else.
//
// Covers `src/engine/contain/box-keeper.ts`, `src/engine/contain/ending.ts`,
// `src/engine/contain/globals.ts`, `src/engine/contain/own-memory.ts`, `src/engine/contain/pulse.ts`,
// `src/engine/contain/spawn.ts`, `src/engine/contain/user-code.ts`, `src/engine/contain/user-process.ts`,
// `src/engine/contain/user-thread.ts`, `src/engine/contain/warden.ts`,
// `src/engine/supervise/quarantine-alerts.ts`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, writeFileSync } from 'node:fs'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import type { EngineOptions } from '../../../src/engine/supervise/client.ts'
import type { EngineStatus } from '../../../src/model/hub-status.ts'
import { SmallHub } from '../small-hub.ts'
import { longTest } from '../../support/long-test.ts'
import { reach } from '../../support/reach.ts'

// Each engine is a process that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 })

let hub: SmallHub
const begin = (): void => {
  hub = new SmallHub({ 'good.ts': plain('good', 'a') })
}

function plain(name: string, on: string, body = ''): string {
  return `import { rule, call } from 'vigie'\nexport default rule('${name}', { on: '${on}', do: () => [], ${body} })`
}

/** In pieces so large that V8 aborts the process. */
const fillMemory = 'const all = []; for (;;) all.push(new Array(3e7).fill(1.5))'

/** The name of what was at work in an engine that has died. */
const nameOf = (unit: unknown): string | undefined => (unit as { name?: string } | null)?.name

/** Answers everybody with what `/(a+)+$/` takes longer than the sun for. */
async function hostile(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, answer) => answer.end(`${'a'.repeat(200)}!`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() }
}

describe('with one hub for many rules, whose engine goes down again and again, a rule that', () => {
  let server: Awaited<ReturnType<typeof hostile>>
  beforeAll(async () => {
    begin()
    server = await hostile()
    hub.write({
      'hangs.ts': plain('hangs', 'a', `when: ({ payload }) => { if (payload === 'hangs') for (;;); },`),
      'exits.ts': plain(
        'exits',
        'a',
        `when: ({ payload }) => { if (payload === 'exits') process.reallyExit(7) },`,
      ),
      'kills.ts': plain('kills', 'kill', 'when: () => process.reallyExit(1),'),
      'calls.ts': plain(
        'calls',
        'call',
        `do: () => call(({ attempt }) => {
          if (attempt > 1) return { attempt }
          process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(hub.path('begun'))}, '')
          return new Promise(() => {})
        }),`,
      ),
      'pattern.ts': `import { rule, webhook } from 'vigie'
        const act = () => webhook('${server.url}', { expect: { body: /(a+)+$/ } })
        export default rule('pattern', { on: 'pattern', do: act })`,
    })
    await hub.start({ hangLimitMs: 1_500 })
    await hub.message('vigie/hub/rules')
  })
  afterAll(async () => {
    await hub.remove()
    server.close()
  })

  test.each([
    ['hangs', /did not come to an end within/],
    ['exits', /ended with exit code 7/],
  ])('%s is quarantined with an alert, and the event is taken by the others', async (rule, reason) => {
    const before = await hub.engine.status()
    const loads = hub.published.filter(({ topic }) => topic === 'vigie/hub/rules').length
    const event = await hub.send('a', rule)
    await hub.runOf('good', event)
    const death = await hub.message('vigie/hub/engine', ({ unit }) => nameOf(unit) === rule)
    expect(death).toMatchObject({ state: 'died', unit: { kind: 'rule', name: rule } })
    expect(death['reason']).toMatch(reason)
    expect(await hub.message(`vigie/alerts/quarantine/rule/${rule}`)).toMatchObject({
      state: 'firing',
      severity: 'critical',
    })
    expect(hub.queries.verdictsOf(event)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ rule, stage: 'quarantined' }),
        expect.objectContaining({ rule: 'good', stage: 'fired' }),
      ]),
    )
    await hub.runOf('good', await hub.send('a', rule))
    // Said once the engine is in charge; its runs may end before.
    await hub.until(
      () => hub.published.filter(({ topic }) => topic === 'vigie/hub/rules').length > loads || undefined,
    )
    expect(await hub.engine.status()).toMatchObject({
      state: 'running',
      restarts: before.restarts + 1,
      quarantined: [...before.quarantined, rule],
    })
  })

  test('takes the engine down while a call of another rule is under way has that done again', async () => {
    const event = await hub.send('call')
    await hub.fileAppears('begun')
    await hub.send('kill')
    const { run, steps } = await hub.runOf('calls', event)
    expect(run.state).toBe('done')
    expect(steps).toMatchObject([{ outcome: { result: { attempt: 2 } } }])
  })

  test('never comes to an end with its pattern on what a server answers is quarantined; the run ends as dead', async () => {
    const { restarts } = await hub.engine.status()
    const { run, steps } = await hub.runOf('pattern', await hub.send('pattern'))
    expect(await hub.message('vigie/hub/engine', ({ unit }) => nameOf(unit) === 'pattern')).toMatchObject({
      reason: expect.stringMatching(/did not come to an end within/),
      unit: { kind: 'rule', name: 'pattern' },
    })
    expect(run.state).toBe('dead')
    expect(steps).toMatchObject([{ outcome: { reason: 'The rule "pattern" is quarantined.' } }])
    await hub.runOf('good', await hub.send('a'))
    expect((await hub.engine.status()).restarts).toBe(restarts + 1)
  })

  test('is saved is quarantined no longer, and its alert ends', async () => {
    hub.write({ 'exits.ts': plain('exits', 'a') })
    await hub.engine.reload()
    expect(await hub.engine.status()).toMatchObject({ quarantined: [], failures: [] })
    const { run } = await hub.runOf('exits', await hub.send('a'))
    expect(run.state).toBe('done')
    await hub.message('vigie/alerts/quarantine/rule/exits', ({ state }) => state === 'resolved')
  })
})

describe('with a hub of its own', () => {
  beforeEach(begin)
  afterEach(() => hub.remove())

  test('exhausts the memory of its thread is quarantined with an alert, and the event is taken by the others', async () => {
    hub.write({
      'bad.ts': plain(
        'bad',
        'a',
        `when: () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) },`,
      ),
    })
    await hub.start({ hangLimitMs: 30_000, heapLimitMiB: 64 })
    const event = await hub.send('a')
    await hub.runOf('good', event)
    const death = await hub.message('vigie/hub/engine')
    expect(death).toMatchObject({ state: 'died', unit: { kind: 'rule', name: 'bad' } })
    expect(death['reason']).toMatch(/used up its memory/)
    expect(await hub.engine.status()).toMatchObject({ restarts: 1, quarantined: ['bad'] })
  })

  describe('a rule that brings the whole process of the engine down, because it', () => {
    const deaths: readonly [what: string, when: string][] = [
      ['lets a map grow', 'const all = new Map(); for (let n = 0; ; n++) all.set(n, n)'],
      ['fills arrays of numbers', fillMemory],
      [
        'parses more JSON than there is memory for',
        'const text = `[${"[],".repeat(3e6)}0]`; const all = []; for (;;) all.push(JSON.parse(text))',
      ],
      ['sends itself SIGKILL', `process.kill(process.pid, 'SIGKILL'); for (;;);`],
      ['crashes in native code', `process.kill(process.pid, 'SIGSEGV'); for (;;);`],
    ]
    for (const [what, code] of reach(deaths.slice(-1), deaths)) {
      test(`${what}, is found by one more restart and quarantined, and the event is taken by the others`, async () => {
        hub.write({ 'bad.ts': plain('bad', 'a', `when: () => { ${code} },`) })
        await hub.start({ hangLimitMs: 60_000, heapLimitMiB: 64 })
        const event = await hub.send('a')
        await hub.runOf('good', event)
        const death = await hub.message('vigie/hub/engine', ({ unit }) => unit !== null)
        expect(death).toMatchObject({ state: 'died', unit: { kind: 'rule', name: 'bad' } })
        await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'firing')
        expect(hub.queries.verdictsOf(event)).toMatchObject([
          { rule: 'bad', stage: 'quarantined' },
          { rule: 'good', stage: 'fired' },
        ])
        await hub.runOf('good', await hub.send('a'))
        const { restarts, quarantined } = await hub.engine.status()
        expect(restarts).toBeLessThanOrEqual(2)
        expect(quarantined).toEqual(['bad'])
      })
    }

    longTest('kills it while a call of another rule is under way, costs that one no attempt', async () => {
      hub.write({
        'good.ts': plain(
          'good',
          'a',
          `do: () => call(({ attempt }) => {
            const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs')
            if (existsSync(${JSON.stringify(hub.path('calm'))})) return { attempt }
            writeFileSync(${JSON.stringify(hub.path('begun'))}, '')
            return new Promise(() => {})
          }, { retry: { attempts: 1 } }),`,
        ),
        'bad.ts': plain('bad', 'b', `when: () => { process.kill(process.pid, 'SIGKILL'); for (;;); },`),
      })
      await hub.start()
      const event = await hub.send('a')
      await hub.fileAppears('begun')
      await hub.send('b')
      await hub.message('vigie/hub/engine', ({ unit }) => unit === null)
      hub.touch('calm')
      const { run } = await hub.runOf('good', event)
      expect(run.state).toBe('done')
    })

    longTest('exhausts memory in a call behind its first wait, ends as dead', async () => {
      hub.write({
        'bad.ts': plain(
          'bad',
          'bad',
          `do: () => call(async () => {
            await new Promise((go) => setTimeout(go, 10))
            ${fillMemory}
          }, { retry: { attempts: 1 } }),`,
        ),
      })
      await hub.start({ hangLimitMs: 60_000, heapLimitMiB: 64 })
      const { run, steps } = await hub.runOf('bad', await hub.send('bad'))
      expect(run.state).toBe('dead')
      expect(steps).toMatchObject([{ outcome: { reason: /the engine died/ } }])
      await hub.runOf('good', await hub.send('a'))
      expect((await hub.engine.status()).restarts).toBe(2)
    })
  })

  longTest('a quarantine and its alert end with the hub', async () => {
    hub.write({ 'bad.ts': plain('bad', 'a', 'when: () => process.reallyExit(1),') })
    await hub.start()
    await hub.runOf('good', await hub.send('a'))
    await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'firing')
    await hub.stop()
    await hub.start()
    await hub.message('vigie/alerts/quarantine/rule/bad', ({ state }) => state === 'resolved')
    expect(await hub.engine.status()).toMatchObject({ quarantined: [] })
  })

  longTest(
    'a call that takes the engine down again and again ends as dead, and the others go on',
    async () => {
      hub.write({
        'bad.ts': plain(
          'bad',
          'bad',
          `do: () => call(async () => { await new Promise((go) => setTimeout(go, 10)); process.reallyExit(3) }, { retry: { attempts: 2, min: '10ms' } }),`,
        ),
      })
      await hub.start()
      const { run, steps } = await hub.runOf('bad', await hub.send('bad'))
      expect(run.state).toBe('dead')
      expect(steps).toMatchObject([{ state: 'dead', attempt: 2, outcome: { reason: /the engine died/ } }])
      await hub.runOf('good', await hub.send('a'))
    },
  )

  test('an event with which two engines end, while no rule is at work, is set aside, and can be tried again', async () => {
    // Behind the rule's own code, before what it has led to is committed.
    const bomb = `if (!process.getBuiltinModule('node:fs').existsSync(${JSON.stringify(hub.path('calm'))}))
      queueMicrotask(() => process.reallyExit(9));`
    hub.write({ 'bad.ts': plain('bad', 'a', `when: () => { ${bomb} return true },`) })
    await hub.start()
    const event = await hub.send('a')
    const { run } = await hub.runOf('good', event)
    expect(run).toMatchObject({ state: 'dead', reason: expect.stringMatching(/this event was at hand/) })
    await hub.message(`vigie/alerts/quarantine/event/${event}`, ({ state }) => state === 'firing')
    expect((await hub.engine.status()).restarts).toBe(2)
    hub.touch('calm')
    await hub.runOf('good', await hub.send('a'))
    // The event before may have ended one more engine, which is just being replaced.
    await vi.waitFor(
      async () => expect(await hub.engine.changeRun(run.id, 'retry')).toEqual({ ok: true }),
      10_000,
    )
    await hub.message('vigie/runs/good', ({ run: id, state }) => id === run.id && state === 'done')
    expect(hub.queries.runsOf(event).map(({ rule, state }) => [rule, state])).toEqual(
      expect.arrayContaining([
        ['good', 'done'],
        ['bad', 'dead'],
      ]),
    )
    expect(hub.queries.runsOf(event).filter(({ rule }) => rule === 'good')).toHaveLength(2)
  })

  longTest(
    'a pattern that never comes to an end on what a server answers to a ping ends that ping',
    async () => {
      const server = await hostile()
      onTestFinished(() => server.close())
      hub.write({
        'bad.ts': `import { ping } from 'vigie'
        const expect = { body: /(a+)+$/ }
        export default ping('site', { url: '${server.url}', every: '1s', fails: 1, expect })`,
      })
      await hub.start({ hangLimitMs: 1_500 })
      expect(await hub.message('vigie/hub/engine')).toMatchObject({ unit: { kind: 'ping', name: 'site' } })
      expect(await hub.message('vigie/ping/site')).toMatchObject({
        state: 'unknown',
        reason: expect.stringMatching(/^its pattern took the engine down/),
      })
      await hub.runOf('good', await hub.send('a'))
      expect((await hub.engine.status()).restarts).toBe(1)
    },
  )

  describe('a file that', () => {
    /** The status once the rules are told: a start waits for its first engine for 30 s at most. */
    const started = async (options: Partial<EngineOptions>): Promise<EngineStatus> => {
      await hub.start(options)
      await hub.message('vigie/hub/rules')
      return hub.engine.status()
    }

    test('does not load, or declares something wrong, is told with its line, and the others are in force', async () => {
      hub.write({
        'bad.ts': `const door: = 1`,
        'typo.ts': plain('typo', 'x', `wehn: () => true,`),
        // What the hub itself relies on.
        'immediate.ts': `globalThis.setImmediate = () => {}\n${plain('immediate', 'a')}`,
        'now.ts': `Date.now = () => 0\n${plain('now', 'a')}`,
        'process.ts': `globalThis.process = { env: {} }\n${plain('process', 'a')}`,
        'tick.ts': `process.nextTick = () => {}\n${plain('tick', 'a')}`,
      })
      await hub.start()
      const failures = [
        expect.stringMatching(/^rules\/bad\.ts:1: /),
        expect.stringMatching(/^rules\/immediate\.ts:1.*read only/),
        expect.stringMatching(/^rules\/now\.ts:1.*read only/),
        expect.stringMatching(/^rules\/process\.ts:1.*read only/),
        expect.stringMatching(/^rules\/tick\.ts:1.*read only/),
        expect.stringMatching(/^rules\/typo\.ts:2: rule "typo": there is no key `wehn`; did you mean `when`/),
      ]
      expect(await hub.message('vigie/hub/rules')).toMatchObject({
        state: 'incomplete',
        rules: ['good'],
        failures: expect.arrayContaining(failures.slice(0, 1)),
      })
      expect((await hub.engine.status()).failures.toSorted()).toEqual(failures)
      await hub.runOf('good', await hub.send('a'))
      await hub.engine.reload()
      await hub.runOf('good', await hub.send('a'))
    })

    longTest('hangs while it loads is left out', async () => {
      hub.write({ 'bad.ts': `for (;;);` })
      const { failures } = await started({ hangLimitMs: 1_500 })
      expect(failures).toEqual([expect.stringMatching(/^rules\/bad\.ts: loading it took the engine down/)])
      await hub.runOf('good', await hub.send('a'))
    })

    test('brings the engine down while it loads is left out, at the first time', async () => {
      hub.write({ 'bad.ts': fillMemory })
      const { failures, restarts } = await started({ hangLimitMs: 60_000, heapLimitMiB: 64 })
      expect(failures).toEqual([expect.stringMatching(/^rules\/bad\.ts: loading it took the engine down/)])
      expect(restarts).toBe(1)
      await hub.runOf('good', await hub.send('a'))
    })

    longTest('hangs in an example of its rules is left out, and no other', async () => {
      hub.write({
        'bad.ts': plain('bad', 'x', `when: () => { for (;;); }, examples: [{ topic: 'x', expect: 'fire' }],`),
      })
      const { failures } = await started({ hangLimitMs: 1_500 })
      expect(failures).toEqual([expect.stringMatching(/^rules\/bad\.ts: loading it took the engine down/)])
      await hub.runOf('good', await hub.send('a'))
    })
  })

  longTest('a rule that fills memory outside of the heap is quarantined at its first time', async () => {
    const fillBuffers = 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 23, 1))'
    hub.write({ 'bad.ts': plain('bad', 'a', `when: () => { ${fillBuffers} },`) })
    await hub.start({ hangLimitMs: 60_000, heapLimitMiB: 64 })
    const event = await hub.send('a')
    const death = await hub.message('vigie/hub/engine')
    expect(death).toMatchObject({ state: 'died', unit: { kind: 'rule', name: 'bad' } })
    expect(death['reason']).toMatch(/used up its memory: its process took .* most of it in buffers/)
    await hub.runOf('good', event)
    expect(await hub.engine.status()).toMatchObject({ restarts: 1, quarantined: ['bad'] })
  })

  longTest(
    'many rules that each take much for one event end no engine, and the last ones are refused',
    async () => {
      const rules = Array.from(
        { length: 10 },
        (_, n) => `rule('heavy-${n}', {
      on: 'a', do: () => [1, 2, 3, 4].map((part) => publish('out', String(part).repeat(15e6))),
    })`,
      )
      hub.write({ 'heavy.ts': `import { publish, rule } from 'vigie'\nexport default [${rules.join(',')}]` })
      await hub.start({ hangLimitMs: 60_000 })
      const event = await hub.send('a')
      await hub.runOf('heavy-0', event)
      await hub.runOf('heavy-1', event)
      await hub.runOf('good', event)
      expect(await hub.engine.status()).toMatchObject({ restarts: 0, quarantined: [] })
      expect(hub.queries.verdictsOf(event).filter(({ stage }) => stage === 'error')).toHaveLength(8)
    },
  )

  longTest('a file that hangs in a timer of its own is found by what the processor did', async () => {
    hub.write({
      'bad.ts': `${plain('bad', 'b')}
        const { existsSync } = process.getBuiltinModule('node:fs')
        setInterval(() => { while (existsSync(${JSON.stringify(hub.path('hang'))})); }, 20)`,
    })
    await hub.start({ hangLimitMs: 1_500 })
    hub.touch('hang')
    const death = await hub.message('vigie/hub/engine')
    expect(death).toMatchObject({ state: 'died', unit: { kind: 'file', name: 'rules/bad.ts' } })
    expect(death['reason']).toMatch(/did not come to an end within/)
    await hub.runOf('good', await hub.send('a'))
  })

  longTest('a folder that is not there is told, and its rules load once it is', async () => {
    await hub.start({ rulesDir: hub.path('elsewhere') })
    expect((await hub.engine.status()).failures).toEqual([
      expect.stringMatching(/^There is no rules folder .*elsewhere\./),
    ])
    mkdirSync(hub.path('elsewhere'))
    writeFileSync(hub.path('elsewhere/late.ts'), plain('late', 'late'))
    await hub.until(() => hub.interest.includes('late') || undefined)
  })
})
