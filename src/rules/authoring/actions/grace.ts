// The time between SIGTERM and SIGKILL, and how long an attempt may take because of it.

import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import { lengthOf } from './action.ts'
import type { ActionOptions, Defaults } from './action.ts'

/** The time that an attempt has beside the grace, by default. */
const BESIDE_MS = 50_000

/**
 * @param owner for messages: `kill`
 * @returns the grace, 10 seconds by default, and the default of the timeout
 * @throws RangeError where the attempt would always end before SIGKILL
 */
export function graceOf(
  owner: string,
  { grace = '10s', timeout }: Pick<ActionOptions, 'timeout'> & { readonly grace?: Duration },
): { readonly graceMs: number } & Pick<Defaults, 'timeout'> {
  const graceMs = lengthOf(owner, 'grace', grace)
  if (timeout !== undefined && graceMs >= parseDuration(timeout))
    throw new RangeError(
      `${owner}: the attempt ends after ${timeout}, which is not beyond the grace of ${grace}: ` +
        'SIGKILL would never be sent',
    )
  return { graceMs, timeout: `${graceMs + BESIDE_MS}ms` }
}
