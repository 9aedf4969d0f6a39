// Covers `src/engine/runs/draft.ts`, `src/engine/runs/open-run.ts`.

import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newStep } from '../../../src/engine/runs/open-run.ts'
import type { WorkLimits } from '../../../src/engine/protocol.ts'
import { Work } from '../../../src/engine/steps/work.ts'
import type { Claim } from '../../../src/engine/steps/work.ts'
import type { ActionSpec } from '../../../src/model/action.ts'
import type { Event } from '../../../src/model/event.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Run, Step } from '../../../src/model/run.ts'

const done: Outcome = { kind: 'done', result: {} }
const failed: Outcome = { kind: 'retry', reason: 'no answer' }

/** A step that says its name. */
const say = (text: string, manner: Partial<ActionSpec> = {}): ActionSpec =>
  ({
    kind: 'shell',
    argv: [text],
    timeoutMs: 1_000,
    retry: { attempts: 1, minMs: 1_000, maxMs: 8_000 },
    ...manner,
  }) as ActionSpec
/** A step with so many MiB of arguments, a multiple of ten. */
const heavy = (text: string, mebibytes: number): ActionSpec =>
  ({ ...say(text), argv: [text, ...Array<string>(mebibytes / 10).fill(TEN_MEBIBYTES)] }) as ActionSpec
const TEN_MEBIBYTES = Buffer.alloc(10 * 2 ** 20, 'x').toString('latin1')
const wait = (lengthMs: number): ActionSpec => ({
  kind: 'wait',
  lengthMs,
  timeoutMs: 0,
  retry: { attempts: 1, minMs: 0, maxMs: 0 },
})
const parallel = (...steps: (ActionSpec | null)[]): ActionSpec => ({
  kind: 'parallel',
  steps,
  timeoutMs: 0,
  retry: { attempts: 1, minMs: 0, maxMs: 0 },
})

const event = { id: 1, at: 0, topic: 'a' } as Event

/** Work over a store that is a map, and a world in which every action waits to be answered. */
class Bench {
  readonly clock = new ManualClock()
  readonly draft = new Draft()
  readonly store = new Map<string, Step>()
  readonly runStates = new Map<number, Run['state']>()
  /** Actions under way, by what they say. */
  readonly pending = new Map<string, { claim: Claim; answer: (outcome: Outcome) => void }>()
  readonly begun: string[] = []
  readonly decisions: ActionSpec[] = []
  readonly abortedElsewhere: number[] = []
  readonly passedOn: [run: number, outcome: Outcome | null][] = []
  readonly work: Work
  lookAtClock = (): void => {}
  commits = 0
  /** When the disk has what is committed. */
  committed = Promise.resolve()
  #lastRun = 0

  constructor(
    limits: WorkLimits = { steps: { total: 100, perRule: 100 }, requests: { total: 100, perRule: 100 } },
  ) {
    this.work = new Work(
      {
        clock: this.clock,
        draft: this.draft,
        commit: () => {
          this.commits++
          this.#commit()
          return this.committed
        },
        perform: (claim) =>
          new Promise((answer) => {
            const { spec } = claim
            const text = spec.kind === 'shell' ? spec.argv[0]! : spec.kind
            this.begun.push(text)
            this.pending.set(text, { claim, answer })
          }),
        decide: () => {
          const next = this.decisions.shift()
          return next ?? new Error('do threw: no idea')
        },
        abortElsewhere: ({ run }) => this.abortedElsewhere.push(run),
        passOn: ({ run }, outcome) => this.passedOn.push([run, outcome]),
        ended: () => {},
        lookAtClock: () => this.lookAtClock(),
        random: () => 0.999_999,
      },
      limits,
    )
  }

  plan(specs: readonly (ActionSpec | null)[], { rule = 'r', width = Infinity } = {}): number {
    const id = ++this.#lastRun
    const run: Run = {
      id,
      rule,
      key: '',
      event: 1,
      state: 'planned',
      plannedAt: 0,
      startedAt: null,
      endedAt: null,
      reason: null,
    }
    const steps = specs.map((spec, index) => newStep(id, String(index), spec))
    this.draft.newRun(run, steps)
    this.work.add({ run, steps, event, width })
    return id
  }

  async begin(specs: readonly (ActionSpec | null)[], options = {}): Promise<number> {
    const id = this.plan(specs, options)
    await this.work.flush()
    return id
  }

  async answer(text: string, outcome: Outcome = done): Promise<void> {
    this.pending.get(text)!.answer(outcome)
    this.pending.delete(text)
    await settled()
  }

  async advance(lengthMs: number): Promise<void> {
    this.clock.advance(lengthMs)
    await settled()
  }

