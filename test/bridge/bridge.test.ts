// Covers `src/bridge/link/link.ts`, `src/bridge/link/handshake.ts`, `src/bridge/link/offers.ts`,
// `src/bridge/link/subscribing.ts`, `src/bridge/link/status-packet.ts`, `src/bridge/condition.ts`,
// `src/bridge/flow/outward.ts`, `src/bridge/flow/outgoing.ts`, `src/bridge/flow/inward.ts`,
// `src/bridge/flow/item.ts`, `src/bridge/flow/reading.ts`, `src/bridge/flow/releases.ts`,
// `src/bridge/flow/retained.ts`, `src/bridge/flow/terms.ts`: what a far side hears and says, in bytes.

import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { encodePropertyBytes } from '../../src/mqtt/properties.ts'
import type { UserProperty } from '../../src/mqtt/properties.ts'
import { event } from '../journal/nouns.ts'
import { farSide, type Line, type Played, play } from './scripted.ts'

/** CONNECT of version 5: session for ever, receive maximum 10, the id of the hub, client id `c`. */
const CONNECT_5 =
  '10 27 0004 4d515454 05 00 0000 19 11 ffffffff 21 000a 26 0009 76696769652d687562 0003 687562 0001 63'
const CONNECT_BRIDGE = '10 0d 0004 4d515454 84 00 0000 0001 63'
const CONNECT_4 = '10 0d 0004 4d515454 04 00 0000 0001 63'
const CONNACK_5 = '20 03 00 00 00'
const RESUMED_5 = '20 03 01 00 00'
/** The user properties of event 9 of this hub. */
const PASSAGE_9 = '26 000a 76696769652d70617468 0003 687562 26 000b 76696769652d6576656e74 0001 39'
const hex = (text: string): string => Buffer.from(text).toString('hex')
const path = (...hubs: readonly string[]): UserProperty[] => [['vigie-path', hubs.join(' ')]]

async function connected(
  options: Parameters<typeof play>[1] = {},
  connack = RESUMED_5,
  settings: Partial<Parameters<typeof play>[0]> = {},
): Promise<{ played: Played; line: Line; next: () => Promise<Line> }> {
  const far = await farSide()
  const played = play({ addresses: [far.address], ...settings }, options)
  played.bridge.start()
  const line = await far.line()
  expect(await line.hear(CONNECT_5)).toBe(CONNECT_5)
  line.say(connack)
  await played.until(({ status }) => status.state === 'connected')
  return { played, line, next: () => far.line() }
}

describe('the offers of a bridge', () => {
  const refusal = { '0x84': '20 03 00 84 00', 'return code 1': '20 02 00 01' }

  it.each(Object.entries(refusal))(
    'go down to 3.1.1 with the bit of a bridge after %s',
    async (_, answer) => {
      const far = await farSide()
      const played = play({ addresses: [far.address], version: 'auto' })
      played.bridge.start()
      const first = await far.line()
      expect(await first.hear(CONNECT_5)).toBe(CONNECT_5)
      first.say(answer)
      const second = await far.line()
      expect(await second.hear(CONNECT_BRIDGE)).toBe(CONNECT_BRIDGE)
      second.say('20 02 00 01')
      const third = await far.line()
      expect(await third.hear(CONNECT_4)).toBe(CONNECT_4)
      third.say('20 02 00 00')
      await played.until(({ status }) => status.state === 'connected')
      expect(played.bridge.status).toMatchObject({ version: '3.1.1', reason: null })
    },
  )

  it('are not made to 3.1.1 where what goes out would come back', async () => {
    const far = await farSide()
    const echoProblem = 'topics[0] goes both ways'
    const played = play({ addresses: [far.address], version: 'auto' }, { echoProblem })
    played.bridge.start()
    const first = await far.line()
    await first.hear(CONNECT_5)
    first.socket.destroy()
    const second = await far.line()
    await second.hear(CONNECT_BRIDGE)
    second.say('20 02 00 00')
    expect(await second.hear('e0 00')).toBe('e0 00')
    await played.until(({ status }) => status.state === 'waiting')
    expect(played.bridge.status.reason).toBe(`${far.address}: it speaks MQTT 3.1.1 only: ${echoProblem}.`)
  })

  it('say why it is refused, and go on to the next address', async () => {
    const [far, other] = [await farSide(), await farSide()]
    const played = play({ addresses: [far.address, other.address], user: 'ann', password: () => 'tiger' })
    played.bridge.start()
    const line = await far.line()
    expect(await line.hear(`10 33 0004 4d515454 05 c0`)).toBe(`10 33 0004 4d515454 05 c0`)
    line.say('20 03 00 87 00')
    const second = await other.line()
    second.say('20 03 00 86 00')
    await played.until(({ status }) => status.state === 'waiting')
    expect(played.bridge.status.reason).toBe(
      `${other.address}: it refuses the connection: Bad user name or password.`,
    )
  })

  it('come again after a pause when nobody listens', async () => {
    const played = play({ addresses: ['mqtt://127.0.0.1:1'] })
    played.bridge.start()
    await played.until(({ status }) => status.state === 'waiting')
    expect(played.bridge.status.reason).toBe('mqtt://127.0.0.1:1: nothing listens there.')
  })
})

