// Reads the journal for a bridge, behind a cursor and a page at a time, and stores how far the far side has
// acknowledged everything.

import type { BridgeChange } from '../../model/bridge.ts'
import type { BridgedEvent, BridgePage } from '../../model/queries.ts'
import { Cursor } from './cursor.ts'

const PAGE_EVENTS = 512
const PAGE_BYTES = 2 ** 20
/** So many events that were none of the bridge's move the stored cursor. */
const LAZY_EVENTS = 10_000

export interface ReadingPorts {
  readonly bridge: string
  /** Where the cursor stands when the hub starts. */
  readonly acknowledgedUpTo: number
  /** Takes a change and returns its mark. */
  readonly append: (change: BridgeChange) => number
  readonly committedId: () => number
  readonly page: (after: number, limit: number, bytes: number) => Promise<BridgePage>
  /** History has forgotten so many messages before they were sent, ever. */
  readonly lost: (count: number) => void
  /** Called when a query fails. */
  readonly failed: (error: unknown) => void
}

/** Takes the events of a page; returns the numbers of those that are to be acknowledged. */
type Take = (events: readonly BridgedEvent[]) => readonly number[]

export class Reading {
  readonly #ports: ReadingPorts
  readonly #cursor: Cursor
  #isFetching = false
  #isAll = false
  #storedUpTo: number
  #progressMark = 0
  /** Something was acknowledged, or left out, that the stored cursor does not say. */
  #isProgressDue = false

  constructor(ports: ReadingPorts) {
    this.#ports = ports
    this.#cursor = new Cursor(ports.acknowledgedUpTo)
    this.#storedUpTo = ports.acknowledgedUpTo
  }

  get acknowledgedUpTo(): number {
    return this.#cursor.acknowledgedUpTo
  }

  /** Whether the journal holds nothing more for the bridge, as far as is known. */
  get isAtEnd(): boolean {
    return this.#isAll && !this.#isFetching
  }

  /** Something was committed: there may be more to read. */
  committed(): void {
    this.#isAll = false
    this.#storeProgress()
  }

  acknowledged(event: number): void {
    this.#cursor.acknowledged(event)
    this.#isProgressDue = true
    this.#storeProgress()
  }

  /** An event of the page is not sent. Until the cursor is stored, history would count it as lost. */
  leftOut(): void {
    this.#isProgressDue = true
  }

  /** These events were sent by an earlier hub, and wait for the far side. */
  takeUp(events: readonly number[]): void {
    this.#cursor.take(events, 0)
  }

  /** Reads the next page; resolves with whether there was one. */
  async next(take: Take): Promise<boolean> {
    if (this.#isFetching || this.#isAll) return false
    this.#isFetching = true
    // Set before the question: what is committed meanwhile asks again.
    this.#isAll = true
    try {
      const page = await this.#ports.page(this.#cursor.lookedUpTo, PAGE_EVENTS, PAGE_BYTES)
      this.#take(page, take)
    } catch (error) {
      this.#isAll = false
      this.#isFetching = false
      this.#ports.failed(error)
      return false
    }
    this.#isFetching = false
    return true
  }

  #take({ events, upTo, isAll, lost }: BridgePage, take: Take): void {
    this.#cursor.take(take(events), upTo)
    // Something may have been committed since the question.
    this.#isAll &&= isAll
    this.#ports.lost(lost)
    this.#storeProgress()
  }

  /** At most one change is on its way to the journal, so a busy bridge adds one to each commit. */
  #storeProgress(): void {
    const { append, bridge, committedId } = this.#ports
    const upTo = this.#cursor.acknowledgedUpTo
    const least = this.#isProgressDue ? 1 : LAZY_EVENTS
    if (this.#progressMark > committedId() || upTo - this.#storedUpTo < least) return
    this.#isProgressDue = false
    this.#progressMark = append({ kind: 'bridge-progressed', bridge, upTo })
    this.#storedUpTo = upTo
  }
}
