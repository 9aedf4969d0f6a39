import { expect, it } from 'vitest'
import { startActingHub } from '../../bench/runs.ts'
import type { Action } from '../../bench/runs.ts'
import { describeWith } from '../support/tools.ts'

describeWith('taskset')('a hub that acts', () => {
  it.for<[Action, number]>([
    ['webhook', 3],
    ['shell', 6],
  ])('is measured until it has acted on all messages: %s', async ([action, actions]) => {
    const hub = await startActingHub(action, 1)
    try {
      expect(await hub.measureRuns!(3)).toMatchObject({ actions })
    } finally {
      await hub.stop()
    }
  })
})
