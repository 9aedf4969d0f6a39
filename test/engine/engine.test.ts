// Real threads and a real store: what the parts do together.
//
// Covers `src/engine/assembly.ts`, `src/engine/core.ts`, `src/engine/hub-ports.ts`, `src/engine/parts.ts`,
// `src/engine/plan/new-runs.ts`, `src/engine/requests.ts`, `src/engine/supervise/client.ts`,
// `src/engine/worker.ts`.

import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openWriter } from '../../src/journal/thread/writer.ts'
import { SmallHub } from './small-hub.ts'
import { longTest } from '../support/long-test.ts'

// Each engine is a thread that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

/** A rule that leaves a file named after the door. */
const door = (name: string, folder: string, body = '') => `
  import { rule, shell } from 'vigie'
  export default rule('${name}', {
    on: '${name}/+name/open',
    ${body}
    do: ({ params }) => [shell\`touch -- \${'${folder}/' + params.name}\`],
  })`

/** A rule without actions, which is enough to see it fire. */
const plain = (name: string, on: string, body = '') => `
  import { rule, call } from 'vigie'
  export default rule('${name}', { on: '${on}', ${body} do: () => [] })`

describe('with one hub for many rules', () => {
  let shared: SmallHub
  beforeAll(async () => {
    shared = new SmallHub({
      'picky.ts': plain('picky', 'picky', `when: ({ payload }) => payload === 1,`),
      'bad.ts': plain('bad', 'a/b', `when: () => { throw new Error('oh no') },`),
      'good.ts': plain('good', 'a/b'),
      'circle.ts': `
        import { rule, publish } from 'vigie'
        export const ping = rule('ping', { on: 'ping', do: () => [publish('pong', '')] })
        export const pong = rule('pong', { on: 'pong', do: () => [publish('ping', '')] })`,
      'sum.ts': `
        import { rule, call, publish } from 'vigie'
        export default rule('sum', {
          on: 'sum',
          payload: undefined,
          do: ({ payload }) => [
            call(async () => ({ one: 1 })),
            (results) => results[0].one === 1 && call(({ results, attempt }) => [results[0].one + payload, attempt]),
            (results) => false,
          ],
        })`,
      'slow.ts': `
        import { rule, call } from 'vigie'
        export default rule('slow', { on: 'slow', do: () => call(() => new Promise(() => {}), { timeout: '50ms' }) })`,
      'deep.ts': `
        import { rule, call } from 'vigie'
        export default rule('deep', { on: 'deep', do: () => call(() => JSON.parse('['.repeat(15_000) + ']'.repeat(15_000))) })`,
      'stray.ts': `
        import { rule, call } from 'vigie'
        export default rule('stray', { on: 'stray', do: () => call(({ attempt }) => {
          setTimeout(() => { throw new Error('too late') }, 1)
          void Promise.reject(new Error('forgotten'))
          return new Promise((resolve) => setTimeout(resolve, 20))
        }) })`,
    })
    shared.write({
      'door.ts': door('doors', shared.path('')),
      'dry.ts': door('gates', shared.path(''), 'dryRun: true,'),
      'wet.ts': plain('wet', 'gates/+/open'),
    })
    await shared.start()
  })
  afterAll(() => shared.remove())

  describe('an event', () => {
    test('fires a rule, its steps run, and the end of the run is published with its cause', async () => {
      expect(shared.interest).toContain('doors/+/open')
      const event = await shared.send('doors/front/open')
      const { run, steps } = await shared.runOf('doors', event)
      expect(run).toMatchObject({ rule: 'doors', key: 'front', event, state: 'done' })
      expect(steps).toMatchObject([{ path: '0', state: 'done', attempt: 1, outcome: { kind: 'done' } }])
      expect(existsSync(shared.path('front'))).toBe(true)
      expect(shared.queries.consequencesOf(event)).toMatchObject([
        { topic: 'vigie/runs/doors', cause: { event, run: run.id, depth: 1 } },
      ])
      expect(shared.queries.verdictsOf(event)).toMatchObject([
        { rule: 'doors', key: 'front', stage: 'fired' },
      ])
    })

    test('that fires a dry run is kept with what would have been done, and nothing is', async () => {
      const event = await shared.send('gates/north/open')
      await shared.runOf('wet', event)
      const dry = shared.queries.runsOf(event).find(({ rule }) => rule === 'gates')!
      const argv = ['touch', '--', shared.path('north')]
      expect(shared.queries.run(dry.id)).toMatchObject({
        run: { state: 'dry', key: 'north', startedAt: null },
        steps: [{ state: 'skipped', attempt: 0, spec: { kind: 'shell', argv } }],
      })
      expect(shared.queries.verdictsOf(event)).toMatchObject([
        { rule: 'gates', stage: 'dryRun' },
        { rule: 'wet' },
      ])
      expect(existsSync(shared.path('north'))).toBe(false)
      await shared.engine.reload()
      await shared.runOf('wet', await shared.send('gates/south/open'))
      expect(shared.published.filter(({ topic }) => topic === 'vigie/runs/gates')).toEqual([])
    })

    test('that a rule does not want leaves the reason', async () => {
      const unwanted = await shared.send('picky', 2)
      const wanted = await shared.send('picky', 1)
      await shared.runOf('picky', wanted)
      expect(shared.queries.verdictsOf(unwanted)).toMatchObject([{ rule: 'picky', stage: 'when' }])
      expect(shared.queries.runsOf(unwanted)).toEqual([])
    })

    test('on which a rule throws harms no other rule', async () => {
      const event = await shared.send('a/b')
      await shared.runOf('good', event)
      expect(shared.queries.verdictsOf(event)).toMatchObject([
        { rule: 'bad', stage: 'error', reason: expect.stringMatching(/^rules\/bad\.ts:.*oh no/) },
        { rule: 'good', stage: 'fired' },
      ])
    })

    test('of a rule in a circle is cut, and a dead letter names the circle', async () => {
      await shared.send('ping')
      const letter = await shared.message('vigie/hub/loops')
      expect(letter['circle']).toEqual(['ping', 'pong', 'ping'])
      // The letter and the verdict go different ways to the store.
      await expect
        .poll(() => shared.queries.verdictsOf(letter['event'] as number))
        .toMatchObject([{ rule: 'ping', stage: 'loop' }])
    })
  })

  describe('a function in a rule file', () => {
    test('is called with the results of earlier steps', async () => {
      const { run, steps } = await shared.runOf('sum', await shared.send('sum', 41))
      expect(run.state).toBe('done')
      expect(steps).toMatchObject([
        { state: 'done', outcome: { result: { one: 1 } } },
        { state: 'done', outcome: { result: { value: [42, 1] } } },
        { state: 'skipped' },
      ])
    })

    test('that does not come back in time is not waited for', async () => {
      const { steps } = await shared.runOf('slow', await shared.send('slow'))
      expect(steps).toMatchObject([
        { state: 'dead', outcome: { reason: 'call failed: timed out after 50ms' } },
      ])
    })

    test('is dead when it gives more than can be kept, nested deeper than anything walks', async () => {
      const { steps } = await shared.runOf('deep', await shared.send('deep'))
      expect(steps).toMatchObject([
        { state: 'dead', outcome: { reason: 'call returned JSON that is nested deeper than 500 levels' } },
      ])
    })

    test('that throws when nobody waits for it any more does not end the engine', async () => {
      const { run } = await shared.runOf('stray', await shared.send('stray'))
      expect(run.state).toBe('done')
      expect(await shared.engine.status()).toMatchObject({ state: 'running', restarts: 0 })
    })
  })
})

