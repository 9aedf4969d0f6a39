// Access, from the users file to the wire: who comes in, what each may do, and what a change of the file does to those who are here.
//
// Covers `src/broker/clients/renewal.ts`, `src/broker/session/rights.ts`,
// `src/broker/routing/may-publish.ts`, `src/access/scram-login.ts`.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Access, type DoorOptions } from '../../src/access/access.ts'
import { hashPassword } from '../../src/access/passwords.ts'
import type { Permission } from '../../src/access/permissions.ts'
import type { UserRecord } from '../../src/access/users-file.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ConnectPacket } from '../../src/mqtt/connect.ts'
import { temporaryFolder } from '../support/hub.ts'
import { readableLog } from '../support/log.ts'
import { itWith } from '../support/tools.ts'
import { ScramClient } from '../access/scram-client.ts'
import { type Client, connectClient, connectPacket, openClient } from './client.ts'
import { startTestBroker } from './test-broker.ts'

const run = promisify(execFile)
const METHOD = { authenticationMethod: 'SCRAM-SHA-256' }

let records: Record<'bob' | 'eve', UserRecord>
let file: string

beforeAll(async () => {
  records = { bob: await hashPassword('right', true), eve: await hashPassword('evil', true) }
})

beforeEach(() => {
  file = join(temporaryFolder(), 'users.json')
})

const write = (permissions?: readonly Permission[], users: object = records): void =>
  writeFileSync(file, JSON.stringify({ users, permissions }), { mode: 0o600 })

async function start(permissions?: readonly Permission[], options: Partial<DoorOptions> = {}) {
  write(permissions)
  const { log, lines } = readableLog()
  const { broker, eventLog } = await startTestBroker({ log })
  const access = new Access({ file, root: 'vigie', clock: systemClock, log })
  onTestFinished(() => access.stop())
  const door = access.door({ local: false, anonymous: false, userFromCertificate: false, ...options })
  const { port } = await broker.listen({ host: '127.0.0.1', port: 0 }, door)
  const login = (clientId: string, username: string, more: Partial<ConnectPacket> = {}) =>
    connectClient(port, clientId, {
      username,
      password: Buffer.from(username === 'bob' ? 'right' : 'evil'),
      ...more,
    })
  return { broker, eventLog, access, port, lines, login }
}

async function subscribe(client: Client, ...filters: string[]): Promise<readonly number[]> {
  const how = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  client.send({
    type: 'subscribe',
    packetId: 7,
    subscriptions: filters.map((filter) => ({ ...how, filter })),
  })
  return (await client.expect('suback')).reasonCodes
}

/** Of the acknowledgement that comes next. */
const nextReason = async (client: Client): Promise<number> =>
  ((await client.next()) as { readonly reasonCode: number }).reasonCode

const topicsOf = async (client: Client): Promise<string[]> =>
  (await client.sentSoFar()).map((packet) => (packet.type === 'publish' ? packet.topic : packet.type))

