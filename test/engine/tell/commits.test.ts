import { expect, test } from 'vitest'
import type { Remote } from '../../../src/base/calls.ts'
import { newStep, OpenRun } from '../../../src/engine/runs/open-run.ts'
import { Commits } from '../../../src/engine/tell/commits.ts'
import type { Event } from '../../../src/model/event.ts'
import type { Run } from '../../../src/model/run.ts'
import type { Change, EngineJournal } from '../../../src/model/store.ts'

const event = { id: 7 } as Event

function begin() {
  const asked: { change: Change; answer: PromiseWithResolvers<void> }[] = []
  const told: number[] = []
  const failed: unknown[] = []
  const journal = {
    commit(change: Change) {
      const answer = Promise.withResolvers<void>()
      asked.push({ change, answer })
      return answer.promise
    },
  } as Partial<Remote<EngineJournal>> as Remote<EngineJournal>
  const commits = new Commits({
    journal,
    ended: ({ run }) => void told.push(run.id),
    alertChanged: () => {},
    rulePauseChanged: () => {},
    fail: (error) => void failed.push(error),
  })
  const end = (id: number): void => {
    commits.draft.cursor(id)
    const run = { id, rule: 'r', key: '', state: 'running' } as Run
    commits.ended(new OpenRun(run, [newStep(id, '0', null)], commits.draft), event)
  }
  return { commits, asked, told, failed, end }
}

test('the end of a run is told when it is in the store, and not before', async () => {
  const { commits, asked, told, end } = begin()
  end(1)
  const committed = commits.commit()
  expect(asked[0]?.change).toMatchObject({ cursor: 1 })
  // This end is in the next draft.
  end(2)
  asked[0]!.answer.resolve()
  await committed
  expect(told).toEqual([1])
  void commits.commit()
  asked[1]!.answer.resolve()
  await commits.quiet()
  expect(told).toEqual([1, 2])
})

test('nothing is written where there is nothing to write, or the successor writes', async () => {
  const { commits, asked, end } = begin()
  await commits.commit()
  end(1)
  commits.retire()
  await commits.commit()
  expect(asked).toEqual([])
})

test('what the store refuses ends the engine, and tells nobody of an end', async () => {
  const { commits, asked, told, failed, end } = begin()
  end(1)
  void commits.commit()
  const refusal = new Error('another engine writes')
  asked[0]!.answer.reject(refusal)
  await expect.poll(() => failed, { interval: 1 }).toEqual([refusal])
  expect(told).toEqual([])
})
