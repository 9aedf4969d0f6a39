import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { News } from '../../../src/engine/supervise/news.ts'
import type { Ending, SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import { Supervisor } from '../../../src/engine/supervise/supervisor.ts'
import type { EngineAtWork } from '../../../src/model/hub-status.ts'
import type { LoadReport } from '../../../src/engine/protocol.ts'

const SILENT: News = { started() {}, loaded() {}, refused() {}, unreadable() {}, died() {}, trouble() {} }
const report: LoadReport = {
  version: '1',
  rules: [],
  pings: [],
  watches: [],
  hosts: [],
  tasks: [],
  commands: [],
  filters: [],
  unreadable: null,
  failures: [],
  warnings: [],
  beyond: { looked: [], folders: [] },
}

const idle: EngineAtWork = {
  rules: [],
  pings: [],
  watches: [],
  commands: [],
  cursor: 0,
  heldBack: null,
  openRuns: 0,
  stepsUnderWay: 0,
  stepsQueued: 0,
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
      status: async () => idle,
      stop: (patienceMs: number) => {
        said.push(`stop within ${patienceMs}`)
        return new Promise<void>(() => {})
      },
    } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
    ended: ended.promise,
    async terminate() {
      said.push('terminate')
      ended.resolve({ how: 'asked', reason: 'was asked to end', unit: null, item: null })
    },
    strike() {},
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
    lookEveryMs: 1_000,
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
  const begun: {
    readonly careful: boolean
    readonly deathsOutsideRules: number
    die(ending: Ending): void
  }[] = []
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: SILENT,
    setInterest() {},
    setInterestInAll() {},
    dependOn() {},
    canReadRules: async () => true,
    lookEveryMs: 1_000,
    spawn: (_host, { careful, deathsOutsideRules }) => {
      const ended = Promise.withResolvers<Ending>()
      begun.push({ careful, deathsOutsideRules, die: ended.resolve })
      const version = String(begun.length)
      return {
        remote: {
          load: async () => ({ ...report, version }),
          start: async () => {},
          handOver: async () => [],
          status: async () => idle,
          stop: async () => {},
        } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
        ended: ended.promise,
        terminate: async () => {},
        strike() {},
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
  expect(begun).toMatchObject([{ careful: false, deathsOutsideRules: 0 }])
  // Whoever is to blame is not known, so nobody is blamed.
  const first = await afterDeath({ how: 'crashed', unit: null, item: null })
  expect(first).toMatchObject({ careful: true, deathsOutsideRules: 0 })
  // It kept its box, and no rule was at work.
  const second = await afterDeath({ how: 'died', unit: null, item: null })
  expect(second).toMatchObject({ careful: true, deathsOutsideRules: 1 })
  const third = await afterDeath({ how: 'died', unit: { kind: 'rule', name: 'bad' }, item: null })
  expect(third).toMatchObject({ careful: true, deathsOutsideRules: 0 })
  await supervisor.reload()
  expect(begun.at(-1)).toMatchObject({ careful: false, deathsOutsideRules: 0 })
  await supervisor.stop(0)
})

/** Engines of which each has another version of the rules; only the first begins, and none hands over: the disk is full. */
function onFullDisk({ isFull = true } = {}) {
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
    lookEveryMs: 1_000,
    spawn: () => {
      const engine = { ended: Promise.withResolvers<Ending>(), isGone: false }
      const number = begun.push(engine)
      return {
        remote: {
          load: async () => ({ ...report, version: String(number) }),
          start: () => (number === 1 || !isFull ? Promise.resolve() : never),
          handOver: () => never,
          status: async () => idle,
          stop: () => never,
        } as Partial<SpawnedEngine['remote']> as SpawnedEngine['remote'],
        ended: engine.ended.promise,
        async terminate() {
          engine.isGone = true
          engine.ended.resolve({ how: 'asked', reason: 'was asked to end', unit: null, item: null })
        },
        strike() {},
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
  begun[0]!.ended.resolve({ how: 'hung', reason: 'hung', unit: { kind: 'rule', name: 'bad' }, item: null })
  await expect.poll(() => (clock.advance(1), begun.length)).toBe(2)
  expect(await stop()).toBeLessThan(20_000)
  expect(begun[1]).toMatchObject({ isGone: true })
})

/** Engines that end before they are in charge, as often as the test wants. */
function failing(ending: Ending) {
  const clock = new ManualClock()
  const told: (string | null)[] = []
  const interest: (readonly string[])[] = []
  let begun = 0
  let isMended = false
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: { ...SILENT, trouble: (sentence) => told.push(sentence) },
    setInterest: (filters) => interest.push(filters),
    setInterestInAll: () => interest.push(['#']),
    dependOn() {},
    canReadRules: async () => true,
    lookEveryMs: 1_000,
    spawn: () => {
      begun++
      const ended = isMended ? new Promise<Ending>(() => {}) : Promise.resolve(ending)
      const gone = async (): Promise<never> => {
        throw new Error('gone')
      }
      return {
        remote: {
          load: isMended ? async () => ({ ...report, filters: ['a'] }) : gone,
          start: async () => {},
          status: isMended ? async () => idle : gone,
          stop: async () => {},
        } as unknown as SpawnedEngine['remote'],
        ended,
        terminate: async () => {},
        strike() {},
      }
    },
  })
  return {
    clock,
    supervisor,
    told,
    interest,
    begun: () => begun,
    mend: () => {
      isMended = true
    },
  }
}