describe('coming in', () => {
  it.each([
    [5, 0x86, 0x87],
    [4, 0x86, 0x87],
  ] as const)(
    'needs the right password (version %i), and says the same of an unknown user',
    async (version, bad, stranger) => {
      const { port, broker, lines } = await start()
      const come = async (username?: string, password?: string) => {
        const credentials = { username, password: password === undefined ? undefined : Buffer.from(password) }
        const client = await connectClient(port, 'a', { version, ...credentials })
        if (client.connack.reasonCode !== 0) await client.expectClosed()
        return client.connack.reasonCode
      }
      expect(await come('bob', 'right')).toBe(0)
      expect(await come('bob', 'wrong')).toBe(bad)
      expect(await come('nobody', 'right')).toBe(bad)
      expect(await come('bob')).toBe(bad)
      expect(await come()).toBe(stranger)
      expect(broker.stats()).toMatchObject({ failedLogins: 3, refusedConnects: 4 })
      expect(lines.some((line) => line.includes('User "bob" as client "a" at 127.0.0.1 was refused'))).toBe(
        true,
      )
    },
  )

  it('lets what was sent behind CONNECT wait for the check, and takes it then', async () => {
    const { port, eventLog } = await start()
    const client = await openClient(port)
    client.send(connectPacket('a', { username: 'bob', password: Buffer.from('right') }))
    client.publish('a', '1', { qos: 1 })
    client.publish('a', '2', { qos: 1 })
    await client.expect('connack')
    await client.expect('puback')
    await client.expect('puback')
    expect(eventLog.of('a').map(({ payload }) => String(payload))).toEqual(['1', '2'])
  })

  it('takes nothing that was sent behind a CONNECT that is refused', async () => {
    const { port, eventLog } = await start()
    const client = await openClient(port)
    client.send(connectPacket('a', { username: 'bob', password: Buffer.from('wrong') }))
    client.publish('a', '1', { qos: 1 })
    expect(await client.expect('connack')).toMatchObject({ reasonCode: 0x86 })
    await client.expectClosed()
    expect(eventLog.of('a')).toEqual([])
  })

  it('does not give the session of one user to another', async () => {
    const { login } = await start()
    const bob = await login('lamp', 'bob', { clean: false, properties: { sessionExpiryInterval: 100 } })
    expect((await login('lamp', 'eve')).connack.reasonCode).toBe(0x85)
    expect(await bob.sentSoFar()).toEqual([])
    bob.disconnect()
    await bob.expectClosed()
    expect((await login('lamp', 'eve', { clean: true })).connack.reasonCode).toBe(0x85)
    expect((await login('lamp', 'bob', { clean: false })).connack.sessionPresent).toBe(true)
  })

  it('gives the session of a client without a user to nobody who comes as a user or by another door', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const first = await start(undefined, { local: true, anonymous: true })
    const leave = async (port: number, id: string) => {
      const client = await connectClient(port, id, kept)
      await client.subscribe('t', 1)
      client.disconnect()
      await client.expectClosed()
    }
    /** Whether a client that comes finds the session, and what it gets. */
    const found = async (coming: ReturnType<typeof connectClient>) => {
      const client = await coming
      return [client.connack.sessionPresent, await topicsOf(client)]
    }
    const door = first.access.door({ local: false, anonymous: true, userFromCertificate: false })
    const { port: outside } = await first.broker.listen({ host: '127.0.0.1', port: 0 }, door)

    await leave(first.port, 'same')
    await leave(first.port, 'other door')
    await leave(outside, 'from outside')
    await leave(first.port, 'user')
    const message = { topic: 't', payload: Buffer.of(), qos: 1, retain: false, cause: null } as const
    await first.broker.publish({ ...message, origin: 'hub' })
    expect(await found(connectClient(first.port, 'same', kept))).toEqual([true, ['t']])
    expect(await found(connectClient(outside, 'other door', kept))).toEqual([false, []])
    expect(await found(connectClient(first.port, 'from outside', kept))).toEqual([false, []])
    expect(await found(first.login('user', 'bob', kept))).toEqual([false, []])
    expect(first.lines.filter((line) => line.includes('another user has connected'))).toHaveLength(3)
  })

  it('knows by which door a session was begun after a restart, too', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const first = await start(undefined, { local: true, anonymous: true })
    for (const id of ['a', 'b']) await (await connectClient(first.port, id, kept)).sentSoFar()
    const eventLog = first.eventLog.successor()
    const second = await startTestBroker({ eventLog, sessions: eventLog.sessionLog.stored() })
    const doors = { anonymous: true, userFromCertificate: false }
    const listen = (local: boolean) =>
      second.broker.listen({ host: '127.0.0.1', port: 0 }, first.access.door({ local, ...doors }))
    const comes = async (id: string, local: boolean) =>
      (await connectClient((await listen(local)).port, id, kept)).connack.sessionPresent
    expect([await comes('a', true), await comes('b', false)]).toEqual([true, false])
  })

  it('tells users of the same name apart where listeners have users files of their own', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const { broker, login, lines } = await start()
    const access = new Access({
      file,
      realm: 'other',
      root: 'vigie',
      clock: systemClock,
      log: readableLog().log,
    })
    const door = access.door({ local: false, anonymous: false, userFromCertificate: false })
    const { port } = await broker.listen({ host: '127.0.0.1', port: 0 }, door)
    const bob = await login('lamp', 'bob', kept)
    bob.disconnect()
    await bob.expectClosed()
    const credentials = { username: 'bob', password: Buffer.from('right') }
    const other = await connectClient(port, 'lamp', { ...kept, ...credentials })
    expect(other.connack).toMatchObject({ reasonCode: 0, sessionPresent: false })
    expect(lines.some((line) => line.includes('another user has connected'))).toBe(true)
  })

  itWith('mosquitto_pub')('works with the tools of Mosquitto', async () => {
    const { port, eventLog } = await start()
    const args = ['-p', String(port), '-q', '1', '-t', 'a', '-m', 'x', '-u', 'bob', '-P']
    await run('mosquitto_pub', [...args, 'right'])
    await expect(run('mosquitto_pub', [...args, 'wrong'])).rejects.toThrow('bad user name or password')
    expect(eventLog.of('a')).toHaveLength(1)
  })
})

