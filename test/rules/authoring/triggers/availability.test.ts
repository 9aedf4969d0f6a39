// The payloads are those that the devices' own documentation shows.
//
// Covers `src/rules/authoring/triggers/availability.ts`, `src/rules/authoring/triggers/homie.ts`,
// `src/rules/authoring/triggers/said-state.ts`, `src/rules/authoring/triggers/client.ts`.

import { expect, it } from 'vitest'
import {
  availability,
  esphome,
  homeAssistant,
  tasmota,
  zigbee2mqtt,
  zigbee2mqttBridge,
} from '../../../../src/rules/authoring/triggers/availability.ts'
import { homie } from '../../../../src/rules/authoring/triggers/homie.ts'
import { TRIGGER } from '../../../../src/rules/authoring/triggers/trigger.ts'
import { compileOne, Driver } from '../../drive.ts'

const FIRES = 'fires'
const NO_STATE = 'the message tells no state'

it.each([
  [zigbee2mqtt('offline'), 'zigbee2mqtt/my_bulb/availability', '{"state":"offline"}', FIRES],
  [zigbee2mqtt('offline'), 'zigbee2mqtt/my_bulb/availability', 'offline', FIRES],
  [zigbee2mqtt('offline'), 'zigbee2mqtt/kitchen/floor_light/availability', '{"state":"offline"}', FIRES],
  [
    zigbee2mqtt('offline'),
    'zigbee2mqtt/my_bulb/availability',
    '{"state":"online"}',
    'it is online; the rule waits for offline',
  ],
  [zigbee2mqtt('online'), 'zigbee2mqtt/my_bulb/availability', 'online', FIRES],
  [
    zigbee2mqtt('offline', { base: 'zigbee/up' }),
    'zigbee/up/my_bulb/availability',
    '{"state":"offline"}',
    FIRES,
  ],
  [zigbee2mqttBridge('offline'), 'zigbee2mqtt/bridge/state', '{"state":"offline"}', FIRES],
  [zigbee2mqttBridge('offline'), 'zigbee2mqtt/bridge/state', 'offline', FIRES],
  [zigbee2mqttBridge(), 'zigbee2mqtt/bridge/state', '{"state":"online"}', FIRES],
  [tasmota('offline'), 'tele/tasmota_4D92A1/LWT', 'Offline', FIRES],
  [tasmota('online'), 'tele/tasmota_4D92A1/LWT', 'Online', FIRES],
  [tasmota('offline'), 'tele/tasmota_4D92A1/LWT', 'Online', 'it is Online; the rule waits for Offline'],
  [esphome('offline'), 'livingroom/status', 'offline', FIRES],
  [esphome('offline'), 'livingroom/status', 'online', 'it is online; the rule waits for offline'],
  [esphome('offline'), 'washer/status', 'rinsing', NO_STATE],
  [esphome('offline', { base: 'esp' }), 'esp/livingroom/status', 'offline', FIRES],
  [homeAssistant('online'), 'homeassistant/status', 'online', FIRES],
  [homeAssistant('online'), 'homeassistant/status', 'offline', 'it is offline; the rule waits for online'],
  [homie('lost'), 'homie/super-car/$state', 'lost', FIRES],
  [homie('lost', { version: 3 }), 'homie/super-car/$state', 'lost', FIRES],
  [homie('lost', { version: 5 }), 'homie/5/super-car/$state', 'lost', FIRES],
  [homie('lost'), 'homie/super-car/$state', 'disconnected', 'it is disconnected; the rule waits for lost'],
  [homie(['lost', 'disconnected']), 'homie/super-car/$state', 'disconnected', FIRES],
  [homie('alert'), 'homie/super-car/$state', 'alert', FIRES],
  [homie('sleeping'), 'homie/super-car/$state', 'sleeping', FIRES],
  [homie('init'), 'homie/super-car/$state', 'init', FIRES],
  [homie('ready'), 'homie/super-car/$state', 'ready', FIRES],
  [homie('ready'), 'homie/super-car/$state', '', NO_STATE],
  [homie('ready'), 'homie/super-car/$state', 'Ready', NO_STATE],
  [availability('plc/+line/+unit/up', 'offline', { online: '1', offline: '0' }), 'plc/a/b/up', '0', NO_STATE],
  [
    availability('plc/+line/+unit/up', 'offline', { online: 'up', offline: 'down' }),
    'plc/a/b/up',
    'down',
    FIRES,
  ],
] as const)('%o of %s %s: %s', (on, topic, payload, answer) => {
  const driver = new Driver({ on })
  const { stage, reason } = driver.send(0, payload, { topic })
  expect(stage === 'fired' ? FIRES : reason).toBe(answer)
})

it.each([
  [zigbee2mqtt(), 'zigbee2mqtt/kitchen/floor_light/availability', 'kitchen/floor_light'],
  [tasmota(), 'tele/tasmota_4D92A1/LWT', 'tasmota_4D92A1'],
  [esphome(), 'livingroom/status', 'livingroom'],
  [homie('lost'), 'homie/super-car/$state', 'super-car'],
])('%o knows the device of %s', (on, topic, device) => {
  expect(compileOne({ on }).matchOf('r', topic)?.ways[0]?.params).toEqual({ device })
})

it('does not read what else a device of Zigbee2MQTT says', () => {
  expect(compileOne({ on: zigbee2mqtt() }).matchOf('r', 'zigbee2mqtt/my_bulb')).toBeUndefined()
})

it.each([
  [zigbee2mqtt('offline', { grace: '2m' }), 'zigbee2mqtt/a/availability', '{"state":"offline"}'],
  [tasmota('offline', { grace: '2m' }), 'tele/a/LWT', 'Offline'],
  [esphome('offline', { grace: '2m' }), 'a/status', 'offline'],
  [homie('lost', { grace: '2m' }), 'homie/a/$state', 'lost'],
])('%o waits for the grace', (on, topic, payload) => {
  const driver = new Driver({ on })
  driver.send(0, payload, { topic })
  driver.wakeUntil(1_000_000)
  expect(driver.firings).toMatchObject([{ at: 120_000, details: { change: 'lost' } }])
})

it('takes a Homie device that sleeps, or that was removed, for one that is here', () => {
  for (const payload of ['sleeping', '']) {
    const driver = new Driver({ on: homie('lost', { grace: '2m' }) })
    driver.send(0, 'lost', { topic: 'homie/a/$state' })
    driver.send(1_000, payload, { topic: 'homie/a/$state' })
    driver.wakeUntil(1_000_000)
    expect(driver.firings).toEqual([])
  }
})

it('shows itself in messages as it is written', () => {
  expect(homie('lost')[TRIGGER].text).toBe('homie("lost")')
  expect(zigbee2mqtt('offline', { grace: '2m' })[TRIGGER].text).toBe('zigbee2mqtt("offline", {"grace":"2m"})')
})