test('the hub starts without an engine when engines end, keeps all events, says so, and goes on once one gets on', async () => {
  const { clock, supervisor, told, interest, mend } = failing({
    how: 'died',
    reason: 'used up its memory',
    unit: null,
    item: null,
  })
  await supervisor.start()
  expect(interest).toEqual([['#']])
  expect(supervisor.conditions().engine).toMatch(/^The engine used up its memory, .*Events are kept/)
  expect(new Set(told)).toEqual(new Set([supervisor.conditions().engine]))
  expect(await supervisor.status()).toMatchObject({ state: 'restarting' })
  mend()
  await expect.poll(async () => (clock.advance(1_000), (await supervisor.status()).state)).toBe('running')
  expect(interest.at(-1)).toEqual(['a'])
  expect(supervisor.conditions().engine).not.toBeNull()
  for (let second = 0; second < 11; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(supervisor.conditions().engine).toBeNull()
  expect(told.at(-1)).toBeNull()
  await supervisor.stop(0)
})

test('a reload does not wait for the pause before the next engine', async () => {
  const { supervisor, mend, begun } = failing({ how: 'died', reason: 'died', unit: null, item: null })
  await supervisor.start()
  mend()
  expect(begun()).toBe(1)
  await supervisor.reload()
  expect(await supervisor.status()).toMatchObject({ state: 'running' })
  await supervisor.stop(0)
})

test('an engine that does not hand over in time is ended, and its successor takes charge', async () => {
  const { clock, begun, supervisor, stop } = onFullDisk({ isFull: false })
  await supervisor.start()
  const reloaded = supervisor.reload()
  await expect.poll(() => begun.length).toBe(2)
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(61_000)
  await reloaded
  expect(begun).toMatchObject([{ isGone: true }, { isGone: false }])
  await stop()
})

test('a frozen engine is told, and ended when it stays so', async () => {
  const clock = new ManualClock()
  const told: (string | null)[] = []
  const struck: string[] = []
  let isFrozen = false
  const supervisor = new Supervisor({
    clock,
    log: silentLog,
    news: { ...SILENT, trouble: (sentence) => told.push(sentence) },
    setInterest() {},
    setInterestInAll() {},
    dependOn() {},
    canReadRules: async () => true,
    lookEveryMs: 1_000,
    spawn: () => ({
      remote: {
        load: async () => report,
        start: async () => {},
        status: () => (isFrozen ? new Promise(() => {}) : Promise.resolve(idle)),
        stop: async () => {},
      } as unknown as SpawnedEngine['remote'],
      ended: new Promise(() => {}),
      terminate: async () => {},
      strike: (reason) => struck.push(reason),
    }),
  })
  await supervisor.start()
  const turns = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await turns(3)
  isFrozen = true
  await turns(15)
  expect(supervisor.conditions().engine).toMatch(/^The engine does not answer/)
  expect(told.at(-1)).toBe(supervisor.conditions().engine)
  expect(struck).toEqual([])
  await turns(30)
  expect(struck).toEqual(['did not answer for 40s'])
  const stopped = supervisor.stop(0)
  await turns(10)
  await stopped
})
