import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { RetiredEngines } from '../../../src/engine/supervise/retired-engines.ts'
import type { SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import type { Outcome } from '../../../src/model/outcome.ts'

const DONE: Outcome = { kind: 'done', result: {} }
const [one, two] = [
  { run: 1, path: '0' },
  { run: 2, path: '0' },
]

/** An engine that ends when it is told to by the test. */
function quietEngine(): SpawnedEngine & { readonly end: () => void } {
  const ended = Promise.withResolvers<Awaited<SpawnedEngine['ended']>>()
  return {
    remote: {
      stop: () => new Promise(() => {}),
      status: async () => ({}),
    } as unknown as SpawnedEngine['remote'],
    ended: ended.promise,
    end: () => ended.resolve({ how: 'died', reason: 'died', unit: null, task: null }),
    async terminate() {},
    strike() {},
  }
}

/** The engine in charge hears nothing until `hear`. */
function retired() {
  const said: [run: number, outcome: Outcome | null][] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const engines = new RetiredEngines({
    clock: new ManualClock(),
    passOn: async (step, outcome) => {
      await promise
      said.push([step.run, outcome])
    },
  })
  return { engines, said, hear: resolve }
}

test('a step is left alone until the engine in charge has heard of its end', async () => {
  const { engines, said, hear } = retired()
  const engine = quietEngine()
  void engines.add(engine, [one, two], 1_000)
  engines.settled(engine, one, DONE)
  expect(engines.steps).toEqual([two, one])
  hear()
  await expect.poll(() => engines.steps).toEqual([two])
  expect(said).toEqual([[1, DONE]])
})

test('a step whose end was told before the list that names it is told once', async () => {
  const { engines, said, hear } = retired()
  const engine = quietEngine()
  engines.settled(engine, one, DONE)
  const gone = engines.add(engine, [one, two], 1_000)
  engine.end()
  await gone
  hear()
  await expect
    .poll(() => said)
    .toEqual([
      [1, DONE],
      [2, null],
    ])
  expect(engines.steps).toEqual([])
})
