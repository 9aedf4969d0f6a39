import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { SpawnedEngine } from '../../src/engine/spawn.ts'
import { Supervisor } from '../../src/engine/supervisor.ts'
import type { LoadReport } from '../../src/engine/thread.ts'

const report: LoadReport = { version: '1', rules: [], filters: [], failures: [], warnings: [] }

/** An engine that never gets its last words out, as on a full disk. */
function speechless(): SpawnedEngine & { readonly said: string[] } {
  const said: string[] = []
  const ended = Promise.withResolvers<Awaited<SpawnedEngine['ended']>>()
  return {
    said,
    remote: {
      load: async () => report,
      start: async () => {},
      stop: (patienceMs: number) => {
        said.push(`stop within ${patienceMs}`)
        return new Promise<void>(() => {})
      },
    } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
    ended: ended.promise,
    async terminate() {
      said.push('terminate')
      ended.resolve({ how: 'asked', reason: 'was asked to end', unit: null })
    },
  }
}

test('an engine that cannot write down what it has ended is not waited for without end', async () => {
  const clock = new ManualClock()
  const engine = speechless()
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: { started() {}, loaded() {}, refused() {}, died() {} },
    setInterest() {},
    spawn: () => engine,
  })
  await supervisor.start()
  const stopped = supervisor.stop(10_000)
  while (engine.said.length === 0) await Promise.resolve()
  clock.advance(24_000)
  await Promise.resolve()
  expect(engine.said).toEqual(['stop within 10000'])
  clock.advance(2_000)
  await stopped
  expect(engine.said).toEqual(['stop within 10000', 'terminate'])
})
