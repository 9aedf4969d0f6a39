// A shared subscription: `$share/<group>/<filter>`. Each message goes to one member, in turn, of those who
// can take it now. If none can, the message waits here for whoever comes first. What a member was given at
// QoS 1 and has not acknowledged waits here again when that member's session ends.
//
// Always: a message that the group owes is in one place, waiting or with one member, and the journal records
// which as long as there is a member whose session outlives its connection. The journal knows a message by
// its event; a message without an event is not recorded.

import type { QoS } from '../../model/event.ts'
import { AT_ONCE } from '../../model/store.ts'
import type { Owed, Via } from './owed.ts'
import { mayReceive } from './rights.ts'
import type { Session } from './session.ts'
import type { SessionJournal } from './session-journal.ts'
import type { Target } from './target.ts'
import { Waiting } from './waiting.ts'

export class Share implements Via {
  readonly filter: string
  readonly isShared = true
  /**
   * DUP says that the same session was sent the message before: after a restart nobody can tell that of a
   * group.
   */
  readonly mayRepeat = false
  readonly waiting = new Waiting()
  readonly #journal: SessionJournal
  readonly #members: Target[] = []
  #next = 0

  /** @param filter as its members wrote it */
  constructor(filter: string, journal: SessionJournal) {
    this.filter = filter
    this.#journal = journal
  }

  get members(): readonly Target[] {
    return this.#members
  }

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  /** True if a member's session outlives its connection and has asked for QoS 1 or 2. */
  get owes(): boolean {
    return this.#members.some(({ session, qos }) => qos > 0 && session.outlives)
  }

  memberOf(session: Session): Target | undefined {
    return this.#members[this.#indexOf(session)]
  }

  /** Whether a message on this topic may wait: some member may take it one day. */
  mayWait(topic: string): boolean {
    return this.#members.some(({ session, qos }) => qos > 0 && mayReceive(session.pass, topic))
  }

  /**
   * Puts a member in place of what the same session had asked for before. Returns whether it is a new member.
   */
  set(target: Target): boolean {
    const at = this.#indexOf(target.session)
    if (at === -1) {
      this.#members.push(target)
      target.session.subscriptions.join(this)
    } else this.#members[at] = target
    return at === -1
  }

  /** Returns whether the session was a member. What waits is gone with the last one. */
  delete(session: Session): boolean {
    const at = this.#indexOf(session)
    if (at === -1) return false
    this.#members.splice(at, 1)
    session.subscriptions.part(this)
    if (this.isEmpty && this.waiting.size > 0) {
      this.waiting.clear()
      this.#journal.dissolved(this.filter)
    }
    return true
  }

  /** The next in turn of those that are ready for a message that was published at this QoS. */
  pick(published: QoS, isReady: (session: Session, qos: QoS) => boolean): Target | null {
    const members = this.#members
    for (let turn = 0; turn < members.length; turn++) {
      const at = (this.#next + turn) % members.length
      const target = members[at]!
      const qos = published < target.qos ? published : target.qos // [MQTT-4.8.2-3]
      if (!isReady(target.session, qos)) continue
      this.#next = at + 1
      return target
    }
    return null
  }

  /** Nobody can take the message now. Returns whether there is room for it. */
  queue(owed: Owed, mostMessages: number, mostBytes: number): boolean {
    if (!this.waiting.push(owed, mostMessages, mostBytes)) return false
    if (owed.event > 0) this.#journal.shared(this.filter, owed.event)
    return true
  }

  /**
   * Takes what a member had not acknowledged when its session ended, oldest first: others get it before what
   * came later.
   */
  takeBack(owed: readonly Owed[]): void {
    if (!this.isEmpty) this.waiting.putBack(owed)
    for (const { event } of owed) {
      if (this.isEmpty) this.forget(event)
      else if (event > 0) this.#journal.shared(this.filter, event)
    }
  }

  given(session: number, packetId: number, { event, qos }: Owed): number {
    if (event === 0) return AT_ONCE
    if (qos === 1) return this.#journal.shared(this.filter, event, session, packetId)
    // [MQTT-4.8.2-4] [MQTT-4.8.2-5]: at QoS 2 the message is that session's own
    return this.#journal.unshared(this.filter, event)
  }

  acknowledged({ event }: Owed): void {
    this.forget(event)
  }

  dropped({ event }: Owed): void {
    this.forget(event)
  }

  /**
   * The group no longer owes the message of this event: it was acknowledged, has expired, or nobody may have
   * it.
   */
  forget(event: number): void {
    if (event > 0) this.#journal.unshared(this.filter, event)
  }

  #indexOf(session: Session): number {
    return this.#members.findIndex((member) => member.session === session)
  }
}
