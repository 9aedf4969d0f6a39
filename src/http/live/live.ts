// The live side of the page. While no page is open, the broker has no observer and nothing here costs anything.
// The first page makes an index of the topics: from then on it counts every message, and it takes in what the
// history knows, a page of topics at a time, from the reader thread. Every 250 ms each open page is told what has
// changed among what it shows. A minute after the last page has gone, the index is dropped.
//
// The broker calls the observer directly instead of giving this room a session (`broker/session/recipient.ts`):
// a recipient gets encoded packets, one copy each, and loses those of QoS 0 for which it has no room, whereas the
// page needs a count of everything and the bytes of very little.

import type { Remote } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Observer } from '../../model/observer.ts'
import type { Queries } from '../../model/queries.ts'
import type { Tap } from './tap.ts'
import { RATE_MS, TopicIndex } from './topic-index.ts'
import { PREVIEW_BYTES, type TopicNode } from './topic-node.ts'
import { type Send, takeAll, type Viewer, type Wanted, Watcher } from './watcher.ts'

export const FRAME_MS = 250
const KEPT_MS = 60_000
/** A page of the history: so many topics, or so many bytes of payloads. */
const RESTORED_AT_ONCE = 1_000
const RESTORED_BYTES = 2 ** 20

/** Pages that are open at one time; more would make frames dear. */
export const MOST_WATCHERS = 32

export type LiveQueries = Pick<Remote<Omit<Queries, 'close'>>, 'topics' | 'lastEvents' | 'searchPayloads'>

/** What the broker gives. */
export interface PagePorts {
  readonly observe: (observer: Observer | null) => void
  /** Whether a message is retained on a topic. */
  readonly isRetained: (topic: string) => boolean
}

export interface LiveOptions extends PagePorts {
  readonly queries: LiveQueries
  readonly clock: Clock
  readonly log: Log
}

export class Live {
  readonly #options: LiveOptions
  readonly #watchers = new Map<string, Watcher>()
  #index: TopicIndex | null = null
  #isRestoring = false
  #taps: readonly Tap[] = []
  /** Which taps want a topic, as far as that was asked since they changed. */
  #tapsOf = new Map<TopicNode, readonly Tap[]>()
  /** Values were asked of the history and have not come. */
  #isAsking = false
  #cancelFrame: (() => void) | null = null
  #cancelDrop: (() => void) | null = null

  constructor(options: LiveOptions) {
    this.#options = options
  }

  /** How many pages are open. */
  get open(): number {
    return this.#watchers.size
  }

  /** Opens a page under a name that nobody can guess; `false`: too many are open. */
  enter(id: string, send: Send, viewer: Viewer): boolean {
    if (this.#watchers.size >= MOST_WATCHERS) return false
    this.#watchers.set(id, new Watcher(send, viewer))
    this.#cancelDrop?.()
    this.#cancelDrop = null
    this.#cancelFrame ??= this.#nextFrame()
    return true
  }

  /** Takes what a page asks for; `false`: there is no such page. */
  want(id: string, views: Wanted): boolean {
    const watcher = this.#watchers.get(id)
    if (!watcher) return false
    const { queries, isRetained, clock } = this.#options
    if (Object.keys(views).length > 0) this.#begin()
    const { sees } = watcher.viewer
    if (this.#index) watcher.want(views, { index: this.#index, queries, isRetained, sees }, clock.now())
    this.#gatherTaps()
    if (this.#index) this.#tell(watcher, this.#index, clock.now())
    return true
  }

  leave(id: string): void {
    this.#watchers.get(id)?.stop()
    this.#watchers.delete(id)
    this.#gatherTaps()
    if (this.#watchers.size > 0) return
    this.#cancelFrame?.()
    this.#cancelFrame = null
    this.#cancelDrop ??= this.#options.clock.after(KEPT_MS, () => this.stop())
  }

  /** Nothing is observed and nothing is kept from now on. */
  stop(): void {
    for (const watcher of this.#watchers.values()) watcher.stop()
    this.#watchers.clear()
    this.#cancelFrame?.()
    this.#cancelFrame = null
    this.#cancelDrop?.()
    this.#cancelDrop = null
    this.#options.observe(null)
    this.#index = null
    this.#gatherTaps()
  }

  #begin(): void {
    if (this.#index) return
    const index = new TopicIndex()
    this.#index = index
    const { observe, clock } = this.#options
    observe((topic, message, origin, client) => {
      const node = index.observe(topic, message)
      if (node === null || this.#taps.length === 0) return
      const taps = this.#tapsOf.get(node) ?? this.#findTaps(node)
      if (taps.length > 0) takeAll(taps, node, message, origin, client, clock.now())
    })
    void this.#restore(index)
  }

  async #restore(index: TopicIndex): Promise<void> {
    const { queries, log } = this.#options
    this.#isRestoring = true
    try {
      for (let after: string | null = ''; after !== null && this.#index === index;) {
        const page = await queries.topics({ after, limit: RESTORED_AT_ONCE, bytes: RESTORED_BYTES })
        for (const topic of page.topics) index.restore(topic)
        after = page.isAll ? null : (page.topics.at(-1)?.topic ?? null)
      }
    } catch (error) {
      log.warn({ err: error }, 'The page shows no topics of the past: the history could not be read.')
    }
    if (this.#index === index) this.#isRestoring = false
  }

  #nextFrame(): () => void {
    return this.#options.clock.after(FRAME_MS, () => {
      this.#cancelFrame = this.#nextFrame()
      this.#frame()
    })
  }

  #frame(): void {
    for (const { viewer } of this.#watchers.values()) if (!viewer.isStill()) viewer.end()
    const index = this.#index
    if (!index) return
    const now = this.#options.clock.now()
    index.fold(now)
    for (const watcher of this.#watchers.values()) this.#tell(watcher, index, now)
    void this.#askStale(index)
  }

  #tell(watcher: Watcher, { root: { rate, ratedAt } }: TopicIndex, now: number): void {
    const decayed = Math.round(rate * Math.exp((ratedAt - now) / RATE_MS) * 10) / 10
    watcher.frame(now, { isRestoring: this.#isRestoring, rate: decayed })
  }

  /** Asks the history for the values of rows that are not held here, one question at a time. */
  async #askStale(index: TopicIndex): Promise<void> {
    const stale = new Set<TopicNode>()
    for (const watcher of this.#watchers.values())
      for (const feed of watcher.feeds) for (const node of feed.stale()) stale.add(node)
    if (stale.size === 0 || this.#isAsking) return
    this.#isAsking = true
    const { queries, log } = this.#options
    try {
      const topics = Array.from(stale, ({ topic }) => topic)
      const events = await queries.lastEvents({ topics, bytes: PREVIEW_BYTES })
      const byTopic = new Map(events.map((event) => [event.topic, event]))
      for (const node of stale) index.hold(node, byTopic.get(node.topic))
    } catch (error) {
      log.warn({ err: error }, 'The page shows old values: the history could not be read.')
    }
    this.#isAsking = false
  }

  #gatherTaps(): void {
    this.#taps = Array.from(this.#watchers.values(), ({ taps }) => taps).flat()
    this.#tapsOf = new Map()
  }

  #findTaps(node: TopicNode): readonly Tap[] {
    const { topic } = node
    const taps = this.#taps.filter((tap) => tap.matches(topic))
    this.#tapsOf.set(node, taps)
    return taps
  }
}
