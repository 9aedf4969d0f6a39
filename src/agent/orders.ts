// The orders of the hub: actions on this machine, performed by the same code as the hub's own. Each order has
// a key; what has been done under it is not done again, and is answered again.
//
// Always: an order is in the store before it is acknowledged and before it begins, and its outcome before it
// is told. An order that a crash of the agent has cut off begins once more, as it would in the hub. One attempt
// of an order is under way at a time: the next one begins when that has failed.

import { Cancelled } from '../actions/context.ts'
import type { ActionContext, HubPorts } from '../actions/context.ts'
import { endStep } from '../actions/leftover.ts'
import { perform } from '../actions/perform.ts'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf, printable } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import type { ProcessIdentity } from '../model/action.ts'
import type { Event } from '../model/event.ts'
import type { HostAction, HostAnswer, HostCancel, HostOrder, HostStep } from '../model/host.ts'
import { jsonIn } from '../model/hub-message.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { WatchedProcesses } from '../model/watch.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { usersWithin, whyForbidden } from './allowed.ts'
import type { Allowed } from './allowed.ts'
import { bounded } from './bounded.ts'
import { order as orderSchema } from './foreign.ts'
import type { AgentStore } from './store.ts'

export interface OrderPorts {
  readonly root: string
  readonly store: AgentStore
  readonly log: Log
  readonly secrets: Secrets
  readonly allowed: Allowed
  /** Resolves when the hub has the answer. */
  readonly answer: (key: string, answer: HostAnswer) => Promise<void>
  readonly foundBy: (watch: string) => Promise<readonly ProcessIdentity[]>
  readonly view: () => Promise<WatchedProcesses>
  /** Answers that are remembered, by default 1,000: an order that comes again is younger than all of these. */
  readonly most?: number
}

/** An order as the store has it. */
interface Taken {
  readonly order: HostStep
  /** Unix ms; no attempt begins later. */
  readonly notAfter: number
  readonly outcome: Outcome | null
  /** The hub has acknowledged the outcome. */
  readonly isTold: boolean
}

const MOST = 1_000
const OUTPUT_BYTES = 8 * 1024
const PACKET_BYTES = 1024 * 1024
/** What the agent of a hub without expiry gives an order. */
const LONGEST_MS = 3_600_000
const GRACE_MS = 5_000

export class Orders {
  readonly #ports: OrderPorts
  readonly #underWay = new Map<string, { readonly ending: AbortController; readonly done: Promise<void> }>()
  /** Keys of the orders with an outcome, oldest first. */
  readonly #answered = new Set<string>()
  #isStopping = false

  constructor(ports: OrderPorts) {
    this.#ports = ports
  }