describe('what a client may do', () => {
  const PERMISSIONS: Permission[] = [
    { publish: ['dev/%u/#', 'shared/%c'], receive: ['dev/%u/#'], subscribe: ['dev/#'] },
    { users: ['eve'], receive: ['dev/#'], deny: { receive: ['dev/+/secret'], publish: ['dev/eve/locked'] } },
  ]

  it.each([
    [5, 0x87],
    [4, 0x00],
  ] as const)('decides what is published (version %i)', async (version, denied) => {
    const { login, eventLog, broker } = await start(PERMISSIONS)
    const eve = await login('lamp', 'eve', { version })
    const publish = async (topic: string, qos: 1 | 2 = 1) => {
      eve.publish(topic, 'x', { qos })
      return await nextReason(eve)
    }
    expect((await publish('dev/eve/on')) < 0x80).toBe(true)
    expect((await publish('shared/lamp')) < 0x80).toBe(true)
    expect(await publish('dev/bob/on')).toBe(denied)
    expect(await publish('dev/eve/locked')).toBe(denied)
    expect(await publish('dev/bob/on', 2)).toBe(denied)
    expect(await publish('vigie/commands/x')).toBe(denied)
    eve.publish('dev/bob/on', 'x')
    expect(await eve.sentSoFar()).toEqual([])
    expect(eventLog.of().map(({ topic }) => topic)).toEqual(['dev/eve/on', 'shared/lamp'])
    expect(broker.stats().dropped.denied).toBe(5)
  })

  it.each([
    [5, 0x87],
    [4, 0x80],
  ] as const)('decides what is subscribed to (version %i)', async (version, denied) => {
    const { login, broker } = await start(PERMISSIONS)
    const bob = await login('lamp', 'bob', { version })
    expect(await subscribe(bob, 'dev/#', 'dev/+/on', '#', 'other', 'vigie/#')).toEqual([
      1,
      1,
      denied,
      denied,
      denied,
    ])
    expect(broker.stats().deniedSubscriptions).toBe(3)
  })

  it('decides what is received, whatever it was subscribed to by: live, retained and queued', async () => {
    const { login } = await start(PERMISSIONS)
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const bob = await login('bob', 'bob', kept)
    const eve = await login('eve', 'eve')
    for (const topic of ['dev/bob/on', 'dev/bob/secret']) {
      bob.publish(topic, 'x', { retain: true, qos: 1 })
      await bob.expect('puback')
    }
    await subscribe(bob, 'dev/#')
    await subscribe(eve, 'dev/#')
    expect(await topicsOf(bob)).toEqual(['dev/bob/on', 'dev/bob/secret'])
    expect(await topicsOf(eve)).toEqual(['dev/bob/on'])

    eve.publish('dev/eve/on', 'x', { qos: 1 })
    bob.publish('dev/bob/secret', 'x', { qos: 1 })
    bob.publish('dev/bob/on', 'x', { qos: 1 })
    await bob.expect('publish')
    expect(await topicsOf(eve)).toEqual(expect.not.arrayContaining(['dev/bob/secret']))
  })

  it('refuses a will on a topic that the client may not publish on', async () => {
    const { login } = await start(PERMISSIONS)
    const will = (topic: string) => ({ topic, payload: Buffer.from('x'), qos: 0, retain: false }) as const
    expect((await login('a', 'bob', { will: will('dev/eve/gone') })).connack.reasonCode).toBe(0x87)
    expect((await login('b', 'bob', { version: 4, will: will('dev/eve/gone') })).connack.reasonCode).toBe(
      0x87,
    )
    expect((await login('c', 'bob', { will: will('dev/bob/gone') })).connack.reasonCode).toBe(0)
  })

  it('refuses a request that asks for its answer where its sender may neither receive nor publish', async () => {
    const { login, eventLog } = await start(PERMISSIONS)
    const eve = await login('eve', 'eve')
    const ask = async (responseTopic: string): Promise<number> => {
      eve.publish('dev/eve/ask', responseTopic, { qos: 1, properties: { responseTopic } })
      return nextReason(eve)
    }
    expect(await ask('dev/bob/on')).toBe(0)
    expect(await ask('dev/eve/answers')).toBe(0)
    expect(await ask('dev/bob/secret')).toBe(0x87)
    expect(await ask('other')).toBe(0x87)
    expect(eventLog.of('dev/eve/ask').map(({ payload }) => String(payload))).toEqual([
      'dev/bob/on',
      'dev/eve/answers',
    ])
    const will = (responseTopic: string) =>
      ({
        topic: 'dev/eve/on',
        payload: Buffer.from(''),
        qos: 0,
        retain: false,
        properties: { responseTopic },
      }) as const
    expect((await login('a', 'eve', { will: will('other') })).connack.reasonCode).toBe(0x87)
    expect((await login('b', 'eve', { will: will('dev/eve/answers') })).connack.reasonCode).toBe(0)
  })

  it("opens the hub's command topics to those who are told so, and its others to nobody", async () => {
    const { login, eventLog } = await start([
      { publish: ['#'], receive: ['#', 'vigie/#'] },
      { users: ['bob'], publish: ['vigie/#'] },
    ])
    const [bob, eve] = [await login('bob', 'bob'), await login('eve', 'eve')]
    const publish = async (client: Client, topic: string) => {
      client.publish(topic, 'x', { qos: 1 })
      return await nextReason(client)
    }
    expect(await publish(bob, 'vigie/commands/runs/retry')).not.toBe(0x87)
    expect(await publish(bob, 'vigie/runs/forged')).toBe(0x87)
    expect(await publish(eve, 'vigie/commands/runs/retry')).toBe(0x87)
    expect(eventLog.of().map(({ topic }) => topic)).toEqual(['vigie/commands/runs/retry'])
    expect(await subscribe(eve, 'vigie/#')).toEqual([1])
  })

  it('opens command topics without a list to clients of this machine that are no user', async () => {
    const { access, broker, login, port } = await start(undefined, { local: true, anonymous: true })
    const door = access.door({ local: false, anonymous: true, userFromCertificate: false })
    const { port: outside } = await broker.listen({ host: '127.0.0.1', port: 0 }, door)
    const published = async (client: Client, topic: string) => {
      client.publish(topic, 'x', { qos: 1 })
      return (await nextReason(client)) < 0x80
    }
    const here = await connectClient(port, 'here')
    expect(await published(here, 'vigie/commands/alerts/door/ack')).toBe(true)
    expect(await published(here, 'vigie/alerts/door')).toBe(false)
    expect(await published(await connectClient(outside, 'far'), 'vigie/commands/alerts/door/ack')).toBe(false)
    expect(await published(await login('eve', 'eve'), 'vigie/commands/alerts/door/ack')).toBe(false)
  })
})

