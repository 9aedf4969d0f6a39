// An alert channel as data: what a constructor such as `ntfy({ … })` returns, and what travels to the
// engine.

import type { JsonObject } from './json.ts'

export interface ChannelSpec {
  /** Such as `ntfy`. */
  readonly kind: string
  /** Checked by the constructor of this kind; secrets are references. */
  readonly settings: JsonObject
}

/** The symbol is registered by name, so that a second copy of this package makes channels that count, too. */
const CHANNEL: unique symbol = Symbol.for('vigie.channel')

export const channelSpec = (kind: string, settings: JsonObject): ChannelSpec =>
  Object.defineProperty({ kind, settings }, CHANNEL, { value: true })

/** Whether a constructor has made it, so that its settings are known to be good. */
export const isChannelSpec = (value: unknown): value is ChannelSpec =>
  typeof value === 'object' && value !== null && CHANNEL in value
