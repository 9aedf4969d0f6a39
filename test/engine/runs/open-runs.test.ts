import { expect, test } from 'vitest'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newStep, OpenRun } from '../../../src/engine/runs/open-run.ts'
import { OpenRuns } from '../../../src/engine/runs/open-runs.ts'
import type { Event } from '../../../src/model/event.ts'
import type { Run } from '../../../src/model/run.ts'

const event = {} as Event

function add(runs: OpenRuns, id: number, key: string, width: number) {
  const run = { id, rule: 'r', key, state: 'planned' } as Run
  return runs.add(new OpenRun(run, [newStep(id, '0', null)], new Draft()), event, width)
}

test('runs of one rule and key go on as many side by side as they may, the oldest first', () => {
  const runs = new OpenRuns()
  const [first, second, third] = [add(runs, 1, 'k', 2), add(runs, 2, 'k', 2), add(runs, 3, 'k', 2)]
  const other = add(runs, 4, 'other', 2)
  expect([first, second, third, other].map((one) => runs.isItsTurn(one))).toEqual([true, true, false, true])
  expect(runs.idsIn('r', 'k')).toEqual([1, 2, 3])
  runs.remove(second)
  expect(runs.behind(second)).toEqual([first, third])
  expect([runs.get(2), runs.isItsTurn(third), runs.idsIn('r', 'k')]).toEqual([undefined, true, [1, 3]])
})

test('runs without a limit wait for nobody, and nobody waits for them', () => {
  const runs = new OpenRuns()
  const all = [1, 2, 3].map((id) => add(runs, id, 'k', Infinity))
  expect(all.map((one) => runs.isItsTurn(one))).toEqual([true, true, true])
  runs.remove(all[0]!)
  expect(runs.behind(all[0]!)).toEqual([])
})

test('what all of them take in memory goes up and down with them', () => {
  const runs = new OpenRuns()
  expect(runs.weight).toBe(0)
  const one = add(runs, 1, 'k', 1)
  const single = runs.weight
  expect(single).toBeGreaterThanOrEqual(2_048)
  const two = add(runs, 2, 'k', 1)
  expect([runs.weight, runs.size]).toEqual([2 * single, 2])
  runs.remove(one)
  runs.remove(two)
  expect([runs.weight, runs.size, runs.idsIn('r', 'k')]).toEqual([0, 0, []])
})
