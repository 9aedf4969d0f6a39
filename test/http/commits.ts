// Commits of a journal that a test makes by hand.

import type { OnCommit } from '../../src/http/commit-watch.ts'

export function commits() {
  const listeners = new Set<() => void>()
  const onCommit: OnCommit = (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    onCommit,
    /** Something has been committed. */
    commit() {
      for (const listener of listeners) listener()
    },
    /** How many listen. */
    listeners: () => listeners.size,
  }
}
