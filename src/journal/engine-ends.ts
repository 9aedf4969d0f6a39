// The engine's ends of the journal: each a port on which commits are served and told. An engine that has committed ends all
// engines before it, so that what one that is gone left in its port cannot follow upon what its successor read.

import type { MessagePort } from 'node:worker_threads'
import { serveCalls } from '../base/calls.ts'
import type { Change, EngineJournal } from '../model/store.ts'

export class EngineEnds {
  readonly #commit: (change: Change) => Promise<void>
  readonly #ports = new Set<MessagePort>()
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
    this.#ports.add(port)
    port.on('close', () => this.#ports.delete(port))
    serveCalls(port, journal)
  }

  tell(committed: number): void {
    for (const port of this.#ports) port.postMessage({ committed })
  }

  close(): void {
    for (const port of this.#ports) port.close()
  }
}
