import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { Draft } from '../../src/engine/draft.ts'
import { Planner } from '../../src/engine/planner.ts'
import { RuleMemory } from '../../src/engine/rule-memory.ts'
import type { Event } from '../../src/model/event.ts'
import type { Change, Downtime } from '../../src/model/store.ts'

/** A planner over a journal that is an array; what it asks for and commits is one list. */
class Bench {
  readonly clock = new ManualClock(10_000)
  readonly draft = new Draft()
  readonly memory = new RuleMemory(this.draft)
  readonly journal: Event[] = []
  readonly said: string[] = []
  readonly changes: Change[] = []
  queueLength = 0
  /** Topics on which something is decided. */
  readonly wanted = new Set<string>(['wanted'])

  planner(downtime: Downtime | null = null, cursor = 0): Planner {
    const commit = async (): Promise<void> => {
      const change = this.draft.take()
      this.changes.push(change)
      this.said.push(`commit ${change.cursor}`)
    }
    return new Planner({
      clock: this.clock,
      reads: {
        cursor: () => cursor,
        eventsAfter: (after, limit) => this.journal.filter(({ id }) => id > after).slice(0, limit),
      },
      draft: this.draft,
      memory: this.memory,
      decisions: {
        take: ({ id, topic }) => {
          this.said.push(`event ${id}`)
          if (this.wanted.has(topic))
            this.draft.verdict({ rule: 'r', key: '', event: id, stage: 'fired', reason: '', at: 0 })
        },
        wake: ({ key }, at) => this.said.push(`wake ${key} ${at}`),
        gap: (fromAt, toAt) => this.said.push(`gap ${fromAt}-${toAt}`),
      },
      downtime,
      spanned: () => this.said.push('spanned'),
      flush: async () => {
        if (this.draft.hasDecisions) await commit()
      },
      commit,
      queueLength: () => this.queueLength,
    })
  }

  event(id: number, at: number, topic = 'wanted'): void {
    this.journal.push({ id, at, topic } as Event)
  }

  wakeAt(key: string, wakeAt: number): void {
    this.memory.restore([{ rule: 'r', key, state: {}, wakeAt, oldestEvent: null }])
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
  bench.clock.advance(10_000)
  await quiet()
  expect(bench.said).toHaveLength(4)
  bench.clock.advance(100)
  await quiet()
  expect(bench.said.at(-1)).toBe('wake late 20000')
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

test('a long queue of steps holds the cursor back until it has become shorter', async () => {
  bench.queueLength = 20_000
  bench.event(1, 100)
  bench.planner().start()
  await quiet()
  expect(bench.said).toEqual([])
  bench.queueLength = 10
  bench.clock.advance(100)
  await quiet()
  expect(bench.said).toEqual(['event 1', 'commit 1'])
})

test('downtime comes between the events before and after it', async () => {
  bench.event(1, 1_000)
  bench.event(2, 6_000)
  bench.planner({ fromAt: 2_000, toAt: 5_000, clean: true }).start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'gap 2000-5000', 'spanned', 'event 2', 'commit 2'])
})

test('downtime is told even when no event has come since', async () => {
  bench.event(1, 1_000)
  bench.wakeAt('due since', 4_000)
  bench.planner({ fromAt: 2_000, toAt: 5_000, clean: true }).start()
  await quiet()
  expect(bench.said).toEqual(['event 1', 'gap 2000-5000', 'spanned', 'wake due since 4000', 'commit 1'])
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