describe('over a stop and a start', () => {
  let shared: SmallHub
  const events: Record<'before' | 'told' | 'two' | 'later' | 'missed', number> = {
    before: 0,
    told: 0,
    two: 0,
    later: 0,
    missed: 0,
  }
  let waitsSince: number
  /** By the first hub. */
  let toldOfDowntime: boolean

  beforeAll(async () => {
    shared = new SmallHub()
    shared.write({
      'other.ts': plain('other', 'conf/#'),
      'missed.ts': plain('missed', 'missed'),
      'hello.ts': `import { rule, startup } from 'vigie'\nexport default rule('hello', { on: startup(), do: () => [] })`,
      'two.ts': `
        import { rule, shell } from 'vigie'
        export default rule('two', { on: 'two', do: () => [
          shell\`sh -c \${'echo once >> ${shared.path('first')}'}\`,
          shell\`sh -c \${'echo begun >> ${shared.path('second')}; : > ${shared.path('said')}; test -e ${shared.path('open')} || exec sleep 60'}\`,
        ] })`,
      'later.ts': `
        import { rule, wait } from 'vigie'
        export default rule('later', { on: 'later', do: () => wait('1s') })`,
    })
    await shared.start({ patienceMs: 1 })
    await shared.message('vigie/runs/hello')
    events.before = await shared.send('conf/a', 'x', { retain: true })
    await shared.runOf('other', events.before)
    shared.write({
      'late.ts': plain('late', 'conf/+id', `retained: 'fire',`),
      'strict.ts': plain('strict', 'conf/+id'),
    })
    events.told = (await shared.message('vigie/runs/late'))['event'] as number

    events.two = await shared.send('two')
    // The file of what it says is there before what it says is in it.
    await shared.fileAppears('said')
    waitsSince = Date.now()
    events.later = await shared.send('later')
    await shared.until(() => shared.queries.runsOf(events.later)[0])
    await shared.engine.stop()
    events.missed = await shared.send('missed')
    await shared.stop()
    toldOfDowntime = shared.published.some(({ topic }) => topic === 'vigie/hub/downtime')
    shared.touch('open')
    await shared.start()
  })
  afterAll(() => shared.remove())

  test('a message that was retained before a rule came fires it once, if the rule asks for it', async () => {
    const { before, told } = events
    expect(shared.queries.event(told)).toMatchObject({
      topic: 'conf/a',
      origin: 'retained',
      retain: false,
      cause: { event: before },
    })
    const after = await shared.send('conf/b', 'x', { retain: true })
    await shared.runOf('late', after)
    expect(shared.queries.verdictsOf(told).map(({ rule, stage }) => [rule, stage])).toEqual([
      ['late', 'fired'],
      ['other', 'origin'],
      ['strict', 'origin'],
    ])
    expect(shared.queries.runs({ rule: 'late', limit: 9 }).map(({ event }) => event)).toEqual([after, told])
  })

  test('an event that came while no hub ran the engine is taken up', async () => {
    expect((await shared.runOf('missed', events.missed)).run.state).toBe('done')
  })

  test('a run goes on at the step that had not ended', async () => {
    const { run, steps } = await shared.runOf('two', events.two)
    expect(run.state).toBe('done')
    expect(steps).toMatchObject([
      { state: 'done', attempt: 1 },
      { state: 'done', attempt: 2 },
    ])
    expect([shared.read('first'), shared.read('second')]).toEqual(['once\n', 'begun\nbegun\n'])
  })

  test('a wait goes on for the rest of its time', async () => {
    const { run } = await shared.runOf('later', events.later)
    expect(run.endedAt! - waitsSince).toBeGreaterThanOrEqual(1_000)
    expect(run.endedAt! - waitsSince).toBeLessThan(30_000)
  })

  test('downtime is told once, and that the hub has started each time', async () => {
    expect(toldOfDowntime).toBe(false)
    expect(await shared.message('vigie/hub/downtime')).toMatchObject({ clean: true })
    await shared.engine.reload()
    await shared.until(
      () => shared.published.filter(({ topic }) => topic === 'vigie/runs/hello').length === 2 || undefined,
    )
    expect(shared.published.filter(({ topic }) => topic === 'vigie/hub/downtime')).toHaveLength(1)
  })
})

