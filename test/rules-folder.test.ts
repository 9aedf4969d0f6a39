// The starter rules, in virtual time.

import { expect, test } from 'vitest'
import builds from '../rules/builds.ts'
import devices from '../rules/devices.ts'
import hello from '../rules/hello.ts'
import * as pings from '../rules/pings.ts'
import * as processes from '../rules/processes.ts'
import { simulate } from '../src/testing.ts'

test('hello.ts greets by name', async () => {
  const hub = simulate(hello)
  const event = await hub.publish('hello/you', 'good morning')
  expect(hub.actions).toMatchObject([
    { kind: 'shell', argv: ['echo', 'Hello', 'you,', 'event', `${event}`, 'has', 'arrived.'] },
  ])
})

test('builds.ts opens an alert for a build that is not well, and closes it by one that is', async () => {
  const hub = simulate(builds)
  await hub.publish('jenkins/job/site/', 'FAILURE')
  await hub.publish('jenkins/job/site/', 'SUCCESS')
  expect(hub.actions).toMatchObject([
    { kind: 'alert', key: 'build-site', resolve: false, title: 'site: FAILURE' },
    { kind: 'alert', key: 'build-site', resolve: true },
  ])
  expect(hub.messages.findLast(({ topic }) => topic === 'vigie/alerts/build-site')).toMatchObject({
    payload: { state: 'resolved' },
  })
})

test('builds.ts takes no result that Jenkins does not have', async () => {
  const hub = simulate(builds)
  await hub.publish('jenkins/job/site/', 'GREAT')
  expect(hub.verdicts).toMatchObject([{ stage: 'payload' }])
})

test('devices.ts misses a device by its last will, and takes that back when it speaks again', async () => {
  const hub = simulate(devices)
  await hub.publish('devices/lamp/status', 'online')
  await hub.publish('devices/lamp/status', 'gone', { will: true })
  await hub.publish('devices/lamp/status', 'online')
  expect(hub.messages.filter(({ topic }) => topic === 'vigie/alerts/device-lamp')).toMatchObject([
    { payload: { state: 'firing', title: 'lamp is lost' } },
    { payload: { state: 'resolved' } },
  ])
})

test('pings.ts opens an alert when this machine does not answer, and closes it when it does', async () => {
  const hub = simulate(pings)
  await hub.up('this-machine')
  await hub.down('this-machine')
  await hub.up('this-machine')
  expect(hub.actions).toMatchObject([
    { rule: 'ping-lost', key: 'ping-this-machine', resolve: false },
    { rule: 'ping-found', key: 'ping-this-machine', resolve: true },
  ])
})

const report = {
  pid: 4711,
  name: 'ffmpeg',
  ppid: 1,
  identity: { boot: 'b', pid: 4711, startTicks: 9 },
}

test('processes.ts ends only processes that it names', async () => {
  const hub = simulate(processes)
  await hub.publish('commands/kill/sshd')
  await hub.publish('commands/kill/runaway-example')
  expect(hub.actions).toMatchObject([{ kind: 'kill', target: { select: { name: 'runaway-example' } } }])
})

test('processes.ts tells of what its watches report', async () => {
  const hub = simulate(processes)
  await hub.publish('vigie/process/zombies/4711', report, { retain: true })
  await hub.publish('vigie/process/busy/4711', report, { retain: true })
  expect(hub.actions).toMatchObject([
    { kind: 'alert', key: 'zombie-4711' },
    { kind: 'alert', key: 'busy-4711' },
  ])
})
