// One step in one line: what was to be done, and what came of it.

import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { describeAction } from '../../model/action-words.ts'
import { describeResult } from '../../model/result-words.ts'
import type { Step } from '../../model/run.ts'
import type { Paint } from './paint.ts'

/** A kill names ten processes, and why each was left alone. */
const LONGEST_RESULT = 4_000

export function stepSummary(step: Step, paint: Paint): string {
  const deed = step.spec === null ? 'a function of earlier results' : printable(describeAction(step.spec))
  return (
    `${step.path} ${paint.state(step.state)} ` +
    `${deed}${describeOutcome(step, paint)}${triesOf(step, paint)}${nextOf(step, paint)}`
  )
}

function triesOf({ attempt, cutOffs, spec }: Step, paint: Paint): string {
  const tried = attempt - cutOffs
  const most = spec?.retry.attempts ?? 1
  const said = [
    // What was retried by hand has had more.
    ...(tried > 1 ? [`attempt ${tried}${tried <= most ? ` of ${most}` : ''}`] : []),
    ...(cutOffs > 0 ? [`cut off ${cutOffs === 1 ? 'once' : `${cutOffs} times`}, not counted`] : []),
  ]
  return said.length === 0 ? '' : paint.dim(` (${said.join('; ')})`)
}

function nextOf({ wakeAt, spec }: Step, paint: Paint): string {
  if (wakeAt === null) return ''
  return paint.dim(`${spec?.kind === 'wait' ? ', until' : '; next try at'} ${localTime(wakeAt)}`)
}

function describeOutcome({ outcome, spec }: Step, paint: Paint): string {
  if (outcome === null) return ''
  if (outcome.kind !== 'done') return `: ${paint.bad(printable(outcome.reason))}`
  const result = describeResult(spec?.kind ?? null, outcome.result)
  return result === '' ? '' : paint.dim(`: ${printable(result, LONGEST_RESULT)}`)
}
