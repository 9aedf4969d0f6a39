// What waited already when the hub started is known by the ids of its events, and is read a page at a time as
// it is sent.

import type { Event } from '../../model/event.ts'
import type { Owed } from './owed.ts'
import type { Recipient } from './recipient.ts'
import type { Waiting } from './waiting.ts'

const PAGE = 200

export class Pages {
  readonly #load: (events: readonly number[]) => Promise<Event[]>

  constructor(load: (events: readonly number[]) => Promise<Event[]>) {
    this.#load = load
  }

  /**
   * Fetches the next page of a queue, if it is not on its way.
   * @param asking has to go if that fails; @param read what is to be sent of the events; @param done what
   * follows
   */
  fetch(
    waiting: Waiting,
    asking: Recipient,
    read: (events: readonly Event[]) => Owed[],
    done: () => void,
  ): void {
    const ids = waiting.nextStored(PAGE)
    if (ids.length === 0 || waiting.isFetching) return
    waiting.isFetching = true
    void this.#fetch(waiting, ids, asking, read, done)
  }

  async #fetch(
    waiting: Waiting,
    ids: readonly number[],
    asking: Recipient,
    read: (events: readonly Event[]) => Owed[],
    done: () => void,
  ): Promise<void> {
    try {
      waiting.fetched(ids.length, read(await this.#load(ids)))
    } catch (error) {
      return asking.giveUp(error)
    } finally {
      waiting.isFetching = false
    }
    done()
  }
}
