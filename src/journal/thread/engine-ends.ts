// The journal's connections to engines: each is a port of bytes, on which an engine commits and hears what
// has been committed. The first commit of an engine ends all engines before it: a change that a dead engine
// left in its port cannot be written after its successor has read the store.

import type { MessagePort } from 'node:worker_threads'
import { serveCalls } from '../../base/calls.ts'
import { FramedPort } from '../../base/framed-port.ts'
import type { Event } from '../../model/event.ts'
import type { Change, CommitNotice, CommittedEvents, EngineJournal } from '../../model/store.ts'

/** Events of a commit that go to the engine with the word of it. It reads back what is more, in one piece. */
const MOST_HANDED_OVER = 16
const MOST_BYTES_HANDED_OVER = 16_384

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

  tell(committed: number, events: CommittedEvents): void {
    const notice: CommitNotice = { committed, ...(isLittle(events) && { events }) }
    for (const port of this.#ends.values()) port.postMessage(notice)
  }

  close(): void {
    for (const port of this.#ends.keys()) port.close()
  }
}

const isLittle = ({ events }: CommittedEvents): boolean =>
  events.length <= MOST_HANDED_OVER &&
  events.reduce((sum, event) => sum + bytesOf(event), 0) <= MOST_BYTES_HANDED_OVER

const bytesOf = ({ payload, properties }: Event): number => payload.length + (properties?.length ?? 0)

/** Makes messages of the bytes on this port: an engine is a process of its own, and only bytes reach it. */
export function framed(port: MessagePort): FramedPort {
  const end = new FramedPort(({ buffer }) => port.postMessage(buffer, [buffer]))
  port.on('message', (bytes: ArrayBuffer) => {
    try {
      end.take(new Uint8Array(bytes))
    } catch {
      // Bytes that are no message harm only the engine that sent them: it loses its journal, and ends.
      port.close()
    }
  })
  return end
}