describe('what goes out', () => {
  it('is sent with the id of the hub, and moves the cursor when it is acknowledged', async () => {
    const { played, line } = await connected({
      events: [event(9, { topic: 't', payload: Buffer.from('x') })],
    })
    const publish = `32 2a 0001 74 0001 23 ${PASSAGE_9} 78`
    expect(await line.hear(publish)).toBe(publish)
    expect(played.bridge.status).toMatchObject({ sent: 0, behind: 1 })
    line.say('40 02 0001')
    await played.until(({ status }) => status.sent === 1)
    expect(played.changes).toContainEqual({ kind: 'bridge-progressed', bridge: 'far', upTo: 9 })
    expect(played.bridge.status.behind).toBe(0)
  })

  it('is sent again with the same packet id after a cut, and what was acknowledged is not', async () => {
    const events = [9, 10, 11].map((id) => event(id, { topic: 't', payload: Buffer.from(String(id)) }))
    const { line, next } = await connected({ events }, '20 06 01 00 03 21 0002')
    // The far side takes two at a time.
    const heard = await line.until('0001740002')
    expect(heard).toContain('0001740001')
    expect(heard).not.toContain('0001740003')
    line.say('40 02 0001')
    await line.until('0001740003')
    line.socket.destroy()
    const again = await next()
    expect(await again.hear(CONNECT_5)).toBe(CONNECT_5)
    again.say(RESUMED_5)
    const repeated = await again.until('0001740003')
    // DUP is set, the packet id is that of before, and 9 does not come.
    expect(repeated.startsWith('3a')).toBe(true)
    expect(repeated).toContain('0001740002')
    expect(repeated).not.toContain('0001740001')
  })

  it('is sent at QoS 2 only when the journal has its packet id, and released when it has that', async () => {
    const { played, line } = await connected()
    played.hold()
    played.happens(209, { qos: 2 })
    await played.until(() => played.changes.some(({ kind }) => kind === 'bridge-sent'))
    expect(await line.rest()).toBe('')
    played.commit()
    expect((await line.until('0001740001')).startsWith('34')).toBe(true)
    line.say('50 02 0001')
    await played.until(() => played.changes.some(({ kind }) => kind === 'bridge-released'))
    expect(await line.rest()).toBe('')
    played.commit()
    expect(await line.hear('62020001')).toBe('62020001')
    line.say('70 02 0001')
    await played.until(({ status }) => status.sent === 1)
    expect(played.changes.map(({ kind }) => kind)).toContain('bridge-done')
  })

  it('goes on with the handshakes that a hub before it has begun', async () => {
    const events = [9, 10, 11, 12].map((id) => event(id, { topic: `t${id}`, qos: 2 }))
    const sent = [
      { event: 9, packetId: 5, released: true },
      { event: 10, packetId: 6, released: false },
      { event: 11, packetId: 0, released: false },
    ]
    const { line } = await connected({ events, stored: { acknowledgedUpTo: 8, sent } })
    const heard = await line.until(hex('t12'))
    expect(heard.startsWith('62020005')).toBe(true)
    expect(heard).toContain(`3c`)
    expect(heard).toContain(`${hex('t10')}0006`)
    expect(heard).not.toContain(hex('t9'))
    expect(heard).not.toContain(hex('t11'))
  })

  it('drops what has been here or at the far side, and counts that', async () => {
    const properties = (...hubs: readonly string[]): Buffer =>
      encodePropertyBytes({ userProperties: path(...hubs) })
    const events = [
      event(9, { topic: 'been-here', properties: properties('hub', 'x') }),
      event(10, { topic: 'been-there', properties: properties('there') }),
      event(11, { topic: 'new', properties: properties('x') }),
    ]
    // CONNACK with the id of the hub there.
    const connack = `20 16 01 00 13 26 0009 76696769652d687562 0005 ${hex('there')}`
    const { played, line } = await connected({ events }, connack)
    const heard = await line.until(hex('new'))
    expect(heard).not.toContain(hex('been'))
    expect(played.bridge.status.dropped.loop).toBe(2)
    expect(played.changes).toContainEqual({ kind: 'bridge-progressed', bridge: 'far', upTo: 10 })
  })

  it('is counted as refused when the far side says so, and the next follows', async () => {
    const events = [9, 10].map((id) => event(id, { topic: `t${id}` }))
    const { played, line } = await connected({ events })
    await line.until(hex('t10'))
    line.say('40 03 0001 87 40 02 0002')
    await played.until(({ status }) => status.sent === 1)
    expect(played.bridge.status).toMatchObject({ behind: 0, dropped: { refused: 1 } })
    expect(await played.log.line('Not authorized')).toContain('does not pass on "t9"')
  })

  it('waits and comes again when the far side is full', async () => {
    const { line, next } = await connected({ events: [event(9, { topic: 't' })] })
    await line.until(hex('hello'))
    line.say('40 03 0001 97')
    const again = await next()
    await again.hear(CONNECT_5)
    again.say(RESUMED_5)
    expect(await again.until(hex('hello'))).toBeDefined()
  })

  it('is not sent any more when it has expired while it waited, and is sent with what is left', async () => {
    let later = 0
    const clock = { ...systemClock, now: () => Date.now() + later }
    const expiring = (id: number, qos: 1 | 2, messageExpiryInterval: number) =>
      event(id, {
        topic: `t${id}`,
        at: Date.now(),
        qos,
        properties: encodePropertyBytes({ messageExpiryInterval }),
      })
    // The far side takes two at a time.
    const events = [expiring(9, 2, 60), expiring(10, 1, 60), expiring(11, 1, 60), expiring(12, 1, 9_999)]
    const { played, line, next } = await connected({ events, clock }, '20 06 01 00 03 21 0002')
    expect(await line.until(`${hex('t10')}0002`)).not.toContain(hex('t11'))
    line.socket.destroy()
    later = 3_600_000
    const again = await next()
    await again.hear(CONNECT_5)
    again.say(RESUMED_5)
    // The handshake of 9 is brought to its end.
    const heard = await again.until('62020001')
    for (const gone of ['t9', 't10', 't11']) expect(heard).not.toContain(hex(gone))
    const [, seconds = ''] = new RegExp(`${hex('t12')}......02(.{8})`).exec(heard) ?? []
    expect(9_999 - parseInt(seconds, 16)).toBeGreaterThanOrEqual(3_600)
    expect(played.bridge.status.dropped.expired).toBe(3)
    again.say('70 02 0001')
    await played.until(() => played.changes.some(({ kind }) => kind === 'bridge-done'))
  })

  it.each([
    ['rabbitmq', 'a.b'],
    ['nats', 'a b'],
  ] as const)('leaves out what %s cannot have, and says so', async (broker, topic) => {
    const events = [event(9, { topic }), event(10, { topic: 'fine' })]
    const { played, line } = await connected({ events }, RESUMED_5, { broker })
    expect(await line.until(hex('fine'))).not.toContain(hex(topic))
    expect(played.bridge.status.dropped.untranslatable).toBe(1)
    expect(played.log.lines.join()).toContain('since it writes some characters in another way')
  })

  it('begins with the retained messages that the far side may not have', async () => {
    const message = { event: 3, isEvent: false, at: Date.now(), payload: Buffer.from('on'), qos: 1 as const }
    const retained = [
      { topic: 'lamp', message: { ...message, properties: null } },
      { topic: 'gone', message: null },
      { topic: 'coming', message: { ...message, event: 9, isEvent: true, properties: null } },
    ]
    const events = [event(9, { topic: 'coming', retain: true })]
    const { played, line } = await connected({ retained, events })
    const heard = await line.until(`${hex('gone')}0002`)
    expect(heard.startsWith('33')).toBe(true)
    expect(heard).toContain(`${hex('lamp')}0001`)
    expect(heard).not.toContain(hex('coming'))
    line.say('40 02 0001 40 02 0002')
    await played.until(() => played.changes.filter(({ kind }) => kind === 'bridge-retained').length === 3)
    await line.until(hex('coming'))
  })
})

