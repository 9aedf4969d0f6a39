// The pings of a hub: each is checked every so often, and a change of its state is published, retained, once.
// Checks are spread over time, never two of one ping at a time, and never more than a few together.
//
// Always: a failed check counts only if the hub was there to hear the answer. One that ends long after its
// time was up spans a pause of the hub's own (a suspended machine, a frozen process), says nothing, and is
// made again.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import type { Publication } from '../model/event.ts'
import { hubMessage } from '../model/hub-message.ts'
import type { PingReport, PingSpec, PingStatus } from '../model/probe.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { flip, reportIn, standingOf } from './flip.ts'
import type { Check, Standing } from './flip.ts'
import { probe } from './probe.ts'

export interface PingPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Secrets
  /** Runs a ping's pattern on an answer. */
  readonly within: <T>(ping: string, code: () => T) => T
  /** The ping is not checked, because its pattern has ended an engine. */
  readonly isLeftAlone: (ping: string) => boolean
  /** Resolves when committed. */
  publish(publication: Publication): Promise<number>
  /** Payload of the newest known message on a topic. */
  last(topic: string): Uint8Array | undefined
  readonly check?: typeof probe
}

/** The most checks at one time: each may be a process. */
const AT_ONCE = 8
/**
 * The longest pause between the first checks of two pings. Many pings are spread over their interval instead.
 */
const SPREAD_MS = 250
/** A timer that is later than this was not late because the hub was busy: the hub did not run. */
const LATE_MS = 500

const LEFT_ALONE = 'its pattern took the engine down; it is left out until rules are saved again'

interface Known {
  readonly standing: Standing
  readonly report: Partial<PingReport>
}

export class Pings {
  readonly #pings: readonly PingSpec[]
  readonly #ports: PingPorts
  readonly #known = new Map<string, Known>()
  /** Reason of the last check that could not be made, so that it is told once. */
  readonly #unable = new Map<string, string>()
  readonly #stopping = new AbortController()
  readonly #cancels = new Map<string, () => void>()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #waiting: PingSpec[] = []

  constructor(pings: readonly PingSpec[], ports: PingPorts) {
    this.#pings = pings
    this.#ports = ports
  }

  start(): void {
    for (const [index, ping] of this.#pings.entries()) {
      const report = reportIn(this.#ports.last(this.#topic(ping.name))) ?? {}
      this.#known.set(ping.name, { standing: standingOf(report), report })
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

  /** The state of each ping, in the order of declaration. */
  status(): readonly PingStatus[] {
    return this.#pings.map(({ name }) => {
      const { standing, report } = this.#known.get(name) ?? {}
      return {
        name,
        state: standing?.state ?? 'unknown',
        since: report?.since ?? null,
        // The reason of a check that could not be made is shown at once, before it makes the state unknown.
        reason: this.#unable.get(name) ?? report?.reason ?? '',
        isUnable: this.#unable.has(name),
      }
    })
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
      this.#track(this.#take(ping))
    }
  }

  /** @param work never rejects */
  #track(work: Promise<unknown>): void {
    const turn = work.finally(() => {
      this.#underWay.delete(turn)
      this.#next()
    })
    this.#underWay.add(turn)
  }

  async #take(ping: PingSpec): Promise<void> {
    const { clock, log } = this.#ports
    const begunAt = clock.steady()
    try {
      const check = await this.#check(ping)
      const isVoid = check.kind === 'failed' && clock.steady() - begunAt > ping.timeoutMs + LATE_MS
      if (!isVoid) await this.#judge(ping, check)
    } catch (error) {
      log.error({ ping: ping.name }, `ping "${ping.name}": its state was not published: ${messageOf(error)}`)
    }
    if (this.#stopping.signal.aborted) return
    const spentMs = clock.steady() - begunAt
    this.#schedule(ping, Math.max(0, ping.everyMs - spentMs))
  }

  async #check(ping: PingSpec): Promise<Check> {
    if (this.#ports.isLeftAlone(ping.name)) return { kind: 'unable', reason: LEFT_ALONE }
    const timeout = new AbortController()
    const cancel = this.#ports.clock.after(ping.timeoutMs, () =>
      timeout.abort(new Error(`no answer within ${formatDuration(ping.timeoutMs)}`)),
    )
    try {
      const { check = probe, clock, secrets, within } = this.#ports
      const signal = AbortSignal.any([timeout.signal, this.#stopping.signal])
      return await check(ping, {
        signal,
        now: clock.now(),
        secrets,
        within: (code) => within(ping.name, code),
      })
    } finally {
      cancel()
    }
  }

  /**
   * Applies a check. The new standing counts only once its message is committed: until then, the next check
   * publishes it again.
   */
  async #judge(ping: PingSpec, check: Check): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const { name } = ping
    this.#tellUnable(ping, check)
    const before = this.#known.get(name) ?? { standing: standingOf(undefined), report: {} }
    const { standing, report } = flip(before.standing, check, this.#ports.clock.now(), ping)
    if (report) await this.#ports.publish(hubMessage(this.#topic(name), report, { retain: true }))
    this.#known.set(name, { standing, report: report ?? before.report })
  }

  #tellUnable({ name }: PingSpec, check: Check): void {
    const { log } = this.#ports
    if (check.kind !== 'unable') {
      if (this.#unable.delete(name)) log.info({ ping: name }, `ping "${name}" can be checked again.`)
    } else if (this.#unable.get(name) !== check.reason) {
      this.#unable.set(name, check.reason)
      log.warn({ ping: name }, `ping "${name}" cannot be checked: ${check.reason}`)
    }
  }

  #topic(name: string): string {
    return `${this.#ports.root}/ping/${name}`
  }
}
