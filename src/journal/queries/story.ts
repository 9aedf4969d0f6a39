// Finds what led to an event or a run, and what followed from it: what the rules made of an event, their runs,
// what those published, and so on. The way up to the first cause is a single path.

import type { Event } from '../../model/event.ts'
import type { Queries } from '../../model/queries.ts'
import type { Run, Step } from '../../model/run.ts'
import type { EventNode, RunNode, Story, StorySubject } from '../../model/story.ts'
import type { Verdict } from '../../model/verdict.ts'

/** What a story is made of. */
type Sources = Pick<Queries, 'event' | 'run' | 'runsOf' | 'consequencesOf' | 'verdictsOf' | 'attemptsOf'>

/** The most children that one event or run shows, so that a storm of messages stays readable. */
const MOST_CHILDREN = 100
/** The most events and runs below the subject, and the bytes of their payloads after which no more are added. */
const MOST_NODES = 2_000
const MOST_BYTES = 4 * 2 ** 20

/** `undefined` when the store does not know the subject. */
export function storyOf(queries: Sources, subject: StorySubject): Story | undefined {
  const below = new Below(queries)
  if (subject.kind === 'event') {
    const event = queries.event(subject.id)
    return event && causesOf(queries, below.event(event, true))
  }
  const found = queries.run(subject.id)
  if (found === undefined) return undefined
  const node = below.run(found.run, true)
  const event = queries.event(found.run.event)
  if (event === undefined) return { root: node, lostCause: found.run.event }
  return causesOf(queries, wayDown(event, node))
}

/** Adds what is above, up to the first cause. */
function causesOf(queries: Sources, node: EventNode): Story {
  const { cause } = node.event
  if (cause === null) return { root: node, lostCause: null }
  const event = queries.event(cause.event)
  const found = cause.run === null ? undefined : queries.run(cause.run)
  const below = found ? runAbove(found, node) : node
  if (event === undefined) return { root: below, lostCause: cause.event }
  return causesOf(queries, wayDown(event, below))
}

/** Adds what followed from an event or a run, as far as the bounds allow. */
class Below {
  readonly #queries
  #nodes = 0
  #bytes = 0

  constructor(queries: Sources) {
    this.#queries = queries
  }

  event(event: Event, isSubject = false): EventNode {
    this.#bytes += event.payload.length
    const queries = this.#queries
    const runs = queries.runsOf(event.id)
    const direct = queries.consequencesOf(event.id).filter(({ cause }) => cause?.run === null)
    const below = this.#children<RunNode | EventNode>([
      ...runs.map((run) => () => this.run(run)),
      ...direct.map((each) => () => this.event(each)),
    ])
    const skips = skipsOf(queries.verdictsOf(event.id))
    return { kind: 'event', event, isWhole: true, isSubject, skips, ...below }
  }

  run(run: Run, isSubject = false): RunNode {
    const queries = this.#queries
    const { steps } = queries.run(run.id) ?? { steps: [] }
    const published = queries.consequencesOf(run.event).filter(({ cause }) => cause?.run === run.id)
    const tried = new Set(steps.filter(({ attempt }) => attempt > 1).map(({ path }) => path))
    const attempts = tried.size === 0 ? [] : queries.attemptsOf(run.id).filter(({ path }) => tried.has(path))
    const below = this.#children(published.map((event) => () => this.event(event)))
    return { kind: 'run', run, steps, attempts, isWhole: true, isSubject, ...below }
  }

  #children<Node>(makers: readonly (() => Node)[]): { children: readonly Node[]; omitted: number } {
    const children: Node[] = []
    for (const make of makers.slice(0, MOST_CHILDREN)) {
      if (this.#nodes >= MOST_NODES || this.#bytes >= MOST_BYTES) break
      this.#nodes++
      children.push(make())
    }
    return { children, omitted: makers.length - children.length }
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
