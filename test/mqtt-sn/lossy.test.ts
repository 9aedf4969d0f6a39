// A link that loses, doubles and delays datagrams, by a seeded chance; and datagrams from foes.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { hex, World } from './world.ts'

/** A small generator of chance (mulberry32), so that a failure can be repeated. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A sensor behind a link on which a third of all datagrams is lost, some come twice and some late. */
class LossySensor {
  readonly #world: World
  readonly #random: () => number
  #late: Buffer[] = []

  constructor(world: World, seed: number) {
    this.#world = world
    this.#random = chance(seed)
  }

  /** Sends once, and returns what comes back. */
  async send(datagram: Buffer): Promise<Buffer[]> {
    for (const one of this.#through([datagram])) this.#world.says(one)
    return this.listen()
  }

  async listen(): Promise<Buffer[]> {
    await this.#world.settle()
    const heard = this.#world.heard().map((text) => Buffer.from(text.replaceAll(' ', ''), 'hex'))
    return this.#through(heard)
  }

  /** Sends until the answer comes, as T_retry and N_retry of a patient sensor. */
  async ask(datagram: Buffer, repeat: Buffer, answer: (heard: Buffer) => boolean): Promise<void> {
    let heard = await this.send(datagram)
    while (!heard.some(answer)) {
      this.#world.clock.advance(1_000)
      heard = await this.send(repeat)
    }
  }

  #through(datagrams: readonly Buffer[]): Buffer[] {
    const out: Buffer[] = []
    for (const datagram of datagrams) {
      const lot = this.#random()
      if (lot < 0.33) continue
      if (lot < 0.43) this.#late.push(datagram)
      else out.push(datagram)
      if (lot > 0.9) out.push(datagram)
    }
    if (this.#random() < 0.5) out.push(...this.#late.splice(0))
    return out
  }
}

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const idOf = (id: number): string => id.toString(16).padStart(4, '0')

it.each([1, 2, 3])(
  'loses no message of QoS 1, and repeats none of QoS 2, on a bad link (seed %d)',
  async (seed) => {
    const world = new World()
    const sensor = new LossySensor(world, seed)
    const connect = bytes('07 04 00 01 00 00 61')
    await sensor.ask(connect, connect, (heard) => hex(heard) === '03 05 00')
    const wanted: string[] = []
    for (let id = 1; id <= 40; id++) {
      const isTwo = id % 2 === 0
      const rest = `6162${idOf(id)}${Buffer.from([id]).toString('hex')}`
      wanted.push(`${isTwo ? 2 : 1}:${id}`)
      await sensor.ask(
        bytes(`080c${isTwo ? '42' : '22'}${rest}`),
        bytes(`080c${isTwo ? 'c2' : 'a2'}${rest}`),
        (heard) => heard[1] === (isTwo ? 0x0f : 0x0d) && hex(heard).includes(hex(bytes(idOf(id)))),
      )
      const release = bytes(`0410${idOf(id)}`)
      if (isTwo)
        await sensor.ask(release, release, (heard) => heard[1] === 0x0e && heard.readUInt16BE(2) === id)
    }
    const got = world.eventLog.of('ab').map(({ qos, payload }) => `${qos}:${payload[0]}`)
    expect([...new Set(got)]).toEqual(wanted)
    expect(got.filter((one) => one.startsWith('2'))).toEqual(wanted.filter((one) => one.startsWith('2')))
  },
)

it.each([4, 5])('brings each message to a sensor on a bad link, in order (seed %d)', async (seed) => {
  const world = new World({ settings: { retries: 1_000, retryAfter: 1_000 } })
  const sensor = new LossySensor(world, seed)
  const connect = bytes('07 04 00 01 00 00 61')
  await sensor.ask(connect, connect, (heard) => hex(heard) === '03 05 00')
  const subscribe = bytes('07 12 22 00 01 61 62')
  await sensor.ask(subscribe, subscribe, (heard) => heard[1] === 0x13)
  for (let n = 1; n <= 30; n++) {
    const publication = { topic: 'ab', payload: Buffer.from([n]), qos: 1, retain: false } as const
    await world.broker.publish({ ...publication, origin: 'http', cause: null })
  }
  const got: number[] = []
  let heard = await sensor.listen()
  while (new Set(got).size < 30) {
    const answers: Buffer[] = []
    for (const one of heard) {
      if (one[1] !== 0x0c) continue
      got.push(one[7]!)
      answers.push(...(await sensor.send(bytes(`070d6162${idOf(one.readUInt16BE(5))}00`))))
    }
    world.clock.advance(answers.length > 0 ? 0 : 1_000)
    heard = [...answers, ...(await sensor.listen())]
  }
  expect([...new Set(got)]).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
})

it('answers a stranger with no more bytes than came, and is hurt by none', async () => {
  const world = new World()
  const kinds = fc.constantFrom(
    0,
    1,
    2,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
  )
  const body = fc.uint8Array({ maxLength: 30 })
  const framed = fc.tuple(kinds, body).map(([type, rest]) => Buffer.from([rest.length + 2, type, ...rest]))
  const forwarded = framed.map((inner) => Buffer.concat([bytes('05 fe 01 0a 0b'), inner]))
  const datagrams = fc.oneof(
    framed,
    forwarded,
    body.map((array) => Buffer.from(array)),
  )
  await fc.assert(
    fc.asyncProperty(datagrams, async (datagram) => {
      fc.pre(!isConnect(datagram))
      world.says(datagram)
      const sent = world.heard().reduce((sum, answer) => sum + bytes(answer).length, 0)
      expect(sent).toBeLessThanOrEqual(datagram.length)
      expect(world.gateway.size).toBe(0)
    }),
    { numRuns: 3_000 },
  )
})

const isConnect = (datagram: Buffer): boolean => datagram[1] === 0x04 || datagram.includes(0x04)

it('is hurt by nothing that a connected client says, and goes on serving others', async () => {
  const world = new World()
  const types = fc.constantFrom(4, 7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 23, 24, 26, 28)
  const datagram = fc
    .tuple(types, fc.uint8Array({ maxLength: 12 }))
    .map(([type, rest]) => Buffer.from([rest.length + 2, type, ...rest]))
  await fc.assert(
    fc.asyncProperty(fc.array(datagram, { maxLength: 12 }), async (said) => {
      world.says(bytes('07 04 04 01 00 3c 61'))
      for (const one of said) world.says(one)
      await world.settle()
      world.heard()
    }),
    { numRuns: 300 },
  )
  await world.talk(`
    z> 07 04 04 01 00 3c 7a
    z< 03 05 00
    z> 08 0c 22 7a 7a 00 03 78
    z< 07 0d 7a 7a 00 03 00
  `)
  expect(world.events('zz')).toContain('zz: x')
})
