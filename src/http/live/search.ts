// A search among all topics, for one page: by filter and by text among the names, a few milliseconds in a turn of
// the event loop; by payload in the reader thread, page by page. What is found is in order from the first moment on.

import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { TopicIndex } from './topic-index.ts'
import type { TopicNode } from './topic-node.ts'
import type { TopicsWanted } from './views.ts'

/** How many topics a search lists; the others it counts. */
const MOST_FOUND = 10_000

/** How long a search may keep the network thread in one turn, in ms. */
const TURN_MS = 3

/** How many topics the reader thread looks at before others are heard. */
const PAYLOADS_AT_ONCE = 500

export type Searched = NonNullable<TopicsWanted['search']>

export interface SearchOptions {
  readonly wanted: Searched
  readonly index: TopicIndex
  readonly queries: Pick<Remote<Omit<Queries, 'close'>>, 'searchPayloads'>
  /** Whether a topic may be shown to whoever searches; by default all are. */
  readonly maySee?: (topic: string) => boolean
  /** Calls back in a later turn of the event loop. */
  readonly later?: (callback: () => void) => void
}

export class Search {
  readonly #wanted: Searched
  readonly #index: TopicIndex
  readonly #queries: SearchOptions['queries']
  readonly #maySee: (topic: string) => boolean
  readonly #later: (callback: () => void) => void
  #found: string[] = []
  #isInOrder = true
  #count = 0
  #isOver = false
  #failed = false

  constructor({ wanted, index, queries, maySee = () => true, later = setImmediate }: SearchOptions) {
    this.#maySee = maySee
    this.#wanted = wanted
    this.#index = index
    this.#queries = queries
    this.#later = later
  }

  start(): void {
    if (this.#wanted.payload === undefined) this.#walk(topicsBelow(this.#index.root))
    else void this.#ask(this.#wanted.payload)
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.#isOver = true
  }

  get isSearching(): boolean {
    return !this.#isOver
  }

  /** The journal could not be read: not all was found. */
  get failed(): boolean {
    return this.#failed
  }

  /** How many topics fit, also those that are not listed. */
  get count(): number {
    return this.#count
  }

  /** The topics that were found so far, in order. */
  get found(): readonly string[] {
    if (!this.#isInOrder) this.#found.sort()
    this.#isInOrder = true
    return this.#found
  }

  #walk(topics: Iterator<TopicNode>): void {
    const until = performance.now() + TURN_MS
    while (!this.#isOver) {
      for (let look = 0; look < 100; look++) {
        const { value, done } = topics.next()
        if (done === true) {
          this.#isOver = true
          return
        }
        if (value.isTopic) this.#look(value.topic)
      }
      if (performance.now() > until) return this.#later(() => this.#walk(topics))
    }
  }

  async #ask(text: string): Promise<void> {
    let after: string | null = ''
    while (after !== null && !this.#isOver) {
      try {
        const page = await this.#queries.searchPayloads({ text, after, limit: PAYLOADS_AT_ONCE })
        for (const topic of page.topics) this.#look(topic)
        after = page.after
      } catch {
        this.#failed = true
        after = null
      }
    }
    this.#isOver = true
  }

  #look(topic: string): void {
    const { filter, text = '' } = this.#wanted
    if (filter !== undefined && !topicMatches(filter, topic, () => false)) return
    if (text !== '' && !topic.toLowerCase().includes(text.toLowerCase())) return
    if (!this.#maySee(topic)) return
    this.#count++
    if (this.#found.length === MOST_FOUND) return
    this.#found.push(topic)
    this.#isInOrder = false
  }
}

function* topicsBelow({ children }: TopicNode): Generator<TopicNode, void> {
  if (children === null) return
  for (const child of children.values()) {
    yield child
    yield* topicsBelow(child)
  }
}