describe('when the file changes', () => {
  it('new permissions hold for those who are here, from the next message on', async () => {
    const { login, access } = await start([{ publish: ['#'], receive: ['#'] }])
    const [bob, eve] = [await login('bob', 'bob'), await login('eve', 'eve')]
    await subscribe(eve, '#')
    bob.publish('a', '1', { qos: 1 })
    expect(await eve.expect('publish')).toMatchObject({ topic: 'a' })
    await bob.expect('puback')

    write([{ users: ['bob'], publish: ['#'] }])
    access.reload()
    bob.publish('a', '2', { qos: 1 })
    await bob.expect('puback')
    eve.publish('b', '3', { qos: 2 })
    expect(await eve.expect('pubrec')).toMatchObject({ reasonCode: 0x87 })
    expect(await eve.sentSoFar()).toEqual([])
  })

  it('what is under way is not sent again to a client that has lost the right to it', async () => {
    const { login, access, broker } = await start([{ publish: ['#'], receive: ['#'] }])
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const bob = await login('bob', 'bob', kept)
    const eve = await login('eve', 'eve')
    await bob.subscribe('+/t', 2)
    for (const [topic, qos] of [
      ['gone/t', 1],
      ['gone/t', 2],
      ['left/t', 1],
    ] as const) {
      const packetId = eve.publish(topic, `${topic} at ${qos}`, { qos })
      await eve.next()
      if (qos === 2) {
        eve.send({ type: 'pubrel', packetId, reasonCode: 0 })
        await eve.expect('pubcomp')
      }
    }
    const [, exactlyOnce] = [await bob.expect('publish'), await bob.expect('publish')]
    await bob.expect('publish')
    bob.disconnect()
    await bob.expectClosed()

    write([
      { publish: ['#'], receive: ['left/#'], subscribe: ['#'] },
      { users: ['eve'], receive: ['#'] },
    ])
    access.reload()
    const again = await login('bob', 'bob', kept)
    expect(await again.sentSoFar()).toEqual([
      expect.objectContaining({ type: 'publish', topic: 'left/t', dup: true }),
      expect.objectContaining({ type: 'pubrel', packetId: exactlyOnce.packetId }),
    ])
    expect(broker.stats().dropped.denied).toBe(2)
    again.send({ type: 'pubcomp', packetId: exactlyOnce.packetId!, reasonCode: 0 })
    expect(await again.sentSoFar()).toEqual([])
    again.peer.socket.destroy()
    const third = await login('bob', 'bob', kept)
    expect(await topicsOf(third)).toEqual(['left/t'])
  })

  it('what is under way by a shared subscription goes to a member that may have it', async () => {
    const { login, access, broker } = await start([{ publish: ['#'], receive: ['#'] }])
    const kept = { clean: false, properties: { sessionExpiryInterval: 100 } }
    const bob = await login('bob', 'bob', kept)
    await bob.subscribe('$share/g/t', 1)
    const eve = await login('eve', 'eve')
    eve.publish('t', 'x', { qos: 1 })
    await eve.expect('puback')
    await bob.expect('publish')
    bob.peer.socket.destroy()
    await eve.subscribe('$share/g/t', 1)

    write([
      { publish: ['#'], subscribe: ['#'] },
      { users: ['eve'], receive: ['#'] },
    ])
    access.reload()
    const again = await login('bob', 'bob', kept)
    expect(await eve.expect('publish')).toMatchObject({ topic: 't' })
    expect(await topicsOf(again)).toEqual([])
    expect(broker.stats().dropped.denied).toBe(0)
  })

  it('a user that is gone has to go, session and all; the others stay', async () => {
    const { login, access, broker, port } = await start()
    const [bob, eve] = [await login('bob', 'bob'), await login('eve', 'eve')]
    const asleep = await login('asleep', 'bob', { clean: false, properties: { sessionExpiryInterval: 100 } })
    await subscribe(asleep, 'a')
    asleep.disconnect()
    await asleep.expectClosed()
    write(undefined, { eve: records.eve })
    access.reload()
    expect(await bob.expect('disconnect')).toMatchObject({ reasonCode: 0x87 })
    await bob.expectClosed()
    expect(await eve.sentSoFar()).toEqual([])
    expect(broker.stats()).toMatchObject({ sessions: 1, subscriptions: 0 })
    const again = await connectClient(port, 'x', { username: 'bob', password: Buffer.from('right') })
    expect(again.connack.reasonCode).toBe(0x86)
  })

  it('what a user who is gone had of a group goes to another member, once', async () => {
    const { login, access } = await start()
    const [bob, eve] = [await login('bob', 'bob'), await login('eve', 'eve')]
    await subscribe(bob, '$share/g/t')
    bob.publish('t', 'x', { qos: 1 })
    await bob.expect('publish')
    await subscribe(eve, '$share/g/t')
    write(undefined, { eve: records.eve })
    access.reload()
    expect(await topicsOf(eve)).toEqual(['t'])
  })

  it('a changed password ends what came in by the old one', async () => {
    const { login, access } = await start()
    const bob = await login('bob', 'bob')
    write(undefined, { ...records, bob: records.eve })
    access.reload()
    expect(await bob.expect('disconnect')).toMatchObject({ reasonCode: 0x87 })
  })
})

