// Follows one device through its departures and returns. It is lost when it has been away for the grace, and
// back when it returns after that. One that goes too often is flapping: that is said once, then nothing until
// its score has come down (flap-score.ts).
//
//   here ──goes──▶ away ──grace is over──▶ lost ──returns: back──▶ here
//    ▲──returns─────┘
//   here, lost ──goes too often: flapping──▶ flapping ──settled: steady, or lost──▶ here, lost
//
// Always: what is told of a device alternates. A device is back only after it was lost; after flapping it is
// steady or lost.

import { formatDuration } from '../../base/quantities.ts'
import type { PresenceChange } from '../../model/run.ts'
import type { OnGap } from '../authoring/rule.ts'
import type { PresenceWatch } from '../authoring/triggers/presence.ts'
import { fallsTo, scored } from './flap-score.ts'
import type { FlapScore } from './flap-score.ts'
import type { Candidate, Move, Timed } from './stage.ts'
import { throughDowntime } from './timer.ts'
import type { Running, Timer } from './timer.ts'

/** Nothing is remembered of a device that is here, of which nothing is told, and whose score is gone. */
interface Memory {
  /** What was told last, unless all is well. */
  readonly told?: 'lost' | 'flapping'
  /** It is away; the grace ends at `dueAt`. */
  readonly away?: Running
  readonly score?: FlapScore
  /** The newest message of a device that is flapping: the one that tells how this ends. */
  readonly newest?: Candidate
}

/** A score below this is forgotten. */
const LEAST_SCORE = 0.05

export function presenceStage(watch: PresenceWatch, onGap: OnGap = 'restart'): Timed<Memory> {
  const { graceMs, flapping, tells } = watch
  const begin = (now: number): Timer => ({ setAt: now, dueAt: now + graceMs })

  /** When the score, without another departure, has fallen that far; a rule without scores forgets at once. */
  const scoreAt = (score: FlapScore, value: number): number =>
    flapping === null ? -Infinity : fallsTo(score, value, flapping)

  /** The memory to keep: without a score that has gone, and none at all if there is nothing in it. */
  function kept({ score, ...rest }: Memory, now: number): Memory | undefined {
    const memory = score && scoreAt(score, LEAST_SCORE) > now ? { ...rest, score } : rest
    return Object.keys(memory).length === 0 ? undefined : memory
  }

  const hold = (memory: Memory, { event }: Candidate, now: number, reason: string): Move<Memory> => ({
    memory: kept(memory, now),
    held: { event, reason },
  })

  /** The message goes on with the change that it tells, if the rule waits for such changes. */
  const tell = (memory: Memory, candidate: Candidate, now: number, change: PresenceChange): Move<Memory> =>
    tells.includes(change)
      ? { memory: kept(memory, now), on: { ...candidate, details: { change } } }
      : hold(memory, candidate, now, `it is ${change}; the rule waits for ${tells.join(' or ')}`)

  function comes({ away, ...here }: Memory, candidate: Candidate, now: number): Move<Memory> {
    if (here.told === 'flapping') return hold({ ...here, newest: candidate }, candidate, now, QUIET)
    if (here.told === 'lost') return tell(withoutTold(here), candidate, now, 'back')
    const reason = away ? `it returned within ${formatDuration(graceMs)}` : 'it was not lost'
    return hold(here, candidate, now, reason)
  }

  /** @param counts whether the departure adds to the score */
  function goes(before: Memory, candidate: Candidate, now: number, counts: boolean): Move<Memory> {
    const away = { timer: before.away?.timer ?? begin(now), passage: candidate }
    if (before.told === 'lost') return hold({ ...before, away }, candidate, now, 'it is lost already')
    const isFlip = flapping !== null && counts && before.away === undefined
    const score = isFlip ? scored(before.score, now, flapping) : before.score
    const memory = { ...before, away, ...(score && { score }) }
    if (memory.told === 'flapping') return hold({ ...memory, newest: candidate }, candidate, now, QUIET)
    if (isFlip && score !== undefined && score.value >= flapping.above)
      return tell({ ...memory, told: 'flapping', newest: candidate }, candidate, now, 'flapping')
    if (graceMs === 0) return tell({ ...memory, told: 'lost' }, candidate, now, 'lost')
    const left = formatDuration(away.timer.dueAt - now)
    return hold(memory, candidate, now, `lost if it does not return within ${left}`)
  }

  /** The end of flapping: the score has come down, and a device that is away has had its grace. */
  const settlesAt = ({ score, away }: Memory): number =>
    Math.max(score && flapping ? scoreAt(score, flapping.until) : 0, away?.timer.dueAt ?? 0)

  function settles({ newest, ...rest }: Memory, now: number): Move<Memory> {
    const candidate = newest as Candidate
    return rest.away
      ? tell({ ...rest, told: 'lost' }, candidate, now, 'lost')
      : tell(withoutTold(rest), candidate, now, 'steady')
  }

  const wakeAt = (memory: Memory): number => {
    if (memory.told === 'flapping') return settlesAt(memory)
    if (memory.told === undefined && memory.away) return memory.away.timer.dueAt
    return memory.score ? scoreAt(memory.score, LEAST_SCORE) : Infinity
  }

  return {
    name: 'presence',
    arrive(memory = {}, { candidate, signal, said }, now) {
      if (said === 'here') return comes(memory, candidate, now)
      if (signal === 'no' || signal === 'same') return { memory: kept(memory, now) }
      return goes(memory, candidate, now, said !== 'interrupted')
    },
    wakeAt,
    wake(memory, now) {
      if (wakeAt(memory) > now) return { memory }
      if (memory.told === 'flapping') return settles(memory, now)
      if (memory.told === undefined && memory.away)
        return tell({ ...memory, told: 'lost' }, memory.away.passage, now, 'lost')
      return { memory: kept(memory, now) }
    },
    downtime(memory, period) {
      if (memory.away === undefined || memory.told === 'lost') return { memory }
      const { away: before, ...rest } = memory
      const { memory: away, held } = throughDowntime(before, period, onGap, begin)
      const after = kept(away ? { ...rest, away } : rest, period.toAt)
      return { memory: after, ...(held && { held }) }
    },
  }
}

const QUIET = 'it is flapping; told when it has settled'

function withoutTold({ told: _told, ...rest }: Memory): Memory {
  return rest
}
