// What an engine finds that was not ended in order: written into the store by hand, as a crash leaves it.
//
// Covers `src/engine/tell/announce.ts`, `src/engine/tell/dead-letters.ts`.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
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
import { callsTo } from '../../../src/base/calls.ts'
import { ManualClock, systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newStep } from '../../../src/engine/runs/open-run.ts'
import { Rescue } from '../../../src/engine/steps/rescue.ts'
import type { RescuePorts } from '../../../src/engine/steps/rescue.ts'
import { framed } from '../../../src/journal/thread/engine-ends.ts'
import type { ActionSpec } from '../../../src/model/action.ts'
import { headOf } from '../../../src/model/event.ts'
import type { Run, Step } from '../../../src/model/run.ts'
import type { Change, EngineJournal } from '../../../src/model/store.ts'
import { thisMachine } from '../../../src/process/table.ts'
import { doorEvent } from '../../actions/attempt.ts'
import { compileOne } from '../../rules/drive.ts'
import { SmallHub } from '../small-hub.ts'
import { longTest } from '../../support/long-test.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let hub: SmallHub
const begin = (): void => {
  hub = new SmallHub({
    'a.ts': `import { rule } from 'vigie'
      export default [
        rule('r', { on: 'a', do: () => [] }),
        rule('queued', { on: 'queued', mode: 'queued', do: () => [] }),
      ]`,
  })
}

const shell = (...argv: string[]): ActionSpec => ({
  kind: 'shell',
  argv,
  timeoutMs: 60_000,
  retry: { attempts: 1, minMs: 1_000, maxMs: 1_000 },
})

const LONG_WAIT: ActionSpec = {
  kind: 'wait',
  lengthMs: 1e15,
  timeoutMs: 1e15,
  retry: { attempts: 1, minMs: 1_000, maxMs: 1_000 },
}

const runOf = (event: number, more: Partial<Run> = {}): Run => ({
  id: 1,
  rule: 'r',
  key: '',
  event,
  state: 'running',
  plannedAt: 0,
  startedAt: 0,
  endedAt: null,
  reason: null,
  ...more,
})

/** Writes as an engine would have before it died. */
async function leaveBehind(change: (event: number) => Change): Promise<number> {
  const journal = await hub.openJournal()
  const event = await hub.send('a')
  const port = journal.engineEnd()
  await callsTo<EngineJournal>(framed(port)).remote.commit({ cursor: event, ...change(event) })
  port.close()
  await hub.stop()
  return event
}

const interrupted = (spec: ActionSpec, more: Partial<Step> = {}): Step => ({
  ...newStep(1, '0', spec),
  state: 'running',
  attempt: 1,
  startedAt: 0,
  ...more,
})

