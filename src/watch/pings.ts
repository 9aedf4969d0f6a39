// The pings of a hub: each is checked every so often, and a change of its state is published, retained, once. Checks are
// spread over time, never two of one ping at a time, and never more than a few together.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import type { Publication } from '../model/event.ts'
import type { PingReport, PingSpec } from '../model/probe.ts'
import { flip, standingOf } from './flip.ts'
import type { Check, Standing } from './flip.ts'
import { probe } from './probe.ts'

export interface PingPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  /** Resolves when committed. */
  publish(publication: Publication): Promise<number>
  /** Payload of the newest known message on a topic. */
  last(topic: string): Uint8Array | undefined
  readonly check?: typeof probe
}

/** Checks under way at one time: each may be a process. */
const AT_ONCE = 8
/** Between the first checks of two pings. Few are known soon, many are spread over their interval. */
const SPREAD_MS = 250

export class Pings {
  readonly #pings: readonly PingSpec[]
  readonly #ports: PingPorts
  readonly #standings = new Map<string, Standing>()
  /** Reason of the last check that could not be made, so that it is told once. */
  readonly #unable = new Map<string, string>()
  readonly #stopping = new AbortController()
  readonly #cancels = new Map<string, () => void>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #waiting: PingSpec[] = []

  constructor(pings: readonly PingSpec[], ports: PingPorts) {
    this.#pings = pings
    this.#ports = ports
  }

  start(): void {
    for (const [index, ping] of this.#pings.entries()) {
      this.#standings.set(ping.name, standingOf(this.#ports.last(this.#topic(ping))))
      const spreadMs = Math.min(SPREAD_MS, ping.everyMs / this.#pings.length)
      this.#schedule(ping, index * spreadMs)
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the hub stops'))
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
    this.#waiting.length = 0
    await Promise.all(this.#underWay)
  }

  #schedule(ping: PingSpec, delayMs: number): void {
    this.#cancels.set(
      ping.name,
      this.#ports.clock.after(delayMs, () => {
        this.#waiting.push(ping)
        this.#next()
      }),
    )
  }

  #next(): void {
    while (this.#underWay.size < AT_ONCE) {
      const ping = this.#waiting.shift()
      if (!ping) return
      const turn = this.#take(ping).finally(() => {
        this.#underWay.delete(turn)
        this.#next()
      })
      this.#underWay.add(turn)
    }
  }

  async #take(ping: PingSpec): Promise<void> {
    const { clock, log } = this.#ports
    const begunAt = clock.now()
    try {
      await this.#judge(ping, await this.#check(ping))
    } catch (error) {
      log.error({ ping: ping.name }, `ping "${ping.name}": its state was not published: ${messageOf(error)}`)
    }
    if (this.#stopping.signal.aborted) return
    // The clock may have been set meanwhile: never sooner than at once, never later than one interval.
    const spentMs = Math.max(0, clock.now() - begunAt)
    this.#schedule(ping, Math.min(ping.everyMs, Math.max(0, ping.everyMs - spentMs)))
  }

  async #check(ping: PingSpec): Promise<Check> {
    const timeout = new AbortController()
    const cancel = this.#ports.clock.after(ping.timeoutMs, () =>
      timeout.abort(new Error(`no answer within ${formatDuration(ping.timeoutMs)}`)),
    )
    try {
      const { check = probe, clock } = this.#ports
      return await check(ping, AbortSignal.any([timeout.signal, this.#stopping.signal]), clock.now())
    } finally {
      cancel()
    }
  }

  /** The new standing counts only once its message is committed: until then the next check says it again. */
  async #judge(ping: PingSpec, check: Check): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#tellUnable(ping, check)
    const before = this.#standings.get(ping.name) ?? standingOf(undefined)
    const { standing, report } = flip(before, check, this.#ports.clock.now(), ping)
    if (report) await this.#publish(ping, report)
    this.#standings.set(ping.name, standing)
  }

  async #publish(ping: PingSpec, report: PingReport): Promise<void> {
    await this.#ports.publish({
      topic: this.#topic(ping),
      payload: Buffer.from(JSON.stringify(report)),
      qos: 1,
      retain: true,
      origin: 'hub',
      cause: null,
    })
  }

  #tellUnable(ping: PingSpec, check: Check): void {
    if (check.kind !== 'unable') this.#unable.delete(ping.name)
    else if (this.#unable.get(ping.name) !== check.reason) {
      this.#unable.set(ping.name, check.reason)
      this.#ports.log.warn({ ping: ping.name }, `ping "${ping.name}" cannot be checked: ${check.reason}`)
    }
  }

  #topic(ping: PingSpec): string {
    return `${this.#ports.root}/ping/${ping.name}`
  }
}
