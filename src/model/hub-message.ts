// Messages in which the hub speaks about itself: JSON at QoS 1 under its own root. `hubMessage` makes one;
// `jsonIn` reads the payload of one.

import type { Cause, Publication } from './event.ts'
import type { Json } from './json.ts'

export interface HubMessageOptions {
  /** Whether the message is retained; `false` by default. */
  readonly retain?: boolean
  /** The event and the run that it follows from; none by default. */
  readonly cause?: Cause | null
}

/** @param value what `JSON.stringify` takes */
export const hubMessage = (
  topic: string,
  value: object,
  { retain = false, cause = null }: HubMessageOptions = {},
): Publication => ({
  topic,
  payload: Buffer.from(JSON.stringify(value)),
  qos: 1,
  retain,
  origin: 'hub',
  cause,
})

/** Clears what is retained on a topic of the hub's own. */
export const hubClears = (topic: string): Publication => ({
  ...hubMessage(topic, {}, { retain: true }),
  payload: new Uint8Array(0),
})

/** The parsed JSON of a payload; `undefined` when there is no payload, or it is not JSON. */
export function jsonIn(payload: Uint8Array | undefined): Json | undefined {
  if (payload === undefined || payload.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(payload).toString()) as Json
  } catch {
    return undefined
  }
}
