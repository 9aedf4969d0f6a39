// Covers `src/rules/tasks/memory.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taskMessage } from '../../../src/model/task.ts'
import type { TaskSpec, TaskVerb } from '../../../src/model/task.ts'
import { declare, elapse, hear, nextAt, throughDowntime } from '../../../src/rules/tasks/machine.ts'
import type { Turn } from '../../../src/rules/tasks/machine.ts'
import type { TaskMemory } from '../../../src/rules/tasks/memory.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const DAILY: TaskSpec = { name: 'backup', everyMs: DAY, graceMs: HOUR, longestMs: 2 * HOUR }

/** One task, driven as a hub does: what is due comes before what is said. */
class Driver {
  readonly #task: TaskSpec
  memory: TaskMemory | undefined
  /** The state, and what the alert was told, of all that was made known. */
  readonly news: (readonly [at: number, state: string, alert: string | null])[] = []
  reason = ''

  constructor(task: TaskSpec = DAILY, declaredAt = 0) {
    this.#task = task
    this.#take(declare(task, undefined, declaredAt), declaredAt)
  }

  until(at: number): void {
    for (let due = nextAt(this.memory!); due <= at; due = nextAt(this.memory!))
      this.#take(elapse(this.#task, this.memory!, due), due)
  }

  say(at: number, verb: TaskVerb, payload: unknown = '', isWill = false): string {
    this.until(at)
    const turn = hear(this.#task, this.memory, { verb, message: taskMessage(payload), isWill }, at)
    this.#take(turn, at)
    return turn.note
  }

  down(fromAt: number, toAt: number): void {
    this.until(fromAt)
    this.#take(throughDowntime(this.#task, this.memory!, { fromAt, toAt }), toAt)
  }

  #take({ memory, news }: Turn, at: number): void {
    this.memory = memory
    if (news === null) return
    this.news.push([at, news.report.state, news.alert])
    this.reason = news.report.reason
  }
}

describe('a task that runs each day', () => {
  it('is told of as running and ok, and is expected one interval after its start', () => {
    const task = new Driver()
    task.say(3 * HOUR, 'start')
    task.say(4 * HOUR, 'ok')
    expect(task.news).toEqual([
      [0, 'unknown', null],
      [3 * HOUR, 'running', null],
      [4 * HOUR, 'ok', null],
    ])
    expect(task.memory).toMatchObject({ durationMs: HOUR, expectedAt: 27 * HOUR, dueAt: 28 * HOUR })
  })

  it('is overdue once its grace is over, and well again with the next ok', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.until(3 * DAY)
    task.say(3 * DAY, 'start')
    task.say(3 * DAY + 1, 'ok')
    expect(task.news.slice(2)).toEqual([
      [DAY + HOUR, 'overdue', 'raise'],
      [3 * DAY, 'running', null],
      [3 * DAY + 1, 'ok', 'resolve'],
    ])
  })

  it('is overdue though it has never run since it was declared', () => {
    const task = new Driver()
    task.until(2 * DAY)
    expect(task.news.at(-1)).toEqual([25 * HOUR, 'overdue', 'raise'])
    expect(task.reason).toBe('nothing has been heard of it for 1d 1h, since it was declared')
  })

  it('is slow when it runs longer than it may, and overdue when it never ends', () => {
    const task = new Driver()
    task.say(0, 'start')
    task.until(2 * HOUR)
    expect(task.reason).toBe('it has been running for 2h; it may take 2h')
    task.until(3 * DAY)
    expect(task.news.slice(2)).toEqual([
      [2 * HOUR, 'slow', 'raise'],
      [25 * HOUR, 'overdue', 'raise'],
    ])
    expect(task.reason).toBe('a run that began 1d 1h ago has not ended, and the next one is 1h late')
  })

  it.each([
    ['fail', '', 'it says that it failed'],
    ['fail', 3, 'it ended with exit code 3'],
    ['failed', { reason: 'the disk is full' }, 'the disk is full'],
    ['failed', { signal: 'SIGKILL' }, 'it was ended by SIGKILL'],
    ['ok', 2, 'it ended with exit code 2'],
    ['done', { exitCode: 1 }, 'it ended with exit code 1'],
  ] as const)('has failed by "%s" with %o', (verb, payload, reason) => {
    const task = new Driver()
    task.say(1, 'start')
    task.say(2, verb, payload)
    expect(task.news.at(-1)).toEqual([2, 'failed', 'raise'])
    expect(task.reason).toBe(reason)
    task.say(3, 'done', 0)
    expect(task.news.at(-1)).toEqual([3, 'ok', 'resolve'])
  })

  it('learns nothing from a run that failed', () => {
    const task = new Driver()
    task.say(0, 'start')
    task.say(1, 'fail')
    expect(task.memory).toMatchObject({ lengthsMs: [], durationMs: 1 })
  })

  it('counts a run whose start nobody told from the length that its end tells', () => {
    const task = new Driver()
    task.say(2 * HOUR, 'done', { id: 'a', durationMs: HOUR })
    expect(task.memory).toMatchObject({ beganAt: HOUR, durationMs: HOUR, lengthsMs: [HOUR] })
  })
})

