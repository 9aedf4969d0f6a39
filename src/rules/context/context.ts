// The context that `when`, `do` and the other functions of a rule are given. It depends only on the journal
// up to the event, so it says the same when it is asked again later.

import type { Event } from '../../model/event.ts'
import type { FiringDetails, PresenceChange, Together } from '../../model/run.ts'
import { jsonOrText, textOf } from './payload.ts'
import { seenEvent } from './seen-event.ts'
import type { SeenEvent } from './seen-event.ts'

export interface Context<Params, Payload> {
  readonly event: SeenEvent
  readonly topic: string
  /** The levels that the named wildcards of the filter matched. */
  readonly params: Params
  /**
   * The payload as the schema returned it; without a schema the JSON value, or else the text. Parsed when
   * first read.
   */
  readonly payload: Payload
  /** Unix ms of the decision: the time of the event, or that at which a timer ran out. */
  readonly now: number
  /**
   * In `do`: what became of the device that the rule follows (a trigger with `grace` or `flapping`).
   * Otherwise `undefined`.
   */
  readonly change: PresenceChange | undefined
  /** In `do`: the firings that this one stands for (the option `together`). `undefined` for a single one. */
  readonly together: Together | undefined
  /** Returns the newest recorded message of a topic (a name, not a filter). */
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

/**
 * The context of one event and one rule. It makes its parts only when the rule reads them, without closures.
 */
export class EventContext implements AnyContext {
  readonly topic: string
  readonly params: AnyParams
  readonly now: number
  readonly change: PresenceChange | undefined
  readonly together: Together | undefined
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
    { change, together }: FiringDetails = {},
  ) {
    this.topic = expected ?? event.topic
    this.params = params
    this.now = now
    this.change = change
    this.together = together
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

  /** `last` is a function that does not use `this`, because rules take it out of the context. */
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
