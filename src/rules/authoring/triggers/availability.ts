// Triggers for topics on which devices say whether they are available: one in general, and one for each
// convention that is in wide use. Each takes `grace` and `flapping`, as `client` does.
//
// Sources: the pages "MQTT Topics and Messages" and "Device-Availability" of Zigbee2MQTT, "MQTT" of Tasmota,
// "MQTT Client Component" of ESPHome, and "MQTT" (birth and last will messages) of Home Assistant.

import type { CheckTopic, Params } from '../../../topics/capture-types.ts'
import type { PresenceOptions } from './presence.ts'
import { stateTrigger, writtenAs } from './said-state.ts'
import type { NoParams, Trigger } from './trigger.ts'

export type Availability = 'online' | 'offline'

export interface AvailabilityOptions extends PresenceOptions {
  /** What an available device says. By default `'online'`. */
  readonly online?: string
  /** What is said of one that is not. By default `'offline'`. */
  readonly offline?: string
}

export interface ConventionOptions extends PresenceOptions {
  /** The first levels of the topics, if they are not the usual ones. */
  readonly base?: string
}

type Device = { readonly device: string }

/**
 * Fires when a device says that it is available or not: as a text (`online`) or as JSON (`{"state":"online"}`).
 * @param state by default both
 */
export function availability<const T extends string>(
  filter: CheckTopic<T>,
  state?: Availability,
  options: AvailabilityOptions = {},
): Trigger<Params<T>> {
  const text = writtenAs('availability', filter, state, options)
  return onlineTrigger<Params<T>>({ text, filter }, state, options)
}

/**
 * Fires when Zigbee2MQTT says that a device is available or not, on `zigbee2mqtt/<device>/availability`. The
 * name of a device may have several levels. Needs `availability: { enabled: true }` there.
 */
export function zigbee2mqtt(state?: Availability, options: ConventionOptions = {}): Trigger<Device> {
  const { base = 'zigbee2mqtt' } = options
  const words = {
    text: writtenAs('zigbee2mqtt', state, options),
    filter: `${base}/#device`,
    params: ({ device = '' }) =>
      device.endsWith(AVAILABILITY) ? { device: device.slice(0, -AVAILABILITY.length) } : undefined,
  }
  return onlineTrigger<Device>(words, state, options)
}

/** Fires when Zigbee2MQTT itself connects or is gone, on `zigbee2mqtt/bridge/state`. */
export function zigbee2mqttBridge(state?: Availability, options: ConventionOptions = {}): Trigger<NoParams> {
  const { base = 'zigbee2mqtt' } = options
  const words = { text: writtenAs('zigbee2mqttBridge', state, options), filter: `${base}/bridge/state` }
  return onlineTrigger<NoParams>(words, state, options)
}

/** Fires when a Tasmota device connects or is gone, on `tele/<device>/LWT`: `Online`, `Offline`. */
export function tasmota(state?: Availability, options: ConventionOptions = {}): Trigger<Device> {
  const { base = 'tele' } = options
  const words = { text: writtenAs('tasmota', state, options), filter: `${base}/+device/LWT` }
  return onlineTrigger<Device>(words, state, { ...options, online: 'Online', offline: 'Offline' })
}

/** Fires when an ESPHome device connects or is gone, on `<device>/status`. */
export function esphome(state?: Availability, options: ConventionOptions = {}): Trigger<Device> {
  const { base } = options
  const filter = base === undefined ? '+device/status' : `${base}/+device/status`
  return onlineTrigger<Device>({ text: writtenAs('esphome', state, options), filter }, state, options)
}

/** Fires when Home Assistant starts or is gone, on `homeassistant/status`. */
export function homeAssistant(state?: Availability, options: ConventionOptions = {}): Trigger<NoParams> {
  const { base = 'homeassistant' } = options
  const words = { text: writtenAs('homeAssistant', state, options), filter: `${base}/status` }
  return onlineTrigger<NoParams>(words, state, options)
}

const AVAILABILITY = '/availability'

function onlineTrigger<P extends object>(
  words: Pick<Parameters<typeof stateTrigger>[0], 'text' | 'filter' | 'params'>,
  state: Availability | undefined,
  { online = 'online', offline = 'offline', ...options }: AvailabilityOptions,
): Trigger<P> {
  const known = [online, offline]
  const wanted = state === undefined ? known : [state === 'online' ? online : offline]
  return stateTrigger<P>({ ...words, known, gone: [offline], wanted }, options)
}
