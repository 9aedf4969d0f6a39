// Options of triggers that follow the presence of a device: `client` and the helpers for topics on which
// devices say whether they are available. With `grace` or `flapping`, the rule follows each device
// (stages/presence.ts) instead of taking each message.

import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import type { Event } from '../../../model/event.ts'
import type { FlapLimits } from '../../../model/probe.ts'
import { PRESENCE_CHANGES } from '../../../model/run.ts'
import type { PresenceChange } from '../../../model/run.ts'

export interface PresenceOptions {
  /**
   * How long a device must be away to count as lost. A return within this time is no loss. By default each
   * message fires the rule.
   */
  readonly grace?: Duration
  /**
   * Says once that a device comes and goes too often, and is quiet about it until it has settled. `true` stands
   * for the defaults.
   */
  readonly flapping?: true | FlappingOptions
}

export interface FlappingOptions {
  /** The score from which a device is flapping. Each departure adds 1. By default 3. */
  readonly above?: number
  /** The score at which it has settled, below `above`. By default 1. */
  readonly until?: number
  /** The time in which the score falls by half. By default `'10m'`. */
  readonly halfLife?: Duration
}

/** Limits of a score that grows by 1 with each change and halves with time (stages/flap-score.ts). */
export interface HalvingFlapLimits extends FlapLimits {
  /** The time in which the score falls by half. */
  readonly halfLifeMs: number
}

/** What a message says of a device: `interrupted` is away because the hub stopped. */
export type Said = 'here' | 'gone' | 'interrupted'

/** How a rule follows devices. */
export interface PresenceWatch {
  readonly graceMs: number
  readonly flapping: HalvingFlapLimits | null
  /** The changes that fire the rule. */
  readonly tells: readonly PresenceChange[]
}

export interface PresenceTrigger {
  /** Throws a sentence for the author. */
  readonly watch: () => PresenceWatch
  /** What an event says that the trigger has not refused. */
  readonly says: (event: Event) => Said
}

/** Whether a rule with these options follows devices; otherwise it takes each message. */
export const isFollowing = ({ grace, flapping }: PresenceOptions): boolean =>
  grace !== undefined || flapping !== undefined

/** @param state the side that fires the rule; by default both */
export function presenceWatch(
  { grace = '0s', flapping }: PresenceOptions,
  state: 'gone' | 'here' | undefined,
): PresenceWatch {
  return {
    graceMs: parseDuration(grace),
    flapping: flapping === undefined ? null : flapLimits(flapping),
    tells:
      state === undefined ? PRESENCE_CHANGES : state === 'gone' ? ['lost', 'flapping'] : ['back', 'steady'],
  }
}

function flapLimits(options: true | FlappingOptions): HalvingFlapLimits {
  const given: unknown = options
  if (given !== true && (typeof given !== 'object' || given === null))
    throw new TypeError(`flapping: expected true or { above, until, halfLife }, got ${JSON.stringify(given)}`)
  const { above = 3, until = 1, halfLife = '10m' } = options === true ? {} : options
  const isRight = Number.isFinite(above) && Number.isFinite(until) && until > 0 && until < above
  if (!isRight)
    throw new RangeError(
      `flapping: expected until above 0 and below above, got above: ${above} and until: ${until}`,
    )
  const halfLifeMs = parseDuration(halfLife)
  if (halfLifeMs === 0) throw new RangeError('flapping.halfLife: expected a time above 0')
  return { above, until, halfLifeMs }
}
