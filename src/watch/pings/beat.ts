// When a ping is checked: at planned moments, `every` apart, on the steady clock. Pure.
//
// Always: the n-th moment stays where it is, however long the checks before it took: nothing drifts. A moment
// that passes while a check is under way, or while the machine sleeps, is left out.

export interface Beat {
  /** The moment number 0. */
  readonly phaseAt: number
  readonly everyMs: number
  /** Each check begins up to this much after its moment; less than `everyMs`. */
  readonly jitterMs: number
  /** Decides the jitter of each moment. */
  readonly name: string
}

/** Between the first checks of two pings. Few are known soon, many are spread over their interval. */
const SPREAD_MS = 250

/** How long after the start the first check of the ping with this index comes, of so many pings. */
export const phaseOf = (index: number, count: number, everyMs: number): number =>
  (index * Math.min(SPREAD_MS, everyMs / count)) % everyMs

/** The first moment from `fromAt` on whose number is above `last`, with its number. */
export function nextBeat(
  beat: Beat,
  fromAt: number,
  last: number,
): { readonly n: number; readonly at: number } {
  const { phaseAt, everyMs } = beat
  // The jitter may put the moment before this one after `fromAt`.
  let n = Math.max(last + 1, Math.floor((fromAt - phaseAt) / everyMs) - 1, 0)
  while (momentOf(beat, n) < fromAt) n++
  return { n, at: momentOf(beat, n) }
}

const momentOf = ({ phaseAt, everyMs, jitterMs, name }: Beat, n: number): number =>
  phaseAt + n * everyMs + (jitterMs === 0 ? 0 : Math.floor(shareOf(`${name} ${n}`) * jitterMs))

/** A number from 0 to 1 that depends on the text alone: FNV-1a, with the last bits mixed into the first. */
function shareOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
