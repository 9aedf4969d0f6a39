// What of sessions is kept, so that they outlive the hub: each change goes to the session log, and what a client is told of it
// waits until it is committed there. A session that ends with its connection costs nothing here, but for its will.
//
// How far a session has come is said late, once for many acknowledgements: a crash in between means that the client gets again what
// it has acknowledged at QoS 1 in the meantime. The steps of QoS 2 are each kept before the client hears of them.

import type { Clock } from '../../base/clock.ts'
import type { EventLog } from '../../model/store.ts'
import type { HandshakeKind, SessionChange, SessionLog } from '../../model/session.ts'
import type { Session, Subscription } from './session.ts'
import type { Will } from '../clients/wills.ts'

/** How late it is said how far a session has come. */
const PROGRESS_PAUSE_MS = 20

export interface SessionJournalOptions {
  readonly sessionLog: SessionLog
  readonly eventLog: EventLog
  readonly clock: Clock
}

export class SessionJournal {
  readonly #log: SessionLog
  readonly #events: EventLog
  readonly #clock: Clock
  /** What is done when its mark is committed, in the order of the marks. */
  readonly #waiting: { readonly mark: number; readonly act: () => void }[] = []
  readonly #untold = new Set<Session>()
  #cancelProgress: (() => void) | null = null
  #lastNumber = 0
  /** The newest event when the hub started. */
  readonly startedAfter: number
  /** What was told by this mark is committed, and what waited for that is done. */
  #doneUpTo: number

  constructor({ sessionLog, eventLog, clock }: SessionJournalOptions) {
    this.#log = sessionLog
    this.#events = eventLog
    this.#clock = clock
    this.startedAfter = eventLog.lastId
    this.#doneUpTo = eventLog.committedId
  }

  nextNumber(): number {
    return ++this.#lastNumber
  }

  /** At the start: those up to this one were given before. */
  numbersAbove(last: number): void {
    this.#lastNumber = last
  }

  /** The newest event: what comes from now on is later. */
  get lastEvent(): number {
    return this.#events.lastId
  }

  /** Whether what is told by this mark is committed. */
  isCommitted(mark: number): boolean {
    return mark <= this.#doneUpTo
  }

  /** Does it now, or when what is told by this mark is committed. */
  whenCommitted(mark: number, act: () => void): void {
    if (this.isCommitted(mark)) act()
    else this.#waiting.push({ mark, act })
  }

  committed(upTo: number): void {
    this.#doneUpTo = upTo
    const end = this.#waiting.findIndex(({ mark }) => mark > upTo)
    for (const { act } of this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)) act()
  }

  /** Begun, taken up, or with another expiry: from now on all that becomes of it is kept. */
  opened(session: Session): void {
    const { number, clientId, pass, expirySeconds } = session
    session.journal = this
    this.#append(session, {
      kind: 'opened',
      session: number,
      client: clientId,
      user: pass.user,
      expirySeconds,
      settledUpTo: this.lastEvent,
    })
  }

  left(session: Session, goneAt: number): void {
    this.#append(session, { kind: 'left', session: session.number, goneAt })
  }

  ended(session: Session): void {
    session.journal = null
    this.#untold.delete(session)
    this.#append(session, { kind: 'ended', session: session.number })
  }

  subscribed({ session, ...subscription }: Subscription): void {
    this.#append(session, { kind: 'subscribed', session: session.number, subscription })
  }

  /** @param upTo what came by then may have come by it and be owed; 0: nothing is */
  unsubscribed(session: Session, filter: string, upTo: number): void {
    this.#append(session, { kind: 'unsubscribed', session: session.number, filter, upTo })
  }

  will(session: Session, will: Will): void {
    const { number, clientId } = session
    this.#append(session, { kind: 'will', will: { ...will, session: number, client: clientId, dueAt: null } })
  }

  willDue(session: Session, dueAt: number): void {
    this.#append(session, { kind: 'will-due', session: session.number, dueAt })
  }

  willGone(session: Session): void {
    this.#append(session, { kind: 'will-gone', session: session.number })
  }

  /** It is given a retained message at QoS 2, because of a subscription. */
  fed(session: Session, filter: string, event: number): void {
    this.handshake(session, 'fed', 0, event, filter)
  }

  feedEnded(session: Session, filter: string): void {
    this.#append(session, { kind: 'feed-ended', session: session.number, filter })
  }

  /** Returns the mark of this step. */
  handshake(
    session: Session,
    kind: HandshakeKind,
    packetId: number,
    event = 0,
    filter: string | null = null,
  ): number {
    return this.#append(session, { kind, session: session.number, packetId, event, filter })
  }

  /** Where a message is that a shared subscription owes: under way to this session, or to none. */
  shared(filter: string, event: number, session = 0, packetId = 0): number {
    return this.#log.append({ kind: 'shared', session, packetId, event, filter })
  }

  unshared(filter: string, event: number): number {
    return this.#log.append({ kind: 'unshared', session: 0, packetId: 0, event, filter })
  }

  dissolved(share: string): void {
    this.#log.append({ kind: 'dissolved', share })
  }

  /** It has come further; how far is said later. */
  progressed(session: Session): void {
    this.#untold.add(session)
    this.#cancelProgress ??= this.#clock.after(PROGRESS_PAUSE_MS, () => this.flush())
  }

  /** Says how far this session has come, together with the event under way. */
  progressedNow(session: Session): void {
    this.#untold.delete(session)
    this.#append(session, this.#progressOf(session))
  }

  /** Says what was put off. */
  flush(): void {
    this.#cancelProgress?.()
    this.#cancelProgress = null
    for (const session of this.#untold) this.#log.append(this.#progressOf(session))
    this.#untold.clear()
  }

  #progressOf(session: Session): SessionChange {
    const { number, sentUpTo, owedUpTo } = session
    const oldest = session.oldestOwed()
    const upTo = oldest === 0 ? this.lastEvent : oldest - 1
    session.forgetPast(upTo)
    return { kind: 'settled', session: number, upTo, sentUpTo, owedUpTo }
  }

  #append(session: Session, change: SessionChange): number {
    session.mark = this.#log.append(change)
    return session.mark
  }
}
