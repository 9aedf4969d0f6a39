// The deliveries of one intake that have come, by what is the same when they are repeated. The event itself carries it
// as a user property, so after a restart the newest ones are read from the journal: no second store can differ from it.

import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import { decodePropertyBytes } from '../../mqtt/properties.ts'
import { MOST_LOOKS, PAGE_BYTES } from '../params.ts'

/** The user properties of an event that an intake has published. */
export const INTAKE_PROPERTY = 'vigie-intake'
export const DELIVERY_PROPERTY = 'vigie-delivery'

/** Services repeat what was not answered within seconds or minutes. */
const REMEMBERED = 1_000

export class Deliveries {
  readonly #intake: string
  readonly #filter: string
  readonly #queries: Remote<Pick<Queries, 'historyPage'>>
  /** In the order in which they came. */
  readonly #events = new Map<string, Promise<number>>()
  #loading: Promise<void> | null = null

  /** @param filter matches the topics on which the intake publishes */
  constructor(intake: string, filter: string, queries: Remote<Pick<Queries, 'historyPage'>>) {
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

  /** Takes what the history knows. When that cannot be read, the next delivery tries again. */
  async #load(): Promise<void> {
    try {
      for (const [delivery, event] of (await this.#newest()).toReversed())
        this.#events.set(delivery, Promise.resolve(event))
    } catch (error) {
      this.#loading = null
      throw error
    }
  }

  /** The newest first. Payloads come along, so they are read a page at a time. */
  async #newest(): Promise<[delivery: string, event: number][]> {
    const found: [string, number][] = []
    let left = REMEMBERED
    let before: number | undefined
    for (let isAll = false; !isAll && left > 0;) {
      const page = await this.#queries.historyPage({
        filter: this.#filter,
        origin: 'http',
        limit: left,
        bytes: PAGE_BYTES,
        looks: MOST_LOOKS,
        ...(before !== undefined && { before }),
      })
      for (const { id, properties } of page.events) {
        const { userProperties = [] } = decodePropertyBytes(properties)
        const named = new Map(userProperties)
        const delivery = named.get(DELIVERY_PROPERTY)
        if (named.get(INTAKE_PROPERTY) === this.#intake && delivery !== undefined) found.push([delivery, id])
      }
      left -= page.events.length
      before = page.reached
      isAll = page.isAll
    }
    return found
  }
}
