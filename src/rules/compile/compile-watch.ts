// Checks a watch, and makes of it what the watcher takes and the rule on what that reports, or the list of
// what is wrong with it.

import { messageOf } from '../../base/printable.ts'
import { parseDuration, parseSize } from '../../base/quantities.ts'
import type { ProcessReport } from '../../model/process.ts'
import type { WatchSpec } from '../../model/watch.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import { processSelector } from '../authoring/actions/selector.ts'
import { processSeen } from '../authoring/triggers/process.ts'
import type { WatchContext, WatchOptions } from '../authoring/watch.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'
import { watchShape } from './watch-shape.ts'

/** A watch is a probe, and a rule on what it reports. */
export function compileWatch(
  name: string,
  options: WatchOptions,
  spot: Spot,
): { readonly spec: WatchSpec; readonly rule: RuleDefinition } | readonly Problem[] {
  const parsed = watchShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, watchShape)
  const { process = {}, state, cpu, memory, age, count, do: act } = options
  const lengths = [options.for, cpu?.for, memory?.for, count?.for].filter((each) => each !== undefined)
  if (new Set(lengths.map(parseDuration)).size > 1)
    return [problem(spot, 'for: all conditions hold for one length; give it once')]
  if (!(state ?? cpu ?? memory ?? age ?? count))
    return [problem(spot, 'expected a condition: one of state, cpu, memory, age and count')]
  try {
    const spec: WatchSpec = {
      name,
      select: processSelector('process', process),
      ...(state && { state }),
      ...(cpu && { cpuAbove: cpu.above }),
      ...(memory && { memoryAboveBytes: parseSize(memory.above) }),
      ...(age && { ageAboveMs: parseDuration(age.above) }),
      ...(count && { countAbove: count.above }),
      forMs: parseDuration(lengths[0] ?? '0s'),
    }
    return { spec, rule: ruleOf(name, act) }
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}

const ruleOf = (name: string, act: WatchOptions['do']): RuleDefinition => ({
  on: processSeen(name),
  do: (context) =>
    act(Object.create(context, { process: { get: () => context.payload as ProcessReport } }) as WatchContext),
})
