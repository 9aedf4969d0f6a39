// How one bridge is: its state and why, what it has passed on and what not. Drops go to the log, a reason at
// most once a minute.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { printable } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import { BRIDGE_DROPS, type BridgeDrop, type BridgeState, type BridgeStatus } from '../model/bridge.ts'

/** How often the log repeats that messages are not passed on for the same reason. */
const DROPS_SAID_MS = 60_000

export interface ConditionPorts {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** Called when the state has changed. */
  readonly changed: () => void
}

export class Condition {
  sent = 0
  received = 0
  readonly #ports: ConditionPorts
  #state: BridgeState = 'connecting'
  #since: number
  #reason: string | null = null
  #lost = 0
  readonly #dropped = Object.fromEntries(BRIDGE_DROPS.map((reason) => [reason, 0])) as Record<
    BridgeDrop,
    number
  >
  readonly #saidAt = new Map<BridgeDrop, number>()

  constructor(ports: ConditionPorts) {
    this.#ports = ports
    this.#since = ports.clock.now()
  }

  get state(): BridgeState {
    return this.#state
  }

  /** What a status says that does not depend on the connection. */
  get parts(): Pick<
    BridgeStatus,
    'name' | 'state' | 'since' | 'reason' | 'sent' | 'received' | 'lost' | 'dropped'
  > {
    const { sent, received } = this
    return {
      name: this.#ports.name,
      state: this.#state,
      since: this.#since,
      reason: this.#reason,
      sent,
      received,
      lost: this.#lost,
      dropped: { ...this.#dropped },
    }
  }

  set(state: BridgeState, reason: string | null): void {
    if (state === this.#state && reason === this.#reason) return
    if (state !== this.#state) this.#since = this.#ports.clock.now()
    this.#state = state
    this.#reason = reason
    this.#ports.changed()
  }

  connected(where: string): void {
    this.set('connected', null)
    const { name, log } = this.#ports
    log.info({ bridge: name }, `The bridge "${name}" is connected to ${where}.`)
  }

  /** The next attempt follows after a pause. The log says a reason once. */
  waits(reason: string, pauseMs: number): void {
    const { name, log } = this.#ports
    if (this.#reason !== reason)
      log.warn(
        { bridge: name },
        `The bridge "${name}" is not connected: ${reason} Next try in ` +
          `${formatDuration(Math.round(pauseMs))}.`,
      )
    this.set('waiting', reason)
  }

  /** History has forgotten so many messages before they were sent, ever. */
  lose(count: number): void {
    if (count === this.#lost) return
    this.#lost = count
    this.#ports.changed()
  }

  drop(reason: BridgeDrop, topic: string, detail?: string): void {
    this.#dropped[reason]++
    if (reason === 'loop') return
    const { name, clock, log } = this.#ports
    const now = clock.steady()
    if (now - (this.#saidAt.get(reason) ?? -Infinity) < DROPS_SAID_MS) return
    this.#saidAt.set(reason, now)
    log.warn(
      { bridge: name, topic },
      `The bridge "${name}" does not pass on "${printable(topic, 80)}": ${WORDS[reason]}` +
        `${detail === undefined ? '' : ` (${printable(detail)})`}. It has not passed on ` +
        `${this.#dropped[reason]} of them since the start.`,
    )
  }
}

const WORDS: Readonly<Record<BridgeDrop, string>> = {
  loop: 'the message has been there before',
  refused: 'it is refused',
  expired: 'the message has expired',
  'too-large': 'the message is larger than the other side takes',
  untranslatable: 'the other side cannot have this topic, since it writes some characters in another way',
  unrouted: 'no queue of the other side is bound for it',
}
