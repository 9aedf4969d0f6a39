// The Jenkins example, with the client that Jenkins' MQTT Notification plugin is: MQTT 3.1.1, a client id of 48
// characters, a topic that ends in a slash, the bare result as payload, one connection per message and no retry.

import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { watchRuns } from '../support/runs.ts'

const CLIENT_ID = 'jenkins-mqtt-notification-0123456789abcdef012345'

async function notify(port: number, job: string, result: string, qos: 0 | 1): Promise<void> {
  expect(CLIENT_ID).toHaveLength(48)
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4,
    clientId: CLIENT_ID,
    clean: true,
  })
  await client.publishAsync(`jenkins/job/${job}/`, result, { qos })
  await client.endAsync()
}

it('opens an alert for a broken build and closes it when the job builds again', async () => {
  const folder = temporaryFolder()
  const rules = join(folder, 'rules')
  mkdirSync(rules)
  copyFileSync(join(ROOT, 'examples', 'jenkins', 'jenkins.ts'), join(rules, 'jenkins.ts'))
  const hub = await startHubProcess(['--data', join(folder, 'data'), '--rules', rules])
  const { client, ended } = await watchRuns(hub.mqtt)
  const alerts: unknown[] = []
  client.on('message', (topic, payload) => {
    if (topic === 'vigie/alerts/build-site') alerts.push(JSON.parse(payload.toString()))
  })

  await notify(hub.mqtt, 'site', 'FAILURE', 0)
  await ended('build-broken')
  await notify(hub.mqtt, 'site', '', 1) // as it is in some pipelines: no result at all
  await notify(hub.mqtt, 'site', 'SUCCESS', 1)
  await ended('build-mended')
  await client.subscribeAsync('vigie/alerts/#', { qos: 1 })
  await expect.poll(() => alerts).toMatchObject([{ state: 'resolved', title: 'site builds again' }])

  const events = (await (
    await fetch(`http://127.0.0.1:${hub.http}/api/events?filter=jenkins/%23`)
  ).json()) as object[]
  expect(events).toMatchObject([
    { payload: 'SUCCESS' },
    { payload: '' },
    { payload: 'FAILURE', client: CLIENT_ID },
  ])
})
