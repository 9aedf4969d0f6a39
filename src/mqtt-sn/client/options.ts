// What the gateway gives a client, and what the client tells it.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Gate, GuestWill } from '../../model/gate.ts'
import type { MessageOf } from '../messages/messages.ts'
import type { SnSettings } from '../settings.ts'
import type { Predefined } from '../topics/predefined.ts'

export interface SnClientOptions {
  readonly clock: Clock
  readonly log: Log
  readonly settings: SnSettings
  readonly gate: Gate
  /** The host of the client, with its node behind a forwarder. */
  readonly address: string
  readonly predefined: Predefined
  readonly connect: MessageOf<'connect'>
  /** What the client left when it went, if its session outlived that; see `gateway/kept-wills.ts`. */
  readonly keptWill: GuestWill | null
  /** Whether the session, if there is one, was left by a stranger. */
  readonly wasLeft: boolean
  readonly send: (datagram: Buffer) => void
  /** From 0 up to 1. Ids are drawn by lot, so that whoever names one has heard it. */
  readonly random: () => number
  /** The will of the client is another one now. */
  readonly onWill: (will: GuestWill | null) => void
  /** The client has shown that it hears the hub at its address. */
  readonly onProven: () => void
  /**
   * The client has ended.
   * @param forget ends the session that a stranger has left; `null` if there is none, or it is not the stranger's
   */
  readonly onEnd: (forget: (() => void) | null) => void
}
