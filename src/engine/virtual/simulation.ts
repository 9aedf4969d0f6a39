// `simulate`, as a test sees it: the test publishes as a client and lets time go on, and sees what the rules
// did. Stand-ins answer for all that lies outside (`stand-ins.ts`). Publishing resolves when everything that
// follows from it at that moment has been done.

import { nearMiss } from '../../base/near-miss.ts'
import { parseDuration } from '../../base/quantities.ts'
import type { Duration } from '../../base/quantities.ts'
import { payloadValue } from '../../model/event-json.ts'
import type { Alert } from '../../model/alert.ts'
import type { AlertSettings } from '../../model/alert-settings.ts'
import type { Event, Origin, QoS } from '../../model/event.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import { RULES_RULE } from '../../model/rule-pause.ts'
import { ALERT_RULE } from '../../model/run.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'
import { jsonPropertyBytes } from '../../model/json-properties.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { CLEAR, flip, reportIn, standingOf } from '../../watch/pings/flip.ts'
import type { Check } from '../../watch/probes/check.ts'
import type { Claim } from '../steps/work.ts'
import { StandIns } from './stand-ins.ts'
import type { PerformedKind } from './stand-ins.ts'
import { VirtualHub } from './virtual-hub.ts'
import type { SimulatedNotification } from './virtual-hub.ts'

export type { SimulatedNotification }

/**
 * One attempt of one step: its spec (`argv` of a shell, `url` of a webhook, `topic` of a publish, …), and
 * what came of it.
 */
export type SimulatedAction = Claim['spec'] & {
  /** Virtual Unix ms. */
  readonly at: number
  readonly rule: string
  readonly run: number
  readonly step: string
  readonly attempt: number
  readonly outcome: Outcome
}

export interface SimulatedMessage {
  readonly id: number
  readonly at: number
  readonly topic: string
  /** The JSON value, or else the text. */
  readonly payload: Json
  readonly retain: boolean
  readonly origin: Origin
  readonly cause: Event['cause']
}

export interface MessageOptions {
  readonly qos?: QoS
  readonly retain?: boolean
  /** The broker publishes it as the last will of a client that is gone. */
  readonly will?: boolean
  /** By default `live`; `hub` under the hub's own root, where clients publish nothing but commands. */
  readonly origin?: Origin
  readonly client?: string
  /** MQTT 5, such as `{ responseTopic: 'answers/1' }`. */
  readonly properties?: JsonObject
}

export class Simulation {
  readonly #rules: RuleSet
  readonly #hub: VirtualHub
  readonly #standIns = new StandIns()
  readonly #actions: SimulatedAction[] = []

