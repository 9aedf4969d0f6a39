// Covers `src/broker/listeners/certificates.ts`, `src/broker/listeners/listener.ts`.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import { beforeEach, expect, onTestFinished } from 'vitest'
import type { TlsSettings } from '../../../src/broker/listeners/listener.ts'
import { Authority, type KeyPair } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { readableLog } from '../../support/log.ts'
import { itWith } from '../../support/tools.ts'
import { Peer } from '../../wire/peer.ts'
import { Client, connectPacket } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'
import { openDoor } from './doors.ts'

const run = promisify(execFile)

let folder: string
let authority: Authority
let server: KeyPair

beforeEach(() => {
  folder = temporaryFolder()
  authority = new Authority(folder)
  server = authority.sign('hub')
})

async function listen(settings: Partial<TlsSettings> = {}) {
  const { log, lines, line } = readableLog()
  const { broker } = await startTestBroker({ log })
  const door = openDoor()
  const tls = { ...server, ca: authority.cert, clientCertificate: 'none' as const, ...settings }
  const { port, url } = await broker.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls }, door)
  return { broker, door, port, url, lines, line }
}

async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.cert), ...options })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
  return socket
}

const shown = ({ cert, key }: KeyPair): ConnectionOptions => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
})

/** A client over a socket that is there; says CONNECT. */
function begin(socket: TLSSocket, clientId = 'lamp'): Client {
  const client = new Client(new Peer(socket), 5)
  client.send(connectPacket(clientId))
  return client
}

itWith('openssl', 'mosquitto_pub')('serves the tools of Mosquitto, who check its certificate', async () => {
  const { port, url, broker } = await listen()
  expect(url).toBe(`mqtts://127.0.0.1:${port}`)
  const args = ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', 'a', '-m', 'x']
  await run('mosquitto_pub', [...args, '--cafile', authority.cert])
  expect(broker.stats().publishesReceived).toBe(1)
  const other = new Authority(folder, 'other')
  await expect(run('mosquitto_pub', [...args, '--cafile', other.cert])).rejects.toThrow('mosquitto_pub')
})

itWith('openssl')('carries a large message whole, and MQTT.js', async () => {
  const { port } = await listen()
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { ca: readFileSync(authority.cert) })
  onTestFinished(async () => client.endAsync())
  const came = new Promise<Buffer>((resolve) => client.once('message', (_, message) => resolve(message)))
  await client.subscribeAsync('big')
  const payload = Buffer.alloc(3_000_000, 'abc')
  await client.publishAsync('big', payload, { qos: 1 })
  expect((await came).equals(payload)).toBe(true)
})

itWith('openssl', 'mosquitto_pub')('takes the name of a client from its certificate', async () => {
  const { port, door } = await listen({ clientCertificate: 'required' })
  const device = authority.sign('device-7')
  const args = ['-h', '127.0.0.1', '-p', String(port), '-t', 'a', '-m', 'x', '--cafile', authority.cert]
  await run('mosquitto_pub', [...args, '--cert', device.cert, '--key', device.key])
  expect(door.callers.map(({ certificateName }) => certificateName)).toEqual(['device-7'])
  await expect(run('mosquitto_pub', args)).rejects.toThrow('mosquitto_pub')
  expect(door.callers).toHaveLength(1)
})

itWith('openssl')('takes no certificate that others have signed, also where none would do', async () => {
  const { port, door, line } = await listen({ clientCertificate: 'optional' })
  const stranger = new Authority(folder, 'other').sign('device-7', 'forged')
  const refused = begin(await dial(port, shown(stranger)))
  await refused.expectClosed()
  expect(await line('not valid')).toContain('refused 127.0.0.1, whose certificate is not valid')
  await begin(await dial(port)).expect('connack')
  await begin(await dial(port, shown(authority.sign('device-8')))).expect('connack')
  expect(door.callers.map(({ certificateName }) => certificateName)).toEqual([undefined, 'device-8'])
})

itWith('openssl')('refuses a certificate that was revoked, from when the list says so', async () => {
  const [device, other] = [authority.sign('device-7'), authority.sign('device-8')]
  const crl = authority.revoke()
  const { port, line } = await listen({ clientCertificate: 'required', crl })
  await begin(await dial(port, shown(device))).expect('connack')
  authority.revoke(device)
  await line('read the certificate again')
  await begin(await dial(port, shown(device))).expectClosed()
  expect(await begin(await dial(port, shown(other)), 'other').expect('connack')).toMatchObject({
    reasonCode: 0,
  })
})

itWith('openssl')(
  'takes a list of each authority between a client and the root, one after the other in a file',
  async () => {
    const between = new Authority(temporaryFolder(), 'between', authority)
    const [device, revoked] = [between.sign('device-7'), between.sign('device-8')]
    const [ca, crl] = [join(folder, 'all.crt'), join(folder, 'all.crl')]
    writeFileSync(ca, readFileSync(between.cert, 'utf8') + readFileSync(authority.cert, 'utf8'))
    const lists = [authority.revoke(), between.revoke(revoked)].map((list) => readFileSync(list, 'utf8'))
    writeFileSync(crl, lists.join(''))
    const { port } = await listen({ clientCertificate: 'required', ca, crl })
    await begin(await dial(port, shown(device))).expect('connack')
    await begin(await dial(port, shown(revoked))).expectClosed()
    writeFileSync(crl, 'rubbish')
    await expect(listen({ crl })).rejects.toThrow(`The revocation list ${crl} holds no list in PEM format.`)
  },
)

itWith('openssl')(
  'takes a new certificate while clients are connected, and keeps the last good one',
  async () => {
    const { port, line } = await listen()
    const live = begin(await dial(port))
    await live.expect('connack')
    const nameOf = async (): Promise<unknown> => (await dial(port)).getPeerCertificate().subject?.CN
    expect(await nameOf()).toBe('hub')

    writeFileSync(server.cert, 'rubbish')
    expect(await line('stays in use')).toContain(`${server.cert} and the key ${server.key} cannot be used: `)
    expect(await nameOf()).toBe('hub')

    const newer = authority.sign('newer')
    copyFileSync(newer.key, server.key)
    copyFileSync(newer.cert, server.cert)
    await line('read the certificate again')
    expect(await nameOf()).toBe('newer')
    expect(await live.sentSoFar()).toEqual([])
  },
)

itWith('openssl')('does not open with files that do not fit, and says which', async () => {
  const other = authority.sign('other')
  await expect(listen({ key: other.key })).rejects.toThrow(
    `The certificate ${server.cert} and the key ${other.key} cannot be used: `,
  )
  await expect(listen({ cert: '/nowhere' })).rejects.toThrow('The certificate /nowhere cannot be read: ')
})

itWith('openssl')('stops at once, also while somebody has begun a handshake and never ends it', async () => {
  const { port, broker } = await listen()
  const half = await Peer.to(port)
  half.send(Buffer.from([0x16, 0x03, 0x01]))
  const live = begin(await dial(port))
  await live.expect('connack')
  await broker.stop()
  expect(await live.expect('disconnect')).toMatchObject({ reasonCode: 0x8b })
  expect(await half.next()).toBeUndefined()
})
