// The house behind Zigbee2MQTT, in virtual time, with messages in the form in which Zigbee2MQTT publishes them.

import { beforeEach, expect, test } from 'vitest'
import * as zigbee from '../../examples/zigbee/zigbee.ts'
import { simulate } from '../../src/testing.ts'
import type { Simulation } from '../../src/testing.ts'

let hub: Simulation
beforeEach(() => {
  hub = simulate({ ...zigbee })
})

const is = (device: string, state: 'online' | 'offline') =>
  hub.publish(`zigbee2mqtt/${device}/availability`, { state }, { retain: true })
const alerts = (): string[] => hub.alerts.map(({ key, state }) => `${key} ${state}`)
const told = (): string[] => hub.notifications.map(({ title }) => title)
const ofButton = { battery: 87, linkquality: 120, voltage: 2900 }

test('a device that is away for ten minutes is told of, and its return; a shorter absence is not', async () => {
  await is('window', 'online')
  await is('window', 'offline')
  await hub.advance('9m')
  await is('window', 'online')
  expect(alerts()).toEqual([])
  await is('window', 'offline')
  await hub.advance('11m')
  expect(alerts()).toEqual(['zigbee-device/window firing'])
  await is('window', 'online')
  await hub.advance('1m')
  expect(alerts()).toEqual(['zigbee-device/window resolved'])
})

test('five devices that are lost at once are one alert with their names', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const name of names) await is(name, 'online')
  for (const name of names) await is(name, 'offline')
  await hub.advance('11m')
  expect(hub.alerts).toMatchObject([
    { key: 'zigbee-devices', title: '5 devices are lost', body: 'a, b, c, d, e' },
  ])
})

test('while Zigbee2MQTT is gone, people are told of that alone', async () => {
  await is('window', 'online')
  await hub.publish('zigbee2mqtt/bridge/state', { state: 'online' }, { retain: true })
  await hub.publish('zigbee2mqtt/bridge/state', { state: 'offline' }, { will: true, retain: true })
  await is('window', 'offline')
  await hub.advance('15m')
  expect(told()).toEqual(['Zigbee2MQTT is lost'])
})

test('a button switches its lamp, once for a press that is sent twice; one without a lamp does nothing', async () => {
  await hub.publish('zigbee2mqtt/hall-button', { ...ofButton, action: 'single' })
  await hub.publish('zigbee2mqtt/hall-button', { ...ofButton, action: 'single' })
  await hub.advance('1s')
  await hub.publish('zigbee2mqtt/hall-button', { ...ofButton, action: 'hold' })
  await hub.publish('zigbee2mqtt/other-button', { ...ofButton, action: 'single' })
  expect(hub.actions.filter(({ kind }) => kind === 'publish')).toMatchObject([
    { topic: 'zigbee2mqtt/hall-lamp/set', payload: { text: '{"state":"TOGGLE"}' } },
    { topic: 'zigbee2mqtt/hall-lamp/set', payload: { text: '{"brightness":30}' } },
  ])
})

test('a low battery is told of once, until there is a new one', async () => {
  for (const battery of [60, 14, 13, 16, 12])
    await hub.publish('zigbee2mqtt/window', { contact: true, battery })
  expect(alerts()).toEqual(['zigbee-battery/window firing'])
  expect(told()).toHaveLength(1)
  await hub.publish('zigbee2mqtt/window', { contact: true, battery: 100 })
  expect(alerts()).toEqual(['zigbee-battery/window resolved'])
})
