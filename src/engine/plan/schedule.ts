// Keeps the schedules of `cron(…)`: a calendar says when, each tick is published as an event under the trigger's topic. For each
// schedule it is remembered up to when its ticks have been dealt with, so that a start knows which were missed meanwhile.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Publication } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Cron } from '../../rules/compile-rule.ts'
import type { Calendar } from '../time/calendar.ts'
import type { RuleMemory } from './rule-memory.ts'

/** Rules cannot have this name. */
const MEMORY = '@cron'
/** A tick that is no later than this is a tick, such as one that fell between two engines. */
const LATE_MS = 60_000

export interface SchedulePorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly memory: RuleMemory
  readonly openCalendar: (cron: Cron) => Calendar
  /** Commits what is remembered. */
  readonly flush: () => Promise<void>
  readonly publish: (publication: Publication) => Promise<number>
}

export class Schedule {
  readonly #crons: readonly Cron[]
  readonly #ports: SchedulePorts
  readonly #calendars: Calendar[] = []
  readonly #underWay = new Set<Promise<void>>()

  constructor(crons: readonly Cron[], ports: SchedulePorts) {
    this.#crons = crons
    this.#ports = ports
  }

  start(): void {
    const { memory } = this.#ports
    const topics = new Set(this.#crons.map(({ topic }) => topic))
    for (const key of memory.keysOf(MEMORY)) if (!topics.has(key)) this.#remember(key, null)
    for (const cron of this.#crons) this.#keep(cron)
  }

  async stop(): Promise<void> {
    for (const calendar of this.#calendars.splice(0)) await calendar.stop()
    await Promise.all(this.#underWay)
  }

  #keep(cron: Cron): void {
    const { topic } = cron
    const calendar = this.#ports.openCalendar(cron)
    this.#calendars.push(calendar)
    const now = this.#ports.clock.now()
    const upToAt = this.#upToAt(cron)
    if (upToAt === undefined) this.#remember(topic, { ...identityOf(cron), upToAt: now })
    else this.#begin(this.#makeUp(cron, calendar.ticksBetween(upToAt, now), now))
    calendar.start((at) => this.#begin(this.#tick(cron, at, 0)))
  }

  /** What fell between the last tick and now: the latest ones are still due, those before were missed. */
  async #makeUp(cron: Cron, ticks: readonly number[], now: number): Promise<void> {
    const due = ticks.filter((at) => at > now - LATE_MS)
    const missed = ticks.filter((at) => at <= now - LATE_MS)
    const lastMissed = missed.at(-1)
    if (lastMissed !== undefined) {
      const { log, root } = this.#ports
      const what = `${missed.length} ticks of cron "${cron.expression}" of rule "${cron.rule}" were missed`
      log.warn(
        `${what}, the last at ${new Date(lastMissed).toISOString()}${cron.catchUp ? '; it runs once' : ''}.`,
      )
      const report = {
        rule: cron.rule,
        expression: cron.expression,
        missed: missed.length,
        lastAt: lastMissed,
      }
      await this.#publish(`${root}/hub/missed-ticks`, report)
      if (cron.catchUp) await this.#tick(cron, lastMissed, missed.length)
      else await this.#passed(cron, lastMissed)
    }
    for (const at of due) await this.#tick(cron, at, 0)
  }

  async #tick(cron: Cron, scheduledAt: number, missed: number): Promise<void> {
    await this.#publish(cron.topic, { scheduledAt, missed })
    await this.#passed(cron, scheduledAt)
  }

  async #passed(cron: Cron, at: number): Promise<void> {
    this.#remember(cron.topic, { ...identityOf(cron), upToAt: at })
    await this.#ports.flush()
  }

  /** `undefined` for a schedule that is new, or has been changed. */
  #upToAt(cron: Cron): number | undefined {
    const known = this.#ports.memory.state({ rule: MEMORY, key: cron.topic })
    const { expression, timezone } = identityOf(cron)
    const isSame = known?.['expression'] === expression && known['timezone'] === timezone
    return isSame && typeof known['upToAt'] === 'number' ? known['upToAt'] : undefined
  }

  #remember(topic: string, state: JsonObject | null): void {
    this.#ports.memory.keep({ rule: MEMORY, key: topic }, { state, wakeAt: null })
  }

  async #publish(topic: string, payload: JsonObject): Promise<void> {
    const publication = {
      topic,
      payload: Buffer.from(JSON.stringify(payload)),
      qos: 1,
      retain: false,
    } as const
    await this.#ports.publish({ ...publication, origin: 'hub', cause: null })
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

const identityOf = ({ expression, timezone }: Cron) => ({ expression, timezone: timezone ?? null })
