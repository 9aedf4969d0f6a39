import * as fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ExpiryClock } from '../../../src/broker/message/expiry-clock.ts'
import { connectClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BEGIN = 1_700_000_000_000
const KEPT = { clean: false, properties: { sessionExpiryInterval: 100 * 86_400 } }
const EXPIRING = { qos: 1, properties: { messageExpiryInterval: 3_600 } } as const

/** A retained message, and one that waits for a client that is away. Both expire after an hour. */
async function publishBoth() {
  const clock = new ManualClock(BEGIN)
  const { port } = await startTestBroker({ clock })
  const away = await connectClient(port, 'away', KEPT)
  await away.subscribe('queued', 1)
  away.disconnect()
  await away.expectClosed()
  const client = await connectClient(port, 'client')
  client.publish('queued', 'x', EXPIRING)
  await client.expect('puback')
  client.publish('retained', 'x', { ...EXPIRING, retain: true })
  await client.expect('puback')
  /** Who gets them now. */
  const given = async (): Promise<(readonly [string, number | undefined])[]> => {
    const back = await connectClient(port, 'away', KEPT)
    const packets = await back.sentSoFar()
    const late = await connectClient(port, 'late')
    await late.subscribe('retained', 1)
    packets.push(...(await late.sentSoFar()))
    return packets.flatMap((packet) =>
      packet.type === 'publish' ? [[packet.topic, packet.properties?.messageExpiryInterval] as const] : [],
    )
  }
  return { clock, given }
}

it.each([
  ['forward by days', 3 * DAY],
  ['forward by years', 20_000 * DAY],
  ['back by days', -3 * DAY],
])('lets a message live for its time, and no longer, when the clock is set %s', async (_, byMs) => {
  const { clock, given } = await publishBoth()
  clock.set(clock.now() + byMs)
  clock.advance(HOUR - 10_000)
  expect(await given()).toEqual([
    ['queued', 10],
    ['retained', 10],
  ])
})

it.each([
  ['forward', 3 * DAY],
  ['back', -3 * DAY],
])('lets no message outlive its time when the clock is set %s', async (_, byMs) => {
  const { clock, given } = await publishBoth()
  clock.set(clock.now() + byMs)
  clock.advance(HOUR + 1_000)
  expect(await given()).toEqual([])
})

test('an event from before the start has the time that was meant after each change of the clock since', () => {
  const clock = new ManualClock(BEGIN)
  const expiry = new ExpiryClock(clock, () => 20, [
    { afterEvent: 10, byMs: 50 * DAY },
    { afterEvent: 20, byMs: -HOUR },
  ])
  expect(expiry.momentOf({ id: 10, at: 0 })).toBe(50 * DAY - HOUR)
  expect(expiry.momentOf({ id: 11, at: 0 })).toBe(-HOUR)
  expect(expiry.momentOf({ id: 21, at: BEGIN })).toBe(BEGIN)
})

test('the age of an event is the time that went by since it was appended, however the clock was set', () => {
  const changes = fc.oneof(
    fc.record({ pause: fc.integer({ min: 0, max: 100_000 }) }),
    fc.record({ setBy: fc.integer({ min: 1_000, max: DAY }), back: fc.boolean() }),
    fc.constant('event' as const),
  )
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 40 }), (happenings) => {
      const clock = new ManualClock(BEGIN)
      const events: { id: number; at: number; steady: number }[] = []
      const expiry = new ExpiryClock(clock, () => events.length)
      for (const happening of happenings) {
        if (happening === 'event') {
          expiry.now()
          events.push({ id: events.length + 1, at: clock.now(), steady: clock.steady() })
        } else if ('pause' in happening) {
          clock.advance(happening.pause)
        } else {
          // What two changes come to between two readings may be too little to be seen.
          expiry.now()
          clock.set(clock.now() + (happening.back ? -1 : 1) * (happening.setBy + 1))
        }
      }
      const now = expiry.now()
      for (const event of events) expect(now - expiry.momentOf(event)).toBe(clock.steady() - event.steady)
    }),
  )
})
