// The topic ids of one client, for as long as it is connected: no two clients share a table (7.3). An id is
// known to the client once the hub has acknowledged its REGISTER or SUBSCRIBE, or the client a REGISTER of
// the hub.

import type { TopicType } from '../messages/flags.ts'
import type { Predefined } from './predefined.ts'
import { LAST_ID } from './predefined-file.ts'
import { shortNameId, shortNameIn } from './short-name.ts'

/** What stands for a topic in a message. */
export interface TopicWay {
  readonly topicType: TopicType
  readonly topicId: number
  /** Whether the client knows the id; else it has to be registered first. */
  readonly isKnown: boolean
}

interface Entry {
  readonly id: number
  isKnown: boolean
  isRefused: boolean
}

export class TopicIds {
  readonly #predefined: Predefined
  readonly #most: number
  readonly #byTopic = new Map<string, Entry>()
  readonly #byId = new Map<number, string>()
  #next: number

  /**
   * @param first the first id that is given out. It is drawn by lot, so that whoever names one has heard it
   * @param most how many ids are given out
   */
  constructor(predefined: Predefined, first: number, most: number) {
    this.#predefined = predefined
    this.#next = first
    this.#most = most
  }

  topicOf(topicType: TopicType, id: number): string | undefined {
    if (topicType === 'predefined') return this.#predefined.topicOf(id)
    if (topicType === 'short') return shortNameIn(id)
    const topic = this.#byId.get(id)
    return topic !== undefined && this.#byTopic.get(topic)!.isKnown ? topic : undefined
  }

  /** The id of a topic that the client is told at once; `undefined` if it has as many as it may. */
  register(topic: string): number | undefined {
    const entry = this.#entryOf(topic)
    if (entry === undefined) return undefined
    entry.isKnown = true
    entry.isRefused = false
    return entry.id
  }

  /** The client begins anew: it knows no id any more. */
  clear(): void {
    this.#byTopic.clear()
    this.#byId.clear()
  }

  /** How a message on a topic goes to the client; `undefined` if it cannot, or if the client refused it. */
  wayTo(topic: string): TopicWay | undefined {
    const entry = this.#byTopic.get(topic)
    if (entry?.isKnown !== true) {
      const predefined = this.#predefined.idOf(topic)
      if (predefined !== undefined) return { topicType: 'predefined', topicId: predefined, isKnown: true }
      const short = shortNameId(topic)
      if (short !== undefined) return { topicType: 'short', topicId: short, isKnown: true }
    }
    return this.registeredWayTo(topic)
  }

  /** The way by an id that is registered, even if there is a shorter one. */
  registeredWayTo(topic: string): TopicWay | undefined {
    const entry = this.#entryOf(topic)
    if (entry === undefined || entry.isRefused) return undefined
    return { topicType: 'normal', topicId: entry.id, isKnown: entry.isKnown }
  }

  /** The client has acknowledged the id of a topic. */
  acknowledged(topic: string): void {
    const entry = this.#byTopic.get(topic)
    if (entry !== undefined) entry.isKnown = true
  }

  /** The client does not know the id of a topic any more. */
  forgotten(topic: string): void {
    const entry = this.#byTopic.get(topic)
    if (entry !== undefined) entry.isKnown = false
  }

  /** The client does not want messages on a topic. */
  refused(topic: string): void {
    const entry = this.#byTopic.get(topic)
    if (entry !== undefined) entry.isRefused = true
  }

  #entryOf(topic: string): Entry | undefined {
    const before = this.#byTopic.get(topic)
    if (before !== undefined) return before
    if (this.#byTopic.size >= this.#most) return undefined
    while (this.#byId.has(this.#next)) this.#step()
    const entry = { id: this.#next, isKnown: false, isRefused: false }
    this.#step()
    this.#byTopic.set(topic, entry)
    this.#byId.set(entry.id, topic)
    return entry
  }

  #step(): void {
    this.#next = this.#next >= LAST_ID ? 1 : this.#next + 1
  }
}
