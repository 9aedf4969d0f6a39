// The alerts that are held in memory: all that are open, those that a notification still names, and the last
// that were resolved. And which of them mute others.

import { isOpen } from '../model/alert.ts'
import type { Alert } from '../model/alert.ts'
import type { Member } from './due.ts'

/** Resolved alerts that are held, so that one that is raised anew at once is not read from the store. */
const MOST_RESOLVED = 1_000

export class HeldAlerts {
  readonly #open = new Map<string, Alert>()
  /** In the order in which they were resolved. */
  readonly #resolved = new Map<string, Alert>()
  /** By the key of their parent. */
  readonly #children = new Map<string, Set<string>>()
  readonly #stored: (key: string) => Alert | undefined

  /** @param stored reads one that is not held */
  constructor(stored: (key: string) => Alert | undefined) {
    this.#stored = stored
  }

  get openCount(): number {
    return this.#open.size
  }

  open(): readonly Alert[] {
    return [...this.#open.values()]
  }

  isOpen(key: string): boolean {
    return this.#open.has(key)
  }

  get(key: string): Alert | undefined {
    return this.#open.get(key) ?? this.#resolved.get(key) ?? this.#stored(key)
  }

  put(alert: Alert): void {
    const { key } = alert
    const before = this.#open.get(key)
    if (before) this.#unlink(before)
    this.#resolved.delete(key)
    if (isOpen(alert)) {
      this.#open.set(key, alert)
      this.#link(alert)
      return
    }
    this.#open.delete(key)
    this.#resolved.set(key, alert)
    const oldest = this.#resolved.keys().next().value
    if (this.#resolved.size > MOST_RESOLVED && oldest !== undefined) this.#resolved.delete(oldest)
  }

  /** Every alert that may be muted, or not be muted any more, because of this one. */
  descendants(key: string): ReadonlySet<string> {
    const found = new Set<string>()
    const look = (parent: string): void => {
      for (const child of this.#children.get(parent) ?? []) {
        if (found.has(child)) continue
        found.add(child)
        look(child)
      }
    }
    look(key)
    return found
  }

  member(alert: Alert): Member {
    const { state } = alert
    const isMuted = state === 'firing' && this.#isMuted(alert)
    const shown = state === 'pending' || state === 'silenced' || isMuted ? 'quiet' : state
    return { alert, shown, audibleAt: Math.max(alert.sinceAt, this.#parentResolvedAt(alert)) }
  }

  /** Muted while its parent is open, unless the alert is an ancestor of itself: then each would mute the other. */
  #isMuted(alert: Alert): boolean {
    if (alert.parent === null || !this.#open.has(alert.parent)) return false
    const seen = new Set<string>()
    for (
      let at = this.#open.get(alert.parent);
      at && !seen.has(at.key);
      at = this.#open.get(at.parent ?? '')
    ) {
      if (at.key === alert.key) return false
      seen.add(at.key)
    }
    return true
  }

  /** When the parent resolved last; 0 while it is open, and where there was none. */
  #parentResolvedAt({ parent }: Alert): number {
    return parent === null || this.#open.has(parent) ? 0 : (this.get(parent)?.sinceAt ?? 0)
  }

  #link({ key, parent }: Alert): void {
    if (parent === null) return
    const children = this.#children.get(parent)
    if (children) children.add(key)
    else this.#children.set(parent, new Set([key]))
  }

  #unlink({ key, parent }: Alert): void {
    if (parent === null) return
    const children = this.#children.get(parent)
    children?.delete(key)
    if (children?.size === 0) this.#children.delete(parent)
  }
}
