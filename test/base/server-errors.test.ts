import { createServer } from 'node:net'
import { expect, it, vi } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Log } from '../../src/base/log.ts'
import { tellServerErrors } from '../../src/base/server-errors.ts'

it('tells the errors of a server at a bounded rate, and how many it did not tell', () => {
  const clock = new ManualClock()
  const server = createServer()
  const error = vi.fn<Log['error']>()
  tellServerErrors(server, 'mqtt://[::]:1883', { ...silentLog, error }, clock)
  const fail = (): boolean => server.emit('error', new Error('accept EMFILE'))
  for (let times = 0; times < 1_000; times++) fail()
  clock.advance(10_000)
  fail()
  clock.advance(10_000)
  fail()
  expect(error.mock.calls.map(([, sentence]) => sentence)).toEqual([
    'mqtt://[::]:1883: accept EMFILE',
    'mqtt://[::]:1883: accept EMFILE (and 999 times before)',
    'mqtt://[::]:1883: accept EMFILE',
  ])
})
