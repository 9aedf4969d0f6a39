// What the store knows of how one thing led to another, as a tree of events and runs, and that tree as JSON.

import { eventJson } from './event-json.ts'
import type { Event } from './event.ts'
import { JsonText } from './json.ts'
import type { Attempt, Run, Step } from './run.ts'
import type { Verdict } from './verdict.ts'

export interface EventNode {
  readonly kind: 'event'
  readonly event: Event
  /**
   * Whether this was asked about, or lies beneath that: all that came of it is told. Above, only the way down
   * is.
   */
  readonly isWhole: boolean
  readonly isSubject: boolean
  /** Rules that made no run of it, with the stage that said no. */
  readonly skips: readonly Verdict[]
  /** How many children are left out because there are too many. */
  readonly omitted: number
  readonly children: readonly (RunNode | EventNode)[]
}

export interface RunNode {
  readonly kind: 'run'
  readonly run: Run
  readonly steps: readonly Step[]
  /** The attempts of steps that were tried more than once. */
  readonly attempts: readonly Attempt[]
  readonly isWhole: boolean
  readonly isSubject: boolean
  readonly omitted: number
  readonly children: readonly EventNode[]
}

export interface Story {
  readonly root: EventNode | RunNode
  /** The cause of the first event of the tree, when the history no longer has it. */
  readonly lostCause: number | null
}

/** What a story is about. */
export type StorySubject = { readonly kind: 'event' | 'run'; readonly id: number }

/** The story as JSON; `jsonText` writes it, since it holds texts that are JSON already. */
export const storyJson = ({ root, lostCause }: Story): Readonly<Record<string, unknown>> => ({
  ...nodeJson(root),
  ...(lostCause !== null && { lostCause }),
})

function nodeJson(node: EventNode | RunNode): Readonly<Record<string, unknown>> {
  const { isSubject, omitted, children } = node
  const below = {
    ...(isSubject && { subject: true }),
    ...(omitted > 0 && { omitted }),
    children: children.map(nodeJson),
  }
  if (node.kind === 'event') {
    const skips = node.skips.map(({ rule, key, stage, reason, at }) => ({ rule, key, stage, reason, at }))
    return { kind: 'event', ...eventJson(node.event), ...(node.isWhole && { skips }), ...below }
  }
  const steps = new JsonText(JSON.stringify(node.steps))
  const attempts = new JsonText(JSON.stringify(node.attempts))
  return { kind: 'run', ...node.run, ...(node.isWhole && { steps, attempts }), ...below }
}
