// For how long a client may be silent: until its CONNECT is answered a limit of the hub, afterwards one and a
// half times the keep alive that CONNECT asks for.
//
// A client is heard when it completes a packet. A large one may take longer than the keep alive on a slow
// link, so many bytes of it count as well.

import type { Watched } from '../socket/deadlines.ts'
import type { Hub } from './hub.ts'

/** The number of bytes of an incomplete packet that show that the client is alive. */
const PROGRESS_BYTES = 1_024

/** The connection whose silence is watched. */
export interface Speaker {
  /** Whether the hub reads from the client at this moment. */
  readonly isRead: boolean
  /** Called when the client has been silent for too long. */
  onSilence(): void
}

export class KeepAlive implements Watched {
  watchedUntil: number | null = null
  readonly #hub: Pick<Hub, 'clock' | 'deadlines'>
  readonly #client: Speaker
  /** The longest silence that is allowed, in ms; Infinity for no limit. */
  #patienceMs: number
  #heardAt: number
  /** Bytes that have come since the client was last heard. */
  #bytesUnheard = 0

  constructor(hub: Pick<Hub, 'clock' | 'deadlines' | 'limits'>, client: Speaker) {
    this.#hub = hub
    this.#client = client
    this.#patienceMs = hub.limits.connectTimeoutMs
    this.#heardAt = hub.clock.now()
  }

  start(): void {
    this.#hub.deadlines.watch(this)
  }

  stop(): void {
    this.#hub.deadlines.unwatch(this)
  }

  /**
   * The patience from CONNECT on.
   * @param patienceMs Infinity where the client has asked for no keep alive
   */
  agreeOn(patienceMs: number): void {
    this.#patienceMs = patienceMs
    this.beginAnew()
    this.start()
  }

  /** @param isWhole whether a packet was completed by these bytes */
  heard(bytes: number, isWhole: boolean): void {
    this.#bytesUnheard += bytes
    if (isWhole || this.#bytesUnheard >= PROGRESS_BYTES) this.beginAnew()
  }

  beginAnew(): void {
    this.#heardAt = this.#hub.clock.now()
    this.#bytesUnheard = 0
  }

  dueAt(): number {
    return this.#heardAt + this.#patienceMs
  }

  onDue(): void {
    if (this.#client.isRead) return this.#client.onSilence()
    // The client may have sent much: it is the hub that does not read.
    this.beginAnew()
    this.start()
  }
}
