// `task(name, { every, grace, longest, do })` declares a job that runs elsewhere and says over MQTT or HTTP
// how it gets on. Its state is retained under `<root>/tasks/<name>`; an alert is raised when it fails, is
// overdue, or runs longer than it usually does.

import type { Duration } from '../../base/quantities.ts'
import type { Severity } from '../../model/alert.ts'
import type { TaskReport } from '../../model/task.ts'
import type { Context } from '../context/context.ts'
import type { Actions } from './actions/action.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'

export interface Task extends Declared {
  readonly [DECLARATION]: 'task'
  readonly definition: TaskOptions
}

export interface TaskOptions {
  /** How far apart two runs begin. Without it the task is never overdue. */
  readonly every?: Duration
  /**
   * How much later than expected a run may begin before the task is overdue. `'learned'` (the default): from
   * how late the last 20 runs were; a tenth of `every` while fewer than 5 are known.
   */
  readonly grace?: 'learned' | Duration
  /**
   * How long a run may take before it is slow. `'learned'` (the default): from the lengths of the last 20
   * runs that went well; no limit while fewer than 5 are known.
   */
  readonly longest?: 'learned' | Duration
  /** Of the alert; by default `warning`. */
  readonly severity?: Severity
  /** What to do, besides the alert, with each change of the task's state. */
  readonly do?: (context: TaskContext) => Actions
}

export interface TaskContext extends Context<object, TaskReport> {
  /** The state of the task, as it is retained. */
  readonly task: TaskReport
}

/**
 * Declares a job that runs elsewhere: `task('backup', { every: '1d' })`. It says how it gets on by `vigie run
 * --name backup`, or by messages to `tasks/backup/start`, `ok` and `fail`. The alert `task-backup` is raised
 * when it fails, dies, is overdue, or takes longer than usual, and resolved with the next ok. Export it from
 * a rule file.
 */
export const task = (name: string, definition: TaskOptions = {}): Task => ({
  [DECLARATION]: 'task',
  name,
  definition,
  stack: stackOf(task),
})
