// Schedules over a clock that goes on, stands still, jumps and is set back, and through restarts.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { cronCalendar } from '../../../src/calendar/cron.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Schedule } from '../../../src/engine/plan/schedule.ts'
import type { RuleState } from '../../../src/model/store.ts'
import type { CompiledSchedule } from '../../../src/rules/compile/compile-rule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TOPIC = 'vigie/cron/r/0'

const at = (date: string): number => Date.parse(date)

interface Wanted {
  readonly zone?: string
  readonly catchUp?: boolean
}

const cron = (
  expression: string,
  { zone = 'Europe/Paris', catchUp = false }: Wanted = {},
): CompiledSchedule => ({
  rule: 'r',
  topic: TOPIC,
  expression,
  catchUp,
  calendar: cronCalendar(expression, zone),
})

/** A schedule over a store that is a list; what it publishes is said with its topic. */
class Bench {
  readonly clock = new ManualClock(at('2026-03-02T05:00:00Z'))
  readonly store: RuleState[] = []
  readonly said: [topic: string, payload: Record<string, unknown>, moment: number][] = []
  #schedule: Schedule | undefined
  /** The hub is killed before it can remember anything more. */
  isLost = false

  async start(...schedules: CompiledSchedule[]): Promise<void> {
    const draft = new Draft()
    const memory = new RuleMemory(draft)
    memory.restore(this.store)
    const flush = async (): Promise<void> => {
      const states = draft.take().ruleStates ?? []
      if (!this.isLost) this.store.push(...states)
    }
    this.#schedule = new Schedule(schedules, {
      root: 'vigie',
      clock: this.clock,
      log: silentLog,
      memory,
      isPaused: () => false,
      last: (topic) => {
        const found = this.said.findLast(([each]) => each === topic)
        return found && Buffer.from(JSON.stringify(found[1]))
      },
      flush,
      publish: async ({ topic, payload }) =>
        this.said.push([
          topic,
          JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>,
          this.clock.now(),
        ]),
    })
    this.#schedule.start()
    await flush()
  }

  async stop(): Promise<void> {
    await this.#schedule?.stop()
  }

  /** Hub and clock stand still for a while: a machine that sleeps, a process that is stopped. */
  async sleep(lengthMs: number): Promise<void> {
    this.clock.set(this.clock.now() + lengthMs)
    await this.advance(1_000)
  }

  /** An operator or NTP sets the clock, and the hub notices. */
  async setClock(byMs: number): Promise<void> {
    this.clock.set(this.clock.now() + byMs)
    this.#schedule?.clockSet()
    await this.#quiet()
  }

  async advance(lengthMs: number): Promise<void> {
    this.clock.advance(lengthMs)
    await this.#quiet()
  }

  /** Ticks, as the moments that the schedule names. */
  get ticks(): string[] {
    return this.said
      .filter(([topic]) => topic === TOPIC)
      .map(([, { scheduledAt }]) => new Date(scheduledAt as number).toISOString())
  }

  get missed(): unknown[] {
    return this.said.filter(([topic]) => topic === 'vigie/hub/missed-ticks').map(([, { missed }]) => missed)
  }

  async #quiet(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
}

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.stop())

async function startAt(date: string, ...schedules: CompiledSchedule[]): Promise<void> {
  bench.clock.set(at(date))
  await bench.start(...schedules)
}

async function restartAt(date: string, ...schedules: CompiledSchedule[]): Promise<void> {
  await bench.stop()
  await startAt(date, ...schedules)
}

