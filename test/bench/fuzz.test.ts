// Nearly MQTT, on live listeners: only those who say it are harmed. `npm run soak:fuzz` goes on for as long as one likes.

import { expect, it } from 'vitest'
import { startCalm } from '../../bench/fuzz/calm.ts'
import { converse } from '../../bench/fuzz/conversations.ts'
import { Random } from '../../bench/fuzz/random.ts'
import { talk } from '../../bench/fuzz/talk.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { startTestBroker } from '../broker/test-broker.ts'
import { reach } from '../support/reach.ts'

const CONVERSATIONS = reach(150, 600)

it('answers broken conversations in order, ends them, and serves those that behave as ever', async () => {
  const errors: unknown[] = []
  const log: Log = { ...silentLog, error: (...what: unknown[]) => void errors.push(what) }
  const { broker, port } = await startTestBroker({ log })
  const { url } = await broker.listen({ kind: 'websocket', host: '127.0.0.1', port: 0, path: '/mqtt' })
  const calm = await startCalm(port, 5)
  const faults: string[] = []
  let seed = 0
  const work = async (): Promise<void> => {
    while (seed < CONVERSATIONS) {
      const mine = ++seed
      const fault = await talk(mine % 3 === 0 ? url : port, converse(new Random(mine)))
      if (fault !== undefined) faults.push(`seed ${mine}: ${fault}`)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  expect([...faults, ...(await calm.stop()), ...errors]).toEqual([])
  expect(broker.stats().protocolErrors).toBeGreaterThan(CONVERSATIONS / 10)
  expect(calm.sent).toBeGreaterThan(0)
})
