// Composes the listeners for MQTT-SN from the configuration, with their predefined topics.

import { readFileSync } from 'node:fs'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { messageOf } from './base/printable.ts'
import type { Broker } from './broker/broker.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import type { SnListenerConfig } from './config/listeners.ts'
import { type Accesses, explained } from './listeners.ts'
import { listenOnUdp, type SnListener } from './mqtt-sn/listener.ts'
import { parsePredefined, problemOf } from './mqtt-sn/topics/predefined-file.ts'
import type { PredefinedTopic } from './mqtt-sn/topics/predefined.ts'

export interface SnPorts {
  readonly broker: Broker
  readonly accesses: Accesses
  readonly clock: Clock
  readonly log: Log
}

/** Opens them one after the other, and says where each is. Rejects with a sentence; then none is left open. */
export async function openSnListeners(
  { listeners }: Config,
  { broker, accesses, clock, log }: SnPorts,
): Promise<readonly SnListener[]> {
  const opened: SnListener[] = []
  try {
    for (const listener of listeners.filter((one) => one.type === 'mqtt-sn')) {
      const { host, anonymous, user } = listener
      const settings = { ...listener, predefined: predefinedOf(listener) }
      const door = accesses.door({ ...listener, userFromCertificate: user !== undefined }, host)
      const listening = await explained('MQTT-SN', '--config with another', listener, () =>
        listenOnUdp({ settings, gate: broker.gate(door), clock, log }),
      )
      opened.push(listening)
      const everybody = anonymous === true ? ', open to everybody' : ''
      log.info(
        { listener: 'mqtt-sn', host: listening.host, port: listening.port },
        `MQTT-SN: ${listening.url}${everybody}`,
      )
    }
  } catch (error) {
    await Promise.all(opened.map((listening) => listening.stop()))
    throw error
  }
  return opened
}

/** The topics of the configuration and of the file that it names. @throws ConfigError */
function predefinedOf({ predefined, predefinedFile }: SnListenerConfig): readonly PredefinedTopic[] {
  const topics: PredefinedTopic[] = []
  const problems: string[] = []
  for (const topic of predefined) {
    const problem = problemOf(topic, topics)
    if (problem === undefined) topics.push(topic)
    else problems.push(`predefined ${JSON.stringify(topic.topic)}: ${problem}`)
  }
  if (problems.length === 0 && predefinedFile !== undefined) {
    const file = parsePredefined(textOf(predefinedFile))
    problems.push(...file.problems.map((problem) => `${predefinedFile}, ${problem}`))
    topics.push(...file.topics)
  }
  if (problems.length === 0) return topics
  throw new ConfigError(`The predefined topics of MQTT-SN are not valid:\n  ${problems.join('\n  ')}`)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`The file of predefined topics ${file} cannot be read: ${messageOf(error)}`)
  }
}
