// Builds as the Notification plugin of Jenkins posts them, taken by the intake of a hub; and that the Jenkinsfile names
// the addresses and topics for which the rules wait.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import * as builds from '../../examples/jenkins/builds.ts'
import jenkins from '../../examples/jenkins/jenkins.ts'
import { parseConfig } from '../../src/config/config.ts'
import { simulate } from '../../src/testing.ts'
import type { Simulation } from '../../src/testing.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { watchRuns } from '../support/runs.ts'

const EXAMPLE = join(ROOT, 'examples', 'jenkins')

/** What the plugin posts for one phase: its fields as in its sources, those without a value left out. */
const posted = (phase: string, status?: string, number = 18) => ({
  name: 'site',
  display_name: 'site',
  url: 'job/site/',
  build: {
    full_url: `http://jenkins.local/job/site/${number}/`,
    number,
    queue_id: 42,
    timestamp: 1_790_000_000_000,
    duration: phase === 'STARTED' ? 0 : 61_000,
    phase,
    ...(status !== undefined && { status }),
    url: `job/site/${number}/`,
    scm: {
      url: 'https://git.local/site.git',
      branch: 'origin/main',
      commit: '1f3c0d2ba97f8cd2ef1d4ae0d5c1f9a2c6a9e7b1',
      changes: ['index.html'],
      culprits: ['anna'],
    },
    parameters: { deploy: 'true' },
    log: '',
    notes: '',
    artifacts: {},
  },
})

describe('the rules', () => {
  let hub: Simulation
  beforeEach(() => {
    hub = simulate({ ...builds })
  })

  const tell = (phase: string, status?: string, number?: number) =>
    hub.publish(`in/ci/site/${phase}`, posted(phase, status, number))
  const alerts = (): string[] => hub.alerts.map(({ key, state }) => `${key} ${state}`)

  test('open an alert with the address of a build that fails, and close it when the next one succeeds', async () => {
    for (const phase of ['QUEUED', 'STARTED']) await tell(phase)
    for (const phase of ['COMPLETED', 'FINALIZED']) await tell(phase, 'FAILURE')
    expect(hub.alerts).toMatchObject([
      {
        key: 'build-site',
        state: 'firing',
        title: 'site #18: FAILURE',
        body: 'origin/main 1f3c0d2b http://jenkins.local/job/site/18/',
      },
    ])
    await tell('COMPLETED', 'ABORTED', 19)
    expect(alerts()).toEqual(['build-site firing'])
    await tell('COMPLETED', 'SUCCESS', 20)
    expect(alerts()).toEqual(['build-site resolved'])
  })

  test('tell of a build that hangs until it ends, and not of one beside it', async () => {
    await tell('STARTED', undefined, 18)
    await tell('STARTED', undefined, 19)
    await hub.advance('1h')
    await tell('COMPLETED', 'SUCCESS', 19)
    await hub.advance('1h')
    expect(hub.alerts).toMatchObject([{ title: 'site #18 has run for two hours' }])
    await tell('COMPLETED', 'SUCCESS', 18)
    expect(alerts()).toEqual(['build-hangs-site resolved'])
  })
})

test('a hub takes what the plugin posts', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  copyFileSync(join(EXAMPLE, 'builds.ts'), join(folder, 'rules', 'builds.ts'))
  writeFileSync(
    join(folder, 'vigie.config.ts'),
    "export default { intake: { ci: { from: 'jenkins' } }, http: { port: 0 }, mqtt: { port: 0 } }\n",
  )
  const hub = await startHubProcess(['--config', join(folder, 'vigie.config.ts')])
  const { ended } = await watchRuns(hub.mqtt)
  const post = (body: object) =>
    fetch(`http://127.0.0.1:${hub.http}/in/ci`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json;charset=UTF-8' },
      body: JSON.stringify(body),
    })
  for (const phase of ['QUEUED', 'STARTED']) expect(await post(posted(phase))).toMatchObject({ status: 202 })
  expect(await post(posted('COMPLETED', 'FAILURE'))).toMatchObject({ status: 202 })
  expect(await post(posted('COMPLETED', 'FAILURE'))).toMatchObject({ status: 200 })
  expect(await ended('build-ended')).toMatchObject({ state: 'done' })
})

describe('the Jenkinsfile', () => {
  const file = readFileSync(join(EXAMPLE, 'Jenkinsfile'), 'utf8')

  test('posts to the intake whose messages the rules take', () => {
    const [, name = ''] = /urlOrId: 'http:\/\/127\.0\.0\.1:7883\/in\/(\w+)'/.exec(file) ?? []
    const { intake, http } = parseConfig({ intake: { [name]: { from: 'jenkins' } } }, 'test')
    expect(Object.keys(intake)).toEqual(['ci'])
    expect(http.port).toBe(7883)
  })

  test('publishes the result on the topic for which the rules wait', async () => {
    const [, topic = ''] = /topic: "([^"]+)"/.exec(file) ?? []
    const hub = simulate(jenkins)
    await hub.publish(topic.replace('${env.JOB_NAME}', 'site'), 'FAILURE')
    expect(hub.alerts).toMatchObject([{ key: 'build-site' }])
  })
})
