// A rule as the hub shows it to people: what it is, where it is declared, and what became of the events on its
// topics.

import type { Stage } from './verdict.ts'

/** A rule that is in force. */
export interface RuleView {
  readonly name: string
  /** What declares it: a watch, a task and a command are rules as well. */
  readonly kind: 'rule' | 'watch' | 'task' | 'command'
  /** The file as people write it: `rules/door.ts`. */
  readonly file: string
  /** The file and the line where it is declared, when that is known: `rules/door.ts:12`. */
  readonly line: string
  /** The topic filters that it waits for. */
  readonly on: readonly string[]
  readonly enabled: boolean
  readonly dryRun: boolean
}

/** What became of the events on the topics of a rule. */
export interface RuleFigures {
  readonly rule: string
  /** Verdicts by the stage that decided: `fired`, or the one that said no. */
  readonly verdicts: Readonly<Partial<Record<Stage, number>>>
  /** The newest run; `null` for none that is kept. */
  readonly lastRun: { readonly id: number; readonly at: number } | null
}
