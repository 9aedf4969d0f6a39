import { expect, test } from 'vitest'
import jenkins from '../../examples/jenkins/jenkins.ts'
import { simulate } from '../../src/testing.ts'

test('tells of a broken build, and that it is mended', async () => {
  const hub = simulate(jenkins)
  await hub.publish('jenkins/job/site/', 'UNSTABLE')
  await hub.publish('jenkins/job/site/', 'SUCCESS')
  expect(hub.messages.filter(({ topic }) => topic === 'vigie/alerts/build-site')).toMatchObject([
    { payload: { state: 'firing', title: 'site: UNSTABLE' } },
    { payload: { state: 'resolved' } },
  ])
})

test('keeps the builds of two jobs apart, in folders too', async () => {
  const hub = simulate(jenkins)
  await hub.publish('jenkins/job/team/site/', 'FAILURE')
  await hub.publish('jenkins/job/docs/', 'SUCCESS')
  expect(hub.actions).toMatchObject([
    { key: 'build-team/site', resolve: false },
    { key: 'build-docs', resolve: true },
  ])
})

test('says nothing of a payload that is no result', async () => {
  const hub = simulate(jenkins)
  await hub.publish('jenkins/job/site/', '')
  expect(hub.actions).toEqual([])
  expect(hub.verdicts.map(({ stage }) => stage)).toEqual(['payload', 'payload'])
})
