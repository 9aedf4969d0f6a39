// What a check is given beside its target.

import type { Clock } from '../../base/clock.ts'
import type { Secrets } from '../../secrets/secrets.ts'

export interface ProbeContext {
  /** Ends the check; its reason says why. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly clock: Clock
  readonly secrets: Secrets
  /** Runs the pattern of the ping on what came. */
  readonly within: <T>(code: () => T) => T
}
