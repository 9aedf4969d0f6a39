// What becomes of a task, when something is said of it and when time goes by. Pure: memory in, memory out.
//
//                 start                      ok
//   unknown ───────────────────▶ running ─────────▶ ok
//      │                           │  │ too long      │
//      │ the next run is late      │  └──▶ slow ──ok──┤
//      ▼                           │ fail             │ the next run is late
//   overdue ◀──────────────────────┴──▶ failed        └──▶ overdue
//
// A start leads from every state to `running`, an ok from every state to `ok`. The alert of a task is raised
// with `slow`, `failed` and `overdue`, and resolved with the next ok.
//
// Always: the end of one run counts once, however often it is told. A time in which the hub did not run makes
// nobody overdue who may have spoken in it.

import { RUNNER_DIED } from '../../model/task.ts'
import type { TaskMessage, TaskReport, TaskSpec, TaskVerb } from '../../model/task.ts'
import { remembered } from './learned.ts'
import { begun, declared, graceOf, overdueReason, reportOf, running, slowReason } from './memory.ts'
import type { TaskMemory } from './memory.ts'

/** What is made known of a task. A type, not an interface: it goes where JSON goes. */
export type TaskNews = {
  readonly report: TaskReport
  /** What its alert is told; `null` for nothing. */
  readonly alert: 'raise' | 'resolve' | null
}

export interface Turn {
  readonly memory: TaskMemory
  /** `null` when nothing is to be made known. */
  readonly news: TaskNews | null
  /** What was made of the message, for a person. */
  readonly note: string
}

export interface Said {
  readonly verb: TaskVerb
  readonly message: TaskMessage
  /** The broker says it in place of a client that is gone. */
  readonly isWill: boolean
}

/**
 * A runner whose connection was lost is given this long to come back: after a restart, the hub publishes the
 * wills of those that are just about to.
 */
const LOST_MS = 10_000
/** A run that was expected this little after a downtime may have begun in it: no clock is exact. */
const EARLY_MS = 10_000

/** @param before `undefined` when the task is new */
export function declare(task: TaskSpec, before: TaskMemory | undefined, at: number): Turn {
  if (before !== undefined) return noted(before, 'it is waited for already')
  return told(task, declared(task, at), null)
}

export function hear(
  task: TaskSpec,
  before: TaskMemory | undefined,
  { verb, message, isWill }: Said,
  at: number,
): Turn {
  const known = before ?? declared(task, at)
  const memory = { ...known, host: message.host ?? known.host }
  switch (verb) {
    case 'start':
      return starts(task, memory, message, at)
    case 'progress':
      return goesOn(task, memory, message, at)
    case 'log':
      return noted(memory, 'kept in the history')
    default:
      return isWill ? isLost(memory, message, at) : ends(task, memory, message, isFailure(verb, message), at)
  }
}

const isFailure = (verb: TaskVerb, { exitCode }: TaskMessage): boolean =>
  verb === 'fail' || verb === 'failed' || (exitCode ?? 0) !== 0

function starts(task: TaskSpec, memory: TaskMemory, { id }: TaskMessage, at: number): Turn {
  if (id !== null && (id === memory.run?.id || id === memory.ended?.id))
    return noted(memory, 'this run has begun already')
  return told(task, running(task, begun(task, memory, at), { id, beganAt: at }, at), null)
}

/** A run says that it goes on: perhaps one whose start was not heard, or one that had been given up. */
function goesOn(task: TaskSpec, memory: TaskMemory, message: TaskMessage, at: number): Turn {
  const { run, ended } = memory
  const { id } = message
  if (run !== null && (id === null || run.id === id)) return noted({ ...memory, lostAt: null }, 'it goes on')
  if (ended === null || ended.id !== id) return starts(task, memory, message, at)
  if (!ended.isGivenUp) return noted(memory, 'this run has ended already')
  const again = { id, beganAt: ended.beganAt ?? at }
  return told(task, running(task, { ...memory, ended: null }, again, at), null)
}

function isLost(memory: TaskMemory, { id }: TaskMessage, at: number): Turn {
  if (memory.run === null || memory.run.id !== id) return noted(memory, 'this run has ended already')
  return noted({ ...memory, lostAt: at + LOST_MS }, 'its runner has 10s to come back')
}

