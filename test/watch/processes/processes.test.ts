// Covers `src/watch/processes/hold.ts`, `src/watch/processes/watch-memory.ts`, `src/model/watch.ts`.

import { describe, expect, test, vi } from 'vitest'
import { perform } from '../../../src/actions/perform.ts'
import { ManualClock, systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Publication } from '../../../src/model/event.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { WatchSpec } from '../../../src/model/watch.ts'
import type { ProcessReport } from '../../../src/model/process.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from '../../../src/process/entry.ts'
import { hold, matchesOf } from '../../../src/watch/processes/hold.ts'
import type { Holds } from '../../../src/watch/processes/hold.ts'
import { ProcessWatches } from '../../../src/watch/processes/processes.ts'
import type { WatchStore } from '../../../src/watch/processes/watch-memory.ts'
import { desk, manner } from '../../actions/attempt.ts'
import { signalOwn, startPython } from '../../process/start-process.ts'
import { itWith } from '../../support/tools.ts'

vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
  signalOwn(pid, signal as NodeJS.Signals)
  return true
})

const watch = (more: Partial<WatchSpec>): WatchSpec => ({ name: 'w', select: {}, forMs: 0, ...more })
const entry = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  identity: { boot: 'b', pid, startTicks: pid },
  pid,
  ppid: 1,
  group: pid,
  session: pid,
  name: 'ffmpeg',
  program: 'ffmpeg',
  user: 'media',
  state: 'running',
  commandLine: 'ffmpeg -i x',
  cpuMs: 0,
  ageMs: 100_000 - pid,
  memoryBytes: pid * 2 ** 20,
  files: 10 * pid,
  cgroup: '',
  ...more,
})
const table = (uptimeMs: number, ...entries: ProcessEntry[]): ProcessTable => ({
  uptimeMs,
  byPid: new Map(entries.map((each) => [each.pid, each])),
})
const pidsOf = (entries: Iterable<ProcessEntry>): number[] => Array.from(entries, ({ pid }) => pid)

describe('what a watch means', () => {
  const now = table(
    20_000,
    entry(1, { cpuMs: 9_600 }),
    entry(2, { cpuMs: 5_000 }),
    entry(3, { state: 'zombie', user: 'root' }),
  )
  const earlier = table(10_000, entry(1), entry(2), entry(3))

  test.each([
    [{}, [1, 2, 3]],
    [{ cpuAbove: 95 }, [1]],
    [{ cpuAbove: 49 }, [1, 2]],
    [{ memoryAboveBytes: 2 * 2 ** 20 }, [3]],
    [{ ageAboveMs: 99_998 }, [1]],
    [{ state: 'zombie' as const }, [3]],
    [{ countAbove: 2 }, [3]],
    [{ countAbove: 3 }, []],
    [{ select: { user: 'media' }, countAbove: 1 }, [2]],
    [{ select: { name: 'x' } }, []],
    [{ cpuAbove: 49, memoryAboveBytes: 1.5 * 2 ** 20 }, [2]],
    [{ filesAbove: 19 }, [2, 3]],
    [{ filesAbove: 19, select: { user: 'media' } }, [2]],
  ])('with %j is %j', (conditions, pids) => {
    expect(pidsOf(matchesOf(watch(conditions), { table: now, earlier }))).toEqual(pids)
  })

  test('is nothing by share of a core at the first look', () => {
    expect(matchesOf(watch({ cpuAbove: 0 }), { table: now, earlier: undefined })).toEqual([])
  })
})

describe('a hold', () => {
  const none: Holds = new Map()

  test('goes on while the process is a match, and begins anew after it was none', () => {
    const first = hold(none, [entry(1)], 0)
    expect(hold(first, [entry(1)], 5).get(1)?.sinceMs).toBe(0)
    expect(hold(hold(first, [], 5), [entry(1)], 10).get(1)?.sinceMs).toBe(10)
  })

  test('does not go over to another process with the same pid', () => {
    const other = entry(1, { identity: { boot: 'b', pid: 1, startTicks: 99 } })
    expect(hold(hold(none, [entry(1)], 0), [other], 5).get(1)).toEqual({
      identity: other.identity,
      sinceMs: 5,
      isTold: false,
    })
  })
})

