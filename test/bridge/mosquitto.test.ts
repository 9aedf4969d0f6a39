// A bridge to a real Mosquitto, and a bridge of Mosquitto to us.
//
// Covers `src/bridges.ts`, `src/bridge/bridges.ts`, `src/bridge/link/dial.ts`.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { startMosquitto } from './far-brokers.ts'

const TOPICS = [
  { filter: 'up/#', qos: 2 },
  { filter: 'down/#', direction: 'in', qos: 2 },
  { filter: '#', direction: 'both', from: 'home/', to: 'site/' },
]

itWith('mosquitto')('passes messages of every QoS both ways, with properties and prefixes', async () => {
  const far = await startMosquitto()
  const near = await startBridgedHub({ bridges: { far: { url: far.url, topics: TOPICS } } })
  expect(await near.until(isConnected)).toMatchObject({ version: '5.0', reason: null, address: far.url })
  const there = await connectTo(far.port)
  await there.subscribe('#')
  const here = await near.client()
  await here.subscribe('#')

  const properties = { contentType: 'text/plain', userProperties: { unit: '°C' }, messageExpiryInterval: 600 }
  for (const qos of [0, 1, 2]) await here.publish('up/x', `u${qos}`, { qos, properties })
  await here.publish('home/lamp', 'on', { qos: 1, retain: true })
  for (const qos of [0, 1, 2]) await there.publish('down/x', `d${qos}`, { qos, properties })
  await there.publish('site/door', 'open', { qos: 1, retain: true })

  const sent = await there.hears(({ payload }) => payload === 'u2')
  expect(sent.packet).toMatchObject({ qos: 2, properties: { contentType: 'text/plain' } })
  expect(sent.packet.properties?.userProperties).toMatchObject({ unit: '°C' })
  expect((await there.hears(({ topic }) => topic === 'site/lamp')).packet).toMatchObject({ retain: true })
  const came = await here.hears(({ payload }) => payload === 'd2')
  expect(came.packet).toMatchObject({ qos: 2, properties: { contentType: 'text/plain' } })
  expect((await here.hears(({ topic }) => topic === 'home/door')).packet).toMatchObject({ retain: true })
  // Each once on each side: nothing came back.
  await near.until(({ sent: count }) => count === 4)
  const payloads = (all: readonly { payload: string }[]) => all.map(({ payload }) => payload).toSorted()
  const all = ['d0', 'd1', 'd2', 'on', 'open', 'u0', 'u1', 'u2']
  expect(payloads(there.heard)).toEqual(all)
  expect(payloads(here.heard)).toEqual(all)
})
