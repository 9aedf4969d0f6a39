// The deliveries of one intake that have come, by what is the same when they are repeated. The event itself carries it
// as a user property, so after a restart the newest ones are read from the journal: no second store can differ from it.

import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import { decodePropertyBytes } from '../../mqtt/properties.ts'

/** The user properties of an event that an intake has published. */
export const INTAKE_PROPERTY = 'vigie-intake'
export const DELIVERY_PROPERTY = 'vigie-delivery'

/** Services repeat what was not answered within seconds or minutes. */
const REMEMBERED = 1_000

export class Deliveries {
  readonly #intake: string
  readonly #filter: string
  readonly #queries: Remote<Pick<Queries, 'history'>>
  /** In the order in which they came. */
  readonly #events = new Map<string, Promise<number>>()
  #loading: Promise<void> | undefined

  /** @param filter matches the topics on which the intake publishes */
  constructor(intake: string, filter: string, queries: Remote<Pick<Queries, 'history'>>) {
    this.#intake = intake
    this.#filter = filter
    this.#queries = queries
  }

  /** Publishes a delivery unless it has come before; resolves with its event in either case. */
  async once(
    delivery: string,
    publish: () => Promise<number>,
  ): Promise<{ readonly event: number; readonly isRepeated: boolean }> {
    await (this.#loading ??= this.#load())
    const before = this.#events.get(delivery)
    if (before !== undefined) return { event: await before, isRepeated: true }
    const event = publish()
    this.#remember(delivery, event)
    try {
      return { event: await event, isRepeated: false }
    } catch (error) {
      this.#events.delete(delivery)
      throw error
    }
  }

  #remember(delivery: string, event: Promise<number>): void {
    this.#events.set(delivery, event)
    if (this.#events.size <= REMEMBERED) return
    const [oldest] = this.#events.keys()
    if (oldest !== undefined) this.#events.delete(oldest)
  }

  async #load(): Promise<void> {
    const newest = await this.#queries.history({ filter: this.#filter, origin: 'http', limit: REMEMBERED })
    for (const { id, properties } of newest.toReversed()) {
      const { userProperties = [] } = decodePropertyBytes(properties)
      const named = new Map(userProperties)
      const delivery = named.get(DELIVERY_PROPERTY)
      if (named.get(INTAKE_PROPERTY) === this.#intake && delivery !== undefined)
        this.#events.set(delivery, Promise.resolve(id))
    }
  }
}
