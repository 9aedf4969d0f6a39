// Waiting for what rules do, as any MQTT client can: every run that ends is a message.

import { connectAsync, type MqttClient } from 'mqtt'
import { whenOver } from './lifetime.ts'

export interface RunMessage {
  readonly rule: string
  readonly run: number
  readonly state: string
}

/** A client of the hub, and the ends of runs that it hears of. It is closed when the test is over. */
export async function watchRuns(mqttPort: number) {
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`)
  whenOver(() => client.endAsync(true))
  const heard: RunMessage[] = []
  const waiting = new Set<(message: RunMessage) => void>()
  client.on('message', (topic, payload) => {
    if (!topic.startsWith('vigie/runs/')) return
    const message = JSON.parse(payload.toString()) as RunMessage
    heard.push(message)
    for (const tell of waiting) tell(message)
  })
  await client.subscribeAsync('vigie/runs/+', { qos: 1 })
  return {
    client,
    /** Resolves with the end, past or future, of a run of this rule. */
    ended: (rule: string) =>
      new Promise<RunMessage>((resolve) => {
        const take = (message: RunMessage): boolean => {
          if (message.rule !== rule) return false
          waiting.delete(take)
          resolve(message)
          return true
        }
        if (!heard.some(take)) waiting.add(take)
      }),
  }
}
