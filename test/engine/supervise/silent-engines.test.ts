import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import type { SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import { SilentEngines } from '../../../src/engine/supervise/silent-engines.ts'

const LOOK_MS = 1_000

/** An engine that answers the first question, and no further one. */
function falling() {
  const ended = Promise.withResolvers<Awaited<SpawnedEngine['ended']>>()
  let asked = 0
  const strikes: string[] = []
  const engine: SpawnedEngine = {
    remote: {
      status: () => (++asked === 1 ? Promise.resolve({}) : new Promise(() => {})),
    } as unknown as SpawnedEngine['remote'],
    ended: ended.promise,
    async terminate() {},
    strike: (reason) => void strikes.push(reason),
  }
  return {
    engine,
    strikes,
    end: () => ended.resolve({ how: 'died', reason: 'died', unit: null, item: null }),
  }
}

test('an engine is silent when it has not answered for a while, is ended later, and then is silent no more', async () => {
  const clock = new ManualClock()
  const sizes: number[] = []
  const silent = new SilentEngines({
    clock,
    lookEveryMs: LOOK_MS,
    changed: () => void sizes.push(silent.size),
  })
  const { engine, strikes, end } = falling()
  silent.watch(engine)
  for (let look = 0; look < 60; look++) {
    clock.advance(LOOK_MS)
    await nextTurn()
  }
  expect([sizes, silent.size, strikes]).toEqual([[1], 1, ['did not answer for 40s']])
  end()
  await nextTurn()
  expect([sizes, silent.size]).toEqual([[1, 0], 0])
})
