// Which topics of the index a page may show whose caller may not receive everything, and how many there are
// below each level. Topics are looked at in the order in which they came, so many a frame: permissions are
// compared level by level, and all share this thread.

import type { Rights } from '../../model/access.ts'
import type { TopicIndex } from './topic-index.ts'
import type { TopicNode } from './topic-node.ts'

const LOOKED_AT_A_FRAME = 2_000

interface Seen {
  /** Topics from here downwards that may be shown. */
  topics: number
  /** Levels right below that lead to one. */
  children: number
}

export class SeenTopics {
  readonly #rights: Rights
  readonly #index: TopicIndex
  readonly #seen = new Map<TopicNode, Seen>()
  #lookedAt = 0
  /** Goes up when a level has come that may be shown. */
  shape = 0

  constructor(rights: Rights, index: TopicIndex) {
    this.#rights = rights
    this.#index = index
  }

  /** Looks at the topics that came. Returns whether more wait for that. */
  look(): boolean {
    const { entered } = this.#index
    const end = Math.min(entered.length, this.#lookedAt + LOOKED_AT_A_FRAME)
    for (; this.#lookedAt < end; this.#lookedAt++) {
      const node = entered[this.#lookedAt]!
      if (this.#rights.mayReceive(node.topic)) this.#rise(node)
    }
    return end < entered.length
  }

  /** Whether the topic itself may be shown, and not only the way to others. */
  isTopic(node: TopicNode): boolean {
    return node.isTopic && this.#seen.has(node) && this.#rights.mayReceive(node.topic)
  }

  has(node: TopicNode): boolean {
    return this.#seen.has(node)
  }

  topicsBelow(node: TopicNode): number {
    return this.#seen.get(node)?.topics ?? 0
  }

  childrenOf(node: TopicNode): number {
    return this.#seen.get(node)?.children ?? 0
  }

  /** Whether all topics from here downwards may be shown, so that what is counted of them may be, too. */
  isWhole(node: TopicNode): boolean {
    return this.topicsBelow(node) === node.topics
  }

  #rise(node: TopicNode): void {
    this.shape++
    let isNew = false
    for (let each: TopicNode | null = node; each !== null; each = each.parent) {
      const before: Seen | undefined = this.#seen.get(each)
      const seen = before ?? { topics: 0, children: 0 }
      seen.topics++
      if (isNew) seen.children++
      isNew = before === undefined
      if (isNew) this.#seen.set(each, seen)
    }
  }
}
