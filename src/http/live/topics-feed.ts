// One page's view of the topics: the rows that it shows, and what changed in them since the frame before.

import type { Rights } from '../../model/access.ts'
import { Search, type SearchOptions } from './search.ts'
import { SeenTopics } from './seen-topics.ts'
import { sentPayload } from './sent-payload.ts'
import type { TopicIndex } from './topic-index.ts'
import type { TopicNode } from './topic-node.ts'
import type { TopicFacts, TopicRow, TopicsFrame, TopicsWanted } from './views.ts'
import { windowOf, type WindowRow } from './window.ts'

/**
 * How many payloads of a row are copied between two frames; behind them its value is asked of the history.
 */
const COPIES_A_FRAME = 32

export interface TopicsFeedOptions {
  readonly index: TopicIndex
  readonly queries: SearchOptions['queries']
  readonly isRetained: (topic: string) => boolean
  /** What the caller may receive; `null`: everything. */
  readonly sees: Rights | null
}

/** What the feed has of the hub as a whole. */
export interface TopicsState {
  readonly isRestoring: boolean
  readonly rate: number
}

export class TopicsFeed {
  readonly #options: TopicsFeedOptions
  readonly #seen: SeenTopics | null
  #wanted: TopicsWanted
  #search: Search | null = null
  #rows: readonly WindowRow[] = []
  #total = 0
  /** The shape of the index for which the rows were found; -1: they have to be found again. */
  #shape = -1
  /** How many topics the search had found then. */
  #listed = 0
  #sentRows = ''
  /** Facts that the page has: the frame in which they were sent, by the topic's node. */
  #sent = new Map<TopicNode, number>()
  #sentState = ''

  constructor(options: TopicsFeedOptions, wanted: TopicsWanted) {
    this.#options = options
    this.#seen = options.sees && new SeenTopics(options.sees, options.index)
    this.#wanted = wanted
    this.#begin()
  }

  update(wanted: TopicsWanted): void {
    const before = JSON.stringify(this.#wanted.search)
    this.#wanted = wanted
    this.#shape = -1
    if (JSON.stringify(wanted.search) !== before) this.#begin()
  }

  stop(): void {
    this.#search?.stop()
    for (const { node } of this.#rows) node.copies = 0
  }

  /** Rows whose last value only the history has. */
  stale(): TopicNode[] {
    return this.#rows.flatMap(({ node }) => (this.#isTopic(node) && node.isStale ? node : []))
  }

  /** What the page does not have yet; `null`: it has all. */
  frame({ isRestoring, rate }: TopicsState): TopicsFrame | null {
    const { index } = this.#options
    const isLooking = this.#seen?.look() ?? false
    this.#find()
    const isWhole = this.#seen?.isWhole(index.root) ?? true
    const state = {
      total: this.#total,
      topics: this.#seen?.topicsBelow(index.root) ?? index.topics,
      // Neither tells of topics that the caller may not receive.
      rate: isWhole ? rate : 0,
      isRestoring: isRestoring || isLooking,
      isSearching: this.#search?.isSearching ?? false,
      found: this.#search?.count ?? 0,
      beyond: isWhole ? index.beyond : 0,
    }
    const rows = this.#rows.map((row) => this.#rowOf(row))
    const sentRows = JSON.stringify([this.#wanted.from, rows])
    const isMoved = sentRows !== this.#sentRows
    const facts = this.#changedFacts()
    const sentState = JSON.stringify(state)
    if (!isMoved && facts.length === 0 && sentState === this.#sentState) return null
    this.#sentRows = sentRows
    this.#sentState = sentState
    return {
      kind: 'topics',
      ...state,
      ...(isMoved && { from: this.#wanted.from, rows }),
      facts: Object.fromEntries(facts),
    }
  }

  #begin(): void {
    const { search } = this.#wanted
    this.#search?.stop()
    const { index, queries, sees } = this.#options
    const maySee = sees && { maySee: (topic: string) => sees.mayReceive(topic) }
    this.#search = search === undefined ? null : new Search({ wanted: search, index, queries, ...maySee })
    this.#search?.start()
  }

  #changedFacts(): [string, TopicFacts][] {
    const changed: [string, TopicFacts][] = []
    const sent = new Map<TopicNode, number>()
    for (const { node } of this.#rows) {
      const before = this.#sent.get(node)
      const isRetained = this.#isTopic(node) && this.#options.isRetained(node.topic)
      const mark =
        (node.changed + (this.#seen?.topicsBelow(node) ?? 0)) * 4 +
        (isRetained ? 2 : 0) +
        (node.isStale ? 1 : 0)
      sent.set(node, mark)
      if (before !== mark) changed.push([node.topic, this.#factsOf(node, isRetained)])
    }
    this.#sent = sent
    return changed
  }

  /** Finds the rows of the window, if they may have changed. */
  #find(): void {
    const { index } = this.#options
    const listed = this.#search?.count ?? 0
    const shape = this.#seen?.shape ?? index.shape
    if (this.#shape === shape && this.#listed === listed) return
    for (const { node } of this.#rows) node.copies = 0
    this.#shape = shape
    this.#listed = listed
    if (this.#search) this.#findFound(this.#search)
    else this.#findInTree()
    for (const { node } of this.#rows) node.copies = COPIES_A_FRAME
  }

  #findInTree(): void {
    const { index } = this.#options
    const { open, from, count } = this.#wanted
    const nodes = new Set(open.flatMap((topic) => index.find(topic) ?? []))
    const seen = this.#seen
    const isShown = seen === null ? undefined : (node: TopicNode): boolean => seen.has(node)
    const { total, rows, isUnsorted } = windowOf(index.root, nodes, from, count, isShown)
    this.#total = total
    this.#rows = rows
    if (isUnsorted) this.#shape = -1
  }

  #findFound({ found }: Search): void {
    const { index } = this.#options
    const { from, count } = this.#wanted
    this.#total = found.length
    this.#rows = found.slice(from, from + count).flatMap((topic, at) => {
      const node = index.find(topic)
      return node ? { node, level: 1, position: from + at + 1, size: found.length, isOpen: false } : []
    })
  }

  /** Lets so many payloads be copied until the next frame. */
  refill(): void {
    for (const { node } of this.#rows) node.copies = COPIES_A_FRAME
  }

  /** Whether something that the caller may receive was published on exactly this topic. */
  #isTopic(node: TopicNode): boolean {
    return this.#seen === null ? node.isTopic : this.#seen.isTopic(node)
  }

  #rowOf({ node, level, position, size, isOpen }: WindowRow): TopicRow {
    const { topic, name } = node
    const children = this.#seen?.childrenOf(node) ?? node.children?.size ?? 0
    return { topic, name, level, position, size, children, isOpen }
  }

  /** Figures of a level below which something is hidden are left out: they would tell of it. */
  #factsOf(node: TopicNode, isRetained: boolean): TopicFacts {
    const isTopic = this.#isTopic(node)
    const isWhole = this.#seen?.isWhole(node) ?? true
    const { messages, rate, ratedAt, lastAt } = isWhole ? node : HIDDEN
    const value = isTopic ? node.value : null
    return {
      isTopic,
      topics: this.#seen?.topicsBelow(node) ?? node.topics,
      messages,
      rate: Math.round(rate * 1_000) / 1_000,
      ratedAt,
      lastAt,
      isRetained,
      value: value && sentPayload(value.payload, value.bytes > value.payload.length),
      bytes: value?.bytes ?? 0,
    }
  }
}

const HIDDEN = { messages: 0, rate: 0, ratedAt: 0, lastAt: 0 }
