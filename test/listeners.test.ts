// Every kind of listener of a whole hub, each with its own access; and what the hub says when it would be exposed.

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync, type IClientOptions } from 'mqtt'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { changeUsers } from '../src/access/change-users.ts'
import { hashPassword } from '../src/access/passwords.ts'
import { connectPacket } from './broker/client.ts'
import { Authority } from './support/certificates.ts'
import { type HubProcess, spawnHub, startHubProcess, temporaryFolder } from './support/hub.ts'
import { itWith } from './support/tools.ts'
import { encodePacket } from '../src/mqtt/packet.ts'
import { Peer } from './wire/peer.ts'

const run = promisify(execFile)

let folder: string
let args: string[]

beforeEach(() => {
  folder = temporaryFolder()
  const config = join(folder, 'vigie.config.ts')
  args = ['--config', config, '--data', join(folder, 'data'), '--rules', folder]
})

const configure = (config: object): void =>
  writeFileSync(join(folder, 'vigie.config.ts'), `export default ${JSON.stringify(config)}\n`)

async function addUser(name: string, password: string): Promise<void> {
  const record = await hashPassword(password, true)
  changeUsers(join(folder, 'users.json'), (before) => ({
    ...before,
    users: { ...before.users, [name]: record },
  }))
}

const portOf = (hub: HubProcess, listener: string): number =>
  hub.lines.find((line) => line['listener'] === listener)?.['port'] as number

itWith('openssl', 'mosquitto_pub')('listens everywhere at once, and names each place', async () => {
  const authority = new Authority(folder)
  const files = { ...authority.sign('hub'), ca: authority.cert }
  const device = authority.sign('device-7')
  await addUser('bob', 'right')
  configure({
    history: { exclude: [] },
    listeners: [
      { type: 'tcp' },
      {
        type: 'tls',
        port: 0,
        anonymous: false,
        ...files,
        clientCertificate: 'optional',
        userFromCertificate: true,
      },
      { type: 'ws', port: 0, anonymous: false },
      { type: 'wss', port: 0, ...files },
      { type: 'unix', path: './hub.sock' },
    ],
  })
  const hub = await startHubProcess(args)
  const [tls, ws, wss] = ['tls', 'ws', 'wss'].map((type) => portOf(hub, type))
  const said = hub.lines.map(({ msg }) => msg)
  for (const url of [
    `mqtt://127.0.0.1:${hub.mqtt}`,
    `mqtts://127.0.0.1:${tls}`,
    `ws://127.0.0.1:${ws}/mqtt`,
    `wss://127.0.0.1:${wss}/mqtt`,
    `unix:${join(folder, 'hub.sock')}`,
  ])
    expect(said).toContain(`MQTT: ${url}`)
  expect(said).toContain(`HTTP: http://127.0.0.1:${hub.http}, and MQTT: ws://127.0.0.1:${hub.http}/mqtt`)

  const over = async (url: string, options: IClientOptions = {}): Promise<string> => {
    try {
      const client = await connectAsync(url, {
        reconnectPeriod: 0,
        ca: readFileSync(authority.cert),
        ...options,
      })
      await client.publishAsync('a/b', url.split(':')[0]!, { qos: 1 })
      await client.endAsync()
      return 'in'
    } catch (error) {
      return (error as Error).message
    }
  }
  const bob = { username: 'bob', password: 'right' }
  const byProxy = { wsOptions: { headers: { 'x-forwarded-for': '192.0.2.7' } } }
  expect(await over(`ws://127.0.0.1:${ws}/mqtt`)).toContain('Not authorized')
  expect(await over(`ws://127.0.0.1:${ws}/mqtt`, bob)).toBe('in')
  expect(await over(`wss://127.0.0.1:${wss}/mqtt`)).toBe('in')
  expect(await over(`wss://127.0.0.1:${wss}/mqtt`, byProxy)).toContain('Not authorized')
  expect(await over(`wss://127.0.0.1:${wss}/mqtt`, { ...byProxy, ...bob })).toBe('in')
  expect(await over(`ws://127.0.0.1:${hub.http}/mqtt`, { ...bob, password: 'wrong' })).toContain('Bad')
  expect(await over(`ws://127.0.0.1:${hub.http}/mqtt`)).toBe('in')
  expect(await over(`ws://127.0.0.1:${hub.http}/mqtt`, byProxy)).toContain('Not authorized')
  expect(await over(`ws://127.0.0.1:${hub.http}/mqtt`, { ...byProxy, ...bob })).toBe('in')

  const secure = [
    '-h',
    '127.0.0.1',
    '-p',
    String(tls),
    '--cafile',
    authority.cert,
    '-q',
    '1',
    '-t',
    'a',
    '-m',
    'x',
  ]
  await run('mosquitto_pub', [...secure, '-u', 'bob', '-P', 'right'])
  await run('mosquitto_pub', [...secure, '--cert', device.cert, '--key', device.key])
  await expect(run('mosquitto_pub', secure)).rejects.toThrow('not authorised')
  await expect(run('mosquitto_pub', [...secure, '-u', 'bob', '-P', 'wrong'])).rejects.toThrow('bad user name')

  const local = connect(join(folder, 'hub.sock'))
  onTestFinished(() => void local.destroy())
  const peer = new Peer(local)
  peer.send(encodePacket(connectPacket('local', { version: 4 }), 4))
  expect((await peer.next())?.toString('hex')).toBe('20020000')
  expect(await hub.end('SIGTERM')).toEqual({ code: 0, signal: null })
})

