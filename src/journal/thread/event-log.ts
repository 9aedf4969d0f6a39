// The event log as the network thread sees it: gives the ids, packs what one turn of the loop gathers, and knows what has been
// acknowledged. It never waits and never touches the disk.
//
// Changes of sessions travel in the same batches. Their marks are ids that no event has: one row of numbers tells how far
// everything is committed. A batch ends only where an event begins, so that an event and what is said after it stay together.

import { killPoint } from '../../base/kill-points.ts'
import type { NewEvent } from '../../model/event.ts'
import type { SessionChange } from '../../model/session.ts'
import type { EventLog } from '../../model/store.ts'
import { Packer } from './batch.ts'
import type { Gap } from './batch.ts'

/** The journal is behind once this much is unacknowledged; far behind, so that QoS 0 is skipped, at twice that. */
export interface HighWater {
  readonly events: number
  readonly bytes: number
}

const HIGH_WATER: HighWater = { events: 100_000, bytes: 16 * 2 ** 20 }
/** A turn that gathers more sends it in pieces, so that the journal can begin. */
const BATCH_BYTES = 2 ** 20

export class PackedEventLog implements EventLog {
  readonly #send: (batch: ArrayBuffer) => void
  readonly #highWater: HighWater
  readonly #packer = new Packer()
  readonly #committedListeners: ((committedId: number) => void)[] = []
  readonly #drainListeners: (() => void)[] = []
  /** Of an event. */
  #lastId: number
  /** Of an event or a mark. */
  #lastGiven: number
  /** No event has come since the last mark of this batch: what is said now shares it. */
  #marked = false
  #committedId: number
  #trouble: string | null = null
  #congested = false
  #skipped = 0
  #gap: Gap | null = null
  #flushScheduled = false
  #tellingScheduled = false
  /** Batches under way, oldest first. */
  #sent: { readonly lastId: number; readonly bytes: number }[] = []
  #sentBytes = 0

  constructor(lastId: number, send: (batch: ArrayBuffer) => void, highWater = HIGH_WATER) {
    this.#lastId = lastId
    this.#lastGiven = lastId
    this.#committedId = lastId
    this.#send = send
    this.#highWater = highWater
  }

  get lastId(): number {
    return this.#lastId
  }

  get committedId(): number {
    return this.#committedId
  }

  get congested(): boolean {
    return this.#congested
  }

  get skipped(): number {
    return this.#skipped
  }

  get trouble(): string | null {
    return this.#trouble
  }

  append(event: NewEvent): number {
    if (this.#congested && isExpendable(event) && this.#backlog() >= 2) return this.#skip(event)
    if (this.#packer.used >= BATCH_BYTES) this.flush()
    if (this.#gap !== null) this.#packGap()
    const id = ++this.#lastGiven
    this.#lastId = id
    this.#marked = false
    this.#packer.event(id, event)
    this.#scheduleFlush()
    if (!this.#congested && this.#backlog() >= 1) this.#congested = true
    return id
  }

  /** Takes a change of a session; returns its mark. */
  appendChange(change: SessionChange): number {
    if (!this.#marked) {
      this.#lastGiven++
      this.#marked = true
    }
    this.#packer.session(change)
    this.#scheduleFlush()
    return this.#lastGiven
  }

  onCommitted(listener: (committedId: number) => void): void {
    this.#committedListeners.push(listener)
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener)
  }

  /** Sends what has gathered. */
  flush(): void {
    if (this.#gap !== null && !this.#congested) this.#packGap()
    if (this.#packer.used === 0) return
    killPoint('receive')
    if (this.#marked) this.#packer.mark(this.#lastGiven)
    this.#marked = false
    const batch = this.#packer.take()
    this.#sent.push({ lastId: this.#lastGiven, bytes: batch.byteLength })
    this.#sentBytes += batch.byteLength
    this.#send(batch)
  }

  /** The journal has answered. */
  setCommitted(id: number): void {
    this.#committedId = id
    const pending = this.#sent.findIndex((batch) => batch.lastId > id)
    for (const batch of this.#sent.splice(0, pending === -1 ? this.#sent.length : pending)) {
      this.#sentBytes -= batch.bytes
    }
    this.#scheduleTelling()
  }

  /** When it is over all is told again: what was told meanwhile may have been left for later. */
  setTrouble(trouble: string | null): void {
    this.#trouble = trouble
    if (trouble === null) this.#scheduleTelling()
  }

  #scheduleTelling(): void {
    if (this.#tellingScheduled) return
    this.#tellingScheduled = true
    setImmediate(this.#tell)
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    setImmediate(this.#flushTurn)
  }

  readonly #flushTurn = (): void => {
    this.#flushScheduled = false
    this.flush()
  }

  readonly #tell = (): void => {
    this.#tellingScheduled = false
    for (const listener of this.#committedListeners) listener(this.#committedId)
    if (!this.#congested || this.#backlog() >= 0.5) return
    this.#congested = false
    this.flush()
    for (const listener of this.#drainListeners) listener()
  }

  /** What is unacknowledged, as a share of the high-water mark. */
  #backlog(): number {
    return Math.max(
      (this.#lastGiven - this.#committedId) / this.#highWater.events,
      (this.#sentBytes + this.#packer.used) / this.#highWater.bytes,
    )
  }

  #skip(event: NewEvent): number {
    const { at } = event
    const gap = this.#gap ?? { afterEvent: this.#lastId, fromAt: at, toAt: at, events: 0 }
    this.#gap = { ...gap, toAt: at, events: gap.events + 1 }
    this.#skipped++
    return 0
  }

  #packGap(): void {
    if (this.#gap !== null) this.#packer.gap(this.#gap)
    this.#gap = null
  }
}

/** What nobody was promised: a client's passing QoS 0 message. What is retained, or the hub's own, is kept. */
const isExpendable = ({ qos, retain, origin }: NewEvent): boolean =>
  qos === 0 && !retain && (origin === 'live' || origin === 'bridge')