describe('what comes in', () => {
  const IN = [{ filter: 'a/#', direction: 'in', from: '', to: '', qos: 2 }] as const
  const SUBSCRIBE = '82 09 ffff 00 0003 612f23 0e'

  it('is asked for with no local and retain as published, once for each session', async () => {
    const { played, line, next } = await connected({}, CONNACK_5, { topics: IN })
    expect(await line.hear(SUBSCRIBE)).toBe(SUBSCRIBE)
    line.say('90 04 ffff 00 02')
    await played.until(() => played.changes.some(({ kind }) => kind === 'bridge-subscribed'))
    expect(played.changes).toContainEqual({
      kind: 'bridge-subscribed',
      bridge: 'far',
      subscriptions: ['2 a/#'],
    })
    line.socket.destroy()
    const again = await next()
    await again.hear(CONNECT_5)
    again.say(RESUMED_5)
    expect(await again.rest()).toBe('')
  })

  it('is not asked for any more when the settings have changed', async () => {
    const { line } = await connected({ stored: { subscribed: ['1 old/#', '2 a/#'] } }, RESUMED_5, {
      topics: IN,
    })
    const unsubscribe = 'a2 0a ffff 00 0005 6f6c642f23'
    expect(await line.hear(unsubscribe)).toBe(unsubscribe)
  })

  it('is acknowledged when it is committed, in order, while more is read', async () => {
    const { played, line } = await connected({ stored: { subscribed: ['2 a/#'] } }, RESUMED_5, { topics: IN })
    played.hold()
    line.say(`32 09 0003 612f62 0001 00 31  34 09 0003 612f62 0002 00 32  32 09 0003 612f62 0003 00 33`)
    await played.until(() => played.arrivals.length === 3)
    expect(played.arrivals.map(({ topic, payload, qos }) => [topic, payload.toString(), qos])).toEqual([
      ['a/b', '1', 1],
      ['a/b', '2', 2],
      ['a/b', '3', 1],
    ])
    expect(await line.rest()).toBe('')
    played.commit()
    const acknowledged = '40020001 50020002 40020003'
    expect(await line.hear(acknowledged)).toBe(acknowledged)
  })

  it('is known again at QoS 2 by its packet id, also after a crash', async () => {
    const stored = { subscribed: ['2 a/#'], received: [7] }
    const { played, line } = await connected({ stored }, RESUMED_5, { topics: IN })
    line.say('3c 09 0003 612f62 0007 00 31')
    expect(await line.hear('50020007')).toBe('50020007')
    line.say('62 02 0007')
    expect(await line.hear('70020007')).toBe('70020007')
    expect(played.arrivals).toEqual([])
    line.say('34 09 0003 612f62 0007 00 32')
    expect(await line.hear('50020007')).toBe('50020007')
    expect(played.arrivals).toHaveLength(1)
  })

  it.each([
    ['what is retained there, in a new session', CONNACK_5, [true, false]],
    ['news, in a session that goes on', RESUMED_5, [false, false]],
  ])('is taken for %s', async (_, connack, repeats) => {
    const { played, line } = await connected({ stored: { subscribed: ['2 a/#'] } }, connack, { topics: IN })
    line.say('33 09 0003 612f62 0001 00 31  33 09 0003 612f62 0002 00 31')
    await played.until(() => played.arrivals.length === 2)
    expect(played.arrivals.map(({ isRepeat }) => isRepeat)).toEqual(repeats)
  })

  it('is dropped when it has been here', async () => {
    const { played, line } = await connected({ stored: { subscribed: ['2 a/#'] } }, RESUMED_5, { topics: IN })
    const publish = (packetId: string, ...hubs: readonly string[]): string => {
      const properties = encodePropertyBytes({ userProperties: [...path(...hubs), ['vigie-event', '9']] })
      const length = properties.length.toString(16).padStart(2, '0')
      const body = `0003612f62${packetId}${length}${properties.toString('hex')}`
      return `32${(body.length / 2).toString(16).padStart(2, '0')}${body}`
    }
    line.say(publish('0001', 'hub') + publish('0002', 'x') + publish('0003', 'y', 'hub'))
    const acknowledged = '40020001 40020002 40020003'
    expect(await line.hear(acknowledged)).toBe(acknowledged)
    expect(played.arrivals).toHaveLength(1)
    expect(played.bridge.status.dropped.loop).toBe(2)
  })
})