itWith('mosquitto_pub')('takes over users while it runs, and keeps the last good ones', async () => {
  configure({ mqtt: { anonymous: false } })
  await addUser('bob', 'right')
  const hub = await startHubProcess(args)
  const publish = (user: string) =>
    run('mosquitto_pub', ['-p', String(hub.mqtt), '-t', 'a', '-m', 'x', '-q', '1', '-u', user, '-P', 'right'])
  await publish('bob')
  await expect(publish('anna')).rejects.toThrow('bad user name')
  await addUser('anna', 'right')
  await hub.line(({ msg }) => msg.includes('again: 2 users'))
  await publish('anna')
  writeFileSync(join(folder, 'users.json'), '{"users": 1}')
  expect((await hub.line(({ msg }) => msg.includes('is not a valid users file'))).msg).toContain(
    'The previous users and permissions stay in force.',
  )
  await publish('anna')
})

describe('a hub that other machines can reach', () => {
  const refusal = async (config: object): Promise<string> => {
    configure(config)
    const hub = spawnHub(args)
    expect((await hub.ended).code).toBe(78)
    return hub.output()
  }

  it('does not start without users, and says what to write', async () => {
    const said = await refusal({ mqtt: { host: '0.0.0.0' } })
    expect(said).toContain('The tcp listener on 0.0.0.0:0 can be reached from other machines')
    expect(said).toContain('vigie user add NAME')
    expect(said).toContain('anonymous: true')
  })

  it('does not start with its history open to everybody', async () => {
    expect(await refusal({ http: { host: '0.0.0.0' } })).toContain('http: { anonymous: true }')
  })

  it('does not start with a broken users file', async () => {
    writeFileSync(join(folder, 'users.json'), '{"usres": {}}')
    expect(await refusal({})).toContain('usres: there is no such setting; did you mean "users"?')
  })
})

it('asks for a login at the WebSocket of the page where HTTP asks this machine for one', async () => {
  await addUser('bob', 'right')
  configure({ http: { anonymous: false } })
  const hub = await startHubProcess(args)
  const url = `ws://127.0.0.1:${hub.http}/mqtt`
  await expect(connectAsync(url, { reconnectPeriod: 0 })).rejects.toThrow('Not authorized')
  const bob = await connectAsync(url, { reconnectPeriod: 0, username: 'bob', password: 'right' })
  await bob.endAsync()
})
