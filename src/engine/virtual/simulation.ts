// A hub for tests: rules on a journal in memory, in virtual time, with stand-ins for all that lies outside.
// Publishing resolves when everything has been done that follows from it at that moment; what is due later is
// done as time goes on.

import { ManualClock } from '../../base/clock.ts'
import { OUTPUT_BYTES } from '../../actions/context.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import { silentLog } from '../../base/log.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { parseDuration } from '../../base/quantities.ts'
import type { Duration } from '../../base/quantities.ts'
import { payloadValue } from '../../model/event-json.ts'
import type { Event, Origin, Publication, QoS } from '../../model/event.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { flip, reportIn, standingOf } from '../../watch/flip.ts'
import type { Check } from '../../watch/flip.ts'
import { openActing } from '../work/acting.ts'
import { Announcer } from '../tell/announce.ts'
import { openDeadLetters } from '../tell/dead-letters.ts'
import { newPulse, PulseWriter } from '../contain/pulse.ts'
import { Expectations } from '../plan/expectations.ts'
import { Schedule } from '../plan/schedule.ts'
import { UserCode } from '../contain/user-code.ts'
import type { Claim } from '../work/work.ts'
import { MemoryStore } from './memory-store.ts'
import { StandIns } from './stand-ins.ts'
import type { PerformedKind } from './stand-ins.ts'
import { VirtualEngine } from './virtual-engine.ts'

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
  /** By default `live`, and `hub` under the hub's own root. */
  readonly origin?: Origin
  readonly client?: string
  /** MQTT 5, such as `{ responseTopic: 'answers/1' }`. */
  readonly properties?: JsonObject
}

export class Simulation {
  readonly #rules: RuleSet
  readonly #clock: ManualClock
  readonly #store = new MemoryStore()
  readonly #standIns = new StandIns()
  readonly #actions: SimulatedAction[] = []
  #engine!: VirtualEngine
  #announcer!: Announcer
  #schedule!: Schedule
  #expectations!: Expectations
  /** Events up to this one have been taken. */
  #taken = 0
  #hasStarted = false
  readonly #deadLetter