  constructor(rules: RuleSet, at: number, alerts: AlertSettings) {
    this.#rules = rules
    this.#hub = new VirtualHub({
      rules,
      at,
      alerts,
      standIn: (claim) => this.#standIns.outcome(claim),
      attempted: (claim, outcome) => this.#note(claim, outcome),
    })
  }

  /** What virtual time it is, Unix ms. */
  get now(): number {
    return this.#hub.now
  }

  /** Every attempt of the rules' actions that was made, in order; waits and `parallel` make none. */
  get actions(): readonly SimulatedAction[] {
    return this.#actions
  }

  /** All runs of the rules with their steps, as the store has them. */
  get runs(): readonly (Run & { readonly steps: readonly Step[] })[] {
    return this.#hub.store.runs
      .filter(({ run }) => !isHubs(run.rule))
      .map(({ run, steps }) => ({ ...run, steps }))
  }

  /** Every alert as it is now, the resolved ones included. */
  get alerts(): readonly Alert[] {
    return this.#hub.store.alerts
  }

  /** What people were told of alerts, over which channel, in order. */
  get notifications(): readonly SimulatedNotification[] {
    return this.#hub.notifications
  }

  /**
   * What each rule made of each event on its topics; a later one on the same event replaces an earlier one.
   */
  get verdicts(): readonly Verdict[] {
    return this.#hub.store.verdicts
  }

  /** Everything that was published: by the test, by rules, by the hub. */
  get messages(): readonly SimulatedMessage[] {
    return this.#hub.store.events.map(({ id, at, topic, payload, retain, origin, cause }) => ({
      id,
      at,
      topic,
      payload: payloadValue(payload),
      retain,
      origin,
      cause,
    }))
  }

  /**
   * A client publishes. A text and bytes are sent as they are, anything else as JSON.
   * Resolves with the event's id, when what follows from it has been done.
   */
  async publish(topic: string, payload: unknown = '', options: MessageOptions = {}): Promise<number> {
    const problem = topicNameProblem(topic)
    if (problem !== undefined) throw new TypeError(`publish: ${problem}`)
    const { will = false, retain = false, qos = 1, client = 'test', properties } = options
    const { root } = this.#rules
    const ofHub = topic.startsWith(`${root}/`) && !topic.startsWith(`${root}/commands/`)
    const origin = options.origin ?? (will ? 'will' : ofHub ? 'hub' : 'live')
    return this.#hub.receive({
      topic,
      payload: bytesOf(payload),
      qos,
      retain,
      origin,
      client: ofHub || origin === 'hub' || origin === 'http' ? null : client,
      properties: properties ? jsonPropertyBytes(properties) : null,
      cause: null,
    })
  }

  /** Time goes on. Whatever falls due on the way is done in its order. */
  async advance(length: Duration): Promise<void> {
    await this.#hub.advance(parseDuration(length))
  }

  /** The next attempts of a kind of action fail, in a way that may pass. */
  fail(kind: PerformedKind, times = 1, reason = 'it was told to fail'): void {
    this.#standIns.fail(kind, times, reason)
  }

  /** What actions of a kind give from now on, for those that read earlier results. */
  answer(kind: Exclude<PerformedKind, 'publish' | 'alert'>, result: JsonObject): void {
    this.#standIns.answer(kind, result)
  }

  /** A declared ping fails as often as it takes to be down. */
  async down(ping: string): Promise<void> {
    await this.#check(ping, { kind: 'failed', reason: 'no answer' })
  }

  /** A declared ping answers as often as it takes to be up. */
  async up(ping: string): Promise<void> {
    await this.#check(ping, { kind: 'good', latencyMs: 1 })
  }

  /** The hub stops, and starts again on what it had kept as JSON; for `down` nobody watches. */
  async restart({ down = '0s' }: { readonly down?: Duration } = {}): Promise<void> {
    await this.#hub.restart(parseDuration(down))
  }

  #note({ spec, run, path, attempt }: Claim, outcome: Outcome): void {
    const { id, rule } = run.run
    // What the hub tells people is in `notifications`.
    if (!isHubs(rule))
      this.#actions.push({ ...spec, at: this.now, rule, run: id, step: path, attempt, outcome })
  }

  async #check(name: string, check: Check): Promise<void> {
    const ping = this.#rules.pings.find((each) => each.name === name)
    if (ping === undefined) {
      const meant = nearMiss(
        name,
        this.#rules.pings.map((each) => each.name),
      )
      throw new Error(`There is no ping "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`)
    }
    await this.#hub.start()
    const topic = `${this.#rules.root}/ping/${name}`
    let standing = standingOf(reportIn(this.#hub.store.lastOn(topic, Infinity)?.payload), ping.flapping)
    for (let checks = 0; checks < Math.max(ping.fails, ping.recovers); checks++) {
      const now = { at: this.now, steadyAt: this.now, outlook: CLEAR }
      const { report, ...next } = flip(standing, check, now, ping)
      standing = next.standing
      if (report) return void (await this.publish(topic, report, { retain: true }))
    }
  }
}

/** Whether the hub itself acts: it tells people of alerts, and answers commands. */
const isHubs = (rule: string): boolean => rule === ALERT_RULE || rule === RULES_RULE

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
}
