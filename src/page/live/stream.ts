// The one stream of the page from the hub. Views say what they show (`watch`), and are handed their part of each
// frame. While nobody sees the page there is no stream. When it breaks, it is tried again, and the hub is told
// anew what is shown; frames hold states, so nothing has to be repeated.

import { loginNeeded, postJson } from '../api/client.ts'
import { askSession } from '../api/session.ts'
import { Value } from '../shell/store.ts'
import { visible } from '../shell/visible.ts'
import type { Frame, LiveViews, MessagesFrame, TopicsFrame } from '../../http/live/views.ts'

/** `off`: nobody sees the page. */
export type StreamState = 'off' | 'connecting' | 'open' | 'lost'

type View = LiveViews[string]

interface Watch {
  view: View
  readonly onFrame: (frame: TopicsFrame | MessagesFrame) => void
  readonly onBegin: () => void
}

export interface Watching {
  /** Shows something else from now on. */
  update(view: View): void
  stop(): void
}

/** How long changes are gathered before the hub is told, in ms: a wheel turns in many small steps. */
const GATHER_MS = 40

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 10_000

class LiveStream {
  readonly state = new Value<StreamState>('off')
  /** Why the hub refused the stream; `null`: it did not. */
  readonly refusal = new Value<string | null>(null)
  readonly #watches = new Map<string, Watch>()
  #source: EventSource | null = null
  #id: string | null = null
  #count = 0
  #telling: ReturnType<typeof setTimeout> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #waitMs = FIRST_WAIT_MS

  /** Opens the stream while the page is visible, and the hub lets it in. */
  start(): void {
    const look = (): void => (visible.get() && !loginNeeded.get() ? this.#open() : this.#close('off'))
    visible.subscribe(look)
    loginNeeded.subscribe(look)
    look()
  }

  /** @param onBegin is called when a stream begins: the frames that follow know of none before */
  watch(view: View, onFrame: Watch['onFrame'], onBegin: () => void): Watching {
    const key = `v${++this.#count}`
    const watch: Watch = { view, onFrame, onBegin }
    this.#watches.set(key, watch)
    this.#tellSoon()
    return {
      update: (next) => {
        watch.view = next
        this.#tellSoon()
      },
      stop: () => {
        this.#watches.delete(key)
        this.#tellSoon()
      },
    }
  }

  #open(): void {
    if (this.#source) return
    clearTimeout(this.#retry)
    if (this.state.get() !== 'lost') this.state.set('connecting')
    const source = new EventSource('/api/live')
    this.#source = source
    source.addEventListener('hello', ({ data }: MessageEvent<string>) => {
      this.#id = (JSON.parse(data) as { readonly id: string }).id
      this.#waitMs = FIRST_WAIT_MS
      this.refusal.set(null)
      this.state.set('open')
      for (const { onBegin } of this.#watches.values()) onBegin()
      this.#tellSoon()
    })
    source.addEventListener('refused', ({ data }: MessageEvent<string>) => {
      this.refusal.set((JSON.parse(data) as { readonly message: string }).message)
      this.#again()
    })
    source.addEventListener('frame', ({ data }: MessageEvent<string>) => {
      const { views } = JSON.parse(data) as Frame
      for (const [key, frame] of Object.entries(views)) this.#watches.get(key)?.onFrame(frame)
    })
    source.addEventListener('error', () => {
      this.#again()
      // A browser does not say with which status a stream was refused.
      void askSession()
    })
  }

  /** The stream has ended. The browser itself gives up on some answers, and waits as it likes. */
  #again(): void {
    this.#close('lost')
    this.#retry = setTimeout(() => this.#open(), this.#waitMs)
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2)
  }

  #close(state: StreamState): void {
    clearTimeout(this.#retry)
    clearTimeout(this.#telling)
    this.#telling = undefined
    this.#source?.close()
    this.#source = null
    this.#id = null
    this.state.set(state)
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      void this.#tell()
    }, GATHER_MS)
  }

  async #tell(): Promise<void> {
    const id = this.#id
    if (id === null) return
    const views = Object.fromEntries(Array.from(this.#watches, ([key, { view }]) => [key, view]))
    try {
      await postJson(`/api/live/${id}`, views)
    } catch {
      // The hub has forgotten the stream, or does not answer: another stream begins.
      if (this.#id === id) this.#again()
    }
  }
}

export const live = new LiveStream()
