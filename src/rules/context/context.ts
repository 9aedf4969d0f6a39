// What `when`, `do` and the other functions of a rule are given. All of it is a function of the journal up to
// the event: asked again later, it says the same.

import type { Event } from '../../model/event.ts'
import { jsonOrText, textOf } from './payload.ts'
import { seenEvent } from './seen-event.ts'
import type { SeenEvent } from './seen-event.ts'

export interface Context<Params, Payload> {
  readonly event: SeenEvent
  readonly topic: string
  /** What the named wildcards of the filter stand for. */
  readonly params: Params
  /**
   * What the schema made of the payload; without a schema the JSON value, or else the text. Parsed when first
   * looked at.
   */
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

/**
 * What a decision may ask about the world besides its event. Must answer from events up to the one at hand.
 */
export interface World {
  last(topic: string): Event | undefined
}

export type AnyParams = Readonly<Record<string, string>>
export type AnyContext = Context<AnyParams, unknown>

/** One for each event and rule, so it costs no closures: what a rule does not look at is not made. */
export class EventContext implements AnyContext {
  readonly topic: string
  readonly params: AnyParams
  readonly now: number
  readonly #event: Event
  readonly #payload: { readonly value: unknown }
  readonly #world: World
  #seen: SeenEvent | undefined

  /** @param payload its `value` may throw */
  constructor(
    event: Event,
    { params, expected }: { readonly params: AnyParams; readonly expected?: string | undefined },
    payload: { readonly value: unknown },
    now: number,
    world: World,
  ) {
    this.topic = expected ?? event.topic
    this.params = params
    this.now = now
    this.#event = event
    this.#payload = payload
    this.#world = world
  }

  get event(): SeenEvent {
    return (this.#seen ??= seenEvent(this.#event))
  }

  get payload(): unknown {
    return this.#payload.value
  }

  /** A function of its own, since rules take it out of the context. */
  get last(): AnyContext['last'] {
    return (topic) => {
      const found = this.#world.last(topic)
      return found && lastMessage(found)
    }
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
