// The tree of all topics that the page shows. Each message costs a few instructions: it is counted at its topic,
// and its payload is copied only where somebody looks at the topic (`TopicNode.copies`) or the history does not
// have it. What it means for the levels above is added up once a frame (`fold`).
//
// Space is bounded by the number of levels. What has no room is counted in `beyond`, and the page says so.

import type { ObservedMessage, ObservedTopic } from '../../model/observer.ts'
import type { TopicStatus } from '../../model/queries.ts'
import { type LastValue, TopicNode } from './topic-node.ts'

/** A level takes some 300 bytes, and its name. */
const MOST_LEVELS = 250_000

/** How long a rate takes to follow a change, in ms. */
export const RATE_MS = 5_000

/** How often the history is asked for the same value. */
const MOST_ASKED = 8

/** How many new children of a level are sorted in one frame: sorting is dear, and all share this thread. */
const SORTED_AT_ONCE = 5_000

export class TopicIndex {
  readonly root = new TopicNode(this, '', null)
  /** Counts the frames, from 1 on. */
  frame = 1
  /** Goes up when a level has come, so that rows may have moved. */
  shape = 0
  /** All topics, in the order in which they came. */
  readonly entered: TopicNode[] = []
  /** Messages on topics that have no room here. */
  beyond = 0
  #levels = 0
  readonly #most: number
  #dirty: TopicNode[] = []
  readonly #overflow = new TopicNode(this, '', null)

  constructor(mostLevels = MOST_LEVELS) {
    this.#most = mostLevels
  }

  /** Counts a message. Returns its topic; `null` when that has no room. */
  observe(topic: ObservedTopic, message: ObservedMessage): TopicNode | null {
    let node = topic.observed as TopicNode | null
    if (node === null || node.owner !== this) {
      node = this.#enter(topic.topic) ?? this.#overflow
      topic.observed = node
    }
    if (node === this.#overflow) {
      this.beyond++
      return null
    }
    if (node.fresh === 0) this.#dirty.push(node)
    node.fresh++
    if (message.event > node.event) node.event = message.event
    if (node.copies > 0 || !topic.recorded) {
      node.copies--
      node.keep(message)
    } else node.isStale = true
    return node
  }

  /**
   * Takes in what the history knows. A topic on which something is published while the history is read is
   * counted once as far as that can be told: it may be off by the messages of these milliseconds.
   */
  restore({ topic, events, last }: Pick<TopicStatus, 'topic' | 'events' | 'last'>): void {
    const { id: lastEvent = 0, at: lastAt = 0 } = last ?? {}
    const node = this.#enter(topic)
    if (node === null) return
    const own = node.messages - below(node)
    const isAhead = node.event > 0 && node.event <= lastEvent
    const more = isAhead ? Math.max(0, events - own - node.fresh) : events
    node.event = Math.max(node.event, lastEvent)
    this.#rise(node, (each) => {
      each.messages += more
      each.lastAt = Math.max(each.lastAt, lastAt)
    })
  }

  /** Adds up what came since the last frame, and begins the next one. */
  fold(now: number): void {
    this.frame++
    const dirty = this.#dirty
    this.#dirty = []
    for (const node of dirty) {
      const { fresh } = node
      node.fresh = 0
      this.#rise(node, (each) => {
        each.messages += fresh
        each.lastAt = now
        const decayed = each.rate * Math.exp((each.ratedAt - now) / RATE_MS)
        each.rate = decayed + (fresh * 1_000) / RATE_MS
        each.ratedAt = now
      })
    }
  }

  /**
   * Takes what the history has as the last value of a topic; `undefined`: it has nothing. The newest message may
   * not be committed yet, or may have been skipped: so it is asked for a few times, then the older one stays.
   */
  hold(node: TopicNode, value: LastValue | undefined): void {
    if (value) node.restore(value)
    if (value === undefined || value.event >= node.event || ++node.asked === MOST_ASKED) {
      node.isStale = false
      node.asked = 0
    }
    node.changed = this.frame
  }

  find(topic: string): TopicNode | undefined {
    let node: TopicNode | undefined = this.root
    for (const name of topic.split('/')) node = node?.children?.get(name)
    return node
  }

  get topics(): number {
    return this.root.topics
  }

  #rise(node: TopicNode, change: (each: TopicNode) => void): void {
    for (let each: TopicNode | null = node; each !== null; each = each.parent) {
      change(each)
      each.changed = this.frame
    }
  }

  #enter(topic: string): TopicNode | null {
    let node = this.root
    const names = topic.split('/')
    for (const name of names) {
      let child = node.children?.get(name)
      if (child === undefined) {
        if (this.#levels === this.#most) return null
        child = new TopicNode(this, name, node)
        node.children ??= new Map()
        node.children.set(name, child)
        node.unsorted.push(child)
        node.changed = this.frame
        this.#levels++
        this.shape++
      }
      node = child
    }
    if (!node.isTopic) {
      node.isTopic = true
      this.entered.push(node)
      this.#rise(node, (each) => void each.topics++)
    }
    return node
  }
}

/** Messages below a level. */
function below({ children }: TopicNode): number {
  let messages = 0
  if (children) for (const child of children.values()) messages += child.messages
  return messages
}

/**
 * Brings some of the children that came lately into order. Returns whether more wait for that.
 */
export function sortSome(node: TopicNode): boolean {
  const { sorted, unsorted } = node
  if (unsorted.length === 0) return false
  const fresh = unsorted.splice(0, SORTED_AT_ONCE).toSorted(byName)
  let from = sorted.length - 1
  let take = fresh.length - 1
  // Merged from the end, in place: names mostly come in order, and then nothing is moved.
  for (let to = from + take + 1; take >= 0; to--)
    sorted[to] = from >= 0 && byName(sorted[from]!, fresh[take]!) > 0 ? sorted[from--]! : fresh[take--]!
  return unsorted.length > 0
}

const byName = (a: TopicNode, b: TopicNode): number => (a.name < b.name ? -1 : 1)

/** The place of a child among the sorted ones; -1 when it is not yet sorted. */
export function placeOf({ sorted }: TopicNode, child: TopicNode): number {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = sorted[middle]!
    if (found === child) return middle
    if (byName(found, child) < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}
