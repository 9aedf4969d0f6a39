// Keeps the schedules of `cron(…)` and `sun(…)`: a calendar says when they tick, and each tick is published
// as an event under the trigger's topic.
//
// Always: whatever time does (the hub was down, the machine slept, the process was stopped, the clock was
// set), a look finds the ticks since the last look, publishes at most one of them, and tells how many were
// missed in one event. What has been done is remembered, so that neither a restart nor a clock that is set
// back does it twice.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { countTicks, lastTick } from '../../calendar/calendar.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import type { CompiledSchedule } from '../../rules/compile/compile-rule.ts'
import { Alarm } from '../time/alarm.ts'
import type { RuleMemory } from './rule-memory.ts'

/** The name under which this is remembered. Rules cannot have it. */
const MEMORY = '@cron'
/** A tick that is found no later than this counts as in time, such as one that fell between two engines. */
const LATE_MS = 60_000
/**
 * The clock may be set back by this much without ticks being repeated. Times of the day as in cron(8): a
 * change of more than three hours corrects a clock that was wrong. Intervals follow the new time at once,
 * unless the correction is small.
 */
const PATIENCE_MS = { interval: 60_000, timeOfDay: 3 * 3_600_000 }

export interface SchedulePorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly memory: RuleMemory
  /** The payload of the newest message on a topic. */
  readonly last: (topic: string) => Uint8Array | undefined
  /** Commits the memory. */
  readonly flush: () => Promise<void>
  readonly publish: (publication: Publication) => Promise<number>
  /** Whether a rule is paused: its schedule stands still. */
  readonly isPaused: (rule: string) => boolean
  /** See Alarm. */
  readonly recheckMs?: number
}

/** A type, not an interface: it goes where JSON goes. */
type Done = {
  /** Ticks with `sinceAt < at <= upToAt` have been published, or told as missed. */
  readonly sinceAt: number
  readonly upToAt: number
}

interface Kept {
  readonly schedule: CompiledSchedule
  done: Done
  /** The calendar has been read up to here; this is before `upToAt` only after the clock was set back. */
  seenAt: number
  nextAt: number
  /** A look found the rule paused: what was missed, was missed for that. */
  isPaused: boolean
}

export class Schedule {
  readonly #schedules: readonly CompiledSchedule[]
  readonly #ports: SchedulePorts
  readonly #alarm: Alarm
  readonly #underWay = new Set<Promise<void>>()
  #kept: readonly Kept[] = []

  constructor(schedules: readonly CompiledSchedule[], ports: SchedulePorts) {
    this.#schedules = schedules
    this.#ports = ports
    this.#alarm = new Alarm(ports.clock, () => this.#look(), ports.recheckMs)
  }

