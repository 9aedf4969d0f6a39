// The engines that do not answer. Each engine is watched from its beginning to its end, and one that stays
// silent is ended.

import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { SpawnedEngine } from '../contain/spawn.ts'
import { watchVitalSigns } from './vital-signs.ts'

export interface SilentEnginePorts {
  readonly clock: Clock
  /** The time between two looks at whether an engine answers. */
  readonly lookEveryMs: number
  /** Called when an engine has become silent, answers again, or has ended. */
  readonly changed: () => void
}

export class SilentEngines {
  readonly #ports: SilentEnginePorts
  readonly #silent = new Set<SpawnedEngine>()

  constructor(ports: SilentEnginePorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#silent.size
  }

  watch(engine: SpawnedEngine): void {
    const { clock, lookEveryMs } = this.#ports
    const unwatch = watchVitalSigns(
      {
        ask: () => engine.remote.status(),
        silent: (isSilent) => this.#set(engine, isSilent),
        lost: (silentMs) => engine.strike(`did not answer for ${formatDuration(silentMs)}`),
      },
      clock,
      lookEveryMs,
    )
    void this.#forget(engine, unwatch)
  }

  async #forget(engine: SpawnedEngine, unwatch: () => void): Promise<void> {
    await engine.ended
    unwatch()
    if (this.#silent.has(engine)) this.#set(engine, false)
  }

  #set(engine: SpawnedEngine, isSilent: boolean): void {
    if (isSilent) this.#silent.add(engine)
    else this.#silent.delete(engine)
    this.#ports.changed()
  }
}
