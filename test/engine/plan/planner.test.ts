// Covers `src/engine/plan/rule-memory.ts`.

import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ClockWatch } from '../../../src/engine/time/clock-watch.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { Planner } from '../../../src/engine/plan/planner.ts'
import type { Received } from '../../../src/engine/protocol.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import type { Event } from '../../../src/model/event.ts'
import type { WorkItem } from '../../../src/model/suspect.ts'
import type { Change, Downtime } from '../../../src/model/store.ts'
import { NO_ALERTS, NO_PAUSES } from './nobody.ts'

/** A planner over a journal that is an array; what it asks for and commits is one list. */
class Bench {
  readonly clock = new ManualClock(10_000)
  readonly draft = new Draft()
  readonly memory = new RuleMemory(this.draft)
  readonly journal: Event[] = []
  readonly said: string[] = []
  readonly changes: Change[] = []
  /** What goes by while rules are asked. */
  elapsedMs = 0
  queueLength = 0
  weight = 0
  suspects = 0
  item: WorkItem | null = null
  woken = (): void => {}
  /** Topics on which something is decided. */
  readonly wanted = new Set<string>(['wanted'])
  readonly clockWatch = new ClockWatch(this.clock, (step) => this.#planner!.clockSet(step))
  /** Answers to "what was received last?", oldest first; by default the last of the journal. */
  readonly received: Promise<Received>[] = []
  #planner: Planner | undefined

  planner(downtime: Downtime | null = null, cursor = 0): Planner {
    const commit = async (): Promise<void> => {
      const change = this.draft.take()
      this.changes.push(change)
      this.said.push(`commit ${change.cursor}`)
    }
    this.clockWatch.start()
    return (this.#planner = new Planner({
      root: 'vigie',
      clock: this.clock,
      elapsedMs: () => this.elapsedMs,
      reads: {
        cursor: () => cursor,
        heardAfter: (after, limit, bytes, isHeard) => {
          const last = this.journal.at(-1)?.id ?? 0
          const heard = this.journal.filter(({ id, topic }) => id > after && isHeard(topic)).slice(0, limit)
          const large = heard.find(({ payload }) => payload.length >= bytes)
          const upTo = large?.id ?? (heard.length === limit ? heard.at(-1)!.id : last)
          return { events: heard.filter(({ id }) => id <= upTo), upTo, isAll: upTo === last }
        },
      },
      hears: (topic) => topic !== 'unheard',
      draft: this.draft,
      memory: this.memory,
      alerts: NO_ALERTS,
      pauses: NO_PAUSES,
      decisions: {
        take: ({ id, topic }) => {
          this.said.push(`event ${id}`)
          if (this.wanted.has(topic))
            this.draft.verdict({ rule: 'r', key: '', event: id, stage: 'fired', reason: '', at: 0 })
        },
        wake: ({ key }, at) => {
          this.said.push(`wake ${key} ${at}`)
          this.woken()
        },
        downtime: (fromAt, toAt) => this.said.push(`downtime ${fromAt}-${toAt}`),
        clockSet: (fromAt, toAt) => this.said.push(`clock set ${fromAt}-${toAt}`),
      },
      downtimes: downtime === null ? [] : [downtime],
      downtimeTaken: () => this.said.push('downtime taken'),
      flush: async () => {
        if (this.draft.hasDecisions) await commit()
      },
      commit,
      queueLength: () => this.queueLength,
      weight: () => this.weight,
      received: async () =>
        this.received.shift() ?? { id: this.journal.at(-1)?.id ?? 0, at: this.clock.now() },
      isRescuing: () => false,
      turnTo: (item) => {
        this.item = item
      },
      suspects: this.suspects,
      lookAtClock: () => this.clockWatch.look(),
    }))
  }

  event(id: number, at: number, topic = 'wanted', payload = Buffer.alloc(0)): void {
    this.journal.push({ id, at, topic, payload } as Partial<Event> as Event)
  }

  wakeAt(key: string, wakeAt: number): void {
    this.memory.restore([{ rule: 'r', key, state: {}, wakeAt }])
  }
}

