// The engine's ends of the journal: each a port of bytes on which commits are served and told. An engine that has committed ends all
// engines before it, so that what one that is gone left in its port cannot follow upon what its successor read.

import type { MessagePort } from 'node:worker_threads'
import { serveCalls } from '../../base/calls.ts'
import { FramedPort } from '../../base/framed-port.ts'
import type { Change, EngineJournal } from '../../model/store.ts'

export class EngineEnds {
  readonly #commit: (change: Change) => Promise<void>
  readonly #ends = new Map<MessagePort, FramedPort>()
  #opened = 0
  #inCharge = 0

  constructor(commit: (change: Change) => Promise<void>) {
    this.#commit = commit
  }

  open(port: MessagePort): void {
    const number = ++this.#opened
    const journal: EngineJournal = {
      commit: async (change) => {
        if (number < this.#inCharge)
          throw new Error('A newer engine has taken over; this one writes no more.')
        this.#inCharge = number
        await this.#commit(change)
      },
    }
    const end = framed(port)
    this.#ends.set(port, end)
    port.on('close', () => this.#ends.delete(port))
    serveCalls(end, journal)
  }

  tell(committed: number): void {
    for (const port of this.#ends.values()) port.postMessage({ committed })
  }

  close(): void {
    for (const port of this.#ends.keys()) port.close()
  }
}

/** An engine has a process of its own: what is said to it travels as bytes. */
export function framed(port: MessagePort): FramedPort {
  const end = new FramedPort(({ buffer }) => port.postMessage(buffer, [buffer]))
  port.on('message', (bytes: ArrayBuffer) => {
    try {
      end.take(new Uint8Array(bytes))
    } catch {
      // Nobody is harmed but the engine: it loses its journal, and ends.
      port.close()
    }
  })
  return end
}
