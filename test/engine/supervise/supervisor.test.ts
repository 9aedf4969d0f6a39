import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { News } from '../../../src/engine/supervise/news.ts'
import type { Ending, SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import { Supervisor } from '../../../src/engine/supervise/supervisor.ts'
import type { LoadReport } from '../../../src/engine/protocol.ts'

const SILENT: News = { started() {}, loaded() {}, refused() {}, unreadable() {}, died() {} }
const report: LoadReport = {
  version: '1',
  rules: [],
  pings: [],
  watches: [],
  filters: [],
  unreadable: null,
  failures: [],
  warnings: [],
  beyond: { looked: [], folders: [] },
}

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
    news: SILENT,
    setInterest() {},
    setInterestInAll() {},
    dependOn() {},
    canReadRules: async () => true,
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
    news: SILENT,
    setInterest() {},
    setInterestInAll() {},
    dependOn() {},
    canReadRules: async () => true,
    spawn: (_host, { careful, predecessorDied }) => {
      const ended = Promise.withResolvers<Ending>()
      begun.push({ careful, predecessorDied, die: ended.resolve })
      const version = String(begun.length)
      return {
        remote: {
          load: async () => ({ ...report, version }),
          start: async () => {},
          handOver: async () => [],
          status: async () => ({
            rules: [],
            pings: [],
            watches: [],
            cursor: 0,
            heldBack: null,
            openRuns: 0,
            stepsUnderWay: 0,
            stepsQueued: 0,
          }),
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

/** Engines of which each has another version of the rules; only the first begins, and none hands over: the disk is full. */
function onFullDisk() {
  const clock = new ManualClock()
  const begun: { readonly ended: PromiseWithResolvers<Ending>; isGone: boolean }[] = []
  const never = new Promise<never>(() => {})
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: SILENT,
    setInterest() {},
    setInterestInAll() {},
    dependOn() {},
    canReadRules: async () => true,
    spawn: () => {
      const engine = { ended: Promise.withResolvers<Ending>(), isGone: false }
      const number = begun.push(engine)
      return {
        remote: {
          load: async () => ({ ...report, version: String(number) }),
          start: () => (number === 1 ? Promise.resolve() : never),
          handOver: () => never,
          stop: () => never,
        } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
        ended: engine.ended.promise,
        async terminate() {
          engine.isGone = true
          engine.ended.resolve({ how: 'asked', reason: 'was asked to end', unit: null })
        },
      }
    },
  })
  /** Stops, and goes on until that is done, for a minute at most. Returns how long it took. */
  const stop = async (): Promise<number> => {
    const stopped = supervisor.stop(10_000).then(() => true)
    const begunAt = clock.now()
    const turn = (): Promise<false> => new Promise((resolve) => setImmediate(resolve, false))
    while (!(await Promise.race([stopped, turn()])) && clock.now() - begunAt < 60_000) clock.advance(1_000)
    return clock.now() - begunAt
  }
  return { clock, begun, supervisor, stop }
}

test('the hub can stop while an engine cannot hand over', async () => {
  const { begun, supervisor, stop } = onFullDisk()
  await supervisor.start()
  void supervisor.reload()
  await expect.poll(() => begun.length).toBe(2)
  expect(await stop()).toBeLessThan(40_000)
  expect(begun).toMatchObject([{ isGone: true }, { isGone: true }])
})

test('the hub can stop while an engine cannot begin', async () => {
  const { clock, begun, supervisor, stop } = onFullDisk()
  await supervisor.start()
  begun[0]!.ended.resolve({ how: 'hung', reason: 'hung', unit: { kind: 'rule', name: 'bad' } })
  await expect.poll(() => (clock.advance(1), begun.length)).toBe(2)
  expect(await stop()).toBeLessThan(20_000)
  expect(begun[1]).toMatchObject({ isGone: true })
})