  /** Goes on with what a crash has cut off. */
  start(): void {
    for (const taken of this.#all())
      if (taken.outcome === null) this.#begin(taken, true)
      else this.#remember(taken.order.key)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    for (const { ending } of this.#underWay.values()) ending.abort(new Error('the agent stops'))
    await Promise.all(Array.from(this.#underWay.values(), ({ done }) => done))
  }

  /** Takes an order; it is in the store when this returns. */
  take(payload: Buffer, expiresInMs: number | null): void {
    const { log } = this.#ports
    const parsed = orderSchema.safeParse(jsonIn(payload))
    if (!parsed.success) return this.#refuse(jsonIn(payload), parsed.error.issues[0]?.message ?? '')
    const order: HostOrder = parsed.data
    if (order.kind === 'processes') {
      void this.#tellProcesses(order.key)
      return
    }
    if (order.kind === 'cancel') return this.#cancel(order)
    const { key, attempt } = order
    const known = this.#known(key)
    if (known !== undefined && (attempt <= known.order.attempt || isFinal(known))) {
      log.info(`The order ${key} has come again; it is not carried out twice.`)
      if (known.outcome !== null) void this.#tell(known)
      return
    }
    const notAfter = systemClock.now() + (expiresInMs ?? LONGEST_MS)
    const taken: Taken = { order, notAfter, outcome: null, isTold: false }
    this.#keep(taken)
    // An agent that stops leaves it to the next one.
    if (!this.#underWay.has(key) && !this.#isStopping) this.#begin(taken, false)
  }

  /** Tells the hub what came of orders while it was away. */
  tellAll(): void {
    for (const taken of this.#all()) if (taken.outcome !== null && !taken.isTold) void this.#tell(taken)
  }

  /** Ends what is carried out under a key; what has not begun, or was cut off, does not begin any more. */
  #cancel({ cancels, reason }: HostCancel): void {
    const known = this.#known(cancels)
    const underWay = this.#underWay.get(cancels)
    if (known === undefined || known.outcome !== null) return
    this.#ports.log.info(`The order ${cancels} was cancelled by the hub: ${printable(reason, 500)}.`)
    if (underWay !== undefined) underWay.ending.abort(new Cancelled(reason))
    else this.#conclude({ ...known, outcome: { kind: 'give-up', reason }, isTold: false })
  }

  /** Keeps an outcome, and tells it. */
  #conclude(taken: Taken): void {
    this.#keep(taken)
    this.#remember(taken.order.key)
    void this.#tell(taken)
  }

  #all(): Taken[] {
    const { store } = this.#ports
    return store
      .keysUnder('order ')
      .map((key) => store.kept(key) as unknown as Taken)
      .toSorted((one, other) => one.notAfter - other.notAfter)
  }

  #known(key: string): Taken | undefined {
    return this.#ports.store.kept(keyOf(key)) as unknown as Taken | undefined
  }

  #keep(taken: Taken): void {
    this.#ports.store.keep(keyOf(taken.order.key), taken as unknown as Json)
  }

  /** Notes that the order has an outcome, and forgets the oldest one of which there are too many. */
  #remember(key: string): void {
    const { store, most = MOST } = this.#ports
    this.#answered.delete(key)
    this.#answered.add(key)
    const [oldest] = this.#answered
    if (oldest === undefined || this.#answered.size <= most) return
    this.#answered.delete(oldest)
    store.keep(keyOf(oldest), null)
  }