describe('a tick', () => {
  test('is published at the moment that the schedule names, in its time zone', async () => {
    await bench.start(cron('0 7 * * *'))
    await bench.advance(0.99 * HOUR)
    expect(bench.said).toEqual([])
    await bench.advance(0.02 * HOUR)
    const tick = { scheduledAt: at('2026-03-02T06:00:00Z'), missed: 0 }
    expect(bench.said).toEqual([[TOPIC, tick, at('2026-03-02T06:00:00Z')]])
    await bench.advance(DAY)
    expect(bench.said).toHaveLength(2)
  })

  test('comes by the second', async () => {
    await bench.start(cron('*/10 * * * * *'))
    await bench.advance(30_500)
    expect(bench.ticks).toHaveLength(3)
  })

  test('that fell between two engines is late, not missed', async () => {
    await startAt('2026-03-02T05:59:59Z', cron('0 7 * * *'))
    await restartAt('2026-03-02T06:00:02Z', cron('0 7 * * *'))
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z'])
    expect(bench.missed).toEqual([])
    await bench.advance(HOUR)
    expect(bench.ticks).toHaveLength(1)
  })

  test('that was published before the hub was killed does not come again', async () => {
    await startAt('2026-03-02T05:59:59Z', cron('0 7 * * *'))
    bench.isLost = true
    await bench.advance(1_000)
    expect(bench.ticks).toHaveLength(1)
    bench.isLost = false
    await restartAt('2026-03-02T06:00:30Z', cron('0 7 * * *'))
    expect(bench.ticks).toHaveLength(1)
  })
})

describe('what was missed while the hub was down', () => {
  test('is nothing for a schedule that is new, or has been changed', async () => {
    await bench.start(cron('0 7 * * *'))
    await restartAt('2026-03-05T05:00:00Z', cron('0 4 * * *'))
    expect(bench.said).toEqual([])
  })

  test('is told, once', async () => {
    await bench.start(cron('0 7 * * *'))
    await restartAt('2026-03-05T05:00:00Z', cron('0 7 * * *'))
    const lastAt = at('2026-03-04T06:00:00Z')
    expect(bench.said.map(([topic, payload]) => [topic, payload])).toEqual([
      ['vigie/hub/missed-ticks', { rule: 'r', expression: '0 7 * * *', missed: 3, lastAt }],
    ])
    await restartAt('2026-03-05T05:10:00Z', cron('0 7 * * *'))
    expect(bench.said).toHaveLength(1)
  })

  test('runs once for all with catchUp', async () => {
    await bench.start(cron('0 7 * * *', { catchUp: true }))
    await restartAt('2026-03-05T05:00:00Z', cron('0 7 * * *', { catchUp: true }))
    expect(bench.said[1]?.slice(0, 2)).toEqual([
      TOPIC,
      { scheduledAt: at('2026-03-04T06:00:00Z'), missed: 3 },
    ])
    await bench.advance(2 * HOUR)
    expect(bench.said).toHaveLength(3)
  })

  test('is forgotten with the schedule', async () => {
    await bench.start(cron('0 7 * * *'))
    await bench.stop()
    await bench.start()
    expect(bench.store.at(-1)).toMatchObject({ key: TOPIC, state: null })
  })
})

describe('a hub that stood still for 95 s', () => {
  test('runs the newest tick alone, and tells the others in one event', async () => {
    await bench.start(cron('*/10 * * * * *'))
    await bench.sleep(95_000)
    expect(bench.ticks).toEqual(['2026-03-02T05:01:30.000Z'])
    expect(bench.missed).toEqual([8])
    await bench.advance(10_000)
    expect(bench.ticks).toHaveLength(2)
  })

  test('makes up for them by that one with catchUp', async () => {
    await bench.start(cron('*/10 * * * * *', { catchUp: true }))
    await bench.sleep(95_000)
    expect(bench.said.filter(([topic]) => topic === TOPIC).map(([, payload]) => payload)).toEqual([
      { scheduledAt: at('2026-03-02T05:01:30Z'), missed: 8 },
    ])
  })

  test('runs nothing of what is older than a minute without catchUp', async () => {
    await startAt('2026-03-02T05:59:30Z', cron('0 7 * * *'))
    await bench.sleep(95_000)
    expect([bench.ticks, bench.missed]).toEqual([[], [1]])
  })
})

