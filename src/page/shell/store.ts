// A value that lives outside of the components: they read it, and are rendered again when it changes.

import { useEffect, useState } from 'preact/hooks'

export interface Store<T> {
  get(): T
  /** Calls `changed` at each change until the returned function is called. */
  subscribe(changed: () => void): () => void
}

export class Value<T> implements Store<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  get(): T {
    return this.#value
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const changed of this.#listeners) changed()
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => void this.#listeners.delete(changed)
  }
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.get())
  useEffect(() => {
    const read = (): void => setValue(() => store.get())
    // It may have changed between the rendering and this effect.
    read()
    return store.subscribe(read)
  }, [store])
  return value
}
