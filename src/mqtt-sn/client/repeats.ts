// Tells a message that a client sends again from a new one. A link of sensors loses acknowledgements, so a
// repeat is common; without this it would be a second event. A repeat says so (DUP), and is the same message
// under the same id. Beyond the last few messages a repeat is taken for a new one: QoS 1 allows that.

import { createHash } from 'node:crypto'
import type { MessageOf } from '../messages/messages.ts'

/** Messages of QoS 1 and 2 under way from one client. */
const MOST_UNDER_WAY = 64
/** Acknowledged messages that are remembered. */
const MOST_ANSWERED = 4

interface Sent {
  readonly topicId: number
  readonly digest: string
}

export class Repeats {
  readonly #underWay = new Map<number, Sent>()
  /** The oldest first. */
  readonly #answered = new Map<number, Sent>()

  /**
   * What a message of QoS 1 is: under way to the journal, acknowledged before, or one that has to wait, because
   * another one has its id or there are too many; `undefined`: a new one.
   */
  find({
    flags,
    msgId,
    topicId,
    data,
  }: MessageOf<'publish'>): 'under way' | 'answered' | 'early' | undefined {
    const underWay = this.#underWay.get(msgId)
    const before = underWay ?? this.#answered.get(msgId)
    if (before === undefined) return this.#underWay.size < MOST_UNDER_WAY ? undefined : 'early'
    const isSame = before.topicId === topicId && before.digest === digestOf(data)
    if (underWay !== undefined) return isSame ? 'under way' : 'early'
    return isSame && flags.dup ? 'answered' : undefined
  }

  begin({ msgId, topicId, data }: MessageOf<'publish'>): void {
    this.#underWay.set(msgId, { topicId, digest: digestOf(data) })
  }

  /** The topic id under which a message came that is under way. */
  topicIdOf(msgId: number): number {
    return this.#underWay.get(msgId)?.topicId ?? 0
  }

  /** @param isRemembered whether a repeat is acknowledged without being published */
  end(msgId: number, isRemembered: boolean): void {
    const sent = this.#underWay.get(msgId)
    this.#underWay.delete(msgId)
    this.#answered.delete(msgId)
    if (sent === undefined || !isRemembered) return
    this.#answered.set(msgId, sent)
    if (this.#answered.size > MOST_ANSWERED) this.#answered.delete(this.#answered.keys().next().value!)
  }
}

const digestOf = (data: Buffer): string => createHash('sha1').update(data).digest('base64')
