// A house behind Zigbee2MQTT: devices that are lost, buttons that switch lamps, batteries that run low.

import { alert, publish, rule, zigbee2mqtt, zigbee2mqttBridge } from 'vigie'
import { z } from 'zod'

/** Which lamp a button switches, by their names in Zigbee2MQTT. */
const LAMPS: Readonly<Record<string, string>> = {
  'bedside-button': 'bedroom-lamp',
  'hall-button': 'hall-lamp',
}

// A bulb whose wall switch is off is lost for an hour each evening; a socket pulled out is one alert, and a router that
// has failed is one alert for all devices behind it.
export const devices = rule('zigbee-devices', {
  on: zigbee2mqtt(undefined, { grace: '10m', flapping: true }),
  together: { window: '30s', atLeast: 4 },
  do: ({ params, change, together }) =>
    alert({
      key: together ? 'zigbee-devices' : `zigbee-device/${params.device}`,
      title: `${together ? `${together.count} devices are` : `${params.device} is`} ${change}`,
      body: together?.keys.join(', ') ?? '',
      parent: 'zigbee',
      resolve: change === 'back' || change === 'steady',
    }),
})

// Zigbee2MQTT itself: while it is gone, nobody is told of each device.
export const bridge = rule('zigbee-bridge', {
  on: zigbee2mqttBridge(undefined, { grace: '1m' }),
  do: ({ change }) =>
    alert({
      key: 'zigbee',
      title: `Zigbee2MQTT is ${change}`,
      severity: 'critical',
      resolve: change === 'back',
    }),
})

export const buttons = rule('zigbee-buttons', {
  on: 'zigbee2mqtt/+device',
  payload: z.object({ action: z.enum(['single', 'double', 'hold']) }),
  // A button whose word is lost sends it again.
  rateLimit: [1, '300ms'],
  do: ({ params, payload }) => {
    const lamp = LAMPS[params.device]
    if (lamp === undefined) return null
    const wish = { single: { state: 'TOGGLE' }, double: { brightness: 254 }, hold: { brightness: 30 } }
    return publish(`zigbee2mqtt/${lamp}/set`, wish[payload.action])
  },
  examples: [
    { topic: 'zigbee2mqtt/hall-button', payload: { action: 'single', battery: 90 }, expect: 'fire' },
    { topic: 'zigbee2mqtt/hall-button', payload: { battery: 90 }, expect: 'skip' },
  ],
})

const battery = z.object({ battery: z.number().min(0).max(100) })

export const low = rule('zigbee-battery-low', {
  on: 'zigbee2mqtt/+device',
  payload: battery,
  value: ({ payload }) => payload.battery,
  below: 15,
  until: 40,
  do: ({ params, payload }) =>
    alert({
      key: `zigbee-battery/${params.device}`,
      title: `The battery of ${params.device} has ${payload.battery} %`,
      severity: 'info',
    }),
})

export const charged = rule('zigbee-battery-new', {
  on: 'zigbee2mqtt/+device',
  payload: battery,
  value: ({ payload }) => payload.battery,
  above: 40,
  until: 15,
  do: ({ params }) =>
    alert({
      key: `zigbee-battery/${params.device}`,
      title: `${params.device} has a new battery`,
      resolve: true,
    }),
})
