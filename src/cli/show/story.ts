// What the store knows of how one thing led to another, as a tree: an event, what the rules made of it, their
// runs, what those published, and so on. The way up to the first cause is a single path.

import type { Event } from '../../model/event.ts'
import type { Attempt, Run, Step } from '../../model/run.ts'
import type { Queries } from '../../model/queries.ts'
import type { Verdict } from '../../model/verdict.ts'

export interface EventNode {
  readonly kind: 'event'
  readonly event: Event
  /** It is what was asked about, or beneath it: all that came of it is told. Above, only the way down is. */
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

type Subject = { readonly kind: 'event' | 'run'; readonly id: number }

/** The most children that one event or run shows, so that a storm of messages stays readable. */
const MOST_CHILDREN = 100

/** `undefined` when the store does not know the subject. */
export function storyOf(queries: Queries, subject: Subject): Story | undefined {
  if (subject.kind === 'event') {
    const event = queries.event(subject.id)
    return event && causesOf(queries, wholeEvent(queries, event, true))
  }
  const found = queries.run(subject.id)
  if (found === undefined) return undefined
  const node = wholeRun(queries, found.run, true)
  const event = queries.event(found.run.event)
  if (event === undefined) return { root: node, lostCause: found.run.event }
  return causesOf(queries, wayDown(event, node))
}

/** Adds what is above, up to the first cause. */
function causesOf(queries: Queries, node: EventNode): Story {
  const { cause } = node.event
  if (cause === null) return { root: node, lostCause: null }
  const event = queries.event(cause.event)
  const found = cause.run === null ? undefined : queries.run(cause.run)
  const below = found ? runAbove(found, node) : node
  if (event === undefined) return { root: below, lostCause: cause.event }
  return causesOf(queries, wayDown(event, below))
}

function wholeEvent(queries: Queries, event: Event, isSubject = false): EventNode {
  const runs = queries.runsOf(event.id)
  const direct = queries.consequencesOf(event.id).filter(({ cause }) => cause?.run === null)
  const children = [
    ...runs.map((run) => () => wholeRun(queries, run)),
    ...direct.map((each) => () => wholeEvent(queries, each)),
  ]
  return {
    kind: 'event',
    event,
    isWhole: true,
    isSubject,
    skips: skipsOf(queries.verdictsOf(event.id)),
    omitted: Math.max(0, children.length - MOST_CHILDREN),
    children: children.slice(0, MOST_CHILDREN).map((make) => make()),
  }
}

function wholeRun(queries: Queries, run: Run, isSubject = false): RunNode {
  const { steps } = queries.run(run.id) ?? { steps: [] }
  const published = queries.consequencesOf(run.event).filter(({ cause }) => cause?.run === run.id)
  const tried = new Set(steps.filter(({ attempt }) => attempt > 1).map(({ path }) => path))
  return {
    kind: 'run',
    run,
    steps,
    attempts: tried.size === 0 ? [] : queries.attemptsOf(run.id).filter(({ path }) => tried.has(path)),
    isWhole: true,
    isSubject,
    omitted: Math.max(0, published.length - MOST_CHILDREN),
    children: published.slice(0, MOST_CHILDREN).map((event) => wholeEvent(queries, event)),
  }
}

const wayDown = (event: Event, below: RunNode | EventNode): EventNode => ({
  kind: 'event',
  event,
  isWhole: false,
  isSubject: false,
  skips: [],
  omitted: 0,
  children: [below],
})

const runAbove = ({ run, steps }: { run: Run; steps: readonly Step[] }, below: EventNode): RunNode => ({
  kind: 'run',
  run,
  steps,
  attempts: [],
  isWhole: false,
  isSubject: false,
  omitted: 0,
  children: [below],
})

/** The last word on each rule and key; a firing is told by its run. */
function skipsOf(verdicts: readonly Verdict[]): readonly Verdict[] {
  const last = new Map<string, Verdict>()
  for (const verdict of verdicts) {
    const id = `${verdict.rule}\0${verdict.key}`
    const before = last.get(id)
    if (before === undefined || verdict.at > before.at || before.stage !== 'fired') last.set(id, verdict)
  }
  return [...last.values()].filter(({ stage }) => stage !== 'fired')
}
