// Builds the stages of a rule in the order of the language. The one place that knows all stages.

import { parseDuration } from '../../base/quantities.ts'
import type { Duration } from '../../base/quantities.ts'
import type { Window } from '../../calendar/window.ts'
import type { TaskSpec } from '../../model/task.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import type { PresenceWatch } from '../authoring/triggers/presence.ts'
import { betweenStage } from '../stages/between.ts'
import { changedStage } from '../stages/changed.ts'
import { countStage } from '../stages/count.ts'
import { debounceStage } from '../stages/debounce.ts'
import { dedupeStage } from '../stages/dedupe.ts'
import { forStage } from '../stages/for.ts'
import { onceStage } from '../stages/once.ts'
import { payloadStage } from '../stages/payload.ts'
import { presenceStage } from '../stages/presence.ts'
import { rateLimitStage } from '../stages/rate-limit.ts'
import { refusesStage } from '../stages/refuses.ts'
import { silenceStage } from '../stages/silence.ts'
import type { Timed } from '../stages/stage.ts'
import { taskStage } from '../stages/task.ts'
import { thresholdStage } from '../stages/threshold.ts'
import { throttleStage } from '../stages/throttle.ts'
import { ttlStage } from '../stages/ttl.ts'
import { whenStage } from '../stages/when.ts'

const LONGEST_THROTTLE_QUEUE = 100

/** What a trigger of the rule makes of its messages, apart from the conditions. */
interface Triggered {
  /** The length of its silence trigger. */
  readonly silence: Duration | undefined
  /** The task whose messages it reads. */
  readonly task: TaskSpec | undefined
  /** How it follows devices. */
  readonly watch: PresenceWatch | undefined
}

/** @param window the rule's `between`, opened */
export function pipeline(
  rule: RuleDefinition,
  triggered: Triggered,
  window: Window | undefined,
): Pick<CompiledRule, 'conditions' | 'hold' | 'gates'> {
  return { conditions: conditionsOf(rule, window), hold: holdOf(rule, triggered), gates: gatesOf(rule) }
}

function conditionsOf(rule: RuleDefinition, window: Window | undefined): CompiledRule['conditions'] {
  const { refuses, once, payload, when, changed, above, below } = rule
  return [
    ...(refuses ? [refusesStage(refuses)] : []),
    ...(once ? [onceStage(once)] : []),
    ...(payload ? [payloadStage] : []),
    ...(window ? [betweenStage(window)] : []),
    ...(when ? [whenStage(when)] : []),
    ...(changed ? [changedStage(changed)] : []),
    ...(above !== undefined || below !== undefined ? [thresholdStage(rule)] : []),
  ]
}

function holdOf(rule: RuleDefinition, { silence, task, watch }: Triggered): Timed | undefined {
  if (task !== undefined) return taskStage(task)
  if (watch !== undefined) return presenceStage(watch, rule.onGap)
  if (silence !== undefined) return silenceStage(parseDuration(silence), rule.onGap)
  return rule.for === undefined ? undefined : forStage(parseDuration(rule.for), rule.onGap)
}

function gatesOf({ dedupe, debounce, throttle, rateLimit, count, ttl, onGap }: RuleDefinition): Timed[] {
  const gates: unknown[] = []
  if (dedupe) gates.push(dedupeStage(parseDuration(dedupe.window)))
  if (debounce) {
    const { quiet, longest } =
      typeof debounce === 'string' ? { quiet: debounce, longest: undefined } : debounce
    gates.push(debounceStage(parseDuration(quiet), longest && parseDuration(longest), onGap))
  }
  if (throttle) {
    const { window, queue } =
      typeof throttle === 'string' ? { window: throttle, queue: LONGEST_THROTTLE_QUEUE } : throttle
    gates.push(throttleStage(parseDuration(window), queue))
  }
  if (rateLimit) gates.push(rateLimitStage(rateLimit[0], parseDuration(rateLimit[1])))
  if (count) gates.push(countStage(count[0], parseDuration(count[1])))
  if (ttl) gates.push(ttlStage(parseDuration(ttl)))
  return gates as Timed[]
}
