// What is remembered of a task, and the report that is made of it. Always: a moment has a name that ends in
// `At`, so that it moves when the clock is set (`model/moments.ts`).

import { formatDuration } from '../../base/quantities.ts'
import type { TaskMessage, TaskReport, TaskSpec, TaskState } from '../../model/task.ts'
import { learnedGrace, longestLength, remembered, usualLength } from './learned.ts'

/** A type, not an interface: it goes where JSON goes. */
export type TaskMemory = {
  readonly state: TaskState
  /** When the state began. */
  readonly sinceAt: number
  /** The reason why it is not well; empty when it is. */
  readonly reason: string
  /** Its alert is open. */
  readonly isAlerted: boolean
  readonly host: string | null
  /** The run that goes on. */
  readonly run: {
    readonly id: string | null
    readonly beganAt: number
  } | null
  /** The run that has ended last. One that was given up, because its runner was gone, may yet come back. */
  readonly ended: {
    readonly id: string | null
    readonly beganAt: number | null
    readonly isGivenUp: boolean
  } | null
  /** Lengths of the last runs that went well. */
  readonly lengthsMs: readonly number[]
  /** How much later than expected the last runs began. */
  readonly latenessMs: readonly number[]
  readonly durationMs: number | null
  readonly exitCode: number | null
  /** When the last run began. */
  readonly beganAt: number | null
  /** A run may have been missed since then: the next interval teaches nothing. */
  readonly isGapped: boolean
  /** When the next run is expected to begin. */
  readonly expectedAt: number | null
  /** When it is overdue. */
  readonly dueAt: number | null
  /** When the run that goes on is slow. */
  readonly slowAt: number | null
  /** When the run that goes on is given up, because its runner has lost the connection. */
  readonly lostAt: number | null
}

/** A task that has just been declared: from now on it is waited for. */
export const declared = (task: TaskSpec, at: number): TaskMemory =>
  expecting(task, { ...FRESH, sinceAt: at }, at)

const FRESH: TaskMemory = {
  state: 'unknown',
  sinceAt: 0,
  reason: '',
  isAlerted: false,
  host: null,
  run: null,
  ended: null,
  lengthsMs: [],
  latenessMs: [],
  durationMs: null,
  exitCode: null,
  beganAt: null,
  isGapped: false,
  expectedAt: null,
  dueAt: null,
  slowAt: null,
  lostAt: null,
}

/** A run begins: teaches how late it is, and expects the next one. */
export function begun(task: TaskSpec, memory: TaskMemory, at: number): TaskMemory {
  const { beganAt, isGapped, latenessMs } = memory
  const { everyMs } = task
  const isLesson = everyMs !== null && beganAt !== null && !isGapped
  const learned = isLesson ? remembered(latenessMs, at - beganAt - everyMs) : latenessMs
  return expecting(task, { ...memory, latenessMs: learned, beganAt: at, isGapped: false }, at)
}

/** Expects a run one interval after a moment. */
function expecting(task: TaskSpec, memory: TaskMemory, at: number): TaskMemory {
  if (task.everyMs === null) return { ...memory, expectedAt: null, dueAt: null }
  const expectedAt = at + task.everyMs
  return { ...memory, expectedAt, dueAt: expectedAt + graceOf(task, memory) }
}

/** A run goes on. */
export function running(
  task: TaskSpec,
  memory: TaskMemory,
  run: NonNullable<TaskMemory['run']>,
  at: number,
): TaskMemory {
  const longestMs = longestOf(task, memory)
  const slowAt = longestMs === null ? null : run.beganAt + longestMs
  return { ...memory, state: 'running', sinceAt: at, reason: '', run, slowAt, lostAt: null }
}

export const graceOf = ({ everyMs, graceMs }: TaskSpec, { latenessMs }: TaskMemory): number =>
  graceMs ?? (everyMs === null ? 0 : learnedGrace(latenessMs, everyMs))

const longestOf = ({ longestMs }: TaskSpec, { lengthsMs }: TaskMemory): number | null =>
  longestMs ?? longestLength(lengthsMs)

export function reportOf(
  task: TaskSpec,
  memory: TaskMemory,
  { tail }: Pick<TaskMessage, 'tail'>,
): TaskReport {
  const { state, sinceAt, reason, host, durationMs, exitCode, beganAt, expectedAt, dueAt } = memory
  return {
    name: task.name,
    state,
    since: iso(sinceAt),
    reason,
    host,
    began: beganAt === null ? null : iso(beganAt),
    durationMs,
    exitCode,
    usualMs: usualLength(memory.lengthsMs),
    longestMs: longestOf(task, memory),
    expected: expectedAt === null ? null : iso(expectedAt),
    due: dueAt === null ? null : iso(dueAt),
    tail,
  }
}

const iso = (at: number): string => new Date(at).toISOString()

/** Why a run is slow, in words. */
export function slowReason(task: TaskSpec, { run, lengthsMs }: TaskMemory, at: number): string {
  const usual = usualLength(lengthsMs)
  const limit =
    task.longestMs === null
      ? usual !== null && `it usually takes ${formatDuration(usual)}`
      : `it may take ${formatDuration(task.longestMs)}`
  return `it has been running for ${formatDuration(at - (run?.beganAt ?? at))}; ${limit || 'that is too long'}`
}

/** Why a task is overdue, in words. */
export function overdueReason({ run, beganAt, sinceAt, expectedAt }: TaskMemory, at: number): string {
  const late = formatDuration(at - (expectedAt ?? at))
  if (run !== null)
    return `a run that began ${formatDuration(at - run.beganAt)} ago has not ended, and the next one is ${late} late`
  return beganAt === null
    ? `nothing has been heard of it for ${formatDuration(at - sinceAt)}, since it was declared`
    : `its last run began ${formatDuration(at - beganAt)} ago, and the next one is ${late} late`
}
