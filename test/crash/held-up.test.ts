// A whole hub that is stopped for longer than its clients' keep alive, and goes on, as a paused machine does.

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectClient } from '../broker/client.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'

const KEEP_ALIVE = 1
/** Beyond one and a half keep alives and the second in which the hub looks at what is due. */
const STOPPED_MS = 2_600

it('throws no client out that spoke while the hub was stopped', async () => {
  const hub = await startHubProcess(['--data', temporaryFolder(), '--rules', temporaryFolder()])
  const watching = await connectClient(hub.mqtt, 'watching')
  await watching.subscribe('wills/+', 1)
  const clients = await Promise.all(
    Array.from({ length: 3 }, (_, number) =>
      connectClient(hub.mqtt, `c${number}`, {
        keepAlive: KEEP_ALIVE,
        will: { topic: `wills/${number}`, payload: Buffer.alloc(0), qos: 1, retain: false },
      }),
    ),
  )
  process.kill(hub.pid, 'SIGSTOP')
  // What comes just before the stop would be read at once when the hub goes on.
  await pause(STOPPED_MS / 2)
  for (const client of clients) client.send({ type: 'pingreq' })
  await pause(STOPPED_MS / 2)
  process.kill(hub.pid, 'SIGCONT')
  for (const client of clients) await client.expect('pingresp')
  expect(await watching.sentSoFar()).toEqual([])
})