  constructor(rules: RuleSet, at: number) {
    this.#rules = rules
    this.#clock = new ManualClock(at)
    this.#deadLetter = openDeadLetters({
      root: rules.root,
      clock: this.#clock,
      log: silentLog,
      reads: this.#store,
      publish: (publication) => this.#publish(publication),
    })
  }

  /** What virtual time it is, Unix ms. */
  get now(): number {
    return this.#clock.now()
  }

  /** Every attempt that was made, in order; waits and `parallel` make none. */
  get actions(): readonly SimulatedAction[] {
    return this.#actions
  }

  /** All runs with their steps, as the store has them. */
  get runs(): readonly (Run & { readonly steps: readonly Step[] })[] {
    return this.#store.runs.map(({ run, steps }) => ({ ...run, steps }))
  }

  /**
   * What each rule made of each event on its topics; a later one on the same event replaces an earlier one.
   */
  get verdicts(): readonly Verdict[] {
    return this.#store.verdicts
  }

  /** Everything that was published: by the test, by rules, by the hub. */
  get messages(): readonly SimulatedMessage[] {
    return this.#store.events.map(({ id, at, topic, payload, retain, origin, cause }) => ({
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
    const ofHub = topic.startsWith(`${this.#rules.root}/`)
    await this.#begun()
    const { id } = this.#store.append({
      at: this.now,
      topic,
      payload: bytesOf(payload),
      qos,
      retain,
      origin: options.origin ?? (will ? 'will' : ofHub ? 'hub' : 'live'),
      client: ofHub ? null : client,
      properties: properties ? encodePropertyBytes(properties) : null,
      cause: null,
      recorded: true,
    })
    await this.#settle()
    return id
  }

  /** Time goes on. Whatever falls due on the way is done in its order. */
  async advance(length: Duration): Promise<void> {
    await this.#begun()
    await this.#engine.goTo(this.now + parseDuration(length), () =>
      this.#isQuiet ? undefined : this.#settle(),
    )
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
    await this.#begun()
    await this.#schedule.stop()
    const fromAt = this.now
    // Timers of the engine that is gone are not heard any more.
    this.#clock.clear()
    this.#clock.advance(parseDuration(down))
    this.#store.wasDown({ fromAt, toAt: this.now, clean: true })
    this.#hasStarted = false
    await this.#begun()
  }

  async #begun(): Promise<void> {
    if (this.#hasStarted) return
    this.#hasStarted = true
    const downtime = this.#store.downtimes().at(-1)
    this.#compose()
    await this.#engine.start()
    if (downtime) await this.#tell('hub/downtime', { ...downtime })
    this.#schedule.start()
    this.#expectations.start()
    await this.#announcer.announceMissed(this.#store)
    await this.#tell('hub/started', {})
    await this.#settle()
  }

  #compose(): void {
    const clock = this.#clock
    const store = this.#store
    const { root, schedules, expectations } = this.#rules
    const publish = (publication: Publication): Promise<number> => this.#publish(publication)
    const flush = async (): Promise<void> => this.#engine.commit()
    const ports = { root, clock, log: silentLog, publish, flush }
    // Nobody watches over this thread.
    const userCode = new UserCode(new PulseWriter(newPulse()), [], () => {})
    const hub = {
      root,
      clock,
      secrets: (name: string) => `(the secret ${name})`,
      channels: new Map(),
      outputBytes: OUTPUT_BYTES,
      packetBytes: PACKET_BYTES,
      publish,
      last: (topic: string) => store.lastOn(topic, Infinity)?.payload,
    }
    this.#engine = new VirtualEngine({
      rules: this.#rules,
      clock,
      userCode,
      reads: store,
      commit: (change) => store.commit(change),
      ended: (open, event) => this.#announcer.announce(open.run, open.steps, event),
      deadLetter: (rule, event) => this.#deadLetter(rule, event),
      perform: async (claim, occasions) => {
        const outcome = this.#standIns.outcome(claim) ?? (await openActing(occasions, userCode, hub)(claim))
        this.#note(claim, outcome)
        return outcome
      },
    })
    const { draft, memory } = this.#engine
    this.#announcer = new Announcer({ ...ports, draft })
    const { last } = hub
    this.#expectations = new Expectations(expectations, { ...ports, memory })
    this.#schedule = new Schedule(schedules, { ...ports, memory, last, recheckMs: Infinity })
  }

  /** Until nothing is left to be done at this moment. What rules publish comes back to them as events. */
  async #settle(): Promise<void> {
    do {
      for (let event = this.#next(); event; event = this.#next()) {
        this.#engine.take(event)
        await this.#engine.settle()
      }
      this.#engine.atHead()
      await this.#engine.settle()
      await this.#announcer.allAnnounced()
    } while (!this.#isQuiet)
  }

  get #isQuiet(): boolean {
    const { isBusy, draft } = this.#engine
    return !isBusy && draft.isEmpty && this.#taken === this.#store.events.length
  }

  #next(): Event | undefined {
    const [event] = this.#store.eventsAfter(this.#taken, 1)
    this.#taken = event?.id ?? this.#taken
    return event
  }

  #note({ spec, run, path, attempt }: Claim, outcome: Outcome): void {
    const { id, rule } = run.run
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
    await this.#begun()
    const topic = `${this.#rules.root}/ping/${name}`
    let standing = standingOf(reportIn(this.#store.lastOn(topic, Infinity)?.payload))
    for (let checks = 0; checks < Math.max(ping.fails, ping.recovers); checks++) {
      const { report, ...next } = flip(standing, check, this.now, ping)
      standing = next.standing
      if (report) return void (await this.publish(topic, report, { retain: true }))
    }
  }

  async #tell(topic: string, payload: JsonObject): Promise<void> {
    await this.#publish({
      topic: `${this.#rules.root}/${topic}`,
      payload: bytesOf({ ...payload, at: new Date(this.now).toISOString() }),
      qos: 1,
      retain: false,
      origin: 'hub',
      cause: null,
    })
  }

  async #publish({ properties, ...publication }: Publication): Promise<number> {
    const { id } = this.#store.append({
      ...publication,
      at: this.now,
      client: null,
      properties: properties ? encodePropertyBytes(properties) : null,
      recorded: true,
    })
    return id
  }
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
}
