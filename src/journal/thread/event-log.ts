// The event log of the network thread: gives out the ids, packs what one turn of the loop gathers, and knows
// what has been committed. Appending never waits and never touches the disk.
//
// Changes of sessions and bridges travel in the same batches. A mark is an id that no event has, so one
// number says up to where everything is committed. A batch ends only where an event begins, so an event and
// the changes after it are committed together.

import { killPoint } from '../../base/kill-points.ts'
import type { NewEvent } from '../../model/event.ts'
import type { BridgeChange } from '../../model/bridge.ts'
import type { SessionChange } from '../../model/session.ts'
import type { EventLog } from '../../model/store.ts'
import { Packer } from './batch.ts'
import type { Gap } from './batch.ts'

/** The journal is behind when this much is uncommitted. At twice that it skips events of QoS 0. */
export interface HighWater {
  readonly events: number
  readonly bytes: number
}

const HIGH_WATER: HighWater = { events: 100_000, bytes: 16 * 2 ** 20 }
/** A turn that gathers more than this sends it in several batches, so that the journal can begin early. */
const BATCH_BYTES = 2 ** 20

export class PackedEventLog implements EventLog {
  readonly #send: (batch: ArrayBuffer) => void
  readonly #highWater: HighWater
  readonly #packer = new Packer()
  readonly #committedListeners: ((committedId: number) => void)[] = []
  readonly #drainListeners: (() => void)[] = []
  /** The newest id of an event. */
  #lastId: number
  /** The newest id of an event or a mark. */
  #lastGiven: number
  /** No event has come since the last mark of this batch: the next change shares that mark. */
  #marked = false
  #committedId: number
  #trouble: string | null = null
  #congested = false
  #skipped = 0
  #gap: Gap | null = null
  #flushScheduled = false
  #tellingScheduled = false
  /** The batches that are sent and not committed, oldest first. */
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

  /** Appends a change of a session; returns its mark. */
  appendChange(change: SessionChange): number {
    this.#packer.session(change)
    return this.#mark()
  }

  /** Appends a change of a bridge; returns its mark. */
  appendBridgeChange(change: BridgeChange): number {
    this.#packer.bridge(change)
    return this.#mark()
  }

  #mark(): number {
    if (!this.#marked) {
      this.#lastGiven++
      this.#marked = true
    }
    this.#scheduleFlush()
    return this.#lastGiven
  }

  onCommitted(listener: (committedId: number) => void): void {
    this.#committedListeners.push(listener)
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener)
  }

  /** Sends what has gathered as one batch. */
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

  /** Called when the journal has committed everything up to this id. */
  setCommitted(id: number): void {
    this.#committedId = id
    const pending = this.#sent.findIndex((batch) => batch.lastId > id)
    for (const batch of this.#sent.splice(0, pending === -1 ? this.#sent.length : pending)) {
      this.#sentBytes -= batch.bytes
    }
    this.#scheduleTelling()
  }

  /** Notifies the listeners again when trouble is over: they may have postponed work meanwhile. */
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

  /** How much is uncommitted, as a share of the high-water mark. */
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

/**
 * Whether no promise covers the event: a client's QoS 0 message that is neither retained nor the hub's own.
 */
const isExpendable = ({ qos, retain, origin }: NewEvent): boolean =>
  qos === 0 && !retain && (origin === 'live' || origin === 'bridge')
