// The moments that a schedule of `cron(…)` names: looked up with node-cron, and told when they come, by the wall clock or in
// virtual time.

import { createTask } from 'node-cron'
import type { ScheduledTask, TaskFn } from 'node-cron'
import type { Clock } from '../../base/clock.ts'
import type { Cron } from '../../rules/compile-rule.ts'

export interface Calendar {
  /** Oldest first, with `after < at <= upTo`; of a long time only the end. */
  ticksBetween(after: number, upTo: number): number[]
  /** Calls back at each moment from now on. */
  start(tick: (at: number) => void): void
  stop(): Promise<void>
}

type Schedule = Pick<Cron, 'expression' | 'timezone'>

/** How far back ticks are looked up: each moment to be looked at costs 10 µs. */
const LONGEST_LOOK_MS = { seconds: 2 * 3_600_000, minutes: 7 * 86_400_000 }
/** How far ahead in virtual time. */
const LOOK_AHEAD_MS = 3_600_000

export function systemCalendar(schedule: Schedule): Calendar {
  let tell: (at: number) => void = () => {}
  const task = taskOf(schedule, ({ date }) => tell(date.getTime()))
  // The thread was busy for longer than node-cron bears: late is better than never.
  task.on('execution:missed', ({ date }) => tell(date.getTime()))
  return {
    ticksBetween: (after, upTo) => ticksBetween(task, schedule.expression, after, upTo),
    start(tick) {
      tell = tick
      void task.start()
    },
    async stop() {
      await task.destroy()
    },
  }
}

/** For a clock that stands still until it is told to go on. */
export function virtualCalendar(schedule: Schedule, clock: Clock): Calendar {
  const task = taskOf(schedule, () => {})
  const between = (after: number, upTo: number): number[] =>
    ticksBetween(task, schedule.expression, after, upTo)
  let cancel = (): void => {}
  return {
    ticksBetween: between,
    start(tick) {
      const wait = (from: number): void => {
        const [next] = between(from, from + LOOK_AHEAD_MS)
        cancel = clock.after((next ?? from + LOOK_AHEAD_MS) - clock.now(), () => {
          wait(clock.now())
          if (next !== undefined) tick(next)
        })
      }
      wait(clock.now())
    },
    async stop() {
      cancel()
      await task.destroy()
    },
  }
}

const taskOf = ({ expression, timezone }: Schedule, tell: TaskFn): ScheduledTask =>
  createTask(expression, tell, {
    unref: true,
    suppressMissedWarning: true,
    ...(timezone !== undefined && { timezone }),
  })

function ticksBetween(task: ScheduledTask, expression: string, after: number, upTo: number): number[] {
  const hasSeconds = expression.trim().split(/\s+/).length > 5
  const stepMs = hasSeconds ? 1_000 : 60_000
  const from = Math.max(after, upTo - LONGEST_LOOK_MS[hasSeconds ? 'seconds' : 'minutes'])
  const ticks: number[] = []
  for (let at = Math.floor(from / stepMs) * stepMs + stepMs; at <= upTo; at += stepMs)
    if (task.match(new Date(at))) ticks.push(at)
  return ticks
}
