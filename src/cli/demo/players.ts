// Lets the world happen on a hub: each of its clients is a real MQTT client with a will of its own.

import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { CLIENTS, type ClientId, type Happening, happenings } from './world.ts'

export interface PlayOptions {
  /** `mqtt://127.0.0.1:1883` */
  readonly hub: string
  readonly seed: number
  /** How many times faster than a real clock the clock of the house goes. */
  readonly speed: number
}

export interface Play {
  /** Resolves when every client has left as a client should. */
  stop(): Promise<void>
}

export async function play({ hub, seed, speed }: PlayOptions): Promise<Play> {
  const clients = new Map<ClientId, MqttClient>()
  const ended = new AbortController()
  const join = async (id: ClientId): Promise<void> => {
    const client = await connectAsync(hub, {
      clientId: `demo-${id}`,
      reconnectPeriod: 0,
      will: { topic: statusOf(id), payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    // A hub that ends before its clients do breaks their connections off.
    client.on('error', () => {})
    clients.set(id, client)
    await client.publishAsync(statusOf(id), 'online', { qos: 1, retain: true })
  }
  const act = async (happening: Happening): Promise<void> => {
    const { client: id } = happening
    if (happening.kind === 'back') return join(id)
    const client = clients.get(id)
    if (happening.kind === 'publish') {
      const { topic, payload, retain } = happening
      await client?.publishAsync(topic, payload, { qos: 1, retain })
    } else {
      // Without DISCONNECT, so that the hub publishes the will [MQTT-3.1.2-8].
      client?.stream.destroy()
      clients.delete(id)
    }
  }
  for (const id of CLIENTS) await join(id)
  const beganAt = performance.now()
  const playing = (async () => {
    for (const happening of happenings(seed)) {
      const waitMs = beganAt + happening.atMs / speed - performance.now()
      if (waitMs > 0) await pause(waitMs, undefined, { signal: ended.signal })
      if (ended.signal.aborted) return
      await act(happening)
    }
  })().catch(() => {
    // The play has ended, or the hub: whoever runs the hub tells which.
  })
  return {
    async stop() {
      ended.abort()
      // What is under way waits for an answer of the hub, which ending the clients ends as well.
      await Promise.all(Array.from(clients.values(), (client) => client.endAsync()))
      await playing
    },
  }
}

const statusOf = (id: ClientId): string => `devices/${id}/status`