/** Looks at tables given by hand; each look is awaited through what follows it. */
function lookout(watches: readonly WatchSpec[], kept = new Map<string, JsonObject>()) {
  const clock = new ManualClock(0)
  const published: Publication[] = []
  const looks: ((table: ProcessTable | Error) => void)[] = []
  let begun = Promise.withResolvers<void>()
  const source: ProcessSource = {
    read: () =>
      new Promise((resolve, reject) => {
        looks.push((seen) => (seen instanceof Error ? reject(seen) : resolve(seen)))
        begun.resolve()
      }),
    look: () => undefined,
    carrying: () => Promise.resolve([]),
  }
  const within: string[] = []
  const leftAlone = new Set<string>()
  const errors: string[] = []
  let isFailing = false
  let flushes = 0
  const store: WatchStore = {
    read: (name) => kept.get(name) ?? null,
    keep: (name, state) => void (state === null ? kept.delete(name) : kept.set(name, structuredClone(state))),
    flush: async () => void flushes++,
  }
  const watching = new ProcessWatches(watches, {
    root: 'vigie',
    clock,
    log: { ...silentLog, error: (text: string) => void errors.push(text) } as never,
    publish: async (publication) => {
      if (isFailing) throw new Error('the disk is full')
      return published.push(publication)
    },
    last: () => undefined,
    store,
    within: (name, code) => (within.push(name), code()),
    isLeftAlone: (name) => leftAlone.has(name),
    source,
    everyMs: 5_000,
  })
  /** Answers the look under way, and goes on to the next. */
  const see = async (seen: ProcessTable | Error): Promise<void> => {
    await begun.promise
    begun = Promise.withResolvers<void>()
    looks.shift()?.(seen)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(5_000)
  }
  const stop = async (): Promise<void> => {
    const stopped = watching.stop()
    looks.shift()?.(table(0))
    await stopped
  }
  const topics = (): string[] => published.map(({ topic }) => topic)
  return {
    watching,
    see,
    stop,
    published,
    topics,
    errors,
    within,
    leftAlone,
    looks,
    kept,
    flushes: () => flushes,
    fail: (failing: boolean) => (isFailing = failing),
  }
}

