// A hub in a process of its own with bridges, and MQTT clients on either side.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import type { BridgeStatus } from '../../src/model/bridge.ts'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

export interface BridgedHub {
  readonly folder: string
  readonly hub: HubProcess
  /** Starts it again, with what it has kept; with other settings, if given. */
  restart(config?: object): Promise<BridgedHub>
  bridge(name?: string): Promise<BridgeStatus>
  client(options?: IClientOptions): Promise<Client>
  /** Resolves when the bridge is so, by asking the hub. */
  until(fits: (bridge: BridgeStatus) => boolean, name?: string): Promise<BridgeStatus>
}

interface HubOptions {
  readonly folder?: string
  /** The text of a rule file. */
  readonly rules?: string
  readonly port?: number
  readonly env?: NodeJS.ProcessEnv
}

/** A hub of its own data folder. */
export async function startBridgedHub(
  config: object,
  { folder = temporaryFolder(), rules = '', port = 0, env = {} }: HubOptions = {},
): Promise<BridgedHub> {
  mkdirSync(join(folder, 'rules'), { recursive: true })
  if (rules !== '') writeFileSync(join(folder, 'rules', 'rules.ts'), rules)
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(file, `export default ${JSON.stringify({ durability: 'normal', ...config })}\n`)
  const hub = await startHubProcess(['--config', file, '--mqtt', String(port)], env)
  const bridge = async (name = 'far'): Promise<BridgeStatus> => {
    const answer = await fetch(`http://127.0.0.1:${hub.http}/api/status`)
    const { bridges } = (await answer.json()) as { bridges: readonly BridgeStatus[] }
    const found = bridges.find((each) => each.name === name)
    if (!found) throw new Error(`There is no bridge ${name}.`)
    return found
  }
  return {
    folder,
    hub,
    restart: (changed) => startBridgedHub(changed ?? config, { folder, rules, port: hub.mqtt, env }),
    bridge,
    client: (options) => connectTo(hub.mqtt, options),
    async until(fits, name) {
      for (;;) {
        const now = await bridge(name)
        if (fits(now)) return now
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    },
  }
}

export const isConnected = ({ state }: BridgeStatus): boolean => state === 'connected'

export interface Heard {
  readonly topic: string
  readonly payload: string
  readonly packet: IPublishPacket
}

export interface Client {
  readonly mqtt: MqttClient
  /** All that came, in order. */
  readonly heard: readonly Heard[]
  subscribe(filter: string, qos?: 0 | 1 | 2): Promise<void>
  publish(topic: string, payload: string, options?: object): Promise<unknown>
  /** Resolves when something fits in what has come; with that. */
  hears(fits: (heard: Heard) => boolean): Promise<Heard>
  /** Resolves when so many have come. */
  count(count: number): Promise<readonly Heard[]>
}

export async function connectTo(port: number, options: IClientOptions = {}): Promise<Client> {
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, ...options })
  // What ends a test ends the brokers, too.
  mqtt.on('error', () => {})
  whenOver(() => mqtt.endAsync(true))
  const heard: Heard[] = []
  const waiting = new Set<() => void>()
  mqtt.on('message', (topic, payload, packet) => {
    heard.push({ topic, payload: payload.toString(), packet })
    for (const look of waiting) look()
  })
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    mqtt,
    heard,
    async subscribe(filter, qos = 2) {
      await mqtt.subscribeAsync(filter, { qos, rap: true })
    },
    publish: (topic, payload, published = { qos: 1 }) => mqtt.publishAsync(topic, payload, published),
    hears: (fits) => until(() => heard.find((each) => fits(each))),
    count: (count) => until(() => (heard.length >= count ? heard : undefined)),
  }
}
