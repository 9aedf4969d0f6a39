// A rule that is ready for work: checked, its filters parsed, its stages in order. `compile` makes it, once
// per load.

import type { Window } from '../../calendar/window.ts'
import type { NamedFilter } from '../../topics/filters.ts'
import type { AnyParams } from '../context/context.ts'
import type { Mode, RuleDefinition } from '../authoring/rule.ts'
import type { Condition, Timed } from '../stages/stage.ts'
import type { TogetherLimits } from '../stages/together.ts'
import type { PresenceTrigger } from '../authoring/triggers/presence.ts'
import type { Trigger, TRIGGER } from '../authoring/triggers/trigger.ts'

export interface CompiledRule {
  readonly name: string
  /** The file as people write it: `rules/door.ts`. */
  readonly file: string
  /** The file and the line where it is declared, when that is known: `rules/door.ts:12`. */
  readonly line: string
  readonly definition: RuleDefinition
  readonly enabled: boolean
  readonly dryRun: boolean
  /** Whether retained and redelivered messages fire the rule as well. */
  readonly takesOld: boolean
  readonly triggers: readonly CompiledTrigger[]
  /** The window of the day (`between`). */
  readonly window: Window | undefined
  /** Asked in order; all must be met. */
  readonly conditions: readonly Condition[]
  /**
   * `for`, the quiet of a silence trigger, or the grace of a device: also told when the conditions are not
   * met.
   */
  readonly hold: Timed | undefined
  /** What passes the conditions and the hold goes through these, in order. */
  readonly gates: readonly Timed[]
  /** Firings of several keys that are one (`together`). */
  readonly together: TogetherLimits | undefined
  readonly mode: { readonly kind: Mode; readonly limit: number }
  /** A run that begins later than this after its event is not worth doing; Infinity when it always is. */
  readonly ttlMs: number
}

export interface CompiledTrigger {
  readonly filter: NamedFilter
  readonly text: string
  readonly params: Trigger[typeof TRIGGER]['params']
  readonly refuses: Trigger[typeof TRIGGER]['refuses']
  readonly origin: Trigger[typeof TRIGGER]['origin']
  /** What an event says of the device that the rule follows. Absent: it follows none. */
  readonly says: PresenceTrigger['says'] | undefined
  /**
   * Whether the trigger reads what the hub says of expected topics: `#topic` in its filter is the topic that
   * is meant.
   */
  readonly isExpectation: boolean
}

/** A rule whose triggers read a topic. */
export interface Match {
  readonly rule: CompiledRule
  /** Its triggers that do, in the order of `on`. */
  readonly ways: readonly Way[]
}

export interface Way {
  readonly trigger: CompiledTrigger
  readonly params: AnyParams
  /** The topic that is expected; the message itself comes from the hub. */
  readonly expected: string | undefined
  /** The rule's key unless it makes its own: the params, one after the other. */
  readonly key: string
}
