// A session against a tiny obvious model: whatever one client, a publisher and the hub do in whatever order, restarts included.
// QoS 1: everything comes, in order. QoS 2: everything comes once, in order.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { type Client, connectClient } from './client.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const KEPT = { clean: false, properties: { sessionExpiryInterval: 3_600 } } as const

type Step = 'publish' | 'connect' | 'disconnect' | 'subscribe' | 'unsubscribe' | 'answer' | 'restart'

const anySteps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>('publish') },
    { weight: 4, arbitrary: fc.constant<Step>('answer') },
    { weight: 2, arbitrary: fc.constantFrom<Step>('connect', 'disconnect', 'restart', 'subscribe') },
    { weight: 1, arbitrary: fc.constant<Step>('unsubscribe') },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
)

class Session {
  readonly qos: 1 | 2
  readonly heard: string[] = []
  /** What it has to get: published while it was subscribed. */
  owed: string[] = []
  client: Client | null = null
  isSubscribed = false
  readonly #taken = new Set<number>()

  constructor(qos: 1 | 2) {
    this.qos = qos
  }

  /** Takes all that has come; says all that is to be said. */
  async answer(): Promise<void> {
    const { client } = this
    for (
      let packets = await client?.sentSoFar();
      packets && packets.length > 0;
      packets = await client?.sentSoFar()
    ) {
      for (const packet of packets) {
        if (packet.type === 'publish') {
          const packetId = packet.packetId!
          if (packet.qos === 1 || !this.#taken.has(packetId)) this.heard.push(packet.payload.toString())
          if (packet.qos === 2) this.#taken.add(packetId)
          client?.send({ type: packet.qos === 2 ? 'pubrec' : 'puback', packetId, reasonCode: 0 })
        } else if (packet.type === 'pubrel') {
          this.#taken.delete(packet.packetId)
          client?.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
        }
      }
      await settle()
    }
  }
}

/** Lets commits and pages that are under way come. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function play(qos: 1 | 2, steps: readonly Step[]): Promise<Session> {
  const clock = new ManualClock(0)
  let hub: TestBroker = await startTestBroker({ clock })
  const session = new Session(qos)
  let published = 0
  const connect = async (): Promise<void> => {
    session.client ??= await connectClient(hub.port, 'a', KEPT)
  }
  for (const step of ['connect', 'subscribe', ...steps, 'connect', 'answer'] as const) {
    const { client } = session
    switch (step) {
      case 'publish': {
        const payload = String(published++)
        await hub.broker.publish({ ...MESSAGE, payload: Buffer.from(payload), qos })
        if (session.isSubscribed) session.owed.push(payload)
        break
      }
      case 'connect':
        await connect()
        break
      case 'disconnect':
        await session.answer()
        client?.disconnect()
        await client?.expectClosed()
        session.client = null
        break
      case 'subscribe':
        if (client === null) break
        await session.answer()
        await client.subscribe('t', qos, { retainHandling: 2 })
        session.isSubscribed = true
        break
      case 'unsubscribe':
        if (client === null) break
        await session.answer()
        client.send({ type: 'unsubscribe', packetId: 8, filters: ['t'] })
        await client.expect('unsuback')
        session.isSubscribed = false
        break
      case 'answer':
        clock.advance(10)
        await session.answer()
        break
      case 'restart': {
        // What the dead hub had sent and nobody has read is lost on the way.
        const eventLog = hub.eventLog.successor()
        const sessions = eventLog.sessionLog.stored()
        client?.peer.socket.destroy()
        session.client = null
        hub = await startTestBroker({ eventLog, clock, sessions, diedAt: clock.now() })
        break
      }
      default:
        step satisfies never
    }
  }
  return session
}

const MESSAGE = { topic: 't', retain: false, origin: 'hub', cause: null } as const

it.each([1, 2] as const)(
  'brings everything at QoS %d through restarts at any moment, in order',
  async (qos) => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const { heard, owed } = await play(qos, steps)
        expect([...new Set(heard)]).toEqual(owed)
        expect(heard.length).toBeLessThanOrEqual(qos === 2 ? owed.length : Infinity)
      }),
      { numRuns: 60 },
    )
  },
)
