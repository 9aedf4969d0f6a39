// How often each stage decided about the events on the topics of a rule, in words.

import { STAGES } from '../../model/verdict.ts'
import type { Stage } from '../../model/verdict.ts'

export interface StageCount {
  readonly stage: Stage
  readonly count: number
  /** The words in which the counts are told: `said no 412 times because "when" was false`. */
  readonly says: string
}

/** What it means that a stage decided, behind `fired` or `said no`. */
const BECAUSE: Partial<Readonly<Record<Stage, string>>> = {
  enabled: 'it was switched off',
  origin: 'of the origin of the message',
  payload: 'the payload did not fit its schema',
  when: '“when” was false',
  changed: 'nothing had changed',
  threshold: 'the value was on the same side of the threshold',
  for: 'it had not lasted long enough',
  dedupe: 'it had said so before',
  debounce: 'something newer came',
  throttle: 'it had fired a moment ago',
  rateLimit: 'it had fired too often',
  count: 'it had not happened often enough',
  ttl: 'it came too late',
  mode: 'an earlier run was under way',
  error: 'its code threw an error',
  quarantined: 'it was quarantined',
  trigger: 'the trigger was not met',
  silence: 'the silence was not over',
  dryRun: 'it was a dry run',
  loop: 'it would have gone round in a circle',
  between: 'it was outside of its hours',
  task: 'of the state of the task',
  refused: 'it refused the command',
  presence: 'of the presence of the client',
  together: 'it waited for others',
  paused: 'it was paused',
}

export type Counted = Readonly<Partial<Record<Stage, number>>>

/** `fired` first, then the most frequent. */
export const stageCounts = (counts: Counted): readonly StageCount[] =>
  STAGES.flatMap((stage) => {
    const count = counts[stage] ?? 0
    return count === 0 ? [] : [{ stage, count, says: saysOf(stage, count) }]
  }).toSorted((a, b) => Number(b.stage === 'fired') - Number(a.stage === 'fired') || b.count - a.count)

/** All of them in a few words: `fired 3 times, said no 412 times`. */
export function briefly(counts: Counted): string {
  const { fired = 0, ...others } = counts
  const refused = Object.values(others).reduce((sum, count) => sum + count, 0)
  const said = [
    ...(fired === 0 ? [] : [`fired ${timesOf(fired)}`]),
    ...(refused === 0 ? [] : [`said no ${timesOf(refused)}`]),
  ]
  return said.length === 0 ? 'was not asked' : said.join(', ')
}

const timesOf = (count: number): string => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`)

function saysOf(stage: Stage, count: number): string {
  const times = timesOf(count)
  return stage === 'fired'
    ? `fired ${times}`
    : `said no ${times} because ${BECAUSE[stage] ?? `of “${stage}”`}`
}
