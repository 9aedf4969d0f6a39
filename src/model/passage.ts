// Which hubs a message has passed. Each hub adds its id before a message leaves for another one, in MQTT 5 user
// properties, which brokers of other makes forward. So a message ends where it has been before: in a ring of
// hubs, and between two hubs with two bridges. What rules publish because of a message begins a way of its
// own, so that an answer may go back to where the question came from; its depth goes on, and bounds two hubs
// whose rules answer each other.
//
//   vigie-path    ids of the hubs that the message left, the last one last, with spaces between
//   vigie-event   number of the event at the first of these hubs: whoever gets the message by two ways, or twice
//                 by one, knows it again
//   vigie-depth   length of the chain of causes before the message; left out when it is 0

import { decodePublishProperties } from '../mqtt/publish.ts'
import type { PropertiesOf, UserProperty } from '../mqtt/properties.ts'
import { DEEPEST_CAUSE } from './event.ts'
import type { Cause } from './event.ts'

const PATH = 'vigie-path'
const EVENT = 'vigie-event'
const DEPTH = 'vigie-depth'

export interface Passage {
  readonly path: readonly string[]
  readonly depth: number
  /** The number of the event at the first hub of the path; `undefined` when nobody said. */
  readonly event: number | undefined
}

/** Names a message wherever it has come to; `undefined` when the first hub gave it no number. */
export const nameOf = ({ path, event }: Passage): string | undefined =>
  path.length === 0 || event === undefined ? undefined : `${path[0]} ${event}`

const NONE: Passage = { path: [], depth: 0, event: undefined }
/** An id in a path; what does not look like one was not written by a hub. */
const ID = /^[\w.-]{1,64}$/

export type MessageProperties = PropertiesOf<'publish'>

/** The properties of an event, decoded. */
export function propertiesOf(bytes: Uint8Array | null): MessageProperties {
  if (bytes === null || bytes.length === 0) return {}
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return decodePublishProperties(buffer, 0, buffer.length) ?? {}
}

export function passageOf({ userProperties = [] }: MessageProperties): Passage {
  if (userProperties.length === 0) return NONE
  const of = (name: string): string | undefined => userProperties.findLast(([each]) => each === name)?.[1]
  const path = (of(PATH) ?? '').split(' ').filter((id) => ID.test(id))
  return { path, depth: numberIn(of(DEPTH)) ?? 0, event: numberIn(of(EVENT)) }
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

export interface Leaving {
  /** `undefined` for a message that is no event of its own, such as a retained one that is sent again. */
  readonly event: number | undefined
  readonly cause: Cause | null
  readonly properties: MessageProperties
  /** The properties of the event at the root of the chain of causes. */
  readonly root: MessageProperties
}

/**
 * The properties with which a message leaves this hub; `undefined` when it must not, since it has been here,
 * or there, or has come too far.
 * @param there the id of the hub at the far side, if it is one
 */
export function leave(
  { event, cause, properties, root }: Leaving,
  here: string,
  there: string | undefined,
): MessageProperties | undefined {
  const before = cause === null ? passageOf(properties) : NONE
  const depth = cause === null ? before.depth : cause.depth + passageOf(root).depth
  const path = [...before.path, here]
  const isBack = before.path.includes(here) || (there !== undefined && before.path.includes(there))
  if (isBack || path.length > DEEPEST_CAUSE || depth > DEEPEST_CAUSE) return undefined
  const own: UserProperty[] = [[PATH, path.join(' ')]]
  const first = before.path.length === 0 ? event : before.event
  if (first !== undefined) own.push([EVENT, String(first)])
  if (depth > 0) own.push([DEPTH, String(depth)])
  return { ...properties, userProperties: [...foreign(properties), ...own] }
}

/** The user properties that are not ours: the next hub writes its own in their place. */
const foreign = ({ userProperties = [] }: MessageProperties): UserProperty[] =>
  userProperties.filter(([name]) => name !== PATH && name !== EVENT && name !== DEPTH)