describe('of what one crash has left behind', () => {
  const GONE_EVENT = 4_711
  const RUNS = [
    'again',
    'failing',
    'tooOften',
    'outlived',
    'paused',
    'dead',
    'outlivedAlone',
    'alone',
    'aloneAndPlanned',
    'ended',
    'endedAndTold',
    'first',
    'second',
  ] as const
  const run = (name: (typeof RUNS)[number]): number => RUNS.indexOf(name) + 1
  const SLEEPERS = ['outlived', 'outlivedAlone'] as const
  const commands = new Map<(typeof SLEEPERS)[number], { child: ChildProcess; ended: Promise<unknown[]> }>()
  let wakeAt: number

  beforeAll(async () => {
    begin()
    const step = (name: (typeof RUNS)[number], spec: ActionSpec, more: Partial<Step> = {}): Step => ({
      ...interrupted(spec, more),
      run: run(name),
    })
    const say = (word: string): ActionSpec => shell('sh', '-c', `echo ${word} >> ${hub.path('words')}`)
    const touch = (file: string): ActionSpec => shell('touch', hub.path(file))
    const failing = `test -e ${hub.path('tried')} || { touch ${hub.path('tried')}; exit 1; }`
    const retry = { attempts: 2, minMs: 1, maxMs: 1 }
    const attempts = SLEEPERS.map((name) => {
      const child = spawn('sleep', ['600'])
      commands.set(name, { child, ended: once(child, 'exit') })
      const { spec: _, ...attempt } = step(name, shell('sleep', '600'))
      return { ...attempt, process: thisMachine.look(child.pid!)!.identity }
    })
    wakeAt = Date.now() + 4_000
    await leaveBehind((event) => {
      const left = (name: (typeof RUNS)[number], steps: readonly Step[], more: Partial<Run> = {}) => ({
        run: runOf(event, { id: run(name), ...more }),
        steps,
      })
      return {
        newRuns: [
          left('again', [step('again', touch('again'))]),
          left('failing', [step('failing', { ...shell('sh', '-c', failing), retry })]),
          left('tooOften', [step('tooOften', touch('tooOften'), { attempt: 6, cutOffs: 5 })]),
          left('outlived', [step('outlived', touch('outlived'))]),
          left('paused', [step('paused', shell('true'), { state: 'waiting', wakeAt })]),
          left(
            'dead',
            [
              step('dead', touch('dead'), {
                state: 'dead',
                outcome: { kind: 'give-up', reason: 'no program' },
              }),
            ],
            { state: 'dead', endedAt: 1 },
          ),
          left('outlivedAlone', [step('outlivedAlone', shell('sleep', '600'))], { event: GONE_EVENT }),
          left(
            'alone',
            [
              {
                ...newStep(run('alone'), '0', shell('true')),
                state: 'done',
                attempt: 1,
                outcome: { kind: 'done', result: {} },
              },
              { ...newStep(run('alone'), '1', shell('true')), state: 'waiting', attempt: 1, wakeAt: 1 },
              newStep(run('alone'), '2', shell('true')),
            ],
            { event: GONE_EVENT },
          ),
          left('aloneAndPlanned', [newStep(run('aloneAndPlanned'), '0', shell('true'))], {
            event: GONE_EVENT,
            state: 'planned',
            startedAt: null,
          }),
          left('ended', [], { state: 'done', endedAt: 1 }),
          left('endedAndTold', [], { state: 'done', endedAt: 1 }),
          left('first', [step('first', say('first'))], { rule: 'queued' }),
          left('second', [newStep(run('second'), '0', say('second'))], {
            rule: 'queued',
            state: 'planned',
            startedAt: null,
          }),
        ],
        steps: attempts,
        announced: [run('dead'), run('endedAndTold')],
      }
    })
    await hub.start()
  })
  afterAll(async () => {
    for (const { child } of commands.values()) child.kill()
    await hub.remove()
  })

  /** What has become of a run, once its end is told. */
  async function endOf(name: (typeof RUNS)[number]) {
    await hub.message('vigie/runs/r', (payload) => payload['run'] === run(name))
    return hub.queries.run(run(name))!
  }

  test('a step that was under way is performed again, and is no failure', async () => {
    expect(await endOf('again')).toMatchObject({
      run: { state: 'done' },
      steps: [{ state: 'done', attempt: 2, cutOffs: 1 }],
    })
    expect(existsSync(hub.path('again'))).toBe(true)
  })

  test('a failure after the crash is the first one', async () => {
    expect(await endOf('failing')).toMatchObject({
      run: { state: 'done' },
      steps: [{ attempt: 3, cutOffs: 1 }],
    })
  })

  test('a step that was under way at the end of the hub too often is dead', async () => {
    const reason = 'the hub or its engine ended while it ran, as 5 times before; it may itself be the reason'
    expect(await endOf('tooOften')).toMatchObject({
      run: { state: 'dead' },
      steps: [{ attempt: 6, outcome: { reason } }],
    })
    expect(existsSync(hub.path('tooOften'))).toBe(false)
  })

  test('a command that outlived the hub is ended before its step is performed again', async () => {
    expect((await endOf('outlived')).run.state).toBe('done')
    expect((await commands.get('outlived')!.ended)[1]).toBe('SIGTERM')
  })

  test('a command that outlived the hub is ended when the event of its run is gone', async () => {
    expect((await endOf('outlivedAlone')).run.state).toBe('dead')
    expect((await commands.get('outlivedAlone')!.ended)[1]).toBe('SIGTERM')
  })

  test('a run whose event is gone is dead, says why, and is told', async () => {
    expect(await endOf('alone')).toMatchObject({
      run: { state: 'dead' },
      steps: [
        { state: 'done' },
        { state: 'dead', outcome: { reason: `its event ${GONE_EVENT} is no longer in the history` } },
        { state: 'skipped' },
      ],
    })
    expect((await endOf('aloneAndPlanned')).run.state).toBe('dead')
  })

  test('a retry waits for the rest of its pause', async () => {
    const ended = await endOf('paused')
    expect(ended.run.state).toBe('done')
    expect(ended.run.endedAt).toBeGreaterThanOrEqual(wakeAt)
  })

  test('dead runs stay dead', async () => {
    await hub.runOf('r', await hub.send('a'))
    expect(hub.queries.run(run('dead'))).toMatchObject({
      run: { state: 'dead' },
      steps: [{ state: 'dead', attempt: 1 }],
    })
    expect(existsSync(hub.path('dead'))).toBe(false)
  })

  test('queued runs of one key go on in their order', async () => {
    await hub.message('vigie/runs/queued', (payload) => payload['run'] === run('second'))
    expect(hub.read('words')).toBe('first\nsecond\n')
  })

  test('an end that was not published is published, once; one that was is not', async () => {
    await endOf('ended')
    await hub.stop()
    await hub.start()
    await hub.runOf('r', await hub.send('a'))
    const told = hub.published
      .filter(({ topic }) => topic === 'vigie/runs/r')
      .map(({ payload }) => payload['run'])
    expect(told.filter((id) => id === run('ended'))).toHaveLength(1)
    expect(told).not.toContain(run('endedAndTold'))
  })
})

