// Waits for a rules folder that cannot be read: it is not there, or access is denied. Then no engine is in
// charge, so that no event passes rules that nobody has read. The folder is looked at again and again until
// it can be read: what makes it readable (a mount, a permission further up) is not always seen as a change of
// the folder.

import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/pause.ts'

const LOOK_MS = 2_000

export interface AwaitedRulesPorts {
  readonly clock: Clock
  /** Whether the rules folder can be read at this moment. */
  readonly canRead: () => Promise<boolean>
  /** Loads the rules; never rejects. */
  readonly load: () => Promise<void>
  /** Called when nobody waits any more. */
  readonly stop: AbortSignal
}

export class AwaitedRules {
  readonly #ports: AwaitedRulesPorts
  #reason: string | null = null

  constructor(ports: AwaitedRulesPorts) {
    this.#ports = ports
  }

  /** The reason why the rules cannot be read; `null` when nobody waits for them. */
  get reason(): string | null {
    return this.#reason
  }

  /** Begins to wait. Returns whether the reason is a new one. */
  begin(reason: string): boolean {
    const before = this.#reason
    this.#reason = reason
    if (before === null) void this.#look()
    return before !== reason
  }

  /** Ends the wait: the rules have been read. */
  end(): void {
    this.#reason = null
  }

  async #look(): Promise<void> {
    const { clock, canRead, load, stop } = this.#ports
    while (this.#reason !== null && !stop.aborted) {
      await pause(clock, LOOK_MS, stop)
      if (this.#reason !== null && !stop.aborted && (await canRead())) await load()
    }
  }
}
