// Checks a watch, and makes of it what the watcher takes and the rule on what that reports, or the list of
// what is wrong with it.

import { messageOf } from '../../base/printable.ts'
import { parseDuration, parseSize } from '../../base/quantities.ts'
import type { ShortageReport, WatchSpec } from '../../model/watch.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import type { AnyContext } from '../context/context.ts'
import { processSelector } from '../authoring/actions/selector.ts'
import { processSeen } from '../authoring/triggers/process.ts'
import type { ShortageContext, ShortageOptions, WatchContext, WatchOptions } from '../authoring/watch.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'
import { watchShape } from './watch-shape.ts'

/** A watch is a probe, and a rule on what it reports. */
export function compileWatch(
  name: string,
  options: WatchOptions | ShortageOptions,
  spot: Spot,
): { readonly spec: WatchSpec; readonly rule: RuleDefinition } | readonly Problem[] {
  const parsed = watchShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, watchShape)
  const isForShortage = isShortage(options)
  const alien = isForShortage ? FOR_PROCESSES : FOR_SHORTAGE
  const misplaced = alien.find((key) => key in options)
  if (misplaced !== undefined)
    return [
      problem(
        spot,
        isForShortage
          ? `${misplaced}: it is of one process, and count.below is of none; make it two watches`
          : `${misplaced}: it belongs to count.below`,
      ),
    ]
  try {
    const lengths = lengthsIn(options)
    if (new Set(lengths).size > 1)
      return [problem(spot, 'for: all conditions hold for one length; give it once')]
    const spec: WatchSpec = {
      name,
      ...(options.on && { host: options.on.name }),
      select: processSelector('process', options.process ?? {}),
      ...(isForShortage ? shortageOf(options) : conditionsOf(options)),
      forMs: lengths[0] ?? 0,
    }
    if (isForShortage && Object.keys(spec.select).length === 0)
      return [problem(spot, 'process: count.below needs to know which processes are meant')]
    const { name: _name, host: _host, select: _select, forMs: _forMs, ...asked } = spec
    if (Object.keys(asked).length === 0)
      return [problem(spot, `expected a condition: one of ${CONDITIONS.join(', ')}`)]
    return { spec, rule: isForShortage ? shortageRule(name, options) : processRule(name, options) }
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}

const CONDITIONS = ['state', 'orphan', 'cpu', 'memory', 'files', 'zombies', 'age', 'count'] as const
const FOR_PROCESSES: readonly string[] = CONDITIONS.filter((key) => key !== 'count')
const FOR_SHORTAGE: readonly string[] = ['retry', 'onGiveUp', 'onBack']

const isShortage = (options: WatchOptions | ShortageOptions): options is ShortageOptions =>
  options.count !== undefined && 'below' in options.count

/** How long what is given must hold, each time that it is said. */
function lengthsIn(options: WatchOptions | ShortageOptions): number[] {
  const { cpu, memory, files, zombies } = options as WatchOptions
  return [options.for, cpu?.for, memory?.for, files?.for, zombies?.for, options.count?.for].flatMap(
    (length) => (length === undefined ? [] : [parseDuration(length)]),
  )
}

function conditionsOf(options: WatchOptions): Partial<WatchSpec> {
  const { state, orphan, cpu, memory, files, zombies, age, count } = options
  return {
    ...(state && { state }),
    ...(orphan !== undefined && { orphan }),
    ...(cpu && { cpuAbove: cpu.above }),
    ...(memory && { memoryAboveBytes: parseSize(memory.above) }),
    ...(files && { filesAbove: files.above }),
    ...(zombies && { zombiesAbove: zombies.above }),
    ...(age && { ageAboveMs: parseDuration(age.above) }),
    ...(count && { countAbove: count.above }),
  }
}

function shortageOf({ count, retry = {} }: ShortageOptions): Pick<WatchSpec, 'countBelow' | 'retry'> {
  const minMs = parseDuration(retry.min ?? '10s')
  const maxMs = Math.max(minMs, parseDuration(retry.max ?? '5m'))
  return { countBelow: count.below, retry: { attempts: retry.attempts ?? 5, minMs, maxMs } }
}

const processRule = (name: string, { do: act }: WatchOptions): RuleDefinition => ({
  on: processSeen(name),
  do: (context) => act(withPayloadAs('process', context) as unknown as WatchContext),
})

function shortageRule(name: string, { do: act, onGiveUp, onBack }: ShortageOptions): RuleDefinition {
  const acts = { missing: act, 'given-up': onGiveUp, back: onBack }
  return {
    on: processSeen(name),
    do: (context) => {
      const { state } = context.payload as ShortageReport
      return acts[state]?.(withPayloadAs('missing', context) as unknown as ShortageContext) ?? []
    },
  }
}

/** The context with its payload under a second name. */
export const withPayloadAs = (name: string, context: AnyContext): AnyContext => ({
  topic: context.topic,
  params: context.params,
  now: context.now,
  change: context.change,
  together: context.together,
  last: context.last,
  get event() {
    return context.event
  },
  get payload() {
    return context.payload
  },
  get [name]() {
    return context.payload
  },
})
