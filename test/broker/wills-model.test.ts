// Wills against a tiny obvious model: whatever their client and the hub do in whatever order.
//
// Covers `src/broker/clients/wills.ts`, `src/broker/socket/grace.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { kept, OPTIONS, plan, RUNS } from './hunt.ts'
import { ModelClient, settle } from './model-client.ts'
import { World } from './world.ts'

it(
  'publishes each will once when it is due, and never if its client came back or left politely',
  OPTIONS,
  async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('connect' as const), delay: fc.constantFrom(0, 5, 50) }),
      },
      { weight: 3, arbitrary: fc.constantFrom({ kind: 'lose' as const }, { kind: 'disconnect' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 4, 40) }),
      },
    )
    const property = fc.asyncProperty(plan(step), async (steps) => {
      const world = await new World(false).start()
      const client = new ModelClient('a', kept(65_535))
      const due: string[] = []
      let wills = 0
      /** `at`: when it is due; null while its client is connected. */
      let will: { readonly payload: string; readonly delay: number; at: number | null } | null = null
      const look = (): void => {
        if (will === null || will.at === null || will.at > world.clock.now()) return
        due.push(will.payload)
        will = null
      }
      const lost = (): void => {
        if (will?.at === null) will.at = world.clock.now() + will.delay * 1_000
        look()
      }
      for (const one of steps) {
        if (one.kind === 'connect') {
          lost()
          will = { payload: String(wills++), delay: one.delay, at: null }
          const payload = Buffer.from(will.payload)
          const properties = { willDelayInterval: one.delay }
          await client.connect(world.hub.port, {
            will: { topic: 'w', payload, qos: 1, retain: false, properties },
          })
        } else if (one.kind === 'disconnect') {
          if (client.client !== null) will = null
          await client.disconnect()
        } else if (one.kind === 'pass') {
          for (let second = 0; second < one.seconds; second++) {
            world.clock.advance(1_000)
            await settle()
            look()
          }
        } else {
          if (one.kind === 'lose') client.lose()
          else await world.restart([client])
          if (client.client === null) await world.noticed()
          lost()
        }
        if (client.client === null) await world.noticed()
        await settle()
      }
      const said = world.hub.eventLog.of('w').map(({ payload }) => payload.toString())
      expect(said).toEqual(due)
      await world.hub.broker.stop()
    })
    await fc.assert(property, RUNS)
  },
)
