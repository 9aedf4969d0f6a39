// What the steps of a run gave so far, in the shape in which the rule wrote them: the results of a sequence are an array, those
// of a parallel step an array in its place.

import type { Json } from '../model/json.ts'
import type { Step } from '../model/run.ts'

export function resultsOf(steps: readonly Step[]): readonly Json[] {
  const byPath = new Map(steps.map((step) => [step.path, step]))
  return row('', byPath)
}

function row(prefix: string, byPath: ReadonlyMap<string, Step>): Json[] {
  const results: Json[] = []
  for (let index = 0; ; index++) {
    const step = byPath.get(`${prefix}${index}`)
    if (step === undefined) return results
    results.push(step.spec?.kind === 'parallel' ? row(`${step.path}.`, byPath) : resultOf(step))
  }
}

const resultOf = ({ outcome }: Step): Json => outcome?.result ?? null
