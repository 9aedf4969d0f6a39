// A run with its steps, for a person.

import { localTime } from '../../base/local-time.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Paint } from './paint.ts'
import { stepSummary } from './step-summary.ts'

export function runLines(run: Run, steps: readonly Step[], paint: Paint): string[] {
  const took = run.endedAt === null ? '' : paint.dim(` in ${formatDuration(run.endedAt - run.plannedAt)}`)
  const head =
    `${paint.dim(localTime(run.plannedAt))} ${paint.dim(`#${run.id}`)} ${paint.state(run.state)} ` +
    paint.bold(run.rule)
  return [
    `${head}${took} ${paint.dim(`(event #${run.event})`)}`,
    ...steps.map((step) => `    ${stepSummary(step, paint)}`),
  ]
}
