// The hold of a task's rule: the machine of tasks as a stage. It fires when there is something to make known
// of the task, with the message that led to it, or the last one.

import { isTaskVerb, taskMessage } from '../../model/task.ts'
import type { TaskSpec } from '../../model/task.ts'
import { DECLARED_VERB } from '../authoring/triggers/task.ts'
import { declare, elapse, hear, nextAt, throughDowntime } from '../tasks/machine.ts'
import type { Turn } from '../tasks/machine.ts'
import type { TaskMemory } from '../tasks/memory.ts'
import type { Candidate, Move, Subject, Timed } from './stage.ts'

interface Memory {
  readonly task: TaskMemory
  /** The last message. */
  readonly passage: Candidate
}

export const taskStage = (task: TaskSpec): Timed<Memory> => ({
  name: 'task',
  arrive: (memory, { candidate, subject }, now) =>
    moved(turnOn(task, memory?.task, subject as Subject, now), candidate),
  wakeAt: ({ task: memory }) => nextAt(memory),
  wake: ({ task: memory, passage }, now) => moved(elapse(task, memory, now), passage),
  downtime: ({ task: memory, passage }, period) => moved(throughDowntime(task, memory, period), passage),
})

function turnOn(task: TaskSpec, memory: TaskMemory | undefined, subject: Subject, now: number): Turn {
  const { context, event } = subject
  const verb = context.topic.slice(context.topic.lastIndexOf('/') + 1)
  if (verb === DECLARED_VERB || !isTaskVerb(verb)) return declare(task, memory, now)
  const said = { verb, message: taskMessage(context.payload), isWill: event.origin === 'will' }
  return hear(task, memory, said, now)
}

function moved({ memory: task, news, note }: Turn, candidate: Candidate): Move<Memory> {
  const memory = { task, passage: candidate }
  if (news !== null) return { memory, on: { ...candidate, details: { payload: news } } }
  return { memory, ...(note !== '' && { held: { event: candidate.event, reason: note } }) }
}
