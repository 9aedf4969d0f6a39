// What a watch remembers from one look to the next, and over a restart of the hub: since when each process is
// held, which of them have been reported, and how a shortage stands. Always: what is kept is kept with the
// moment of the look, so that the time until the first look of the next hub does not count.

import type { JsonObject } from '../../model/json.ts'
import type { WatchSpec } from '../../model/watch.ts'
import { postponed } from './hold.ts'
import type { Hold, Holds } from './hold.ts'
import { ENOUGH, postponedShortage } from './shortage.ts'
import type { Shortage } from './shortage.ts'

export interface Memory {
  readonly holds: Holds
  readonly shortage: Shortage
}

export const NOTHING: Memory = { holds: new Map(), shortage: ENOUGH }

/** Where the memories of watches outlive the hub. */
export interface WatchStore {
  read(watch: string): JsonObject | null
  keep(watch: string, state: JsonObject | null): void
  /** Commits what was kept. */
  flush(): Promise<void>
}

/** Whether time passes for it: then the moment of the look is worth keeping. */
export const isCounting = ({ holds, shortage }: Memory): boolean =>
  shortage.isShort || shortage.attempt > 0 || [...holds.values()].some(({ isTold }) => !isTold)

export const postponedMemory = ({ holds, shortage }: Memory, lengthMs: number): Memory => ({
  holds: postponed(holds, lengthMs),
  shortage: postponedShortage(shortage, lengthMs),
})

/** `null` for nothing to remember. */
export function toJson(watch: WatchSpec, { holds, shortage }: Memory, lookedMs: number): JsonObject | null {
  if (holds.size === 0 && shortage === ENOUGH) return null
  return {
    watch: JSON.stringify(watch),
    lookedMs,
    holds: [...holds.values()].map(({ identity: { boot, pid, startTicks }, sinceMs, isTold }) => ({
      identity: { boot, pid, startTicks },
      sinceMs,
      isTold,
    })),
    shortage: { ...shortage },
  }
}

/** What another hub, or another engine, has left of the same watch. One that was changed begins anew. */
export function fromJson(watch: WatchSpec, json: JsonObject | null, nowMs: number): Memory {
  const left = json as unknown as Kept | null
  if (left === null || left.watch !== JSON.stringify(watch)) return NOTHING
  const memory = {
    holds: new Map(left.holds.map((held) => [held.identity.pid, held])),
    shortage: left.shortage,
  }
  return postponedMemory(memory, nowMs - left.lookedMs)
}

interface Kept {
  readonly watch: string
  readonly lookedMs: number
  readonly holds: readonly Hold[]
  readonly shortage: Shortage
}