describe('after a crash', () => {
  beforeEach(begin)
  afterEach(() => hub.remove())

  longTest(
    'an engine that takes up tens of thousands of runs for longer than the hang limit does not hang',
    async () => {
      const RUNS = 40_000
      const waiting = (run: number): Step => ({
        ...newStep(run, '0', LONG_WAIT),
        state: 'waiting',
        wakeAt: 1e15,
      })
      await leaveBehind((event) => ({
        newRuns: Array.from({ length: RUNS }, (_, index) => ({
          run: runOf(event, { id: index + 1 }),
          steps: [waiting(index + 1)],
        })),
      }))
      await hub.start({ hangLimitMs: 500 })
      // The engine answers while it takes them up.
      await expect.poll(async () => (await hub.engine.status()).now?.openRuns, { timeout: 60_000 }).toBe(RUNS)
      expect((await hub.engine.status()).restarts).toBe(0)
    },
  )

  test('runs that take more than 200 MiB are taken up a few at a time, as memory becomes free', async () => {
    const clock = new ManualClock()
    const taken: number[] = []
    let weight = 0
    const flush = vi.fn<RescuePorts['work']['flush']>(async () => {})
    const rescue = new Rescue({
      reads: {
        openRunIds: () => [1, 2, 3],
        run: (id) => ({ run: runOf(7, { id }), steps: [] }),
        runHead: () => undefined,
        event: () => undefined,
        eventHead: () => headOf(doorEvent),
      },
      rules: compileOne({}),
      work: {
        add({ run }) {
          taken.push(run.id)
          weight += 150 * 2 ** 20
        },
        stepEnded: async () => {},
        flush,
        get weight() {
          return weight
        },
      },
      draft: new Draft(),
      clock,
      log: silentLog,
      turnTo() {},
      elsewhere: [],
      setAside: new Set(),
      deathsOutsideRules: 0,
    })
    const rescued = rescue.run()
    expect([taken, rescue.isUnderWay]).toEqual([[1, 2], true])
    // What is there already goes on meanwhile: its end makes room.
    expect(flush).toHaveBeenCalled()
    weight = 0
    clock.advance(1_000)
    await rescued
    expect([taken, rescue.isUnderWay]).toEqual([[1, 2, 3], false])
  })

  test('a command that cannot be ended is told of, and its step goes on without it', async () => {
    const child = spawn('sleep', ['600'])
    const { identity } = thisMachine.look(child.pid!)!
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    onTestFinished(() => {
      kill.mockRestore()
      child.kill()
    })
    const step = interrupted(shell('sleep', '600'), { process: identity })
    const stepEnded = vi.fn<RescuePorts['work']['stepEnded']>(() => Promise.resolve())
    const warn = vi.fn<RescuePorts['log']['warn']>()
    await new Rescue({
      reads: {
        openRunIds: () => [1],
        run: () => ({ run: runOf(7), steps: [step] }),
        runHead: () => undefined,
        event: () => undefined,
        eventHead: () => headOf(doorEvent),
      },
      rules: compileOne({}),
      work: { add() {}, stepEnded, flush: async () => {}, weight: 0 },
      draft: new Draft(),
      clock: systemClock,
      log: { ...silentLog, warn },
      turnTo() {},
      elsewhere: [],
      setAside: new Set(),
      deathsOutsideRules: 0,
    }).run()
    expect(stepEnded).toHaveBeenCalledWith(step, null)
    expect(warn).toHaveBeenLastCalledWith(
      `Process ${child.pid} of run 1 has outlived the hub, and goes on: it is another user's, and the hub may not signal it.`,
    )
  })
})
