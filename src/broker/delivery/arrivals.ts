// The messages of other hubs that came in last, by the name that their first hub gave them. A message that
// comes by two ways (a ring, parallel bridges), or again because a hub did not hear of it, is taken once.

import { nameOf, passageOf, propertiesOf } from '../../model/passage.ts'
import { AT_ONCE } from '../../model/store.ts'

/** So many are remembered: more than hubs have under way. */
const MOST = 10_000

/** What is asked about a message: its topic here, and its properties as they stand on the wire. */
interface Arrival {
  readonly topic: string
  readonly properties: Uint8Array | null
}

export class Arrivals {
  #newer = new Map<string, number>()
  #older = new Map<string, number>()
  readonly #hubId: string | undefined
  readonly #most: number

  /** @param hubId names this hub in the ways that messages have come */
  constructor(hubId: string | undefined, most = MOST) {
    this.#hubId = hubId
    this.#most = most
  }

  /**
   * Publishes a message unless it has been here; returns its event, that of its first arrival, or `AT_ONCE`.
   * @param publish returns the event
   * @param looped called when the message has begun here, or come through
   */
  once({ topic, properties }: Arrival, publish: () => number, looped?: () => void): number {
    const passage = passageOf(propertiesOf(properties))
    if (this.#hubId !== undefined && passage.path.includes(this.#hubId)) {
      looped?.()
      return AT_ONCE
    }
    const name = nameOf(passage)
    if (name === undefined) return publish()
    // Under another topic it is another message: two bridges may have given it two prefixes.
    const key = `${name} ${topic}`
    const before = this.#newer.get(key) ?? this.#older.get(key)
    if (before !== undefined) return before
    const event = publish()
    this.#remember(key, event)
    return event
  }

  #remember(key: string, event: number): void {
    this.#newer.set(key, event)
    if (this.#newer.size < this.#most) return
    this.#older = this.#newer
    this.#newer = new Map()
  }
}