function ends(
  task: TaskSpec,
  memory: TaskMemory,
  message: TaskMessage,
  hasFailed: boolean,
  at: number,
): Turn {
  const { run, ended } = memory
  const { id, exitCode, tail } = message
  const isRepeated = id !== null && ended?.id === id
  if (isRepeated && !ended.isGivenUp) return noted(memory, 'this run has ended already')
  const isOfRun = run !== null && (id === null || run.id === null || run.id === id)
  const beganAt = isOfRun ? run.beganAt : isRepeated ? ended.beganAt : null
  const durationMs = message.durationMs ?? (beganAt === null ? null : at - beganAt)
  // Nobody has told of its start: it counts as begun when it must have.
  const heard = beganAt === null ? begun(task, memory, at - (durationMs ?? 0)) : memory
  const next: TaskMemory = {
    ...heard,
    ...(run !== null && !isOfRun ? {} : { run: null, slowAt: null, lostAt: null }),
    ended: { id, beganAt, isGivenUp: false },
    durationMs,
    exitCode,
    sinceAt: at,
  }
  if (hasFailed)
    return told(task, { ...next, state: 'failed', reason: failure(message), isAlerted: true }, 'raise', tail)
  const lengthsMs = durationMs === null ? next.lengthsMs : remembered(next.lengthsMs, durationMs)
  const well: TaskMemory = { ...next, state: next.run === null ? 'ok' : 'running', reason: '', lengthsMs }
  return told(task, { ...well, isAlerted: false }, memory.isAlerted ? 'resolve' : null, tail)
}

function failure({ reason, exitCode, signal }: TaskMessage): string {
  if (reason !== null) return reason
  if (signal !== null) return `it was ended by ${signal}`
  return exitCode === null ? 'it says that it failed' : `it ended with exit code ${exitCode}`
}

/** The next moment at which something becomes of it; Infinity for none. */
export const nextAt = ({ lostAt, slowAt, dueAt }: TaskMemory): number =>
  Math.min(lostAt ?? Infinity, slowAt ?? Infinity, dueAt ?? Infinity)

/** Called at that moment: what is due first happens. */
export function elapse(task: TaskSpec, memory: TaskMemory, at: number): Turn {
  const next = nextAt(memory)
  if (next > at) return noted(memory, '')
  const wrong = { ...memory, sinceAt: at, isAlerted: true }
  if (next === memory.lostAt) {
    const { run } = memory
    const ended = { id: run?.id ?? null, beganAt: run?.beganAt ?? null, isGivenUp: true }
    const gone = { ...wrong, run: null, ended, lostAt: null, slowAt: null, exitCode: null }
    return told(task, { ...gone, state: 'failed', reason: RUNNER_DIED }, 'raise')
  }
  if (next === memory.slowAt) {
    const reason = slowReason(task, memory, at)
    return told(task, { ...wrong, state: 'slow', reason, slowAt: null }, 'raise')
  }
  const reason = overdueReason(memory, at)
  return told(task, { ...wrong, state: 'overdue', reason, dueAt: null }, 'raise')
}

/**
 * The hub was down, and may have missed what was said. A run that was expected meanwhile, or could only have
 * come in time meanwhile, may have come: the one after it is waited for. A run that was late when the hub
 * stopped keeps the rest of its grace. A run that goes on and should have ended meanwhile may have ended.
 */
export function throughDowntime(
  task: TaskSpec,
  memory: TaskMemory,
  { fromAt, toAt }: { readonly fromAt: number; readonly toAt: number },
): Turn {
  const { run, slowAt, lostAt } = memory
  const isRunner = run !== null && run.id !== null
  const next = {
    ...overlooked(task, memory, fromAt, toAt),
    // A runner comes back and says how it went. Whoever just sends a message was perhaps not heard.
    slowAt: slowAt === null || slowAt > toAt ? slowAt : isRunner ? toAt + LOST_MS : null,
    lostAt: lostAt === null ? null : Math.max(lostAt, toAt + LOST_MS),
  }
  return next.expectedAt === memory.expectedAt && next.slowAt === slowAt && next.dueAt === memory.dueAt
    ? noted(next, '')
    : told(task, next, null)
}

function overlooked(task: TaskSpec, memory: TaskMemory, fromAt: number, toAt: number): TaskMemory {
  const { everyMs } = task
  const { expectedAt, dueAt } = memory
  if (everyMs === null || expectedAt === null || dueAt === null) return memory
  if (expectedAt > toAt + EARLY_MS || dueAt <= fromAt) return memory
  if (expectedAt <= fromAt && dueAt > toAt) return { ...memory, dueAt: dueAt + (toAt - fromAt) }
  const skipped = Math.max(1, Math.ceil((toAt + EARLY_MS - expectedAt) / everyMs))
  const later = expectedAt + skipped * everyMs
  return { ...memory, isGapped: true, expectedAt: later, dueAt: later + graceOf(task, memory) }
}

const noted = (memory: TaskMemory, note: string): Turn => ({ memory, news: null, note })

const told = (task: TaskSpec, memory: TaskMemory, alert: TaskNews['alert'], tail = ''): Turn => ({
  memory,
  news: { report: reportOf(task, memory, { tail }), alert },
  note: '',
})
