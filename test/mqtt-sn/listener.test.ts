// MQTT-SN over a real socket, and what the hub sends as the dissector of Wireshark reads it.

import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { listenOnUdp } from '../../src/mqtt-sn/listener.ts'
import type { SnSettings } from '../../src/mqtt-sn/settings.ts'
import { startTestBroker } from '../broker/test-broker.ts'
import { temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'
import { pcapOf } from './pcap.ts'
import { openForwarder } from './sensor.ts'
import { hex, SETTINGS, World } from './world.ts'

const run = promisify(execFile)

async function listen(settings: Partial<SnSettings> = {}) {
  const { broker } = await startTestBroker()
  const options = { gate: broker.gate(), clock: systemClock, log: silentLog }
  const listener = await listenOnUdp({ ...options, settings: { ...SETTINGS, port: 0, ...settings } })
  onTestFinished(() => listener.stop())
  return { broker, listener }
}

async function sensor(host: string, port: number) {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  onTestFinished(() => void socket.close())
  socket.bind({ address: host })
  await once(socket, 'listening')
  return async (text: string): Promise<string> => {
    const answered = once(socket, 'message') as Promise<[Buffer]>
    socket.send(Buffer.from(text.replaceAll(' ', ''), 'hex'), port, host)
    return hex((await answered)[0])
  }
}

it.each(['127.0.0.1', '::1'])('answers sensors on %s', async (host) => {
  const { broker, listener } = await listen({ host })
  expect(listener.url).toMatch(/^mqtt-sn:\/\/(127\.0\.0\.1|\[::1\]):\d+$/)
  const say = await sensor(host, listener.port)
  expect(await say('07 04 04 01 00 3c 61')).toBe('03 05 00')
  expect(await say('08 0c 22 61 62 00 03 78')).toBe('07 0d 61 62 00 03 00')
  expect(broker.client('a')?.publishedAt).not.toBeNull()
})

it('says goodbye to its clients when it stops, and stops once', async () => {
  const { listener } = await listen()
  const say = await sensor('127.0.0.1', listener.port)
  await say('07 04 04 01 00 3c 61')
  const goodbye = say('03 01 00')
  expect(await goodbye).toBe('03 02 07')
  await Promise.all([listener.stop(), listener.stop()])
})

it('gives each of many sleeping sensors behind one forwarder its own message, once, when it wakes', async () => {
  const { broker, listener } = await listen({ clients: 200 })
  const names = Array.from({ length: 200 }, (_, index) => `sleeper-${index}`)
  const { sensors, close } = await openForwarder(listener.port, names, 10_000)
  onTestFinished(close)
  for (const one of sensors) {
    await one.connect()
    await one.subscribe(`to/${one.clientId}`)
    await one.sleep(600)
  }
  const publication = { qos: 1, retain: false, origin: 'http', cause: null } as const
  for (const name of names)
    await broker.publish({ ...publication, topic: `to/${name}`, payload: Buffer.from(`for ${name}`) })
  expect(sensors.flatMap(({ got }) => got)).toEqual([])
  await Promise.all(sensors.map((one) => one.wake()))
  expect(sensors.map(({ got }) => got)).toEqual(names.map((name) => [`for ${name}`]))
  await Promise.all(sensors.map((one) => one.wake()))
  expect(sensors.flatMap(({ got }) => got)).toHaveLength(names.length)
})

it('advertises itself where the settings say', async () => {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.bind({ address: '127.0.0.1' })
  await once(socket, 'listening')
  const heard = once(socket, 'message') as Promise<[Buffer]>
  const { port } = socket.address()
  await listen({ advertise: { to: '127.0.0.1', port, every: 900_000 } })
  expect(hex((await heard)[0])).toBe('05 00 07 03 84')
})

it('rejects with the error of the system when it cannot have the address', async () => {
  const { listener } = await listen()
  await expect(listen({ port: listener.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

/** Each kind of message that a gateway sends, by what a sensor says. */
const CONVERSATION = `
  03 01 00
  07 04 0c 01 00 3c 61
  07 07 30 67 6f 6e 65
  05 09 62 79 65
  09 0a 00 00 00 01 74 2f 75
  08 0c 20 00 01 00 02 31
  08 0c 40 00 01 00 03 32
  04 10 00 03
  08 12 40 00 04 61 2f 23
  07 14 02 00 05 61 62
  02 16
  03 1c 32
  06 1a 10 6f 66 66
  08 0c 20 00 09 00 06 31
  04 18 00 64
`

itWith('tshark')('sends what the dissector of Wireshark reads as the same messages', async () => {
  const world = new World()
  const sent: Buffer[] = []
  const talk = async (text: string): Promise<void> => {
    for (const line of text.trim().split('\n')) {
      world.says(Buffer.from(line.replaceAll(' ', ''), 'hex'))
      await world.settle()
      sent.push(...world.heard().map((heard) => Buffer.from(heard.replaceAll(' ', ''), 'hex')))
    }
  }
  await talk(CONVERSATION)
  await world.talk('! a/b 2 hello')
  await talk('03 16 61\n07 0b 00 02 00 01 00')
  const publish = sent.at(-1)!
  await talk(`04 0f ${hex(publish.subarray(5, 7))}`)
  await talk('05 fe 01 0a 0b 07 04 04 01 00 3c 62')

  const file = join(temporaryFolder(), 'sent.pcap')
  writeFileSync(file, pcapOf(sent))
  const fields = ['msg.type', 'return.code', 'topic.id', 'msg.id', 'topic', 'gw.id', 'qos', 'pub.msg']
  const { stdout } = await run('tshark', [
    '-r',
    file,
    '-d',
    'udp.port==1884,mqttsn',
    '-T',
    'fields',
    '-e',
    '_ws.malformed',
    ...fields.flatMap((name) => ['-e', `mqttsn.${name}`]),
  ])
  const rows = stdout.split('\n').slice(0, -1)
  // Malformed; type, return code, topic id, message id, topic, gateway id, QoS, message.
  expect(rows.map((row) => row.replaceAll('\t', ' ').trimEnd())).toEqual([
    ' 0x02     7',
    ' 0x06',
    ' 0x08',
    ' 0x05 0x00',
    ' 0x0b 0x00 1 1',
    ' 0x0d 0x00 1 2',
    ' 0x0f   3',
    ' 0x0e   3',
    ' 0x13 0x00 0 4',
    ' 0x15   5',
    ' 0x17',
    ' 0x1d 0x00',
    ' 0x1b 0x00',
    ' 0x0d 0x02 9 6',
    ' 0x18',
    ' 0x0a  2 1 a/b',
    ' 0x0c  2 1   0x02 hello',
    ' 0x10   1',
    ' 0xfe,0x05 0x00',
  ])
})
