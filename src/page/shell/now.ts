// The moment that the page shows ages by. It goes on every second, while somebody can see the page and something
// shows an age: one timer for all of them.

import type { Store } from './store.ts'
import { visible } from './visible.ts'

const STEP_MS = 1_000

class Now implements Store<number> {
  readonly #listeners = new Set<() => void>()
  #value = Date.now()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor() {
    visible.subscribe(() => this.#look())
  }

  get(): number {
    return this.#timer === undefined ? Date.now() : this.#value
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    this.#look()
    return () => {
      this.#listeners.delete(changed)
      this.#look()
    }
  }

  #look(): void {
    const isNeeded = visible.get() && this.#listeners.size > 0
    if (isNeeded && this.#timer === undefined) {
      this.#goOn()
      this.#timer = setInterval(() => this.#goOn(), STEP_MS)
    } else if (!isNeeded) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #goOn(): void {
    this.#value = Date.now()
    for (const changed of this.#listeners) changed()
  }
}

export const now: Store<number> = new Now()