  states(run: number): Record<string, string> {
    const steps = [...this.store.values()].filter((step) => step.run === run)
    return Object.fromEntries(steps.map(({ path, state }) => [path, state]))
  }

  #commit(): void {
    const change = this.draft.take()
    for (const { run, steps } of change.newRuns ?? []) {
      this.runStates.set(run.id, run.state)
      for (const step of steps) this.store.set(`${step.run} ${step.path}`, step)
    }
    for (const step of change.newSteps ?? []) this.store.set(`${step.run} ${step.path}`, step)
    for (const run of change.runs ?? []) this.runStates.set(run.id, run.state)
    for (const step of change.steps ?? []) {
      const known = this.store.get(`${step.run} ${step.path}`)!
      this.store.set(`${step.run} ${step.path}`, { ...known, ...step })
    }
  }
}

/** Lets promises that are resolved by now run their course. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})

describe('a sequence', () => {
  test('goes step by step, and the run is done when the last one is', async () => {
    const run = await bench.begin([say('one'), say('two')])
    expect(bench.states(run)).toEqual({ 0: 'running', 1: 'pending' })
    await bench.answer('one')
    expect(bench.states(run)).toEqual({ 0: 'done', 1: 'running' })
    await bench.answer('two')
    expect(bench.states(run)).toEqual({ 0: 'done', 1: 'done' })
    expect(bench.runStates.get(run)).toBe('done')
    expect(bench.work.openRuns).toBe(0)
  })

  test('of no steps is done at once', async () => {
    const run = await bench.begin([])
    expect(bench.runStates.get(run)).toBe('done')
  })

  test('stops at the first failure and skips the rest', async () => {
    const run = await bench.begin([say('one'), say('two'), parallel(say('three'))])
    await bench.answer('one', failed)
    expect(bench.states(run)).toEqual({ 0: 'dead', 1: 'skipped', 2: 'skipped' })
    expect(bench.runStates.get(run)).toBe('dead')
    expect(bench.begun).toEqual(['one'])
  })

  test('a step is claimed in the store before it is performed', async () => {
    const run = bench.plan([say('one')])
    expect(bench.begun).toEqual([])
    const flushed = bench.work.flush()
    expect(bench.begun).toEqual([])
    await flushed
    expect(bench.begun).toEqual(['one'])
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'running', attempt: 1 })
  })
})

describe('a failure', () => {
  const stubborn = say('one', { retry: { attempts: 3, minMs: 1_000, maxMs: 8_000 } })

  test('is tried again after a growing pause until the attempts are used up', async () => {
    const run = await bench.begin([stubborn])
    await bench.answer('one', failed)
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'waiting', wakeAt: 1_000, attempt: 1 })
    await bench.advance(999)
    expect(bench.begun).toHaveLength(1)
    await bench.advance(1)
    expect(bench.begun).toHaveLength(2)
    await bench.answer('one', failed)
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'waiting', wakeAt: 3_000, attempt: 2 })
    await bench.advance(2_000)
    await bench.answer('one', failed)
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'dead', attempt: 3, outcome: failed })
    expect(bench.runStates.get(run)).toBe('dead')
  })

  test('is not tried again before the other side asked for', async () => {
    const run = await bench.begin([stubborn])
    await bench.answer('one', { ...failed, afterMs: 90_000 })
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'waiting', wakeAt: 90_000 })
  })

  test('for good is not tried again', async () => {
    const run = await bench.begin([stubborn])
    await bench.answer('one', { kind: 'give-up', reason: 'no such program' })
    expect(bench.runStates.get(run)).toBe('dead')
  })

  test('runs what onFailure says, then the run is dead', async () => {
    const run = await bench.begin([say('one', { onFailure: [say('sorry'), say('so sorry')] }), say('two')])
    await bench.answer('one', failed)
    expect(bench.runStates.get(run)).toBe('running')
    await bench.answer('sorry')
    await bench.answer('so sorry')
    expect(bench.states(run)).toEqual({ '0': 'dead', '0!0': 'done', '0!1': 'done', '1': 'skipped' })
    expect(bench.runStates.get(run)).toBe('dead')
  })
})

describe('parallel', () => {
  test('runs side by side and is done when all are', async () => {
    const run = await bench.begin([parallel(say('a'), say('b')), say('after')])
    expect(bench.begun).toEqual(['a', 'b'])
    await bench.answer('b')
    expect(bench.begun).toEqual(['a', 'b'])
    await bench.answer('a')
    expect(bench.begun).toEqual(['a', 'b', 'after'])
    expect(bench.states(run)).toEqual({ '0': 'done', '0.0': 'done', '0.1': 'done', '1': 'running' })
  })

  test('lets the others end when one fails, and has then failed itself', async () => {
    const run = await bench.begin([parallel(say('a'), say('b')), say('after')])
    await bench.answer('a', failed)
    expect(bench.runStates.get(run)).toBe('running')
    await bench.answer('b')
    expect(bench.states(run)).toEqual({ '0': 'dead', '0.0': 'dead', '0.1': 'done', '1': 'skipped' })
    expect(bench.store.get(`${run} 0`)!.outcome).toMatchObject({ reason: '1 of its 2 steps failed' })
  })

  test('runs the onFailure of the child that failed', async () => {
    const run = await bench.begin([parallel(say('a', { onFailure: [say('sorry')] }), say('b'))])
    await bench.answer('a', failed)
    expect(bench.begun).toEqual(['a', 'b', 'sorry'])
    await bench.answer('b')
    await bench.answer('sorry')
    expect(bench.states(run)).toEqual({ '0': 'dead', '0.0': 'dead', '0.1': 'done', '0.0!0': 'done' })
  })
})

describe('a function of earlier results', () => {
  test('is called when its turn comes, and what it says is kept with the claim', async () => {
    const run = await bench.begin([say('one'), null])
    bench.decisions.push(say('two'))
    await bench.answer('one')
    expect(bench.begun).toEqual(['one', 'two'])
    expect(bench.store.get(`${run} 1`)).toMatchObject({ state: 'running', spec: { argv: ['two'] } })
  })

  test('that cannot say what to do ends the run, and the step says why', async () => {
    const run = await bench.begin([null])
    expect(bench.store.get(`${run} 0`)).toMatchObject({
      state: 'dead',
      outcome: { kind: 'give-up', reason: 'do threw: no idea' },
    })
    expect(bench.runStates.get(run)).toBe('dead')
  })

  test('may give a parallel step', async () => {
    bench.decisions.push(parallel(say('a'), say('b')))
    const run = await bench.begin([null])
    expect(bench.begun).toEqual(['a', 'b'])
    expect(bench.states(run)).toEqual({ '0': 'running', '0.0': 'running', '0.1': 'running' })
  })
})

describe('wait', () => {
  test('holds the run for its length, with the moment in the store', async () => {
    const run = await bench.begin([wait(60_000), say('after')])
    expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'waiting', wakeAt: 60_000 })
    await bench.advance(59_999)
    expect(bench.begun).toEqual([])
    await bench.advance(1)
    expect(bench.begun).toEqual(['after'])
  })

  test('takes no place that another step could have', async () => {
    bench = new Bench({ steps: { total: 1, perRule: 1 }, requests: { total: 1, perRule: 1 } })
    await bench.begin([wait(60_000)])
    await bench.begin([say('one')])
    expect(bench.begun).toEqual(['one'])
  })
})

describe('a clock that is set', () => {
  for (const [way, byMs] of [
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ] as const)
    test(`${way} leaves waits and retries the rest of their time, in the store too`, async () => {
      bench.clock.set(10_000_000)
      const waits = await bench.begin([wait(60_000), say('after')])
      const retries = await bench.begin([
        say('again', { retry: { attempts: 2, minMs: 60_000, maxMs: 60_000 } }),
      ])
      await bench.answer('again', failed)
      await bench.advance(20_000)
      bench.clock.set(bench.clock.now() + byMs)
      bench.work.clockSet(byMs)
      for (const run of [waits, retries])
        expect(bench.store.get(`${run} 0`)).toMatchObject({ state: 'waiting', wakeAt: 10_060_000 + byMs })
      await bench.advance(39_999)
      expect(bench.begun).toEqual(['again'])
      await bench.advance(1)
      expect(bench.begun).toEqual(['again', 'after', 'again'])
    })

  test('is noticed before anything begins because of it', async () => {
    bench.lookAtClock = () => bench.work.clockSet(3_600_000)
    await bench.begin([wait(60_000), say('after')])
    bench.clock.set(3_600_000)
    await bench.advance(1_000)
    expect(bench.begun).toEqual([])
  })
})

describe('limits', () => {
  test('no more steps are under way than allowed, over all and per rule', async () => {
    bench = new Bench({ steps: { total: 3, perRule: 2 }, requests: { total: 3, perRule: 2 } })
    for (const text of ['a1', 'a2', 'a3']) bench.plan([say(text)], { rule: 'a' })
    for (const text of ['b1', 'b2']) bench.plan([say(text)], { rule: 'b' })
    await bench.work.flush()
    expect(bench.begun).toEqual(['a1', 'b1', 'a2'])
    await bench.answer('b1')
    expect(bench.begun).toEqual(['a1', 'b1', 'a2', 'b2'])
    await bench.answer('b2')
    expect(bench.begun).toHaveLength(4)
    await bench.answer('a1')
    expect(bench.begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  test('steps that only publish do not wait for others, nor others for them', async () => {
    bench = new Bench({ steps: { total: 1, perRule: 1 }, requests: { total: 1, perRule: 1 } })
    const tell = (): ActionSpec => ({ ...say(''), kind: 'publish' }) as ActionSpec
    for (const spec of [say('one'), tell(), tell(), say('two'), tell()]) bench.plan([spec])
    await bench.work.flush()
    expect(bench.begun.toSorted()).toEqual(['one', 'publish', 'publish', 'publish'])
    await bench.answer('one')
    expect(bench.begun.at(-1)).toBe('two')
  })

  test('requests have places of their own, so that a long command keeps none waiting', async () => {
    bench = new Bench({ steps: { total: 1, perRule: 1 }, requests: { total: 2, perRule: 2 } })
    const ask = (): ActionSpec => ({ ...say(''), kind: 'webhook' }) as ActionSpec
    for (const spec of [say('one'), ask(), ask(), ask(), say('two')]) bench.plan([spec])
    await bench.work.flush()
    expect(bench.begun.toSorted()).toEqual(['one', 'webhook', 'webhook'])
    await bench.answer('webhook')
    expect(bench.begun.slice(3)).toEqual(['webhook'])
  })

  test('a step that was still to be decided takes the place that it waited for, whatever it turns out to be', async () => {
    bench = new Bench({ steps: { total: 2, perRule: 2 }, requests: { total: 1, perRule: 1 } })
    const ask = (): ActionSpec => ({ ...say(''), kind: 'webhook' }) as ActionSpec
    for (let n = 0; n < 5; n++) {
      bench.decisions.push(ask())
      bench.plan([null])
    }
    await bench.work.flush()
    expect(bench.begun).toEqual(['webhook', 'webhook'])
    await bench.answer('webhook')
    expect(bench.begun).toHaveLength(3)
  })

  test('what ends while a commit is under way is written in one, which is the next', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const name of ['one', 'two', 'three']) bench.plan([say(name), say(`after ${name}`)])
    await bench.work.flush()
    bench.commits = 0
    bench.committed = promise
    for (const name of ['one', 'two', 'three']) await bench.answer(name)
    expect(bench.commits).toBe(1)
    bench.committed = Promise.resolve()
    resolve()
    await settled()
    expect(bench.commits).toBe(2)
    expect(bench.begun.slice(3)).toEqual(['after one', 'after two', 'after three'])
  })

  test('runs of one key that are queued go one after the other', async () => {
    const first = await bench.begin([say('one')], { width: 1 })
    const second = await bench.begin([say('two')], { width: 1 })
    expect(bench.runStates.get(second)).toBe('planned')
    await bench.answer('one')
    expect(bench.runStates.get(first)).toBe('done')
    expect(bench.begun).toEqual(['one', 'two'])
  })
})

test('a commit ends when functions of earlier results have decided 16 MiB, and the next one follows', async () => {
  for (const name of 'abcde') {
    bench.decisions.push(heavy(name, 10))
    bench.plan([null])
  }
  await bench.work.flush()
  await settled()
  expect(bench.begun).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(bench.commits).toBe(3)
})

test('what functions of earlier results decide counts as held, and a run dies when open runs leave no memory for it', async () => {
  const runs = [1, 2, 3, 4, 5, 6].map(() => {
    bench.decisions.push(heavy('big', 60))
    return bench.plan([null])
  })
  bench.decisions.push(say('small'))
  const small = bench.plan([null])
  await bench.work.flush()
  for (let n = 0; n < 9; n++) await settled()
  expect(bench.work.weight).toBeGreaterThan(300 * 2 ** 20)
  expect(runs.map((run) => bench.runStates.get(run))).toEqual([...Array(5).fill('running'), 'dead'])
  expect(bench.store.get(`${runs[5]} 0`)?.outcome).toMatchObject({
    reason: expect.stringMatching(
      /returned an action that takes 60 MiB, and open runs leave no memory for it/,
    ),
  })
  expect(bench.runStates.get(small)).toBe('running')
})

test('what the steps of open runs hold is known, until the runs have ended', async () => {
  const empty = bench.work.weight
  const body = 'x'.repeat(1_000_000)
  const first = await bench.begin([say('one'), parallel(say(body))])
  await bench.begin([wait(1_000), say(body)])
  expect(Math.round(bench.work.weight / 1_000_000)).toBe(2)
  bench.work.cancel(first, 'a newer firing replaces it')
  expect(Math.round(bench.work.weight / 1_000_000)).toBe(1)
  await bench.advance(1_000)
  await bench.answer(body)
  expect(bench.work.weight).toBe(empty)
})

describe('cancelling', () => {
  test('ends the run, aborts what is under way, and its late outcome changes nothing', async () => {
    const run = await bench.begin([say('one'), say('two')])
    const { claim } = bench.pending.get('one')!
    bench.work.cancel(run, 'a newer firing replaces it')
    await bench.work.flush()
    expect(claim.ending.signal.reason).toEqual(new Error('a newer firing replaces it'))
    await bench.answer('one', failed)
    expect(bench.states(run)).toEqual({ 0: 'cancelled', 1: 'cancelled' })
    expect(bench.runStates.get(run)).toBe('cancelled')
    expect(bench.work.stepsUnderWay).toBe(0)
  })

  test('a step that is claimed but has not begun never begins', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    bench.committed = promise
    const run = bench.plan([say('one')])
    const begun = bench.work.flush()
    bench.work.cancel(run, 'a newer firing replaces it')
    resolve()
    await begun
    await bench.work.flush()
    await settled()
    expect(bench.begun).toEqual([])
    expect(bench.states(run)).toEqual({ 0: 'cancelled' })
    expect(bench.work.stepsUnderWay).toBe(0)
  })

  test('a run that waits never goes on', async () => {
    const run = await bench.begin([wait(1_000), say('after')])
    bench.work.cancel(run, 'asked to')
    await bench.work.flush()
    await bench.advance(5_000)
    expect(bench.begun).toEqual([])
    expect(bench.states(run)).toEqual({ 0: 'cancelled', 1: 'cancelled' })
  })
})

describe('closing', () => {
  test('waits for what is under way and begins nothing new', async () => {
    const run = await bench.begin([say('one'), say('two')])
    let closed = false
    const closing = bench.work.close(10_000).then(() => (closed = true))
    await settled()
    expect(closed).toBe(false)
    await bench.answer('one')
    await closing
    expect(bench.states(run)).toEqual({ 0: 'done', 1: 'pending' })
  })

  test('aborts what takes longer, and leaves it to be done again', async () => {
    const run = await bench.begin([say('one')])
    const { claim } = bench.pending.get('one')!
    const closing = bench.work.close(10_000)
    await bench.advance(10_000)
    expect(claim.ending.signal.aborted).toBe(true)
    await bench.answer('one', failed)
    await closing
    expect(bench.states(run)).toEqual({ 0: 'pending' })
    expect(bench.runStates.get(run)).toBe('running')
  })
})

describe('handing over', () => {
  test('leaves what others perform to them: it is neither told of nor waited for', async () => {
    const step = { ...newStep(9, '0', say('elsewhere')), state: 'running', attempt: 1 } as const
    const run = { id: 9, rule: 'r', key: '', event: 1, state: 'running', plannedAt: 0, reason: null } as const
    bench.work.add({
      run: { ...run, startedAt: 0, endedAt: null },
      steps: [step],
      event,
      width: Infinity,
    })
    const own = await bench.begin([say('one')])
    expect(bench.work.handOver()).toEqual([{ run: own, path: '0' }])
    const closed = bench.work.close(1_000)
    await bench.answer('one')
    await closed
    expect(bench.passedOn).toEqual([[own, done]])
    await bench.advance(1_000)
    expect(bench.abortedElsewhere).toEqual([])
  })
})

describe('runs one after the other', () => {
  test('those that went side by side before their rule was changed end one after the other', async () => {
    const one = bench.plan([say('one')], { width: 1 })
    const two = newStep(9, '0', say('two'))
    const three = newStep(9, '1', say('three'))
    const run = { id: 9, rule: 'r', key: '', event: 1, state: 'running', plannedAt: 0, reason: null } as const
    bench.draft.newRun({ ...run, startedAt: 0, endedAt: null }, [])
    for (const step of [two, three]) bench.store.set(`9 ${step.path}`, step)
    bench.work.add({
      run: { ...run, startedAt: 0, endedAt: null },
      steps: [{ ...two, state: 'done', attempt: 1, outcome: done }, three],
      event,
      width: 1,
    })
    await bench.work.flush()
    expect(bench.begun).toEqual(['one'])
    await bench.answer('one')
    expect(bench.runStates.get(one)).toBe('done')
    expect(bench.begun).toEqual(['one', 'three'])
    await bench.answer('three')
    expect(bench.runStates.get(9)).toBe('done')
  })
})
