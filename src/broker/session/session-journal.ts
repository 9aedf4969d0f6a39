// Records what becomes of sessions that outlive their connection, so that they outlive the hub too. Each
// change is appended to the session log, and what a client is told because of it waits until the change is
// committed. A session that ends with its connection is not recorded; its will is.
//
// The progress of a session is recorded late, once for many acknowledgements. After a crash in between the
// client gets again what it has acknowledged at QoS 1 in the meantime. Each step of QoS 2 is recorded before
// the client hears of it.

import type { Clock } from '../../base/clock.ts'
import type { Pass } from '../../model/access.ts'
import type { HandshakeKind, SessionChange, SessionLog, StoredSubscription } from '../../model/session.ts'
import type { EventLog } from '../../model/store.ts'
import type { Will } from './will.ts'

/** How late the progress of a session is recorded. */
const PROGRESS_PAUSE_MS = 20

/** A session, as far as the journal needs to know it. */
export interface Journaled {
  readonly number: number
  readonly clientId: string
  readonly pass: Pass
  /** `null` while the session does not outlive its connection. */
  readonly journal: SessionJournal | null
  readonly expirySeconds: number
  readonly sentUpTo: number
  readonly owedUpTo: number | null
  oldestOwed(): number
  forgetPast(acknowledgedUpTo: number): void
  /** A change of the session is appended under this mark. */
  recorded(mark: number): void
}

export interface SessionJournalOptions {
  readonly sessionLog: SessionLog
  readonly eventLog: EventLog
  readonly clock: Clock
}

export class SessionJournal {
  readonly #log: SessionLog
  readonly #events: EventLog
  readonly #clock: Clock
  /** What is called once its mark is committed, in the order of the marks. */
  readonly #waiting: { readonly mark: number; readonly act: () => void }[] = []
  /** The sessions whose progress has yet to be recorded. */
  readonly #unrecorded = new Set<Journaled>()
  #cancelProgress: (() => void) | null = null
  #lastNumber = 0
  /** The newest event when the hub started. */
  readonly startedAfter: number
  /** The newest mark that is committed and whose waiting calls have been made. */
  #doneUpTo: number

  constructor({ sessionLog, eventLog, clock }: SessionJournalOptions) {
    this.#log = sessionLog
    this.#events = eventLog
    this.#clock = clock
    this.startedAfter = eventLog.lastId
    this.#doneUpTo = eventLog.committedId
  }

  /** The number for a new session. */
  nextNumber(): number {
    return ++this.#lastNumber
  }

  /** At the start: the numbers up to this one were given before. */
  numbersAbove(last: number): void {
    this.#lastNumber = last
  }

  /** The newest event: what comes from now on is later. */
  get lastEvent(): number {
    return this.#events.lastId
  }

  /** Whether the change with this mark is committed. */
  isCommitted(mark: number): boolean {
    return mark <= this.#doneUpTo
  }

  /** Calls `act` once the change with this mark is committed: at once if it already is. */
  whenCommitted(mark: number, act: () => void): void {
    if (this.isCommitted(mark)) act()
    else this.#waiting.push({ mark, act })
  }

  /** Makes the calls that waited for marks up to this one. */
  committed(upTo: number): void {
    this.#doneUpTo = upTo
    const end = this.#waiting.findIndex(({ mark }) => mark > upTo)
    for (const { act } of this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)) act()
  }

  /** A session begins, is taken up, or has another expiry. */
  opened(session: Journaled): void {
    const { number, clientId, pass, expirySeconds } = session
    this.#append(session, {
      kind: 'opened',
      session: number,
      client: clientId,
      user: pass.user,
      realm: pass.realm,
      expirySeconds,
      acknowledgedUpTo: this.lastEvent,
    })
  }

  left(session: Journaled, goneAt: number): void {
    this.#append(session, { kind: 'left', session: session.number, goneAt })
  }

  ended(session: Journaled): void {
    this.#unrecorded.delete(session)
    this.#append(session, { kind: 'ended', session: session.number })
  }

  subscribed(session: Journaled, subscription: StoredSubscription): void {
    this.#append(session, { kind: 'subscribed', session: session.number, subscription })
  }

  /** @param upTo events up to this one may have come by the subscription and are still owed; 0 for none */
  unsubscribed(session: Journaled, filter: string, upTo: number): void {
    this.#append(session, { kind: 'unsubscribed', session: session.number, filter, upTo })
  }

  will(session: Journaled, will: Will): void {
    const { number, clientId } = session
    this.#append(session, { kind: 'will', will: { ...will, session: number, client: clientId, dueAt: null } })
  }

  willDue(session: Journaled, dueAt: number): void {
    this.#append(session, { kind: 'will-due', session: session.number, dueAt })
  }

  willGone(session: Journaled): void {
    this.#append(session, { kind: 'will-gone', session: session.number })
  }

  /** The session is given a retained message at QoS 2, because of a subscription. */
  fed(session: Journaled, filter: string, event: number): void {
    this.handshake(session, 'fed', 0, event, filter)
  }

  feedEnded(session: Journaled, filter: string): void {
    this.#append(session, { kind: 'feed-ended', session: session.number, filter })
  }

  /** Records one step of a QoS 2 handshake. Returns its mark. */
  handshake(
    session: Journaled,
    kind: HandshakeKind,
    packetId: number,
    event = 0,
    filter: string | null = null,
  ): number {
    return this.#append(session, { kind, session: session.number, packetId, event, filter })
  }

  /**
   * A message that a shared subscription owes is under way to this session, or waits (session 0). Returns the
   * mark.
   */
  shared(filter: string, event: number, session = 0, packetId = 0): number {
    return this.#log.append({ kind: 'shared', session, packetId, event, filter })
  }

  /** A shared subscription no longer owes a message. Returns the mark. */
  unshared(filter: string, event: number): number {
    return this.#log.append({ kind: 'unshared', session: 0, packetId: 0, event, filter })
  }

  /** A shared subscription has lost its last member. */
  dissolved(share: string): void {
    this.#log.append({ kind: 'dissolved', share })
  }

  /** The client has acknowledged more, which is recorded a little later. */
  progressed(session: Journaled): void {
    this.#unrecorded.add(session)
    this.#cancelProgress ??= this.#clock.after(PROGRESS_PAUSE_MS, () => this.flush())
  }

  /** Records the progress of a session together with the event under way. */
  progressedNow(session: Journaled): void {
    this.#unrecorded.delete(session)
    this.#append(session, this.#progressOf(session))
  }

  /** Records the progress that was put off. */
  flush(): void {
    this.#cancelProgress?.()
    this.#cancelProgress = null
    for (const session of this.#unrecorded) this.#log.append(this.#progressOf(session))
    this.#unrecorded.clear()
  }

  #progressOf(session: Journaled): SessionChange {
    const { number, sentUpTo, owedUpTo } = session
    const oldest = session.oldestOwed()
    const upTo = oldest === 0 ? this.lastEvent : oldest - 1
    session.forgetPast(upTo)
    return { kind: 'progressed', session: number, upTo, sentUpTo, owedUpTo }
  }

  #append(session: Journaled, change: SessionChange): number {
    const mark = this.#log.append(change)
    session.recorded(mark)
    return mark
  }
}