describe('a clock that is set', () => {
  test('three days forward costs one tick, and one event for all that were missed', async () => {
    await bench.start(cron('* * * * *'))
    await bench.setClock(3 * DAY)
    expect(bench.ticks).toHaveLength(1)
    expect(bench.missed).toEqual([3 * 24 * 60 - 1])
    await bench.advance(5 * MINUTE)
    expect(bench.ticks).toHaveLength(6)
  })

  test('back by two hours stops no schedule: it goes by the new time at once', async () => {
    await startAt('2026-03-02T07:59:00Z', cron('* * * * *'))
    await bench.advance(2 * MINUTE)
    await bench.setClock(-2 * HOUR)
    await bench.advance(3 * MINUTE)
    expect(bench.ticks.slice(2)).toEqual([
      '2026-03-02T06:02:00.000Z',
      '2026-03-02T06:03:00.000Z',
      '2026-03-02T06:04:00.000Z',
    ])
    expect(bench.missed).toEqual([])
  })

  test('back to before a time of day that has not been done does it', async () => {
    await startAt('2026-03-02T07:59:00Z', cron('0 7 * * *'))
    await bench.setClock(-2 * HOUR)
    await bench.advance(2 * MINUTE)
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z'])
  })

  test('back to before a time of day that has been done does not do it again', async () => {
    await startAt('2026-03-02T05:59:00Z', cron('0 7,9 * * *'))
    await bench.advance(2 * HOUR)
    await bench.setClock(-2 * HOUR)
    await bench.advance(2 * HOUR)
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z'])
    await bench.advance(HOUR)
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z', '2026-03-02T08:00:00.000Z'])
  })

  test('back by more than three hours was wrong: all is done anew', async () => {
    await startAt('2026-03-02T05:59:00Z', cron('0 7 * * *'))
    await bench.advance(2 * MINUTE)
    await bench.setClock(-4 * HOUR)
    await bench.advance(4 * HOUR)
    expect(bench.ticks).toHaveLength(2)
  })

  test('back by seconds repeats no tick', async () => {
    await startAt('2026-03-02T05:59:59Z', cron('* * * * *'))
    await bench.advance(1_000)
    await bench.setClock(-500)
    await bench.advance(MINUTE)
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z'])
    await bench.advance(1_000)
    expect(bench.ticks).toHaveLength(2)
  })

  test('while the hub was down is noticed at the start', async () => {
    await startAt('2026-03-02T07:59:00Z', cron('* * * * *'))
    await bench.advance(2 * MINUTE)
    await restartAt('2026-03-01T06:00:10Z', cron('* * * * *'))
    await bench.advance(MINUTE)
    expect(bench.ticks.slice(2)).toEqual(['2026-03-01T06:01:00.000Z'])
  })

  test('is noticed even if nobody tells', async () => {
    await bench.start(cron('0 7 * * *'))
    bench.clock.set(at('2026-03-02T05:59:58Z'))
    await bench.advance(3_000)
    expect(bench.ticks).toEqual(['2026-03-02T06:00:00.000Z'])
  })
})

describe('the night in which summer time ends', () => {
  const backup = cron('30 2 * * *', { catchUp: true })

  test('has one 02:30, whatever restarts there are', async () => {
    await startAt('2026-10-24T23:30:00Z', backup)
    await restartAt('2026-10-25T01:29:30Z', backup)
    expect(bench.ticks).toEqual(['2026-10-25T00:30:00.000Z'])
    expect(bench.missed).toEqual([1])
    await bench.advance(12 * HOUR)
    await restartAt('2026-10-25T20:00:00Z', backup)
    expect(bench.ticks).toHaveLength(1)
  })

  test('is two hours long for an interval', async () => {
    await startAt('2026-10-25T00:00:10Z', cron('*/10 * * * *'))
    await bench.advance(2 * HOUR)
    expect(bench.ticks).toHaveLength(12)
  })
})

test('a job at 02:30 runs on the day that has no 02:30, at 03:00', async () => {
  await startAt('2026-03-29T00:00:00Z', cron('30 2 * * *'))
  await bench.advance(12 * HOUR)
  expect(bench.ticks).toEqual(['2026-03-29T01:00:00.000Z'])
})

test('schedules that have stopped say no more', async () => {
  await bench.start(cron('* * * * *'))
  await bench.stop()
  await bench.setClock(DAY)
  await bench.advance(HOUR)
  expect(bench.said).toEqual([])
})
