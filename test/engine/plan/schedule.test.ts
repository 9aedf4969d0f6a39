import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { systemCalendar } from '../../../src/engine/time/calendar.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Schedule } from '../../../src/engine/plan/schedule.ts'
import type { RuleState } from '../../../src/model/store.ts'
import type { Cron } from '../../../src/rules/compile-rule.ts'

const morning = (more: Partial<Cron> = {}): Cron => ({
  rule: 'morning',
  topic: 'vigie/cron/morning/0',
  expression: '0 7 * * *',
  timezone: 'Europe/Paris',
  ...more,
})

const at = (date: string): number => Date.parse(date)

/** A schedule over a store that is a list; what it publishes is said with its topic. */
class Bench {
  readonly store: RuleState[] = []
  readonly said: [topic: string, payload: Record<string, unknown>][] = []
  #schedule: Schedule | undefined

  async start(...crons: Cron[]): Promise<void> {
    const draft = new Draft()
    const memory = new RuleMemory(draft)
    memory.restore(this.store)
    this.#schedule = new Schedule(crons, {
      root: 'vigie',
      clock: systemClock,
      log: silentLog,
      memory,
      openCalendar: systemCalendar,
      flush: async () => {
        for (const state of draft.take().ruleStates ?? []) this.store.push(state)
      },
      publish: async ({ topic, payload }) =>
        this.said.push([topic, JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>]),
    })
    this.#schedule.start()
    for (const state of draft.take().ruleStates ?? []) this.store.push(state)
    await vi.advanceTimersByTimeAsync(0)
  }

  async stop(): Promise<void> {
    await this.#schedule?.stop()
  }
}

let bench: Bench
beforeEach(() => {
  vi.useFakeTimers({ now: at('2026-03-02T05:00:00Z') })
  bench = new Bench()
})
afterEach(async () => {
  await bench.stop()
  vi.useRealTimers()
})

const hours = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 3_600_000)

test('a tick is published at the moment that the schedule names, in its time zone', async () => {
  await bench.start(morning())
  await hours(0.99)
  expect(bench.said).toEqual([])
  await hours(0.02)
  expect(bench.said).toEqual([
    ['vigie/cron/morning/0', { scheduledAt: at('2026-03-02T06:00:00Z'), missed: 0 }],
  ])
  await hours(24)
  expect(bench.said).toHaveLength(2)
})

test('a new schedule, or a changed one, has missed nothing', async () => {
  await bench.start(morning())
  await bench.stop()
  vi.setSystemTime(at('2026-03-05T05:00:00Z'))
  await bench.start(morning({ expression: '0 4 * * *' }))
  expect(bench.said).toEqual([])
})

test('missed ticks are told', async () => {
  await bench.start(morning())
  await bench.stop()
  vi.setSystemTime(at('2026-03-05T05:00:00Z'))
  await bench.start(morning())
  expect(bench.said).toEqual([
    [
      'vigie/hub/missed-ticks',
      { rule: 'morning', expression: '0 7 * * *', missed: 3, lastAt: at('2026-03-04T06:00:00Z') },
    ],
  ])
  await bench.stop()
  await bench.start(morning())
  expect(bench.said).toHaveLength(1)
})

test('catchUp runs once for all that were missed', async () => {
  await bench.start(morning({ catchUp: true }))
  await bench.stop()
  vi.setSystemTime(at('2026-03-05T05:00:00Z'))
  await bench.start(morning({ catchUp: true }))
  expect(bench.said[1]).toEqual([
    'vigie/cron/morning/0',
    { scheduledAt: at('2026-03-04T06:00:00Z'), missed: 3 },
  ])
  await hours(2)
  expect(bench.said).toHaveLength(3)
})

test('a tick that fell between two engines is late, not missed', async () => {
  vi.setSystemTime(at('2026-03-02T05:59:59Z'))
  await bench.start(morning())
  await bench.stop()
  vi.setSystemTime(at('2026-03-02T06:00:02Z'))
  await bench.start(morning())
  expect(bench.said).toEqual([
    ['vigie/cron/morning/0', { scheduledAt: at('2026-03-02T06:00:00Z'), missed: 0 }],
  ])
  await hours(1)
  expect(bench.said).toHaveLength(1)
})

test('what is remembered of a schedule that is gone is forgotten', async () => {
  await bench.start(morning())
  await bench.stop()
  await bench.start()
  expect(bench.store.at(-1)).toMatchObject({ key: 'vigie/cron/morning/0', state: null })
})

test('a schedule with seconds ticks by the second', async () => {
  await bench.start(morning({ expression: '*/10 * * * * *' }))
  await vi.advanceTimersByTimeAsync(30_500)
  expect(bench.said).toHaveLength(3)
})