describe('with a hub of its own', () => {
  let hub: SmallHub
  beforeEach(() => {
    hub = new SmallHub()
  })
  afterEach(() => hub.remove())

  longTest(
    'a rule that waits fires with its old event when the history after that has been pruned',
    async () => {
      const quiet = (length: string) => ({
        'a.ts': `
        import { rule, silence } from 'vigie'
        export default [
          rule('quiet', { on: silence('sensor', '${length}'), do: () => [] }),
          rule('taken', { on: 'taken', do: () => [] }),
        ]`,
      })
      hub.write(quiet('30d'))
      await hub.start()
      const event = await hub.send('sensor', 'the last word')
      await Promise.all(Array.from({ length: 3_000 }, () => hub.send('noise', 'x'.repeat(1_000))))
      const last = await hub.send('taken')
      await hub.runOf('taken', last)
      await hub.stop()

      const history = { keepMs: null, maxBytes: 2 ** 20, rules: [] }
      const writer = openWriter({ dataDir: hub.dataDir, durability: 'normal', history, clock: systemClock })
      writer.beat()
      while (writer.tidy(false));
      writer.close()
      expect(hub.queries.event(event + 1)).toBeUndefined()
      expect(hub.queries.totals().events).toBeLessThan(1_000)

      // After a downtime a silence begins anew, with the length that the rule has now.
      hub.write(quiet('10ms'))
      await hub.start()
      const { run } = await hub.runOf('quiet', event)
      expect(run).toMatchObject({ event, state: 'done' })
      expect(Buffer.from(hub.queries.event(event)!.payload).toString()).toBe('the last word')
    },
  )

  test('downtime before a hub that ended without telling is told by the next', async () => {
    await hub.openJournal()
    await hub.stop()
    const second = await hub.openJournal()
    await hub.stop()
    await hub.start()
    const told = hub.published.filter(({ topic }) => topic === 'vigie/hub/downtime')
    expect(told.map(({ payload }) => payload['toAt'])).toEqual([second.downtime!.toAt, expect.any(Number)])
  })
})
