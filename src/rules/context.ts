// What `when`, `do` and the other functions of a rule are given. All of it is a function of the journal up to the event: asked
// again later, it says the same.

import type { Event } from '../model/event.ts'
import { jsonOrText, textOf } from './payload.ts'
import { seenEvent } from './seen-event.ts'
import type { SeenEvent } from './seen-event.ts'

export interface Context<Params, Payload> {
  readonly event: SeenEvent
  readonly topic: string
  /** What the named wildcards of the filter stand for. */
  readonly params: Params
  /** What the schema made of the payload; without a schema the JSON value, or else the text. Parsed when first looked at. */
  readonly payload: Payload
  /** The moment of the decision, Unix ms: the event's, or that at which a timer ran out. */
  readonly now: number
  /** The newest known message of a topic (a name, not a filter). */
  readonly last: (topic: string) => LastMessage | undefined
}

export interface LastMessage {
  readonly topic: string
  /** The JSON value, or else the text. */
  readonly payload: unknown
  readonly text: string
  /** When it came, Unix ms. */
  readonly at: number
}

/** What a decision may ask about the world besides its event. Must answer from events up to the one at hand. */
export interface World {
  last(topic: string): Event | undefined
}

export type AnyParams = Readonly<Record<string, string>>
export type AnyContext = Context<AnyParams, unknown>

export function contextOf(
  event: Event,
  params: AnyParams,
  payload: () => unknown,
  now: number,
  world: World,
): AnyContext {
  let seen: SeenEvent | undefined
  return {
    get event() {
      return (seen ??= seenEvent(event))
    },
    topic: event.topic,
    params,
    get payload() {
      return payload()
    },
    now,
    last(topic) {
      const found = world.last(topic)
      return found && lastMessage(found)
    },
  }
}

const lastMessage = ({ topic, payload, at }: Event): LastMessage => ({
  topic,
  at,
  get text() {
    return textOf(payload)
  },
  get payload() {
    return jsonOrText(textOf(payload))
  },
})