/** The planner yields to the event loop between two batches. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})

test('a batch is cut after 20 ms, so that steps and wakes get their turn', async () => {
  for (let id = 1; id <= 4; id++) bench.event(id, 100)
  const { said } = bench
  const push = said.push.bind(said)
  said.push = (line) => (line.startsWith('event') && (bench.elapsedMs += 11), push(line))
  bench.planner().start()
  await quiet()
  expect([...said]).toEqual(['event 1', 'event 2', 'commit 2', 'event 3', 'event 4', 'commit 4'])
})

test('a batch is cut when the runs that it makes take 16 MiB', async () => {
  for (let id = 1; id <= 3; id++) bench.event(id, 100)
  const { said } = bench
  const push = said.push.bind(said)
  said.push = (line) => (line.startsWith('event') && (bench.weight += 9 * 2 ** 20), push(line))
  bench.planner().start()
  await quiet()
  expect([...said]).toEqual(['event 1', 'event 2', 'commit 2', 'event 3', 'commit 3'])
})

test('what follows from events is committed with the cursor that has passed them', async () => {
  bench.event(1, 100)
  bench.event(2, 200)
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'event 2', 'commit 2'])
  expect(bench.changes[0]!.verdicts).toHaveLength(2)
})

test('it begins behind the cursor', async () => {
  bench.event(1, 100)
  bench.event(2, 200)
  bench.planner(null, 1).start()
  await quiet()
  expect(bench.said).toEqual(['event 2', 'commit 2'])
})

test('a wake that is due before an event comes before it, one that is due at the head when its time has come', async () => {
  bench.wakeAt('early', 150)
  bench.wakeAt('late', 20_000)
  bench.event(1, 100)
  bench.event(2, 200)
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'wake early 150', 'event 2', 'commit 2'])
  bench.clock.advance(9_999)
  await quiet()
  expect(bench.said).toHaveLength(4)
  bench.clock.advance(1)
  await quiet()
  expect(bench.said.at(-1)).toBe('wake late 20000')
})

test('a wake comes after every event that was received before its moment', async () => {
  bench.wakeAt('due', 9_000)
  bench.received.push(Promise.resolve({ id: 2, at: 10_000 }))
  bench.event(1, 9_000)
  const planner = bench.planner()
  planner.start()
  await quiet()
  expect(bench.said).toEqual(['wake due 9000', 'event 1', 'commit 1'])
  bench.said.length = 0
  bench.wakeAt('late', 9_500)
  planner.poke()
  await quiet()
  expect(bench.said).toEqual([])
  bench.event(2, 9_400)
  planner.poke()
  await quiet()
  expect(bench.said).toEqual(['event 2', 'wake late 9500', 'commit 2'])
})

test('a wake that falls due while it is asked what was received waits for the next answer', async () => {
  const answer = Promise.withResolvers<Received>()
  bench.received.push(answer.promise)
  bench.wakeAt('first', 9_000)
  bench.wakeAt('second', 10_050)
  bench.planner().start()
  await quiet()
  bench.clock.advance(100)
  answer.resolve({ id: 0, at: 10_000 })
  await quiet()
  expect(bench.said).toEqual(['wake first 9000'])
  bench.clock.advance(0)
  await quiet()
  expect(bench.said).toEqual(['wake first 9000', 'wake second 10050'])
})

test('a clock that is set forward is told before any wake, after the events of before', async () => {
  bench.wakeAt('due', 60_000)
  bench.event(1, 9_900)
  const planner = bench.planner()
  bench.clock.set(1_000_000)
  bench.event(2, 1_000_000)
  planner.start()
  await quiet()
  expect(bench.said.slice(0, 3)).toEqual(['event 1', 'clock set 10000-1000000', 'wake due 60000'])
})

test('a clock that is set back is told after the events of before', async () => {
  bench.event(1, 4_000)
  bench.event(2, 9_900)
  const planner = bench.planner()
  bench.clock.set(5_000)
  bench.event(3, 5_000)
  planner.start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'event 2', 'clock set 10000-5000', 'event 3', 'commit 3'])
})

test('a clock that is set is told when no event comes', async () => {
  bench.planner().start()
  await quiet()
  bench.clock.set(5_000)
  bench.clock.advance(1_000)
  await quiet()
  expect(bench.said).toEqual(['clock set 11000-6000'])
})

test('events that no rule reads are passed over, and the cursor is behind them', async () => {
  bench.event(1, 100, 'unheard')
  bench.event(2, 200)
  bench.event(3, 300, 'unheard')
  const planner = bench.planner()
  planner.start()
  await quiet()
  expect(bench.said).toEqual(['event 2', 'commit 3'])
  expect(planner.cursor).toBe(3)
})

test('a cursor that has passed nothing of interest is written a little later, alone', async () => {
  bench.event(1, 100, 'unwanted')
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual(['event 1'])
  bench.clock.advance(1_000)
  expect(bench.said).toEqual(['event 1', 'commit 1'])
  bench.clock.advance(10_000)
  expect(bench.said).toHaveLength(2)
})

test('stopping writes the cursor, and nothing is taken after that', async () => {
  bench.event(1, 100, 'unwanted')
  const planner = bench.planner()
  planner.start()
  await quiet()
  await planner.stop()
  expect(bench.said).toEqual(['event 1', 'commit 1'])
  bench.event(2, 200)
  planner.poke()
  await quiet()
  expect(bench.said).toHaveLength(2)
})

test.each([
  ['queueLength', 20_000, 10, 'more than 10,000 steps wait for a place'],
  ['weight', 300 * 2 ** 20, 100 * 2 ** 20, 'open runs take more than 200 MiB of memory'],
] as const)('too much %s holds the cursor back until it is less', async (what, much, little, reason) => {
  bench[what] = much
  bench.event(1, 100)
  const planner = bench.planner()
  planner.start()
  await quiet()
  expect(bench.said).toEqual([])
  expect(planner.heldBack).toBe(reason)
  bench[what] = little
  bench.clock.advance(100)
  await quiet()
  expect(bench.said).toEqual(['event 1', 'commit 1'])
  expect(planner.heldBack).toBeNull()
})

test.each(['an event', 'the head'])(
  'many wakes that are due before %s are taken in batches, and what they plan holds those after them back',
  async (before) => {
    for (const key of ['a', 'b', 'c']) bench.wakeAt(key, 100)
    if (before === 'an event') bench.event(1, 200, 'unwanted')
    bench.woken = () => {
      bench.elapsedMs += 25
      bench.draft.verdict({ rule: 'r', key: '', event: 1, stage: 'fired', reason: '', at: 0 })
      bench.queueLength = 20_000
    }
    bench.planner().start()
    await quiet()
    expect(bench.said.filter((one) => one.startsWith('wake'))).toEqual(['wake a 100'])
    expect(bench.changes).toHaveLength(1)
    for (const key of ['b', 'c']) {
      bench.queueLength = 0
      bench.clock.advance(50)
      await quiet()
      expect(bench.said.findLast((one) => one.startsWith('wake'))).toBe(`wake ${key} 100`)
    }
    bench.queueLength = 0
    bench.clock.advance(50)
    await quiet()
    expect(bench.said.filter((one) => one.startsWith('wake'))).toHaveLength(3)
    expect(bench.said.filter((one) => one === 'event 1')).toHaveLength(before === 'an event' ? 1 : 0)
  },
)

test('while it is held back by a long queue, it looks no more often however much is committed', async () => {
  let looks = 0
  Object.defineProperty(bench, 'queueLength', { get: () => (looks++, 20_000) })
  const planner = bench.planner()
  planner.start()
  await quiet()
  for (let commit = 1; commit <= 50; commit++) {
    bench.event(commit, 100)
    bench.clock.advance(1)
    planner.poke()
    await quiet()
  }
  looks = 0
  for (let ms = 0; ms < 50; ms++) {
    bench.clock.advance(1)
    await quiet()
  }
  expect(looks).toBe(1)
})

test('downtime comes between the events before and after it', async () => {
  bench.event(1, 1_000)
  bench.event(2, 6_000)
  bench.planner({ fromAt: 2_000, toAt: 5_000, clean: true }).start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'downtime 2000-5000', 'downtime taken', 'event 2', 'commit 2'])
})

test('downtime is told even when no event has come since', async () => {
  bench.event(1, 1_000)
  bench.wakeAt('due since', 4_000)
  bench.planner({ fromAt: 2_000, toAt: 5_000, clean: true }).start()
  await quiet()
  expect(bench.said).toEqual([
    'event 1',
    'downtime 2000-5000',
    'downtime taken',
    'commit 1',
    'wake due since 4000',
  ])
})

test('many events are taken in batches, each committed, in order', async () => {
  for (let id = 1; id <= 1_300; id++) bench.event(id, 100)
  bench.planner().start()
  await quiet()
  const cursors = bench.changes.map(({ cursor }) => cursor!)
  expect(cursors.length).toBeGreaterThan(2)
  expect(cursors).toEqual(cursors.toSorted((a, b) => a - b))
  expect(cursors.at(-1)).toBe(1_300)
  expect(bench.said.filter((each) => each.startsWith('event'))).toEqual(
    Array.from({ length: 1_300 }, (_, index) => `event ${index + 1}`),
  )
})

test('large events are taken a few at a time, and the last of them is not thought to be the last of all', async () => {
  for (let id = 1; id <= 3; id++) bench.event(id, id, 'wanted', Buffer.alloc(5 * 2 ** 20))
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'commit 1', 'event 2', 'commit 2', 'event 3', 'commit 3'])
})

test('an event that may have ended engines is committed before the next one is taken', async () => {
  bench.suspects = 2
  for (const id of [1, 2, 3, 4]) bench.event(id, id)
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'commit 1', 'event 2', 'commit 2', 'event 3', 'event 4', 'commit 4'])
  expect(bench.item).toBeNull()
})

test('the event at hand has a name until what follows from it is committed', async () => {
  bench.event(1, 1)
  const planner = bench.planner()
  const items: unknown[] = []
  bench.said.push = (said) => (items.push([said, bench.item]), 0)
  planner.start()
  await quiet()
  expect(items).toEqual([
    ['event 1', { kind: 'event', id: 1 }],
    ['commit 1', { kind: 'event', id: 1 }],
  ])
})

test('an event whose payload has no room beside open runs waits until it has', async () => {
  bench.weight = 190 * 2 ** 20
  bench.event(1, 1, 'wanted', Buffer.alloc(2 * 2 ** 20))
  const planner = bench.planner()
  planner.start()
  await quiet()
  expect(bench.said).toEqual([])
  expect(planner.heldBack).toBe('open runs leave no memory for the next event, of 2 MiB')
  bench.weight = 0
  bench.clock.advance(100)
  await quiet()
  expect(bench.said).toEqual(['event 1', 'commit 1'])
})

test('a batch ends when what its events have led to is heavy', async () => {
  for (const id of [1, 2, 3]) bench.event(id, id)
  const push = bench.said.push.bind(bench.said)
  bench.said.push = (said) => (said === 'event 2' && (bench.weight = 300 * 2 ** 20), push(said))
  bench.planner().start()
  await quiet()
  expect([...bench.said]).toEqual(['event 1', 'event 2', 'commit 2'])
})
