// The board of the example speaks to a hub, byte by byte: what its library, PubSubClient, writes for each line of the
// sketch that speaks MQTT, and what a hub with the rules of the example answers.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as light from '../../examples/light/light.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

const EXAMPLE = join(ROOT, 'examples', 'light')

test('a lamp goes on in the dark and off in the light, once each, and not in between', async () => {
  const hub = simulate({ ...light })
  for (const reading of [600, 190, 150, 300, 199, 399, 401, 700, 250, 180])
    await hub.publish('house/hall/light', reading)
  await hub.publish('house/hall/light', 'nothing')
  expect(hub.actions).toMatchObject([
    { kind: 'publish', payload: { text: 'off' } },
    { kind: 'publish', payload: { text: 'on' }, retain: true, topic: 'house/hall/lamp' },
    { kind: 'publish', payload: { text: 'off' }, retain: true, topic: 'house/hall/lamp' },
    { kind: 'publish', payload: { text: 'on' } },
  ])
})

const utf8 = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)])
const packet = (first: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first, body.length]), body])
}

/** What PubSubClient writes for the sketch: 3.1.1, a clean session, 15 seconds of keep alive, packet ids from 2 on. */
const BOARD = {
  // mqtt.connect("light-hall", STATUS, 1, true, "offline")
  connect: packet(
    0x10,
    utf8('MQTT'),
    Buffer.from([4, 0x2e, 0, 15]),
    utf8('light-hall'),
    utf8('house/hall/status'),
    utf8('offline'),
  ),
  // mqtt.publish(STATUS, "online", true)
  online: packet(0x31, utf8('house/hall/status'), Buffer.from('online')),
  // mqtt.subscribe(LAMP)
  subscribe: packet(0x82, Buffer.from([0, 2]), utf8('house/hall/lamp'), Buffer.from([0])),
  // mqtt.publish(LIGHT, reading)
  reads: (reading: number) => packet(0x30, utf8('house/hall/light'), Buffer.from(String(reading))),
  // mqtt.loop(), after 15 seconds without a word
  ping: Buffer.from([0xc0, 0]),
}

test('a board and a hub understand each other, byte by byte', async () => {
  const sketch = readFileSync(join(EXAMPLE, 'light.ino'), 'utf8')
  for (const line of [
    'mqtt.connect(ID, STATUS, 1, true, "offline")',
    'mqtt.publish(STATUS, "online", true)',
    'mqtt.subscribe(LAMP)',
    'mqtt.publish(LIGHT, reading)',
    'ID[] = "light-hall"',
    'STATUS[] = "house/hall/status"',
    'LIGHT[] = "house/hall/light", LAMP[] = "house/hall/lamp"',
  ])
    expect(sketch).toContain(line)

  const hub = await startHubProcess(['--data', temporaryFolder(), '--rules', EXAMPLE])
  const board = speak(connect(hub.mqtt, '127.0.0.1'))
  await once(board.socket, 'connect')
  board.socket.write(BOARD.connect)
  expect(await board.hears(4)).toBe('20020000')
  board.socket.write(BOARD.online)
  board.socket.write(BOARD.subscribe)
  expect(await board.hears(5)).toBe('9003000200')
  board.socket.write(BOARD.reads(120))
  const on = packet(0x30, utf8('house/hall/lamp'), Buffer.from('on'))
  expect(await board.hears(on.length)).toBe(on.toString('hex'))
  board.socket.write(BOARD.ping)
  expect(await board.hears(2)).toBe('d000')
  board.socket.write(BOARD.reads(800))
  const off = packet(0x30, utf8('house/hall/lamp'), Buffer.from('off'))
  expect(await board.hears(off.length)).toBe(off.toString('hex'))

  // It loses its power, and comes back: what is retained is told at once, with the retain flag.
  board.socket.resetAndDestroy()
  const again = speak(connect(hub.mqtt, '127.0.0.1'))
  again.socket.write(Buffer.concat([BOARD.connect, BOARD.online, BOARD.subscribe]))
  const retained = packet(0x31, utf8('house/hall/lamp'), Buffer.from('off'))
  expect(await again.hears(4 + 5 + retained.length)).toBe(`200200009003000200${retained.toString('hex')}`)
})

/** The connection of a board, and what it hears, so many bytes at a time. */
function speak(socket: Socket) {
  whenOver(() => socket.destroy())
  socket.on('error', () => {})
  let heard = Buffer.alloc(0)
  let more = Promise.withResolvers<void>()
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes])
    more.resolve()
    more = Promise.withResolvers()
  })
  return {
    socket,
    async hears(count: number): Promise<string> {
      while (heard.length < count) await more.promise
      const text = heard.subarray(0, count).toString('hex')
      heard = heard.subarray(count)
      return text
    },
  }
}
