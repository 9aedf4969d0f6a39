// Bridges to brokers of other makes: what goes out arrives there, and what is published there comes in; a cut
// and a restart of the other side lose nothing.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { type FarBroker, startEjabberd, startMosquitto, startNats, startRabbit } from './far-brokers.ts'

interface Make {
  readonly program: string
  readonly start: () => Promise<FarBroker>
  readonly version: '5.0' | '3.1.1'
  readonly broker?: 'rabbitmq' | 'nats'
  /** Whom the far side lets in; by default everybody. */
  readonly user?: string
  /** A topic that the far side cannot have. */
  readonly strange?: string
  /** Whether a session there, and what it is owed, outlives a crash of the far side. */
  readonly keeps: boolean
}

const MAKES: readonly Make[] = [
  { program: 'mosquitto', start: startMosquitto, version: '5.0', keeps: false },
  {
    program: 'rabbitmq-server',
    start: startRabbit,
    version: '3.1.1',
    broker: 'rabbitmq',
    strange: 'up/a.b',
    keeps: true,
  },
  {
    program: 'nats-server',
    start: startNats,
    version: '3.1.1',
    broker: 'nats',
    strange: 'up/a b',
    keeps: true,
  },
  { program: 'ejabberdctl', start: startEjabberd, version: '5.0', user: 'hub@localhost', keeps: false },
]

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

for (const { program, start, version, broker = 'mqtt', strange, user, keeps } of MAKES)
  itWith(program)(
    `sends to ${program} and takes from it, also after it was away`,
    async () => {
      const far = await start()
      const topics = [{ filter: 'up/#' }, { filter: 'down/#', direction: 'in' }]
      const login = user === undefined ? {} : { user, password: { secret: 'FAR_PASSWORD' } }
      const reconnect = { first: '50ms', longest: '300ms' }
      const near = await startBridgedHub(
        { bridges: { far: { url: far.url, broker, topics, reconnect, ...login } } },
        { env: { FAR_PASSWORD: 'any' } },
      )
      expect(await near.until(isConnected)).toMatchObject({ version, reason: null })
      const options = {
        protocolVersion: version === '5.0' ? 5 : 4,
        ...(user !== undefined && { username: user.replace('hub', 'other'), password: 'any' }),
      } as const
      const there = await connectTo(far.port, {
        ...options,
        clientId: 'there',
        clean: false,
        // Its brother below takes the session over.
        reconnectPeriod: 0,
        properties: { sessionExpiryInterval: 3_600 },
      })
      await there.subscribe('up/#', 1)
      const here = await near.client()
      await here.subscribe('down/#', 1)
      for (const number of numbers(1, 20)) await here.publish('up/x', number)
      for (const number of numbers(1, 20)) await there.publish('down/x', number)
      expect((await there.count(20)).map(({ payload }) => payload)).toEqual(numbers(1, 20))
      expect((await here.count(20)).map(({ payload }) => payload)).toEqual(numbers(1, 20))
      if (strange !== undefined) {
        await here.publish(strange, 'x')
        expect(await near.until(({ dropped }) => dropped.untranslatable === 1)).toMatchObject({ sent: 20 })
      }

      await far.end('SIGKILL')
      await near.until(({ state }) => state === 'waiting')
      for (const number of numbers(21, 60)) await here.publish('up/x', number)
      await far.restart()
      const after = await connectTo(far.port, { ...options, clientId: 'there', clean: false })
      await near.until(({ sent }) => sent >= 60)
      if (keeps) await after.hears(({ payload }) => payload === '60')
      await after.subscribe('up/#', 1)
      // What arrived before the subscription is told by the acknowledgements alone, where none outlives.
      for (const number of numbers(61, 63)) await here.publish('up/x', number)
      await after.hears(({ payload }) => payload === '63')
      if (keeps) expect(new Set(after.heard.map(({ payload }) => payload))).toEqual(new Set(numbers(21, 63)))
      await after.publish('down/x', 'back')
      await here.hears(({ payload }) => payload === 'back')
    },
    240_000,
  )