describe('a line that is dead', () => {
  it('is noticed by the keep alive, and made anew', async () => {
    const far = await farSide()
    const played = play({ addresses: [far.address], keepAlive: 100 })
    played.bridge.start()
    const line = await far.line()
    await line.until('000163')
    line.say(RESUMED_5)
    expect(await line.hear('c0 00')).toBe('c0 00')
    line.say('d0 00')
    expect(await line.hear('c0 00')).toBe('c0 00')
    const again = await far.line()
    expect(await again.hear('10')).toBe('10')
    expect(played.log.lines.join('\n')).toMatch(/it has not answered for \d+ms/)
  })
})

it('is connected on demand only while there is something to send', async () => {
  const far = await farSide()
  const played = play({ addresses: [far.address], onDemand: 50 })
  played.bridge.start()
  const line = await far.line()
  await line.hear(CONNECT_5)
  line.say(RESUMED_5)
  await played.until(({ status }) => status.state === 'idle')
  expect(await line.hear('e0 00')).toBe('e0 00')
  await played.until(() => line.socket.destroyed)
  played.happens(208, { topic: 'vigie/x' })
  await played.until(({ status }) => status.behind === 0)
  expect(played.bridge.status.state).toBe('idle')
  played.happens(209, {})
  const again = await far.line()
  await again.hear(CONNECT_5)
  again.say(RESUMED_5)
  expect((await again.until(hex('t'))).startsWith('32')).toBe(true)
})