  start(): void {
    const { memory, clock } = this.#ports
    const topics = new Set(this.#schedules.map(({ topic }) => topic))
    for (const topic of memory.keysOf(MEMORY))
      if (!topics.has(topic)) memory.keep({ rule: MEMORY, key: topic }, { state: null, wakeAt: null })
    const now = clock.now()
    this.#kept = this.#schedules.map((schedule) => {
      const known = this.#doneBefore(schedule)
      const kept = {
        schedule,
        done: known ?? { sinceAt: now, upToAt: now },
        seenAt: 0,
        nextAt: -Infinity,
        isPaused: false,
      }
      kept.seenAt = kept.done.upToAt
      if (known === undefined) this.#remember(kept)
      return kept
    })
    this.#look()
  }

  /** Called when the wall clock has been set, forward or back: arms every schedule anew. */
  clockSet(): void {
    for (const kept of this.#kept) kept.nextAt = -Infinity
    this.#look()
  }

  /** Called when the pause of a rule is over: its ticks since the pause began were missed. */
  resumed(rule: string): void {
    for (const kept of this.#kept) if (kept.schedule.rule === rule) kept.nextAt = -Infinity
    this.#look()
  }

  async stop(): Promise<void> {
    this.#kept = []
    this.#alarm.set(null)
    await Promise.all(this.#underWay)
  }

  #look(): void {
    const now = this.#ports.clock.now()
    for (const kept of this.#kept)
      if (kept.nextAt <= now) {
        if (this.#ports.isPaused(kept.schedule.rule)) this.#wait(kept)
        else this.#lookAt(kept, now)
      }
    const nextAt = Math.min(...this.#kept.map((kept) => kept.nextAt))
    this.#alarm.set(nextAt === Infinity ? null : nextAt)
  }

  #wait(kept: Kept): void {
    kept.isPaused = true
    kept.nextAt = Infinity
  }

  #lookAt(kept: Kept, now: number): void {
    if (now < kept.seenAt) this.#goBack(kept, now)
    const undone = { next: (after: number) => this.#nextUndone(kept, after) }
    const lastAt = lastTick(undone, kept.seenAt, now)
    if (lastAt !== null) {
      const isLate = kept.isPaused || now - lastAt > LATE_MS
      const missedUpTo = isLate ? lastAt : lastAt - 1
      const missed = countTicks(undone, kept.seenAt, missedUpTo)
      const lastMissedAt = lastTick(undone, kept.seenAt, missedUpTo)
      kept.done = { ...kept.done, upToAt: Math.max(kept.done.upToAt, lastAt) }
      this.#begin(this.#deal(kept, lastAt, isLate, missed, lastMissedAt))
    }
    kept.isPaused = false
    kept.seenAt = now
    kept.nextAt = undone.next(now) ?? Infinity
  }

  #nextUndone({ schedule, done }: Kept, after: number): number | null {
    const at = schedule.calendar.next(after)
    return at !== null && at > done.sinceAt && at <= done.upToAt ? schedule.calendar.next(done.upToAt) : at
  }

  #goBack(kept: Kept, now: number): void {
    const { isInterval } = kept.schedule.calendar
    const isBeyond = kept.seenAt - now > PATIENCE_MS[isInterval ? 'interval' : 'timeOfDay']
    if (isBeyond) kept.done = { sinceAt: now, upToAt: now }
    kept.seenAt = now
    this.#remember(kept)
  }

  /** @param missed ticks that were missed, the last of them at `lastMissedAt` */
  async #deal(
    kept: Kept,
    lastAt: number,
    isLate: boolean,
    missed: number,
    lastMissedAt: number | null,
  ): Promise<void> {
    const { topic, catchUp } = kept.schedule
    const isRun = catchUp || !isLate
    if (lastMissedAt !== null) await this.#tellMissed(kept, missed, lastMissedAt)
    const stoodFor = catchUp ? missed : 0
    if (isRun) await this.#publish(topic, { scheduledAt: lastAt, missed: stoodFor })
    this.#remember(kept)
    await this.#ports.flush()
  }

  async #tellMissed({ schedule, isPaused }: Kept, missed: number, lastAt: number): Promise<void> {
    const { log, root } = this.#ports
    const { rule, expression, catchUp } = schedule
    const ticks = missed === 1 ? '1 tick' : `${missed.toLocaleString('en')} ticks`
    log.warn(
      `${ticks} of the schedule "${expression}" of rule "${rule}" ${missed === 1 ? 'was' : 'were'} missed` +
        `${isPaused ? ' while the rule was paused' : ''}, the last at ${new Date(lastAt).toISOString()}${catchUp ? '; it runs once' : ''}.`,
    )
    await this.#publish(`${root}/hub/missed-ticks`, {
      rule,
      expression,
      missed,
      lastAt,
      ...(isPaused && { paused: true }),
    })
  }

  /** The memory of the schedule; `undefined` when the schedule is new, or has been changed. */
  #doneBefore({ topic, calendar }: CompiledSchedule): Done | undefined {
    const known = this.#ports.memory.state({ rule: MEMORY, key: topic })
    if (known === null || known['identity'] !== calendar.identity) return undefined
    const { sinceAt, upToAt } = known as Done
    // A tick is committed to the history before the schedule remembers it.
    const publishedAt = this.#lastPublished(topic)
    const isNews = publishedAt > upToAt && publishedAt <= this.#ports.clock.now()
    return { sinceAt, upToAt: isNews ? publishedAt : upToAt }
  }

  #lastPublished(topic: string): number {
    const tick = jsonIn(this.#ports.last(topic)) as { readonly scheduledAt?: unknown } | null | undefined
    return typeof tick?.scheduledAt === 'number' ? tick.scheduledAt : -Infinity
  }

  #remember({ schedule, done }: Kept): void {
    const state: JsonObject = { identity: schedule.calendar.identity, ...done }
    this.#ports.memory.keep({ rule: MEMORY, key: schedule.topic }, { state, wakeAt: null })
  }

  async #publish(topic: string, payload: JsonObject): Promise<void> {
    await this.#ports.publish(hubMessage(topic, payload))
  }

  #begin(work: Promise<void>): void {
    const guarded = work.catch((error: unknown) =>
      this.#ports.log.error(
        { err: error },
        'A tick could not be published; it is made up for at the next start.',
      ),
    )
    this.#underWay.add(guarded)
    void guarded.finally(() => this.#underWay.delete(guarded))
  }
}
