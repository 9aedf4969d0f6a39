// Publishes for the engine. All that one turn of its loop asks for goes to the network thread as one message,
// and is answered by one: a thousand runs that end together cost two messages, not two thousand. Large
// publications are spread over several turns, so that neither side has to hold them in one piece, or to stand
// still for them.

import type { Publication } from '../../model/event.ts'

/** A message ends with the publication that brings it to this many bytes. */
const FULL_BYTES = 4 * 2 ** 20

type Published = PromiseSettledResult<number>

export class Outbox {
  readonly #send: (publications: readonly Publication[]) => Promise<readonly Published[]>
  readonly #gathered: { readonly publication: Publication; readonly answer: PromiseWithResolvers<number> }[] =
    []

  /** @param send answers for each of them, in their order */
  constructor(send: (publications: readonly Publication[]) => Promise<readonly Published[]>) {
    this.#send = send
  }

  /** Resolves with the event's id when it is committed. */
  readonly publish = (publication: Publication): Promise<number> => {
    const answer = Promise.withResolvers<number>()
    if (this.#gathered.push({ publication, answer }) === 1) setImmediate(() => void this.#flush())
    return answer.promise
  }

  async #flush(): Promise<void> {
    const gathered = this.#gathered.splice(0, this.#countOfNext())
    if (this.#gathered.length > 0) setImmediate(() => void this.#flush())
    try {
      const published = await this.#send(gathered.map(({ publication }) => publication))
      for (const [index, { answer }] of gathered.entries()) {
        const one = published[index]!
        if (one.status === 'fulfilled') answer.resolve(one.value)
        else answer.reject(one.reason)
      }
    } catch (error) {
      // The network thread is gone.
      for (const { answer } of gathered) answer.reject(error)
    }
  }

  #countOfNext(): number {
    let bytes = 0
    const last = this.#gathered.findIndex(
      ({ publication }) => (bytes += publication.payload.length) >= FULL_BYTES,
    )
    return last === -1 ? this.#gathered.length : last + 1
  }
}
