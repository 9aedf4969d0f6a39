import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { RetiredEngines } from '../../../src/engine/supervise/retired-engines.ts'
import type { SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import type { Outcome } from '../../../src/model/outcome.ts'

/** Nobody loses patience. */
const { signal: WAITED_FOR } = new AbortController()
const DONE: Outcome = { kind: 'done', result: {} }
const [one, two] = [
  { run: 1, path: '0' },
  { run: 2, path: '0' },
]

/** An engine that is performing two steps when it hands over, and ends when it is told to by the test. */
function quietEngine(handOver = async () => [one, two]): SpawnedEngine & { readonly end: () => void } {
  const ended = Promise.withResolvers<Awaited<SpawnedEngine['ended']>>()
  return {
    remote: {
      handOver,
      stop: () => new Promise(() => {}),
      status: async () => ({}),
    } as unknown as SpawnedEngine['remote'],
    ended: ended.promise,
    end: () => ended.resolve({ how: 'died', reason: 'died', unit: null, item: null }),
    async terminate() {},
    strike() {},
  }
}

/** The engine in charge hears nothing until `hear`. */
function retired() {
  const said: [run: number, outcome: Outcome | null][] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const clock = new ManualClock()
  const engines = new RetiredEngines({
    clock,
    log: silentLog,
    passOn: async (step, outcome) => {
      await promise
      said.push([step.run, outcome])
    },
  })
  return { engines, clock, said, hear: resolve }
}

test('a step is left alone until the engine in charge has heard of its end', async () => {
  const { engines, said, hear } = retired()
  const engine = quietEngine()
  await engines.retire(engine, WAITED_FOR)
  engines.ended(engine, one, DONE)
  expect(engines.steps).toEqual([two, one])
  hear()
  await expect.poll(() => engines.steps).toEqual([two])
  expect(said).toEqual([[1, DONE]])
})

test('a step whose end was told before the list that names it is told once', async () => {
  const { engines, said, hear } = retired()
  const engine = quietEngine()
  engines.ended(engine, one, DONE)
  await engines.retire(engine, WAITED_FOR)
  engine.end()
  hear()
  await expect
    .poll(() => said)
    .toEqual([
      [1, DONE],
      [2, null],
    ])
  expect(engines.steps).toEqual([])
})

test('an engine that does not hand over is ended, and new rules wait no longer', async () => {
  const { engines, clock } = retired()
  const engine = quietEngine(() => new Promise(() => {}))
  let isTerminated = false
  engine.terminate = async () => {
    isTerminated = true
    engine.end()
  }
  const handedOver = engines.retire(engine, WAITED_FOR)
  clock.advance(59_000)
  expect(isTerminated).toBe(false)
  clock.advance(1_000)
  await handedOver
  expect([isTerminated, engines.steps]).toEqual([true, []])
})