describe('what is learned', () => {
  it('makes a run slow that takes longer than its own history', () => {
    const task = new Driver({ ...DAILY, longestMs: null })
    for (let day = 0; day < 5; day++) {
      task.say(day * DAY, 'start')
      task.say(day * DAY + 40 * MINUTE, 'ok')
    }
    task.say(5 * DAY, 'start')
    task.until(5 * DAY + HOUR - 1)
    expect(task.memory!.state).toBe('running')
    task.until(5 * DAY + HOUR)
    expect(task.news.at(-1)).toEqual([5 * DAY + HOUR, 'slow', 'raise'])
    expect(task.reason).toBe('it has been running for 1h; it usually takes 40m')
    task.say(5 * DAY + 2 * HOUR, 'ok')
    expect(task.news.at(-1)).toEqual([5 * DAY + 2 * HOUR, 'ok', 'resolve'])
  })

  it('gives a task that is usually late the time that it usually takes', () => {
    const task = new Driver({ ...DAILY, graceMs: null })
    let at = 0
    for (const late of [0, 3, 5, 3, 4, 6, 2, 4]) task.say((at += DAY + late * HOUR), 'ok')
    // Lateness 3 5 3 4 6 2 4 hours: median 4, and 6 × 1.4826 × 1 beyond it.
    const grace = Math.round((4 + 6 * 1.4826) * HOUR)
    expect(task.memory!.dueAt).toBe(at + DAY + grace)
  })
})

describe('a run of a runner, which names itself', () => {
  const begun = (): Driver => {
    const task = new Driver()
    task.say(0, 'start', { id: 'a', host: 'nas' })
    return task
  }

  it('counts once, however often its messages come', () => {
    const task = begun()
    expect(task.say(1, 'start', { id: 'a' })).toBe('this run has begun already')
    task.say(5, 'done', { id: 'a' })
    for (const verb of ['start', 'progress', 'done', 'failed'] as const)
      expect(task.say(6, verb, { id: 'a' })).toMatch(/already$/)
    expect(task.memory).toMatchObject({ state: 'ok', lengthsMs: [5], host: 'nas' })
  })

  it('is given up ten seconds after its last will', () => {
    const task = begun()
    task.say(HOUR, 'failed', { id: 'a' }, true)
    task.until(HOUR + 10 * SECOND - 1)
    expect(task.memory!.state).toBe('running')
    task.until(HOUR + 10 * SECOND)
    expect(task.news.at(-1)).toEqual([HOUR + 10 * SECOND, 'failed', 'raise'])
    expect(task.reason).toBe('the machine or the runner died')
  })

  it('is not given up when it comes back in time', () => {
    const task = begun()
    task.say(HOUR, 'failed', { id: 'a' }, true)
    task.say(HOUR + SECOND, 'progress', { id: 'a' })
    task.say(HOUR + MINUTE, 'done', { id: 'a' })
    expect(task.news.slice(2)).toEqual([[HOUR + MINUTE, 'ok', null]])
  })

  it('takes up a run that comes back after it was given up, with its beginning', () => {
    const task = begun()
    task.say(HOUR, 'failed', { id: 'a' }, true)
    task.say(HOUR + MINUTE, 'progress', { id: 'a' })
    expect(task.news.at(-1)).toEqual([HOUR + MINUTE, 'running', null])
    task.say(HOUR + 2 * MINUTE, 'done', { id: 'a' })
    expect(task.news.at(-1)).toEqual([HOUR + 2 * MINUTE, 'ok', 'resolve'])
    expect(task.memory!.durationMs).toBe(HOUR + 2 * MINUTE)
  })

  it('is well when its end comes after it was given up', () => {
    const task = begun()
    task.say(HOUR, 'failed', { id: 'a' }, true)
    task.say(HOUR + MINUTE, 'done', { id: 'a' })
    expect(task.news.at(-1)).toEqual([HOUR + MINUTE, 'ok', 'resolve'])
  })

  it('is not touched by the will of an earlier run', () => {
    const task = begun()
    task.say(1, 'done', { id: 'a' })
    task.say(2, 'start', { id: 'b' })
    expect(task.say(3, 'failed', { id: 'a' }, true)).toBe('this run has ended already')
    task.until(HOUR)
    expect(task.memory!.state).toBe('running')
  })

  it('goes on while another run of the task ends', () => {
    const task = begun()
    task.say(1, 'start', { id: 'b' })
    task.say(2, 'done', { id: 'a', durationMs: 2 })
    expect(task.memory).toMatchObject({ state: 'running', run: { id: 'b' } })
    task.say(3, 'done', { id: 'b' })
    expect(task.memory).toMatchObject({ state: 'ok', run: null, lengthsMs: [2, 2] })
  })
})

