// A story (model/story.ts) for a person, as a tree of lines.

import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { payloadText } from '../../model/event-json.ts'
import type { Attempt } from '../../model/run.ts'
import type { EventNode, RunNode, Story } from '../../model/story.ts'
import { traceOf } from '../../model/trace.ts'
import { describeVerdict } from '../../model/verdict-words.ts'
import type { Paint } from './paint.ts'
import { stepSummary } from './step-summary.ts'

/** One line, and what hangs on it. */
interface Branch {
  readonly text: string
  readonly branches: readonly Branch[]
}

export function storyLines({ root, lostCause }: Story, paint: Paint): string[] {
  const lost =
    lostCause === null ? [] : [paint.dim(`because of event #${lostCause}, which is no longer kept`)]
  return [...lost, ...linesOf(branchOf(root, paint), paint)]
}

function linesOf({ text, branches }: Branch, paint: Paint): string[] {
  return [
    text,
    ...branches.flatMap((branch, index) => {
      const isLast = index === branches.length - 1
      const [first = '', ...rest] = linesOf(branch, paint)
      return [
        `${paint.dim(isLast ? '└─ ' : '├─ ')}${first}`,
        ...rest.map((line) => `${paint.dim(isLast ? '   ' : '│  ')}${line}`),
      ]
    }),
  ]
}

/** @param trace the one that was named above, which need not be named again */
const branchOf = (node: EventNode | RunNode, paint: Paint, trace?: string): Branch =>
  node.kind === 'event' ? eventBranch(node, paint, trace) : runBranch(node, paint, trace)

function eventBranch(node: EventNode, paint: Paint, above: string | undefined): Branch {
  const { event, isWhole, isSubject, skips, omitted, children } = node
  const from = event.client === null ? event.origin : `${event.origin}, ${printable(event.client)}`
  const trace = traceOf(event.properties)?.traceId
  const named = trace === undefined || trace === above ? '' : `, trace ${trace}`
  const marks = paint.dim(`(${from}${event.retain ? ', retained' : ''}${named})`)
  const when = paint.dim(localTime(event.at))
  const head = `${paint.dim(`#${event.id}`)} ${when} ${paint.bold(printable(event.topic))}`
  const isSilent = isWhole && children.length === 0 && skips.length === 0 && isSubject
  return {
    text: `${head} ${printable(payloadText(event.payload), 100)} ${marks}${subjectMark(isSubject, paint)}`,
    branches: [
      ...children.map((child) => branchOf(child, paint, trace ?? above)),
      ...omission(omitted, paint),
      ...skips.map(({ rule, key, stage, reason }) => ({
        text: `${paint.dim('✗')} ${paint.bold(rule)}${keyMark(key, paint)} ${printable(describeVerdict({ stage, reason }), 1_000)}`,
        branches: [],
      })),
      ...(isSilent ? [{ text: paint.dim('no rule waited for it'), branches: [] }] : []),
    ],
  }
}

function runBranch(node: RunNode, paint: Paint, trace: string | undefined): Branch {
  const { run, steps, attempts, isWhole, isSubject, omitted, children } = node
  const took = run.endedAt === null ? '' : paint.dim(` in ${formatDuration(run.endedAt - run.plannedAt)}`)
  const why = run.reason === null ? '' : `: ${printable(run.reason)}`
  const which = `${paint.bold(run.rule)}${keyMark(run.key, paint)} ${paint.dim(`run:${run.id}`)}`
  const how = `${paint.state(run.state).trimEnd()}${took}${why}`
  return {
    text: `${which} ${how}${subjectMark(isSubject, paint)}`,
    branches: [
      ...(isWhole ? steps : []).map((step) => ({
        text: stepSummary(step, paint),
        branches: attempts
          .filter(({ path, attempt }) => path === step.path && attempt < step.attempt)
          .map((attempt) => ({ text: attemptText(attempt, paint), branches: [] })),
      })),
      ...children.map((child) => eventBranch(child, paint, trace)),
      ...omission(omitted, paint),
    ],
  }
}

const attemptText = ({ attempt, startedAt, outcome }: Attempt, paint: Paint): string => {
  const how = outcome === null ? 'was cut off' : outcome.kind === 'done' ? 'done' : printable(outcome.reason)
  return `${paint.dim(`attempt ${attempt}, ${localTime(startedAt)}:`)} ${how}`
}

const keyMark = (key: string, paint: Paint): string => (key === '' ? '' : paint.dim(` ${printable(key)}`))

const subjectMark = (isSubject: boolean, paint: Paint): string => (isSubject ? paint.good(' ◀') : '')

const omission = (omitted: number, paint: Paint): Branch[] =>
  omitted === 0 ? [] : [{ text: paint.dim(`… and ${omitted} more`), branches: [] }]
