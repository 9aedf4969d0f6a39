// Whether a failed check of a ping speaks of its target, or of something on the way there: the pings that it
// depends on, and the hub's own network, for which all reference pings stand together. Pure.
//
// Always: a ping does not go down before each of these has answered to a check that began after the ping was
// about to go down. What answered a moment earlier may be gone by now.

import type { PingSpec } from '../../model/probe.ts'
import { CLEAR, NETWORK } from './flip.ts'
import type { Check } from '../probes/check.ts'
import type { Outlook, Standing } from './flip.ts'

export interface Seen {
  readonly standing: Standing
  /** The kind of the last check; `null` before the first. */
  readonly last: Check['kind'] | null
  /** When the last good check began, on the steady clock. */
  readonly goodAt: number
}

export type SeenPings = Pick<ReadonlyMap<string, Seen>, 'get'>

/** @param references names of all reference pings */
export function outlookOf(
  { name, dependsOn }: Pick<PingSpec, 'name' | 'dependsOn'>,
  references: readonly string[],
  seen: SeenPings,
): Outlook {
  const heldAt = seen.get(name)?.standing.heldAt ?? Infinity
  const outlooks = [
    networkOutlook(references, seen, heldAt),
    ...dependsOn.map((parent) => parentOutlook(parent, seen.get(parent), heldAt)),
  ]
  return (
    outlooks.find(({ kind }) => kind === 'down') ?? outlooks.find(({ kind }) => kind === 'doubtful') ?? CLEAR
  )
}

function parentOutlook(parent: string, seen: Seen | undefined, heldAt: number): Outlook {
  if (seen?.standing.mutedBy) return { kind: 'down', by: seen.standing.mutedBy }
  if (seen?.standing.state === 'down') return { kind: 'down', by: parent }
  // Nothing can be known of a ping that is not there, or cannot be checked.
  if (!seen || seen.last === 'unable' || hasAnswered(seen, heldAt)) return CLEAR
  return { kind: 'doubtful' }
}

function networkOutlook(references: readonly string[], seen: SeenPings, heldAt: number): Outlook {
  const known = references.flatMap((name) => seen.get(name) ?? []).filter(({ last }) => last !== 'unable')
  if (known.length === 0 || known.some((one) => hasAnswered(one, heldAt))) return CLEAR
  return known.every(isOut) ? { kind: 'down', by: NETWORK } : { kind: 'doubtful' }
}

/**
 * Whether the network is gone: when all references that can be checked are out, until one of them answers.
 * @param wasGone what it was before
 */
export function isNetworkGone(references: readonly string[], seen: SeenPings, wasGone: boolean): boolean {
  return wasGone
    ? !references.some((name) => seen.get(name)?.last === 'good')
    : networkOutlook(references, seen, Infinity).kind === 'down'
}

const hasAnswered = ({ last, goodAt }: Seen, heldAt: number): boolean => last === 'good' && goodAt >= heldAt

const isOut = ({ last, standing: { state, mutedBy, heldAt } }: Seen): boolean =>
  last !== 'good' && (state === 'down' || mutedBy !== null || heldAt !== null)