describe('a downtime of the hub', () => {
  it('in which a run was expected makes nobody overdue before the one after it is', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.down(DAY - HOUR, DAY + 5 * HOUR)
    task.until(2 * DAY + HOUR - 1)
    expect(task.memory!.state).toBe('ok')
    task.until(2 * DAY + HOUR)
    expect(task.memory!.state).toBe('overdue')
  })

  it('that ends after several intervals waits for the next one', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.down(HOUR, 10 * DAY + HOUR)
    expect(task.memory).toMatchObject({ expectedAt: 11 * DAY, isGapped: true })
  })

  it('while a run was late leaves it the rest of its grace', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.down(DAY + 30 * MINUTE, DAY + 40 * MINUTE)
    expect(task.memory!.dueAt).toBe(DAY + HOUR + 10 * MINUTE)
  })

  it('that took the rest of the grace gives the run the benefit of the doubt', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.down(DAY + 30 * MINUTE, DAY + 2 * HOUR)
    expect(task.memory!.dueAt).toBe(2 * DAY + HOUR)
  })

  it('long before the next run changes nothing', () => {
    const task = new Driver()
    task.say(0, 'ok')
    task.down(HOUR, 2 * HOUR)
    expect(task.memory).toMatchObject({ expectedAt: DAY, dueAt: DAY + HOUR, isGapped: false })
  })

  it('does not make a run slow that may have ended in it; a runner comes back to say', () => {
    const [curl, runner] = [new Driver(), new Driver()]
    curl.say(0, 'start')
    runner.say(0, 'start', { id: 'a' })
    for (const task of [curl, runner]) {
      task.down(HOUR, 3 * HOUR)
      task.until(4 * HOUR)
    }
    expect(curl.memory!.state).toBe('running')
    expect(runner.news.at(-1)).toEqual([3 * HOUR + 10 * SECOND, 'slow', 'raise'])
  })

  it('teaches nothing of how late runs are', () => {
    const task = new Driver({ ...DAILY, graceMs: null })
    task.say(0, 'ok')
    task.down(DAY - HOUR, DAY + HOUR)
    task.say(2 * DAY, 'ok')
    expect(task.memory!.latenessMs).toEqual([])
    task.say(3 * DAY, 'ok')
    expect(task.memory!.latenessMs).toEqual([0])
  })
})

/** Where a state and the alert do not fit each other. */
function contradictions(news: Driver['news']): Driver['news'] {
  let isOpen = false
  return news.filter(([, state, alert]) => {
    const wasOpen = isOpen
    if (alert !== null) isOpen = alert === 'raise'
    if (alert === 'resolve' && !wasOpen) return true
    return isWrong(state) ? !isOpen : state === 'ok' && isOpen
  })
}

const isWrong = (state: string): boolean => ['failed', 'slow', 'overdue'].includes(state)

describe('whatever is said, and whenever the hub is down', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('say' as const),
      verb: fc.constantFrom<TaskVerb>('start', 'progress', 'log', 'ok', 'fail'),
      id: fc.constantFrom('a', 'b', null),
      isWill: fc.boolean(),
      pauseMs: fc.integer({ min: 0, max: DAY }),
    }),
    fc.record({
      kind: fc.constant('down' as const),
      pauseMs: fc.integer({ min: 0, max: DAY }),
      lengthMs: fc.integer({ min: 0, max: 3 * DAY }),
    }),
  )

  it('its alert is open while it is not well, closed when it is ok, and resolved only where it is open', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const task = new Driver({ ...DAILY, graceMs: null, longestMs: null })
        let at = 0
        for (const each of steps) {
          at += each.pauseMs
          if (each.kind === 'say')
            task.say(at, each.verb, each.id === null ? '' : { id: each.id }, each.isWill)
          else task.down(at, (at += each.lengthMs))
        }
        expect(contradictions(task.news)).toEqual([])
      }),
    )
  })

  it('nobody who comes each day is ever overdue, wherever a downtime hides a run', () => {
    const downs = fc.array(
      fc.record({ pauseMs: fc.integer({ min: 1, max: 2 * DAY }), lengthMs: fc.nat(2 * DAY) }),
      {
        maxLength: 10,
      },
    )
    fc.assert(
      fc.property(downs, (gaps) => {
        const task = new Driver()
        let day = 1
        const comeUntil = (end: number, isHeard: boolean): void => {
          for (; day * DAY <= end; day++) if (isHeard) task.say(day * DAY, 'ok')
          if (isHeard) task.until(end)
        }
        let at = 0
        for (const { pauseMs, lengthMs } of gaps) {
          comeUntil((at += pauseMs), true)
          const fromAt = at
          at += lengthMs
          task.down(fromAt, at)
          comeUntil(at, false)
        }
        comeUntil(at + 2 * DAY, true)
        expect(task.news.filter(([, state]) => state === 'overdue')).toEqual([])
      }),
    )
  })
})
