// One page that is open: what it asks to be told of, and its frames.

import type { Rights } from '../../model/access.ts'
import type { Origin } from '../../model/event.ts'
import type { ObservedMessage } from '../../model/observer.ts'
import { Tap } from './tap.ts'
import { TopicsFeed, type TopicsFeedOptions, type TopicsState } from './topics-feed.ts'
import type { TopicNode } from './topic-node.ts'
import type { Frame, MessagesFrame, TopicsFrame, viewsSchema } from './views.ts'
import type { z } from 'zod'

export type Wanted = z.output<typeof viewsSchema>

/** Sends a text to the page. Resolves when there is room for the next one. */
export type Send = (event: string, text: string) => Promise<void>

/** Who has opened a page. */
export interface Viewer {
  /** What the page may show; `null`: everything. */
  readonly sees: Rights | null
  /** Whether that is still so. */
  isStill(this: void): boolean
  /** Ends the stream; the page opens another one, with the rights of then. */
  end(this: void): void
}

export class Watcher {
  readonly viewer: Viewer
  readonly #send: Send
  #feeds = new Map<string, TopicsFeed>()
  #taps = new Map<string, { readonly tap: Tap; readonly wanted: string }>()
  /** The page has not taken the frame before. */
  #isBusy = false

  constructor(send: Send, viewer: Viewer) {
    this.viewer = viewer
    this.#send = send
  }

  get feeds(): Iterable<TopicsFeed> {
    return this.#feeds.values()
  }

  get taps(): Tap[] {
    return Array.from(this.#taps.values(), ({ tap }) => tap)
  }

  /** Takes what the page asks for in place of what it asked before; what stays the same goes on. */
  want(views: Wanted, options: TopicsFeedOptions, now: number): void {
    const feeds = new Map<string, TopicsFeed>()
    const taps = new Map<string, { readonly tap: Tap; readonly wanted: string }>()
    for (const [name, view] of Object.entries(views)) {
      if (view.kind === 'topics') {
        const feed = this.#feeds.get(name)
        feed?.update(view)
        feeds.set(name, feed ?? new TopicsFeed(options, view))
      } else {
        const wanted = JSON.stringify(view)
        const before = this.#taps.get(name)
        taps.set(name, before?.wanted === wanted ? before : { tap: new Tap(view, now, options.sees), wanted })
      }
    }
    for (const [name, feed] of this.#feeds) if (!feeds.has(name)) feed.stop()
    this.#feeds = feeds
    this.#taps = taps
  }

  tell(event: string, content: unknown): void {
    this.#isBusy = true
    void this.#send(event, JSON.stringify(content)).finally(() => {
      this.#isBusy = false
    })
  }

  /** Sends what the page does not have. A page that is slow misses frames, and nothing of the state. */
  frame(now: number, state: TopicsState): void {
    if (this.#isBusy) return
    const views: Record<string, TopicsFrame | MessagesFrame> = {}
    for (const [name, feed] of this.#feeds) {
      const frame = feed.frame(state)
      if (frame) views[name] = frame
      feed.refill()
    }
    for (const [name, { tap }] of this.#taps) {
      const frame = tap.frame(now)
      if (frame) views[name] = frame
    }
    if (Object.keys(views).length > 0) this.tell('frame', { at: now, views } satisfies Frame)
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop()
    this.#feeds.clear()
    this.#taps.clear()
  }
}

/** What the taps take of one message. */
export function takeAll(
  taps: readonly Tap[],
  node: TopicNode,
  message: ObservedMessage,
  origin: Origin,
  client: string | null,
  at: number,
): void {
  for (const tap of taps) tap.take(node.topic, message, origin, client, at)
}
