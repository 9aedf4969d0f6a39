// What the checks of each ping came to within a minute, in the form that a plot takes. Bounded: a ping keeps
// as many latencies as `KEPT`.

import type { PingMinute } from '../../model/probe.ts'
import type { Check } from '../probes/check.ts'

export const MINUTE_MS = 60_000
/** Latencies that are kept for the median: the last ones. */
const KEPT = 256

interface Tally {
  failed: number
  good: number
  minMs: number
  maxMs: number
  readonly latencies: number[]
}

export class Minutes {
  readonly #tallies = new Map<string, Tally>()
  #fromAt: number

  /** @param now Unix ms */
  constructor(now: number) {
    this.#fromAt = startOf(now)
  }

  /** A check that could not be made says nothing of the other side, and is not counted. */
  count(ping: string, check: Check): void {
    if (check.kind === 'unable') return
    const tally = this.#tallyOf(ping)
    if (check.kind === 'failed') tally.failed++
    else {
      tally.latencies[tally.good++ % KEPT] = check.latencyMs
      tally.minMs = Math.min(tally.minMs, check.latencyMs)
      tally.maxMs = Math.max(tally.maxMs, check.latencyMs)
    }
  }

  /** Ends the minute: what was counted in it, by ping. */
  take(now: number): ReadonlyMap<string, PingMinute> {
    const from = new Date(this.#fromAt).toISOString()
    const taken = new Map(Array.from(this.#tallies, ([ping, tally]) => [ping, minuteOf(from, tally)]))
    this.#tallies.clear()
    this.#fromAt = startOf(now)
    return taken
  }

  #tallyOf(ping: string): Tally {
    let tally = this.#tallies.get(ping)
    if (!tally)
      this.#tallies.set(
        ping,
        (tally = { failed: 0, good: 0, minMs: Infinity, maxMs: -Infinity, latencies: [] }),
      )
    return tally
  }
}

const startOf = (at: number): number => at - (at % MINUTE_MS)

function minuteOf(from: string, { failed, good, minMs, maxMs, latencies }: Tally): PingMinute {
  const checks = good + failed
  if (good === 0) return { from, checks, failed, minMs: null, medianMs: null, maxMs: null }
  return { from, checks, failed, minMs, medianMs: medianOf(latencies), maxMs }
}

/** Of an even number of values, the lower of the two in the middle. */
const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!
