// What the checks of all pings come to: the standing of each, judged one check after the other, and published
// where it changes. A check that waits for the answer of what the ping depends on is judged again when that
// has come.
//
// Always: a new standing counts only once its message is committed; until then the next check says it again.

import type { Clock } from '../../base/clock.ts'
import { hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { Publication } from '../../model/event.ts'
import type { NetworkReport, PingReport, PingSpec } from '../../model/probe.ts'
import { NETWORK, NETWORK_GONE, flip, reportIn, standingOf } from './flip.ts'
import type { Check } from '../probes/check.ts'
import type { Standing } from './flip.ts'
import { isNetworkGone, outlookOf } from './outlook.ts'
import type { Seen } from './outlook.ts'

export interface VerdictPorts {
  readonly root: string
  readonly clock: Clock
  /** Resolves when committed. */
  readonly publish: (publication: Publication) => Promise<number>
  /** Payload of the newest known message on a topic. */
  readonly last: (topic: string) => Uint8Array | undefined
  /** Checks this ping out of turn, so that it is known whether it answers now. */
  readonly hurry: (ping: string) => void
}

export interface Verdict extends Seen {
  readonly report: Partial<PingReport>
}

/** One check that has ended. */
export interface Checked {
  readonly check: Check
  /** On the steady clock. */
  readonly begunAt: number
  /** Whether it was made out of turn: it counts only as an answer. */
  readonly isExtra: boolean
}

export class Verdicts {
  readonly #pings: ReadonlyMap<string, PingSpec>
  readonly #references: readonly string[]
  readonly #ports: VerdictPorts
  readonly #verdicts = new Map<string, Verdict>()
  /** Checks that wait for an answer, by ping. */
  readonly #held = new Map<string, Check>()
  /** The judgement under way of each ping, and of the network. */
  readonly #turns = new Map<string, Promise<void>>()
  #isNetworkGone = false

  constructor(pings: readonly PingSpec[], ports: VerdictPorts) {
    this.#pings = new Map(pings.map((ping) => [ping.name, ping]))
    this.#references = pings.filter(({ isReference }) => isReference).map(({ name }) => name)
    this.#ports = ports
  }

  /** Takes up the standings where they were left. */
  restore(): void {
    for (const { name, flapping } of this.#pings.values()) {
      const report = reportIn(this.#ports.last(pingTopic(this.#ports.root, name))) ?? {}
      const standing = standingOf(report, flapping)
      this.#verdicts.set(name, { standing, report, last: null, goodAt: -Infinity })
    }
    const left = jsonIn(this.#ports.last(networkTopic(this.#ports.root))) as NetworkReport | undefined
    this.#isNetworkGone = left?.state === 'down'
  }

  get(name: string): Verdict | undefined {
    return this.#verdicts.get(name)
  }

  /** Resolves when all that follows from the check is committed. */
  async judge(name: string, { check, begunAt, isExtra }: Checked): Promise<void> {
    await this.#turn(name, () => {
      const before = this.#verdicts.get(name)!
      this.#verdicts.set(name, {
        ...before,
        last: check.kind,
        ...(check.kind === 'good' && { goodAt: begunAt }),
      })
      return isExtra && check.kind !== 'good' ? Promise.resolve() : this.#flip(name, check)
    })
    const { isReference } = this.#pings.get(name)!
    if (isReference) await this.#turn(NETWORK, () => this.#tellNetwork())
    await this.#judgeHeld((held) => isReference || held.dependsOn.includes(name))
  }

  async #flip(name: string, check: Check): Promise<void> {
    const { clock, publish, root } = this.#ports
    const ping = this.#pings.get(name)!
    const { standing: before } = this.#verdicts.get(name)!
    const outlook = outlookOf(ping, this.#references, this.#verdicts)
    const now = { at: clock.now(), steadyAt: clock.steady(), outlook }
    const { standing, report } = flip(before, check, now, ping)
    if (report) await publish(hubMessage(pingTopic(root, name), report, { retain: true }))
    const verdict = this.#verdicts.get(name)!
    this.#verdicts.set(name, { ...verdict, standing, report: report ?? verdict.report })
    this.#hold(ping, standing, check)
  }

  #hold(ping: PingSpec, { heldAt }: Standing, check: Check): void {
    if (heldAt === null) return void this.#held.delete(ping.name)
    this.#held.set(ping.name, check)
    for (const name of [...ping.dependsOn, ...this.#references]) {
      const seen = this.#verdicts.get(name)
      // What has failed shows in its own time, by as many checks as it is given.
      if (name !== ping.name && seen?.last === 'good' && seen.goodAt < heldAt) this.#ports.hurry(name)
    }
  }

  /**
   * Judges again what waits for an answer, one layer of the pings that depend on each other after the other.
   */
  async #judgeHeld(isMeant: (ping: PingSpec) => boolean): Promise<void> {
    const meant = Array.from(this.#held.keys(), (name) => this.#pings.get(name)!).filter(isMeant)
    const settled: string[] = []
    for (const ping of meant)
      await this.#turn(ping.name, async () => {
        const check = this.#held.get(ping.name)
        if (!check || outlookOf(ping, this.#references, this.#verdicts).kind === 'doubtful') return
        await this.#flip(ping.name, check)
        settled.push(ping.name)
      })
    if (settled.length > 0)
      await this.#judgeHeld(({ dependsOn }) => dependsOn.some((parent) => settled.includes(parent)))
  }

  async #tellNetwork(): Promise<void> {
    const { clock, publish, root } = this.#ports
    const isGone = isNetworkGone(this.#references, this.#verdicts, this.#isNetworkGone)
    if (isGone === this.#isNetworkGone) return
    const report: NetworkReport = {
      state: isGone ? 'down' : 'up',
      since: new Date(clock.now()).toISOString(),
      references: this.#references,
      reason: isGone ? NETWORK_GONE : '',
    }
    await publish(hubMessage(networkTopic(root), report, { retain: true }))
    this.#isNetworkGone = isGone
  }

  /** Runs what changes one standing after what was changing it before. */
  async #turn(name: string, change: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(name)
    const turn = before ? before.then(change, change) : change()
    this.#turns.set(name, turn)
    try {
      await turn
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name)
    }
  }
}

export const pingTopic = (root: string, name: string): string => `${root}/ping/${name}`
const networkTopic = (root: string): string => `${root}/${NETWORK}`
