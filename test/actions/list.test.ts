import { expect, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { startProcess } from '../process/start-process.ts'
import { desk, manner } from './attempt.ts'

test('the list action tells how processes are', async () => {
  const { identity } = await startProcess('sh', ['-c', 'sleep 60 & echo ready $!; wait'])
  const spec = { kind: 'list', target: { identity, name: 'sh' }, ...manner } as const
  expect(await perform(spec, desk().context)).toMatchObject({
    kind: 'done',
    result: {
      count: 1,
      processes: [{ pid: identity.pid, ppid: process.pid, name: 'sh', cpuPercent: expect.any(Number) }],
    },
  })
  const gone = { ...spec, target: { ...spec.target, identity: { ...identity, startTicks: 1 } } }
  expect(await perform(gone, desk().context)).toEqual({ kind: 'done', result: { count: 0, processes: [] } })
})