  #begin(taken: Taken, wasCutOff: boolean): void {
    const { key } = taken.order
    const ending = new AbortController()
    this.#answered.delete(key)
    this.#underWay.set(key, { ending, done: this.#carryOut(taken, ending, wasCutOff) })
  }

  async #carryOut(taken: Taken, ending: AbortController, wasCutOff: boolean): Promise<void> {
    const { order } = taken
    const outcome = await this.#outcomeOf(taken, ending, wasCutOff).catch((error: unknown): Outcome => ({
      kind: 'retry',
      reason: messageOf(error),
    }))
    this.#underWay.delete(order.key)
    // What the end of the agent has cut off is carried out by the next one.
    if (this.#isStopping && outcome.kind === 'retry') return
    const said = outcome.kind === 'done' ? 'done' : outcome.reason
    this.#ports.log.info(`"${printable(order.rule)}" ordered ${order.spec.kind}: ${printable(said, 500)}.`)
    const newest = this.#known(order.key) ?? taken
    // The hub has given this attempt up, and ordered the next one meanwhile.
    if (outcome.kind === 'retry' && newest.order.attempt > order.attempt) return this.#begin(newest, false)
    this.#conclude({ ...newest, outcome, isTold: false })
  }

  async #outcomeOf(
    { order, notAfter }: Taken,
    ending: AbortController,
    wasCutOff: boolean,
  ): Promise<Outcome> {
    const { allowed } = this.#ports
    const leftMs = notAfter - systemClock.now()
    if (wasCutOff && order.spec.kind === 'shell')
      await endStep(stepOf(order), null, { graceMs: GRACE_MS, clock: systemClock })
    if (leftMs <= 0) {
      const late = formatDuration(Math.max(1, -leftMs))
      return { kind: 'give-up', reason: `the order expired ${late} before the agent could carry it out` }
    }
    const forbidden = whyForbidden(order.spec, allowed)
    if (forbidden !== undefined) return { kind: 'give-up', reason: forbidden }
    const { notAfter: _byTheClockOfTheHub, ...spec } = order.spec as HostAction & {
      readonly notAfter?: number
    }
    return perform(
      { ...withUsers(spec as HostAction, allowed), timeoutMs: Math.min(spec.timeoutMs, leftMs) },
      this.#contextOf(order, ending, wasCutOff),
    )
  }

  #contextOf(order: HostStep, ending: AbortController, wasCutOff: boolean): ActionContext {
    const { rule, run, step, attempt } = order
    return {
      event: eventOf(order),
      params: {},
      rule,
      run,
      step,
      attempt,
      wasCutOff,
      ending,
      within: bounded,
      started: () => {},
      hub: this.#hubPorts(),
    }
  }

  /** What an order may use. Nothing that it may ask for publishes or raises an alert. */
  #hubPorts(): HubPorts {
    const { root, secrets, foundBy } = this.#ports
    return {
      root,
      clock: systemClock,
      secrets,
      alerts: { mayBeOpen: () => false, raising: () => {} },
      notify: () => Promise.resolve({ kind: 'give-up', reason: 'an agent has no alert channels' }),
      outputBytes: OUTPUT_BYTES,
      packetBytes: PACKET_BYTES,
      publish: () => Promise.reject(new Error('an order publishes nothing')),
      foundBy,
      last: () => undefined,
    }
  }

  async #tell(taken: Taken): Promise<void> {
    const { key, attempt } = taken.order
    try {
      await this.#ports.answer(key, { attempt, outcome: taken.outcome! })
      // The hub may have ordered the next attempt before its acknowledgement came.
      if (this.#known(key)?.order.attempt === attempt) this.#keep({ ...taken, isTold: true })
    } catch {
      // The hub is away. It is told when it is back.
    }
  }

  async #tellProcesses(key: string): Promise<void> {
    try {
      const result = (await this.#ports.view()) as unknown as JsonObject
      await this.#ports.answer(key, { attempt: 1, outcome: { kind: 'done', result } })
    } catch (error) {
      this.#ports.log.warn(`The hub could not be told of the processes: ${messageOf(error)}.`)
    }
  }

  /** An order that cannot be read is answered, as far as it has a key. */
  #refuse(given: Json | undefined, why: string): void {
    const { log, answer } = this.#ports
    log.warn(`An order of the hub cannot be read: ${printable(why, 500)}.`)
    const { key, attempt } = (given ?? {}) as { readonly key?: unknown; readonly attempt?: unknown }
    if (typeof key !== 'string' || !/^[\w.!-]{1,200}$/.test(key)) return
    const reason = `the agent does not understand the order (${why}); is it as new as the hub?`
    const told = {
      attempt: Number.isInteger(attempt) ? (attempt as number) : 1,
      outcome: { kind: 'give-up', reason } as const,
    }
    answer(key, told).catch(() => {})
  }
}

const keyOf = (key: string): string => `order ${key}`

/** An outcome that is final stands for all attempts; another one for those up to its own. */
const isFinal = ({ outcome }: Taken): boolean => outcome !== null && outcome.kind !== 'retry'

function withUsers<T extends HostAction>(spec: T, allowed: Allowed): T {
  if (!('users' in spec) || spec.users === undefined) return spec
  return { ...spec, users: usersWithin(spec.users, allowed) }
}

function eventOf({ event }: HostStep): Event {
  return {
    ...event,
    payload: Buffer.from(event.payload, 'base64'),
    qos: 1,
    retain: false,
    origin: 'live',
    client: null,
    properties: null,
    cause: null,
    recorded: false,
  }
}

const stepOf = (order: HostStep) => ({ run: order.run, step: order.step, event: eventOf(order) })
