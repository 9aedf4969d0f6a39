// The context of an action, besides its spec. One half belongs to the attempt; the other half belongs to the
// hub and lives as long as it does.

import type { Clock } from '../base/clock.ts'
import type { NotifySpec, ProcessIdentity } from '../model/action.ts'
import type { Event, Publication } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Disclosure, Secrets } from '../secrets/secrets.ts'

export interface ActionContext {
  readonly event: Event
  readonly params: Readonly<Record<string, string>>
  readonly rule: string
  readonly run: number
  /** Path of the step in its run: '0', '1.0', '2!0', … */
  readonly step: string
  /** 1 for the first. */
  readonly attempt: number
  /** A crash has cut off an attempt before this one: what it did is not known. */
  readonly wasCutOff: boolean
  /**
   * Ends the attempt: when the run is cancelled, the hub stops, or its time is up. The reason is an Error
   * that says which.
   */
  readonly ending: AbortController
  /** Runs what a rule has written, such as a pattern, on a text that is not the rule's own. */
  readonly within: <T>(code: () => T) => T
  /** Told as soon as a process runs for this step, so that it is found again should it outlive the hub. */
  started(process: ProcessIdentity): void
  readonly hub: HubPorts
}

/** The context as the actions themselves see it. */
export interface Attempt extends ActionContext {
  /** The signal of `ending`. */
  readonly signal: AbortSignal
  readonly disclosure: Disclosure
}

/** What the alert action asks about alerts, by their keys. */
export interface AlertPorts {
  /** `false`: it is certain that a command to resolve it would change nothing. */
  mayBeOpen(key: string): boolean
  /** A command that raises it is on its way; it resolves with the id of its event. */
  raising(key: string, command: Promise<number>): void
}

/** The reason with which an attempt is ended when its time is up. */
export class TimedOut extends Error {}

/** The reason with which an attempt is ended when its run is cancelled: whatever performs it is to stop. */
export class Cancelled extends Error {}

/** The default of `HubPorts.outputBytes`. */
export const OUTPUT_BYTES = 8 * 1024

export interface HubPorts {
  /** The root of the hub's own topics, such as `vigie`. */
  readonly root: string
  readonly clock: Clock
  readonly secrets: Secrets
  readonly alerts: AlertPorts
  /** Tells a notification over its channel, once. */
  readonly notify: (spec: NotifySpec, attempt: Attempt) => Promise<Outcome>
  /** Bytes that are kept of each output of a command, and of the body of an answer: the last ones. */
  readonly outputBytes: number
  /** The largest packet that a rule may publish. */
  readonly packetBytes: number
  /** Resolves with the event's id when it is committed. */
  publish(publication: Publication): Promise<number>
  /** The processes that a watch has found and that still are what it looks for. */
  foundBy(watch: string): Promise<readonly ProcessIdentity[]>
  /** Payload of the newest known message on a topic. */
  last(topic: string): Uint8Array | undefined
}

/**
 * Names what a step does, the same over all its attempts and across restarts: sent as `Idempotency-Key`,
 * given to commands as VIGIE_KEY. The moment of the event keeps apart what two data folders would number
 * alike.
 */
export const stepKey = ({ run, step, event }: Pick<ActionContext, 'run' | 'step' | 'event'>): string =>
  `${run}.${step}-${event.id}-${event.at.toString(36)}`
