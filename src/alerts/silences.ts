// What silences alerts at a moment: what people have asked for, with an end, and maintenance windows.

import { WakeQueue } from '../base/wake-queue.ts'
import type { Silence } from '../model/alert.ts'
import type { MaintenanceWindow } from '../model/alert-settings.ts'
import type { Earlier } from '../model/clock-behind.ts'
import type { JsonObject } from '../model/json.ts'
import { shiftMoments } from '../model/moments.ts'
import { matches } from './match.ts'
import type { Matched } from './match.ts'
import { openWindows } from './windows.ts'
import type { Windows } from './windows.ts'

export class Silences {
  readonly #windows: Windows
  readonly #byName = new Map<string, Silence>()
  readonly #ends = new WakeQueue<string>((name) => name)
  #nextEdgeAt: number | null = null

  /** @throws RangeError when a window is wrong */
  constructor(windows: readonly MaintenanceWindow[]) {
    this.#windows = openWindows(windows)
  }

  get size(): number {
    return this.#byName.size
  }

  get names(): Iterable<string> {
    return this.#byName.keys()
  }

  /** When one of them next begins or ends; `null` for never. */
  get nextWakeAt(): number | null {
    const next = Math.min(this.#nextEdgeAt ?? Infinity, this.#ends.nextAt ?? Infinity)
    return next === Infinity ? null : next
  }

  /** Takes over what the store holds. What has begun or ended since is looked at at the moment `now`. */
  restore(silences: readonly Silence[], now: number): void {
    for (const silence of silences) this.put(silence)
    this.#nextEdgeAt = now
  }

  /** From this moment on, edges of windows are waited for. */
  lookAt(now: number): void {
    this.#nextEdgeAt = this.#windows.nextEdge(now)
  }

  get(name: string): Silence | undefined {
    return this.#byName.get(name)
  }

  put(silence: Silence): void {
    this.#byName.set(silence.name, silence)
    this.#ends.set(silence.name, silence.untilAt)
  }

  remove(name: string): void {
    this.#byName.delete(name)
    this.#ends.set(name, null)
  }

  /** Takes out those that have ended by then. */
  takeEnded(now: number): readonly Silence[] {
    const ended = [...this.#byName.values()].filter(({ untilAt }) => untilAt <= now)
    for (const { name } of ended) this.remove(name)
    return ended
  }

  /** As words; `null` for nothing. */
  covering(alert: Matched, now: number): string | null {
    for (const { name, match, author, untilAt } of this.#byName.values())
      if (untilAt > now && matches(match, alert)) return `the silence ${JSON.stringify(name)} of ${author}`
    return this.#windows.covering(alert, now)
  }

  /** Silences keep their length. Returns them. */
  clockSet(byMs: number, now: number, earlier?: Earlier): readonly Silence[] {
    const moved = Array.from(this.#byName.values(), ({ fromAt, untilAt, ...silence }) => {
      const moments: JsonObject = { fromAt, untilAt, setAt: fromAt }
      return { ...silence, ...(shiftMoments(moments, byMs, earlier) as Pick<Silence, 'fromAt' | 'untilAt'>) }
    }).map(({ name, match, fromAt, untilAt, author, comment, event }) => ({
      name,
      match,
      fromAt,
      untilAt,
      author,
      comment,
      event,
    }))
    for (const silence of moved) this.put(silence)
    this.lookAt(now)
    return moved
  }
}
