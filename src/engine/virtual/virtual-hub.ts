// A hub without a network and without a disk: rules on a journal in memory, in virtual time. What falls due
// at one moment is done at that moment, and what rules publish comes back to them as events.

import { OUTPUT_BYTES } from '../../actions/context.ts'
import type { HubPorts } from '../../actions/context.ts'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { Channel } from '../../channels/open.ts'
import type { AlertSettings } from '../../model/alert-settings.ts'
import type { Notification } from '../../model/notification.ts'
import { Raising } from '../alerts/raising.ts'
import { openTelling } from '../alerts/telling.ts'
import { openRunAlerts } from '../tell/run-alerts.ts'
import type { Event, NewEvent, Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import { jsonPropertyBytes } from '../../model/json-properties.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { newPulse, PulseWriter } from '../contain/pulse.ts'
import { UserCode } from '../contain/user-code.ts'
import { Expectations } from '../plan/expectations.ts'
import { Schedule } from '../plan/schedule.ts'
import { Announcer } from '../tell/announce.ts'
import { openDeadLetters } from '../tell/dead-letters.ts'
import { openActing } from '../steps/acting.ts'
import type { Claim } from '../steps/work.ts'
import { MemoryStore } from './memory-store.ts'
import { VirtualEngine } from './virtual-engine.ts'

/** What people were told over a channel. */
export type SimulatedNotification = Notification & { readonly channel: string }

export interface VirtualHubOptions {
  readonly rules: RuleSet
  /** When virtual time begins, Unix ms. */
  readonly at: number
  /** The outcome of an attempt that is not made; `undefined` where the action itself is performed. */
  readonly standIn: (claim: Claim) => Outcome | undefined
  /** How alerts are told. */
  readonly alerts: AlertSettings
  /** An attempt has ended. */
  readonly attempted: (claim: Claim, outcome: Outcome) => void
}

export class VirtualHub {
  readonly store = new MemoryStore()
  /** What was told over channels, oldest first. */
  readonly notifications: SimulatedNotification[] = []
  readonly #options: VirtualHubOptions
  readonly #clock: ManualClock
  readonly #deadLetter
  #engine!: VirtualEngine
  #announcer!: Announcer
  #schedule!: Schedule
  #expectations!: Expectations
  /** Events up to this one have been taken. */
  #taken = 0
  #hasStarted = false

  constructor(options: VirtualHubOptions) {
    this.#options = options
    this.#clock = new ManualClock(options.at)
    this.#deadLetter = openDeadLetters({
      root: options.rules.root,
      clock: this.#clock,
      log: silentLog,
      reads: this.store,
      publish: (publication) => this.#publish(publication),
    })
  }

  /** What virtual time it is, Unix ms. */
  get now(): number {
    return this.#clock.now()
  }

  /** Begins, if it has not yet: what follows from that is done when this resolves. */
  async start(): Promise<void> {
    if (this.#hasStarted) return
    this.#hasStarted = true
    const downtime = this.store.downtimes().at(-1)
    this.#compose()
    await this.#engine.start()
    if (downtime) await this.#tell('hub/downtime', { ...downtime })
    this.#schedule.start()
    this.#expectations.start()
    await this.#announcer.announceMissed(this.store)
    await this.#tell('hub/started', {})
    await this.#finish()
  }

  /** Stops, and starts again on what it had kept as JSON, after a time in which nobody watches. */
  async restart(downMs: number): Promise<void> {
    await this.start()
    await this.#schedule.stop()
    const fromAt = this.now
    // Timers of the engine that is gone are not heard any more.
    this.#clock.clear()
    this.#clock.advance(downMs)
    this.store.wasDown({ fromAt, toAt: this.now, clean: true })
    this.#hasStarted = false
    await this.start()
  }

  /** Takes a message. Resolves with the event's id, when what follows from it has been done. */
  async receive(message: Omit<NewEvent, 'at' | 'recorded'>): Promise<number> {
    await this.start()
    const { id } = this.store.append({ ...message, at: this.now, recorded: true })
    await this.#finish()
    return id
  }

  /** Time goes on. Whatever falls due on the way is done in its order. */
  async advance(lengthMs: number): Promise<void> {
    await this.start()
    await this.#engine.goTo(this.now + lengthMs, () => (this.#isQuiet ? undefined : this.#finish()))
  }

  #compose(): void {
    const { rules, alerts, standIn, attempted } = this.#options
    const { root, schedules, expectations } = rules
    const clock = this.#clock
    const reads = this.store
    const publish = (publication: Publication): Promise<number> => this.#publish(publication)
    const flush = async (): Promise<void> => this.#engine.commit()
    const isPaused = (rule: string): boolean => this.#engine.pauses.of(rule) !== undefined
    const ports = { root, clock, log: silentLog, publish, flush, isPaused }
    // Nobody watches over this thread.
    const userCode = new UserCode(new PulseWriter(newPulse()), [], () => {})
    const last = (topic: string): Uint8Array | undefined => reads.lastOn(topic, Infinity)?.payload
    const raising = new Raising({
      isOpen: (key) => this.#engine.alerts.isOpen(key),
      cursor: () => this.#taken,
      lastBefore: this.#taken,
    })
    const hub: HubPorts = {
      root,
      clock,
      secrets: (name) => `(the secret ${name})`,
      alerts: {
        mayBeOpen: (key) => raising.mayBeOpen(key),
        raising: (key, command) => raising.raising(key, command),
      },
      notify: openTelling({
        channels: new Map(Object.keys(alerts.channels).map((name) => [name, this.#channel(name)])),
        content: (ref, run, isUncertain) => this.#engine.alerts.content(ref, run, isUncertain),
        linksOf: () => ({}),
        dataDir: '',
      }),
      outputBytes: OUTPUT_BYTES,
      packetBytes: PACKET_BYTES,
      publish,
      foundBy: async () => [],
      last,
    }
    this.#engine = new VirtualEngine({
      rules,
      clock,
      userCode,
      reads,
      commit: (change) => reads.commit(change),
      ended: (open, event) => this.#announcer.announce(open.run, open.steps, event),
      deadLetter: (rule, event) => this.#deadLetter(rule, event),
      alerts,
      alertChanged: (alert) => this.#announcer.announceAlert(alert),
      rulePauseChanged: (pause) => this.#announcer.announceRulePause(pause),
      resumed: (rule) => {
        this.#schedule.resumed(rule)
        this.#expectations.resumed(rule)
      },
      perform: async (claim, occasions) => {
        const outcome = standIn(claim) ?? (await openActing(occasions, userCode, hub)(claim))
        attempted(claim, outcome)
        return outcome
      },
    })
    const { draft, memory } = this.#engine
    this.#announcer = new Announcer({
      ...ports,
      draft,
      eventHead: (id) => reads.eventHead(id),
      alertsOf: openRunAlerts({
        root,
        mayBeOpen: (key) => raising.mayBeOpen(key),
        hasDead: (rule) => this.store.hasDead(rule),
      }),
    })
    this.#expectations = new Expectations(expectations, { ...ports, memory })
    this.#schedule = new Schedule(schedules, { ...ports, memory, last, recheckMs: Infinity })
  }

  /** Until nothing is left to be done at this moment. What rules publish comes back to them as events. */
  async #finish(): Promise<void> {
    do {
      for (let event = this.#next(); event; event = this.#next()) {
        this.#engine.take(event)
        await this.#engine.finish()
      }
      this.#engine.atHead()
      await this.#engine.finish()
      await this.#announcer.allAnnounced()
    } while (!this.#isQuiet)
  }

  get #isQuiet(): boolean {
    const { isBusy, draft } = this.#engine
    return !isBusy && draft.isEmpty && this.#taken === this.store.events.length
  }

  #next(): Event | undefined {
    const [event] = this.store.eventsAfter(this.#taken, 1)
    this.#taken = event?.id ?? this.#taken
    return event
  }

  /** Everybody who is told is told at once. */
  #channel(channel: string): Pick<Channel, 'tell'> {
    return {
      tell: async (notification, { handle }) => {
        this.notifications.push({ channel, ...notification })
        return { kind: 'told', handle: {}, isUpdate: handle !== null }
      },
    }
  }

  async #tell(topic: string, payload: JsonObject): Promise<void> {
    const at = new Date(this.now).toISOString()
    await this.#publish(hubMessage(`${this.#options.rules.root}/${topic}`, { ...payload, at }))
  }

  async #publish({ properties, ...publication }: Publication): Promise<number> {
    const { id } = this.store.append({
      ...publication,
      at: this.now,
      client: null,
      properties: properties ? jsonPropertyBytes(properties) : null,
      recorded: true,
    })
    return id
  }
}
