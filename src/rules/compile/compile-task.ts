// Checks a task, and makes of it the rule that follows what is said of it, and the rule that performs its
// `do`, or the list of what is wrong with it.

import { formatDuration, parseDuration } from '../../base/quantities.ts'
import { taskDoName } from '../../model/declarations.ts'
import { taskReportTopic } from '../../model/task.ts'
import type { TaskReport, TaskSpec } from '../../model/task.ts'
import { alert } from '../authoring/actions/alert.ts'
import type { Action } from '../authoring/actions/action.ts'
import { publish } from '../authoring/actions/publish.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import type { TaskContext, TaskOptions } from '../authoring/task.ts'
import { taskHeard } from '../authoring/triggers/task.ts'
import type { TaskNews } from '../tasks/machine.ts'
import { withPayloadAs } from './compile-watch.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'
import { taskShape } from './task-shape.ts'

/** @returns the rules by name; what they report is retained under `<root>/tasks/<name>` */
export function compileTask(
  name: string,
  options: TaskOptions,
  spot: Spot,
  root: string,
): { readonly rules: Readonly<Record<string, RuleDefinition>> } | readonly Problem[] {
  const parsed = taskShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, taskShape)
  const { every, grace, do: act } = options
  if (grace !== undefined && every === undefined) return [problem(spot, 'grace: it belongs to every')]
  const spec: TaskSpec = {
    name,
    everyMs: every === undefined ? null : parseDuration(every),
    graceMs: lengthOf(grace),
    longestMs: lengthOf(options.longest),
  }
  const topic = taskReportTopic(root, name)
  return {
    rules: {
      [name]: followRule(spec, topic, options.severity),
      ...(act && { [taskDoName(name)]: doRule(topic, act) }),
    },
  }
}

const lengthOf = (given: TaskOptions['grace'] = 'learned'): number | null =>
  given === 'learned' ? null : parseDuration(given)

/** Runs of one task wait for each other, so that of two states the later one is retained. */
const followRule = (spec: TaskSpec, topic: string, severity: TaskOptions['severity']): RuleDefinition => ({
  on: taskHeard(spec),
  key: () => '',
  mode: 'queued',
  do: ({ payload }) => {
    const news = payload as TaskNews
    return [publish(topic, news.report, { retain: true }), ...alertOf(news, severity)]
  },
})

const doRule = (topic: string, act: NonNullable<TaskOptions['do']>): RuleDefinition => ({
  on: topic,
  key: () => '',
  mode: 'queued',
  // What is cleared has nothing to tell.
  when: ({ event }) => event.payload.length > 0,
  do: (context) => act(withPayloadAs('task', context) as unknown as TaskContext),
})

function alertOf({ report, alert: change }: TaskNews, severity: TaskOptions['severity']): Action[] {
  if (change === null) return []
  return [
    alert({
      key: `task-${report.name}`,
      title: titleOf(report),
      body: bodyOf(report),
      resolve: change === 'resolve',
      ...(severity && { severity }),
    }),
  ]
}

function titleOf({ name, state }: TaskReport): string {
  if (state === 'failed') return `${name} failed`
  if (state === 'overdue') return `${name} is overdue`
  return state === 'slow' ? `${name} takes longer than usual` : `${name} is well again`
}

function bodyOf({ state, reason, host, durationMs, tail }: TaskReport): string {
  const length = durationMs === null ? '' : ` It took ${formatDuration(durationMs)}.`
  const hasEnded = state !== 'slow' && state !== 'overdue'
  return [
    `${reason === '' ? 'The last run went well' : capitalized(reason)}.${hasEnded ? length : ''}`,
    ...(host === null ? [] : [`It ran on ${host}.`]),
    ...(tail === '' ? [] : ['', tail]),
  ].join('\n')
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
