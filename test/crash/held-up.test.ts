// A whole hub that is stopped for longer than its clients' keep alive, and goes on, as a paused machine does.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectClient } from '../broker/client.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { longTest } from '../support/long-test.ts'

const KEEP_ALIVE = 1
/** Beyond one and a half keep alives and the moment in which the hub looks at what is due. */
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

longTest('takes no client for silent that spoke while the hub was stopped', async () => {
  const rules = temporaryFolder()
  writeFileSync(
    join(rules, 'r.ts'),
    `import { publish, rule, silence } from 'vigie'
     export const quiet = rule('quiet', { on: silence('beat', '2s'), do: () => publish('told/quiet', '') })
     export const held = rule('held', { on: silence('beat', '2s'), onGap: 'fire', do: () => publish('told/held', '') })
     export const asked = rule('asked', { on: 'ask', do: () => publish('told/asked', '') })`,
  )
  const hub = await startHubProcess(['--data', temporaryFolder(), '--rules', rules])
  const watching = await connectClient(hub.mqtt, 'watching')
  await watching.subscribe('told/+', 1)
  await watching.subscribe('vigie/hub/pause', 1)
  const client = await connectClient(hub.mqtt, 'client')
  client.publish('beat', 'before', { qos: 1 })
  await client.expect('puback')
  process.kill(hub.pid, 'SIGSTOP')
  await pause(1_200)
  client.publish('beat', 'meanwhile', { qos: 1 })
  await pause(1_200)
  process.kill(hub.pid, 'SIGCONT')
  client.publish('ask', '', { qos: 1 })
  const told: string[] = []
  // A rule with `onGap: 'fire'` takes the pause for silence: so both rules have been woken by now.
  while (!told.includes('told/asked') || !told.includes('told/held'))
    told.push((await watching.expect('publish')).topic)
  expect(told).toContain('vigie/hub/pause')
  expect(told).not.toContain('told/quiet')
})
