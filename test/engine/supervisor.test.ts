import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Ending, SpawnedEngine } from '../../src/engine/spawn.ts'
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

test('engines after one that was brought down are careful until rules are reloaded', async () => {
  const clock = new ManualClock()
  const begun: { readonly careful: boolean; readonly predecessorDied: boolean; die(ending: Ending): void }[] =
    []
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: { started() {}, loaded() {}, refused() {}, died() {} },
    setInterest() {},
    spawn: (_host, { careful, predecessorDied }) => {
      const ended = Promise.withResolvers<Ending>()
      begun.push({ careful, predecessorDied, die: ended.resolve })
      const version = String(begun.length)
      return {
        remote: {
          load: async () => ({ ...report, version }),
          start: async () => {},
          handOver: async () => [],
          status: async () => ({ rules: [], cursor: 0, openRuns: 0, stepsUnderWay: 0, stepsQueued: 0 }),
          stop: async () => {},
        } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
        ended: ended.promise,
        terminate: async () => {},
      }
    },
  })
  /** Resolves when the next engine is in charge. */
  const afterDeath = async (ending: Omit<Ending, 'reason'>): Promise<(typeof begun)[number]> => {
    const { length } = begun
    begun.at(-1)!.die({ ...ending, reason: 'died' })
    for (let state = ''; begun.length === length || state !== 'running';) {
      clock.advance(1_000)
      ;({ state } = await supervisor.status())
    }
    return begun.at(-1)!
  }
  await supervisor.start()
  expect(begun).toMatchObject([{ careful: false, predecessorDied: false }])
  // Whoever is to blame is not known, so nobody is blamed.
  const first = await afterDeath({ how: 'crashed', unit: null })
  expect(first).toMatchObject({ careful: true, predecessorDied: false })
  // It kept its box, and no rule was at work.
  const second = await afterDeath({ how: 'died', unit: null })
  expect(second).toMatchObject({ careful: true, predecessorDied: true })
  const third = await afterDeath({ how: 'died', unit: { kind: 'rule', name: 'bad' } })
  expect(third).toMatchObject({ careful: true, predecessorDied: false })
  await supervisor.reload()
  expect(begun.at(-1)).toMatchObject({ careful: false, predecessorDied: false })
  await supervisor.stop(0)
})
