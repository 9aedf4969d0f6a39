// A bridge to a real Mosquitto, and a bridge of Mosquitto to us.
//
// Covers `src/bridges.ts`, `src/bridge/bridges.ts`, `src/bridge/link/dial.ts`.

import { expect } from 'vitest'
import { Authority } from '../support/certificates.ts'
import { temporaryFolder } from '../support/hub.ts'
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

  const userProperties = { unit: '°C' }
  const properties = { contentType: 'text/plain', userProperties, messageExpiryInterval: 600 }
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

itWith('mosquitto', 'openssl')(
  'speaks TLS with a certificate of its own, and says why where it may not',
  async () => {
    const folder = temporaryFolder()
    const authority = new Authority(folder)
    const [server, client] = [authority.sign('server'), authority.sign('site-7')]
    const tls = [`cafile ${authority.cert}`, `certfile ${server.cert}`, `keyfile ${server.key}`]
    const far = await startMosquitto([...tls, 'require_certificate true', 'use_identity_as_username true'])
    const url = far.url.replace('mqtt:', 'mqtts:')
    const topics = [{ filter: 'up/#' }]
    const good = { url, topics, tls: { ca: authority.cert, cert: client.cert, key: client.key } }
    const near = await startBridgedHub({
      bridges: { far: good, stranger: { url, topics }, missing: { url, topics, tls: { ca: 'none.pem' } } },
    })
    expect(await near.until(isConnected)).toMatchObject({ version: '5.0' })
    const stranger = await near.until(({ reason }) => reason !== null, 'stranger')
    expect(stranger.reason).toMatch(/name the authority in tls\.ca to trust it/)
    const missing = await near.until(({ reason }) => reason !== null, 'missing')
    expect(missing.reason).toMatch(/tls\.ca .*none\.pem cannot be read \(ENOENT\)/)
  },
)

itWith('mosquitto')('takes a bridge of Mosquitto, in both directions and without an echo', async () => {
  const near = await startBridgedHub({})
  const far = await startMosquitto([
    'connection site',
    `address 127.0.0.1:${near.hub.mqtt}`,
    'topic # both 1 there/ here/',
    'notifications true',
    'restart_timeout 1 1',
  ])
  const [here, there] = [await near.client(), await connectTo(far.port)]
  await here.subscribe('$SYS/broker/connection/+/state')
  await here.hears(({ payload }) => payload === '1')
  await here.subscribe('here/#')
  await there.subscribe('there/#')
  await there.publish('there/x', 'from Mosquitto')
  await here.hears(({ payload }) => payload === 'from Mosquitto')
  await here.publish('here/x', 'from the hub')
  await there.hears(({ payload }) => payload === 'from the hub')
  expect(here.heard.filter(({ topic }) => topic === 'here/x')).toHaveLength(2)
  expect(there.heard).toHaveLength(2)
})

itWith('mosquitto')('repeats nothing after it was away, and tells it where it stands', async () => {
  const far = await startMosquitto()
  const near = await startBridgedHub({
    bridges: {
      far: { url: far.url, topics: [{ filter: 'up/#' }], status: 'sites/7', reconnect: { first: '20ms' } },
    },
  })
  const here = await near.client()
  await here.publish('up/kept', 'on', { qos: 1, retain: true })
  await near.until(({ sent }) => sent === 1)
  await far.end('SIGTERM')
  await near.until(({ state }) => state === 'waiting')
  await here.publish('up/later', 'x')
  await far.restart()
  await near.until(({ sent }) => sent === 2)
  const there = await connectTo(far.port)
  await there.subscribe('#')
  const states = await there.count(2)
  expect(Object.fromEntries(states.map(({ topic, payload }) => [topic, payload]))).toEqual({
    'sites/7': '1',
    'up/kept': 'on',
  })
  await near.hub.end('SIGKILL')
  await there.hears(({ topic, payload }) => topic === 'sites/7' && payload === '0')
})
