import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { changeRun } from '../../../src/engine/steps/by-hand.ts'
import type { ByHandPorts } from '../../../src/engine/steps/by-hand.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newStep } from '../../../src/engine/runs/open-run.ts'
import { MemoryStore } from '../../../src/engine/virtual/memory-store.ts'
import { Work } from '../../../src/engine/steps/work.ts'
import type { ActionSpec } from '../../../src/model/action.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { ruleSet } from '../../../src/rules/compile/rule-set.ts'
import { newEvent } from '../../journal/nouns.ts'

const say = (text: string, onFailure: ActionSpec[] = []): ActionSpec => ({
  kind: 'shell',
  argv: [text],
  timeoutMs: 1_000,
  retry: { attempts: 1, minMs: 0, maxMs: 0 },
  ...(onFailure.length > 0 && { onFailure }),
})
const several = (...steps: ActionSpec[]): ActionSpec => ({ ...say(''), kind: 'parallel', steps })

let store: MemoryStore
let ports: ByHandPorts & { readonly work: Work }
let begun: string[]
let broken: Set<string>
beforeEach(() => {
  store = new MemoryStore()
  store.append(newEvent())
  begun = []
  broken = new Set()
  const draft = new Draft()
  const work: Work = new Work(
    {
      clock: new ManualClock(5_000),
      draft,
      commit: async () => store.commit(draft.take()),
      perform: async ({ spec }): Promise<Outcome> => {
        const [text = ''] = spec.kind === 'shell' ? spec.argv : []
        begun.push(text)
        return broken.has(text) ? { kind: 'give-up', reason: 'broken' } : { kind: 'done', result: {} }
      },
      decide: () => null,
      abortElsewhere: () => {},
      passOn: () => {},
      ended: () => {},
      random: () => 0,
    },
    { steps: { total: 10, perRule: 10 }, requests: { total: 10, perRule: 10 } },
  )
  ports = { work, reads: store, rules: ruleSet('vigie', []), takeAgain: () => false }
})

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function runs(...specs: ActionSpec[]): Promise<void> {
  const run = {
    id: 1,
    rule: 'r',
    key: '',
    event: 1,
    state: 'planned',
    plannedAt: 0,
    startedAt: null,
    endedAt: null,
    reason: null,
  } as const
  const steps = specs.map((spec, index) => newStep(1, String(index), spec))
  store.commit({ newRuns: [{ run, steps }] })
  ports.work.add({ run, steps, event: store.event(1)!, width: Infinity })
  await ports.work.flush()
  await quiet()
}

const states = (): Record<string, string> =>
  Object.fromEntries(store.run(1)!.steps.map(({ path, state }) => [path, state]))

test('a dead run goes on with the step that failed, and what was left out gets its turn', async () => {
  broken.add('b')
  await runs(say('a'), say('b'), say('c'))
  expect(states()).toEqual({ 0: 'done', 1: 'dead', 2: 'skipped' })
  broken.clear()
  expect(await changeRun(1, 'retry', ports)).toEqual({ ok: true })
  await quiet()
  expect(begun).toEqual(['a', 'b', 'b', 'c'])
  expect(store.run(1)!.run).toMatchObject({ state: 'done', endedAt: 5_000 })
})

test('of steps side by side only those are done again that failed', async () => {
  broken.add('b')
  await runs(several(say('a'), say('b')))
  broken.clear()
  await changeRun(1, 'retry', ports)
  await quiet()
  expect(begun).toEqual(['a', 'b', 'b'])
  expect(states()).toEqual({ 0: 'done', '0.0': 'done', '0.1': 'done' })
})

test('one that fails again is dead again, and what onFailure did is not done twice', async () => {
  broken.add('a')
  await runs(say('a', [say('sorry')]))
  await changeRun(1, 'retry', ports)
  await quiet()
  expect(begun).toEqual(['a', 'sorry', 'a'])
  expect(store.run(1)!.run.state).toBe('dead')
})

test('only a dead run of which the event is known can be retried', async () => {
  expect(await changeRun(1, 'retry', ports)).toEqual({ ok: false, reason: 'There is no run 1.' })
  await runs({ ...say(''), kind: 'wait', lengthMs: 1_000 })
  expect(await changeRun(1, 'retry', ports)).toMatchObject({
    reason: 'Run 1 of rule "r" is under way already.',
  })
  expect(await changeRun(1, 'cancel', ports)).toEqual({ ok: true })
  expect(states()).toEqual({ 0: 'cancelled' })
  expect(await changeRun(1, 'cancel', ports)).toMatchObject({
    reason: 'Run 1 of rule "r" has ended: it is cancelled.',
  })
  expect(await changeRun(1, 'retry', ports)).toMatchObject({
    reason: expect.stringContaining('is cancelled; only'),
  })
})

test('a dead run that is discarded counts as cancelled, keeps its steps, and is not tried again', async () => {
  broken.add('b')
  await runs(say('a'), say('b'))
  expect(await changeRun(1, 'discard', ports)).toEqual({ ok: true })
  await quiet()
  expect(store.run(1)!.run).toMatchObject({ state: 'cancelled', reason: 'it was discarded by hand' })
  expect(states()).toEqual({ 0: 'done', 1: 'dead' })
  expect(await changeRun(1, 'retry', ports)).toMatchObject({
    reason: expect.stringContaining('is cancelled; only a dead run can be retried'),
  })
  expect(await changeRun(1, 'discard', ports)).toMatchObject({
    reason: 'Run 1 of rule "r" is cancelled; only a dead run can be discarded.',
  })
  expect(await changeRun(2, 'discard', ports)).toMatchObject({ reason: 'There is no run 2.' })
})
