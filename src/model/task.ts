// Long tasks: jobs that run elsewhere (cron, a Makefile, a build server) and say over MQTT how they get on.
// Here are the topics on which they say it, what a declaration `task(…)` asks for, and what the hub reports.

import { DECLARED_NAME, NAME_SENTENCE } from './declarations.ts'
import type { Json } from './json.ts'

/**
 * What is said of a task: the last level of `tasks/<name>/<verb>`. `done` is `ok`, and `failed` is `fail`, in
 * the words of `vigie run`.
 */
export const TASK_VERBS = ['start', 'progress', 'log', 'ok', 'done', 'fail', 'failed'] as const
export type TaskVerb = (typeof TASK_VERBS)[number]

export const isTaskVerb = (text: string): text is TaskVerb => (TASK_VERBS as readonly string[]).includes(text)

/** @param verb a verb, or `+verb` for a filter over all of them */
export const taskTopic = (name: string, verb: string): string => `tasks/${name}/${verb}`

/** Why a text cannot be the name of a task; `undefined` when it can. */
export const taskNameProblem = (name: string): string | undefined =>
  DECLARED_NAME.test(name)
    ? undefined
    : `${JSON.stringify(name)} cannot be the name of a task: ${NAME_SENTENCE}`

/** The topic of the retained `TaskReport`. */
export const taskReportTopic = (root: string, name: string): string => `${root}/tasks/${name}`

export interface TaskSpec {
  readonly name: string
  /** How far apart two runs begin; `null` for a task that is never overdue. */
  readonly everyMs: number | null
  /** How much later than expected a run may begin; `null`: learned. */
  readonly graceMs: number | null
  /** How long a run may take; `null`: learned. */
  readonly longestMs: number | null
}

/**
 * `unknown`: nothing has been heard of it since it was declared. `slow`: it runs, longer than it may.
 * `overdue`: the next run should have begun.
 */
export type TaskState = 'unknown' | 'running' | 'slow' | 'ok' | 'failed' | 'overdue'

/** The retained message under `<root>/tasks/<name>`. A type, not an interface: it goes where JSON goes. */
export type TaskReport = {
  readonly name: string
  readonly state: TaskState
  /** The moment at which this state began, as are all that follow: an ISO date. */
  readonly since: string
  /** The reason why it is not well; empty when it is. */
  readonly reason: string
  /** The machine on which it ran last, where that is known. */
  readonly host: string | null
  /** When the last run began. */
  readonly began: string | null
  /** The length of the last run that has ended; `null` when its beginning was not told. */
  readonly durationMs: number | null
  /** The exit code of the last run that has ended; `null` when none was told. */
  readonly exitCode: number | null
  /** The median of the lengths of the last runs that went well; `null` while too few are known. */
  readonly usualMs: number | null
  /** A run that takes longer than this is slow; `null` while that is not known. */
  readonly longestMs: number | null
  /** When the next run is expected to begin. */
  readonly expected: string | null
  /** When it is overdue. */
  readonly due: string | null
  /** The end of the output of the run that has just ended. */
  readonly tail: string
}

/** What a message says of a task. What it does not say is `null`. */
export interface TaskMessage {
  /** Tells one run from another: the end of a run names the run that has begun. */
  readonly id: string | null
  readonly host: string | null
  readonly durationMs: number | null
  readonly exitCode: number | null
  readonly signal: string | null
  readonly reason: string | null
  readonly tail: string
}

/** The reason that the will of a runner gives. */
export const RUNNER_DIED = 'the machine or the runner died'

/** Characters of output that a report keeps. */
const TAIL = 4_096
/** Characters of any other text: a task remembers them for as long as it is declared. */
const LONGEST_TEXT = 512

/**
 * Reads the payload of a message about a task: the JSON of `vigie run`, an exit code (`3`), or the end of the
 * output as text. What has another type than it should is passed over: nobody is there to be told.
 */
export function taskMessage(payload: unknown): TaskMessage {
  if (isExitCode(payload)) return { ...NOTHING, exitCode: payload }
  if (typeof payload === 'string') return { ...NOTHING, tail: tailOf(payload) }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return NOTHING
  const said = payload as Readonly<Record<string, Json | undefined>>
  const { exitCode, durationMs } = said
  return {
    id: textOf(said.id),
    host: textOf(said.host),
    durationMs: typeof durationMs === 'number' && durationMs >= 0 ? durationMs : null,
    exitCode: isExitCode(exitCode) ? exitCode : null,
    signal: textOf(said.signal),
    reason: textOf(said.reason),
    tail: typeof said.tail === 'string' ? tailOf(said.tail) : '',
  }
}

const NOTHING: TaskMessage = {
  id: null,
  host: null,
  durationMs: null,
  exitCode: null,
  signal: null,
  reason: null,
  tail: '',
}

const isExitCode = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255

function textOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT).toWellFormed()}…` : value
}

const tailOf = (text: string): string => (text.length > TAIL ? `…${text.slice(-TAIL).toWellFormed()}` : text)
