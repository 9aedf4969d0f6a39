import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { StepWakes } from '../../../src/engine/steps/step-wakes.ts'
import { newStep } from '../../../src/engine/runs/open-run.ts'
import type { Step } from '../../../src/model/run.ts'

const HOUR_MS = 3_600_000

function begin(now = 0) {
  const clock = new ManualClock(now)
  const woken: string[] = []
  const wakes = new StepWakes(clock, () => {
    for (const { run, path } of wakes.takeDue()) woken.push(`${run}/${path} at ${clock.now()}`)
  })
  return { clock, wakes, woken }
}

/** A run of one step that waits, and what its moment was shifted by. */
function waiting(run: number, wakeAt: number, startedAt: number | null = null) {
  const step: Step = { ...newStep(run, '0', null), state: 'waiting', wakeAt, startedAt }
  const shifts: number[] = []
  const open = { steps: [step], shiftWake: (_path: string, byMs: number) => void shifts.push(byMs) }
  return { open, shifts }
}

it('rings at the earliest moment, and gives each step once, in order', () => {
  const { clock, wakes, woken } = begin()
  wakes.set({ run: 1, path: '0' }, 30)
  wakes.set({ run: 2, path: '0' }, 10)
  wakes.set({ run: 3, path: '0' }, 20)
  wakes.set({ run: 3, path: '0' }, null)
  clock.advance(40)
  expect(woken).toEqual(['2/0 at 10', '1/0 at 30'])
})

it('rings no more once it has stopped', () => {
  const { clock, wakes, woken } = begin()
  wakes.set({ run: 1, path: '0' }, 30)
  wakes.stop()
  wakes.set({ run: 2, path: '0' }, 10)
  clock.advance(40)
  expect(woken).toEqual([])
})

it('keeps the length of what waits when the clock is set, and leaves alone what waits no more', () => {
  const { wakes } = begin()
  const [one, gone] = [waiting(1, 5_000), waiting(2, 5_000)]
  wakes.set({ run: 1, path: '0' }, 5_000)
  wakes.clockSet([one, gone], HOUR_MS)
  expect([one.shifts, gone.shifts]).toEqual([[HOUR_MS], []])
  expect([...wakes.takeDue()]).toEqual([])
})

it('moves what was stored before the start of the hub by its own measure', () => {
  const { wakes } = begin(HOUR_MS + 100)
  const runs = [waiting(1, 200, 10), waiting(2, 200, 60), waiting(3, 200)]
  for (const run of [1, 2, 3]) wakes.set({ run, path: '0' }, 200)
  wakes.clockSet(runs, HOUR_MS, { upToAt: 50, byMs: 7 })
  expect(runs.map(({ shifts }) => shifts)).toEqual([[7], [HOUR_MS], [7]])
})