describe('process watches', () => {
  test('look by name, as code of their rules, and leave those alone that took the engine down', async () => {
    const { watching, see, stop, topics, within, leftAlone } = lookout([
      watch({ name: 'bad', select: { commandLine: 'x' } }),
      watch({ name: 'good', select: { commandLine: 'x' } }),
    ])
    leftAlone.add('bad')
    watching.start()
    await see(table(0, entry(7)))
    await stop()
    expect(new Set(within)).toEqual(new Set(['good']))
    expect(topics()).toEqual(['vigie/process/good/7'])
  })

  test('report a process once, when it has been over its limit at every look for long enough', async () => {
    const { watching, see, stop, published, topics } = lookout([
      watch({ name: 'runaway', select: { name: 'ffmpeg' }, cpuAbove: 95, forMs: 10_000 }),
    ])
    watching.start()
    for (let time = 0; time <= 8; time++) {
      // Idle between the third look and the fourth: the hold begins anew.
      const cpuMs = 5_000 * (time < 3 ? time : time - 1)
      await see(table(5_000 * time, entry(7, { cpuMs })))
      // Busy since look 4, so held for ten seconds at look 6.
      expect(topics()).toEqual(time < 6 ? [] : ['vigie/process/runaway/7'])
    }
    expect(published[0]).toMatchObject({ retain: false, qos: 1, origin: 'hub', cause: null })
    const report = JSON.parse(String(published[0]?.payload)) as ProcessReport
    expect(report).toMatchObject({
      pid: 7,
      name: 'ffmpeg',
      user: 'media',
      cpuPercent: 100,
      identity: { startTicks: 7 },
    })
    await stop()
  })

  test('serve all watches with one look', async () => {
    const { watching, see, topics, looks } = lookout([
      watch({ name: 'big', memoryAboveBytes: 2 ** 20 }),
      watch({ name: 'zombies', state: 'zombie' }),
    ])
    watching.start()
    await see(table(0, entry(1, { state: 'zombie', memoryBytes: 0 }), entry(2)))
    expect(topics()).toEqual(['vigie/process/big/2', 'vigie/process/zombies/1'])
    expect(looks).toHaveLength(1)
    looks[0]?.(table(5_000))
    await watching.stop()
  })

  test('say again what could not be committed, and tell of trouble once', async () => {
    const { watching, see, stop, topics, errors, fail } = lookout([watch({ name: 'all' })])
    watching.start()
    fail(true)
    await see(table(0, entry(1)))
    await see(table(5_000, entry(1)))
    expect(errors).toEqual(['what a watch has seen was not published: the disk is full'])
    fail(false)
    await see(table(10_000, entry(1)))
    await see(table(15_000, entry(1)))
    expect(topics()).toEqual(['vigie/process/all/1'])
    await stop()
  })

  test('say why the processes cannot be looked at, retained, and that they can again', async () => {
    const { watching, see, stop, published } = lookout([watch({ name: 'runaway', cpuAbove: 95 })])
    const said = (): unknown[] =>
      published.map(({ topic, retain, payload }) => [topic, retain, JSON.parse(String(payload))])
    watching.start()
    const unknown = ['vigie/hub/watches', true, { state: 'unknown', reason: 'no /proc' }]
    await see(new Error('no /proc'))
    await see(new Error('no /proc'))
    expect(said()).toEqual([unknown])
    expect(watching.status()).toEqual([{ name: 'runaway', problem: 'no /proc', hasGivenUp: false }])
    await see(table(10_000))
    expect(said()).toEqual([unknown, ['vigie/hub/watches', true, { state: 'watching', reason: '' }]])
    expect(watching.status()).toEqual([{ name: 'runaway', problem: '', hasGivenUp: false }])
    await stop()
  })

  test('do not count a time in which the hub itself did not run', async () => {
    const { watching, see, stop, topics } = lookout([
      watch({ name: 'big', memoryAboveBytes: 1, forMs: 20_000 }),
    ])
    watching.start()
    await see(table(0, entry(7)))
    await see(table(5_000, entry(7)))
    // Suspended for an hour.
    await see(table(3_605_000, entry(7)))
    expect(topics()).toEqual([])
    await see(table(3_610_000, entry(7)))
    await see(table(3_615_000, entry(7)))
    expect(topics()).toEqual([])
    await see(table(3_620_000, entry(7)))
    expect(topics()).toEqual(['vigie/process/big/7'])
    await stop()
  })

  test('go on over a restart of the hub, whose length does not count, and report nothing twice', async () => {
    const watches = [
      watch({ name: 'runaway', cpuAbove: 95, forMs: 20_000 }),
      watch({ name: 'big', memoryAboveBytes: 1, forMs: 20_000 }),
      watch({ name: 'seen' }),
    ]
    const busy = (time: number): ProcessTable => table(1_000 * time, entry(7, { cpuMs: 1_000 * time }))
    const before = lookout(watches)
    before.watching.start()
    for (const time of [0, 5, 10, 15]) await before.see(busy(time))
    await before.stop()
    expect(before.topics()).toEqual(['vigie/process/seen/7'])

    // Killed ten seconds into the hold of "runaway", fifteen into that of "big"; back after an hour.
    const after = lookout(watches, before.kept)
    after.watching.start()
    for (const time of [3_600, 3_605]) await after.see(busy(time))
    expect(after.topics()).toEqual(['vigie/process/big/7'])
    await after.see(busy(3_610))
    expect(after.topics()).toEqual(['vigie/process/big/7', 'vigie/process/runaway/7'])
    await after.stop()
  })

  test('begin anew for a process that has the pid now, and for a watch that was changed', async () => {
    const before = lookout([
      watch({ name: 'seen' }),
      watch({ name: 'big', memoryAboveBytes: 1, forMs: 10_000 }),
    ])
    before.watching.start()
    for (const time of [0, 5_000]) await before.see(table(time, entry(7)))
    await before.stop()
    const other = { boot: 'b', pid: 7, startTicks: 99 }
    const after = lookout(
      [watch({ name: 'seen' }), watch({ name: 'big', memoryAboveBytes: 2, forMs: 10_000 })],
      before.kept,
    )
    after.watching.start()
    for (const time of [9_000, 14_000]) await after.see(table(time, entry(7, { identity: other })))
    expect(after.topics()).toEqual(['vigie/process/seen/7'])
    await after.stop()
  })

  test('write nothing while nothing changes and no time counts', async () => {
    const { watching, see, stop, flushes, kept } = lookout([
      watch({ name: 'big', memoryAboveBytes: 2 ** 30, forMs: 10_000 }),
      watch({ name: 'seen' }),
    ])
    watching.start()
    await see(table(0, entry(7)))
    expect(flushes()).toBe(1)
    for (const time of [5_000, 10_000]) await see(table(time, entry(7)))
    expect(flushes()).toBe(1)
    await see(table(15_000))
    expect(kept.has('seen')).toBe(false)
    await stop()
  })

  test('report that too few run, again after ever longer pauses, give up, and say when they are back', async () => {
    const spec = watch({
      name: 'encoder',
      select: { name: 'ffmpeg' },
      countBelow: 1,
      forMs: 5_000,
      retry: { attempts: 2, minMs: 10_000, maxMs: 60_000 },
    })
    const said = ({ published }: ReturnType<typeof lookout>) =>
      published
        .filter(({ topic }) => topic === 'vigie/process/encoder/missing')
        .map(({ payload }) => JSON.parse(String(payload)) as object)
    const before = lookout([spec])
    before.watching.start()
    await before.see(table(0, entry(7)))
    for (const time of [5, 10, 15]) await before.see(table(1_000 * time))
    expect(said(before)).toEqual([{ state: 'missing', count: 0, wanted: 1, attempt: 1, attempts: 2 }])
    await before.stop()

    // A restart in between changes nothing.
    const after = lookout([spec], before.kept)
    after.watching.start()
    for (const time of [900, 905, 910, 915, 920]) await after.see(table(1_000 * time))
    expect(said(after)).toMatchObject([{ state: 'missing', attempt: 2 }])
    for (const time of [925, 930]) await after.see(table(1_000 * time))
    expect(said(after)).toMatchObject([{ attempt: 2 }, { state: 'given-up' }])
    expect(after.watching.status()).toMatchObject([{ hasGivenUp: true }])
    expect(after.errors).toEqual([expect.stringContaining('the watch gives up')])
    await after.see(table(940_000, entry(8)))
    expect(said(after).at(-1)).toMatchObject({ state: 'back', count: 1 })
    await after.stop()
  })

  test('do not look when there is nothing to watch, and not after the stop', async () => {
    const idle = lookout([])
    idle.watching.start()
    expect(idle.looks).toEqual([])
    await idle.watching.stop()
    const { watching, see, looks } = lookout([watch({})])
    watching.start()
    await see(new Error('gone'))
    looks[0]?.(table(5_000, entry(1)))
    await watching.stop()
    await watching.stop()
    expect(looks).toHaveLength(1)
  })

  itWith('python3')('find a real busy loop, which is then killed, and a real zombie', async () => {
    const word = `vigie-watch-${process.pid}`
    const { identity, told, ended } = await startPython(
      `"${word}"\nimport os\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nprint("ready", pid)\nwhile True: pass`,
    )
    const seen = new Map<string, ProcessReport>()
    const both = Promise.withResolvers<void>()
    const watching = new ProcessWatches(
      [
        watch({ name: 'busy', select: { commandLine: word }, cpuAbove: 5, forMs: 100 }),
        watch({ name: 'zombies', select: { name: 'python3' }, state: 'zombie', forMs: 0 }),
      ],
      {
        root: 'vigie',
        clock: systemClock,
        log: silentLog,
        everyMs: 50,
        within: (_name, code) => code(),
        isLeftAlone: () => false,
        last: () => undefined,
        store: { read: () => null, keep: () => {}, flush: async () => {} },
        publish: async ({ topic, payload }) => {
          seen.set(topic, JSON.parse(Buffer.from(payload).toString()) as ProcessReport)
          if (seen.has(`vigie/process/busy/${identity.pid}`) && seen.has(`vigie/process/zombies/${told[0]}`))
            both.resolve()
          return seen.size
        },
      },
    )
    watching.start()
    await both.promise
    await watching.stop()
    const runaway = seen.get(`vigie/process/busy/${identity.pid}`)
    expect(runaway).toMatchObject({ identity, name: 'python3' })
    expect(seen.get(`vigie/process/zombies/${told[0]}`)).toMatchObject({
      state: 'zombie',
      ppid: identity.pid,
      commandLine: '[python3]',
    })
    // What the report names is what a rule kills.
    const target = { identity: runaway?.identity ?? identity, name: 'python3' }
    const kill = { kind: 'kill', target, graceMs: 5_000, ...manner } as const
    expect(await perform(kill, desk().context)).toMatchObject({ kind: 'done' })
    expect(await ended).toEqual([null, 'SIGTERM'])
  })
})