describe('enhanced authentication', () => {
  async function exchange(client: Client, scram: ScramClient): Promise<void> {
    const challenge = await client.expect('auth')
    expect(challenge).toMatchObject({ reasonCode: 0x18, properties: METHOD })
    const final = scram.final(challenge.properties!.authenticationData!)
    client.send({
      type: 'auth',
      reasonCode: 0x18,
      properties: { ...METHOD, authenticationData: final },
    })
  }

  async function begin(port: number, scram: ScramClient): Promise<Client> {
    const client = await openClient(port)
    client.send(connectPacket('lamp', { properties: { ...METHOD, authenticationData: scram.first() } }))
    return client
  }

  async function comeIn(port: number): Promise<Client> {
    const scram = new ScramClient('bob', 'right')
    const client = await begin(port, scram)
    await exchange(client, scram)
    const { reasonCode, properties } = await client.expect('connack')
    expect({ reasonCode, properties }).toMatchObject({ reasonCode: 0, properties: METHOD })
    expect(scram.accepts(properties!.authenticationData!)).toBe(true)
    return client
  }

  it('lets in whoever proves to know the password, and proves itself [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5]', async () => {
    const { port } = await start([{ users: ['bob'], publish: ['bob'] }])
    const client = await comeIn(port)
    client.publish('bob', 'x', { qos: 1 })
    expect(await client.expect('puback')).not.toMatchObject({ reasonCode: 0x87 })
  })

  it('refuses a wrong password and an unknown user alike', async () => {
    const { port, broker } = await start()
    for (const scram of [new ScramClient('bob', 'wrong'), new ScramClient('nobody', 'right')]) {
      const client = await begin(port, scram)
      await exchange(client, scram)
      expect(await client.expect('connack')).toMatchObject({ reasonCode: 0x86 })
      await client.expectClosed()
    }
    expect(broker.stats().failedLogins).toBe(2)
  })

  it('can be done again while the client is here, and goes wrong with a goodbye [MQTT-4.12.1-1] [MQTT-4.12.1-2]', async () => {
    const { port } = await start()
    const client = await comeIn(port)
    const again = async (scram: ScramClient): Promise<void> => {
      client.send({
        type: 'auth',
        reasonCode: 0x19,
        properties: { ...METHOD, authenticationData: scram.first() },
      })
      await exchange(client, scram)
    }
    const right = new ScramClient('bob', 'right')
    await again(right)
    const done = await client.expect('auth')
    expect(done).toMatchObject({ reasonCode: 0, properties: METHOD })
    expect(right.accepts(done.properties!.authenticationData!)).toBe(true)
    expect(await client.sentSoFar()).toEqual([])

    await again(new ScramClient('eve', 'evil'))
    expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x87 })
    await client.expectClosed()
  })

  it('is refused under a method that is not offered [MQTT-4.12.0-1]', async () => {
    const { port } = await start()
    const client = await connectClient(port, 'a', { properties: { authenticationMethod: 'GS2-KRB5' } })
    expect(client.connack.reasonCode).toBe(0x8c)
  })

  it('takes nothing else before it is over [MQTT-3.1.2-30]', async () => {
    const { port, eventLog } = await start()
    const client = await begin(port, new ScramClient('bob', 'right'))
    await client.expect('auth')
    client.publish('a', 'x')
    await client.expectClosed()
    expect(eventLog.of('a')).toEqual([])
  })

  it('takes no AUTH where there was no method, or another [MQTT-4.12.0-5] [MQTT-4.12.0-6]', async () => {
    const { port, login } = await start()
    const plain = await login('plain', 'bob')
    plain.send({ type: 'auth', reasonCode: 0x19, properties: METHOD })
    expect(await plain.expect('disconnect')).toMatchObject({ reasonCode: 0x82 })
    const client = await comeIn(port)
    client.send({ type: 'auth', reasonCode: 0x19, properties: { authenticationMethod: 'PLAIN' } })
    expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x82 })
  })
})
