import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/client'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { xmpp } from '../../src/channels/xmpp.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { describeWith } from '../support/tools.ts'
import { tellTo } from './http-channel.ts'
import { attempt, firing, resolved } from './notifications.ts'
import { freePort, startServer } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

const secrets = { XMPP_PASSWORD: 'w0rd' }
const spec = (port: number, to = 'ada@localhost') =>
  xmpp({
    jid: 'hub@localhost',
    password: secret('XMPP_PASSWORD'),
    to: [to],
    server: `xmpp://127.0.0.1:${port}`,
  })

/**
 * An account as prosody stores it [RFC 5802, 3], with few iterations: the package reckons them slowly.
 */
function account(password: string): string {
  const hmac = (key: Buffer, text: string): Buffer => createHmac('sha1', key).update(text).digest()
  const salted = pbkdf2Sync(password, 'salt', 8, 20, 'sha1')
  const stored = createHash('sha1').update(hmac(salted, 'Client Key')).digest('hex')
  const fields = [
    '["iteration_count"] = 8',
    '["salt"] = "salt"',
    `["stored_key"] = "${stored}"`,
    `["server_key"] = "${hmac(salted, 'Server Key').toString('hex')}"`,
  ]
  return `return { ${fields.join('; ')} };\n`
}

describeWith('prosody')('the channel xmpp', () => {
  let port: number
  let server: ServerProcess

  beforeAll(async () => {
    server = await startServer((folder, at) => {
      const accounts = join(folder, 'localhost', 'accounts')
      mkdirSync(accounts, { recursive: true })
      for (const name of ['hub', 'ada']) writeFileSync(join(accounts, `${name}.dat`), account('w0rd'))
      const config = join(folder, 'prosody.cfg.lua')
      const lines = [
        'run_as_root = true',
        `pidfile = "${join(folder, 'prosody.pid')}"`,
        `data_path = "${folder}"`,
        'interfaces = { "127.0.0.1" }',
        `c2s_ports = { ${at} }`,
        'modules_enabled = { "saslauth", "roster", "disco", "ping", "message", "presence", "iq" }',
        'modules_disabled = { "s2s", "tls", "offline" }',
        'c2s_require_encryption = false',
        'authentication = "internal_hashed"',
        'log = { error = "*console" }',
        'VirtualHost "localhost"',
      ]
      writeFileSync(config, `${lines.join('\n')}\n`)
      return ['prosody', '--config', config, '-F']
    })
    port = server.port
  })
  afterAll(() => server.stop())

  /** Somebody who is online, and the messages that reach them. */
  async function reader() {
    const entity = client({
      service: `xmpp://127.0.0.1:${port}`,
      domain: 'localhost',
      credentials: (authenticate) => authenticate({ username: 'ada', password: 'w0rd' }, 'SCRAM-SHA-1'),
    })
    entity.reconnect.stop()
    entity.on('error', () => {})
    const messages: Element[] = []
    const waiting = new Set<() => void>()
    entity.on('stanza', (stanza: Element) => {
      if (!stanza.is('message')) return
      messages.push(stanza)
      for (const look of waiting) look()
    })
    onTestFinished(() => void entity.stop().catch(() => {}))
    await entity.start()
    await entity.send(xml('presence'))
    return {
      messages,
      whenRead: (count: number) =>
        new Promise<void>((resolve) => {
          const look = (): void => void (messages.length >= count && resolve())
          waiting.add(look)
          look()
        }),
    }
  }

  it('sends a message, and corrects it later', async () => {
    const { messages, whenRead } = await reader()
    const first = await tellTo(spec(port), firing, attempt(secrets))
    expect(first).toMatchObject({ kind: 'told', isUpdate: false })
    const handle = first.kind === 'told' ? first.handle : null
    const second = await tellTo(spec(port), resolved, attempt(secrets, { handle }))
    expect(second).toMatchObject({ kind: 'told', isUpdate: true, handle })
    await whenRead(3)
    const seen = messages.map((message) => ({
      id: message.attrs['id'],
      body: message.getChildText('body'),
      replaces: message.getChild('replace')?.attrs['id'],
    }))
    const { message: id } = handle as { message: string }
    expect(seen).toEqual([
      {
        id,
        body: [
          '🔴 nas is down',
          '',
          'No answer for <2 min> & more.',
          '',
          'Show: https://hub.example.org/alerts/nas',
          'Acknowledge: https://hub.example.org/do/ack-1',
          'Silence: https://hub.example.org/do/silence-1',
        ].join('\n'),
        replaces: undefined,
      },
      {
        id: expect.stringMatching(/-new$/),
        body: '✅ Resolved after 3 h: nas is down\n\nShow: https://hub.example.org/alerts/nas',
        replaces: id,
      },
      { id: expect.any(String), body: '✅ Resolved after 3 h: nas is down', replaces: undefined },
    ])
  })

  it('sends a second attempt under the same id', async () => {
    const { messages, whenRead } = await reader()
    await tellTo(spec(port), firing, attempt(secrets))
    await tellTo(spec(port), firing, attempt(secrets))
    await whenRead(2)
    const [one, two] = messages.slice(-2).map(({ attrs }) => attrs['id'])
    expect(two).toBe(one)
  })

  it('gives up when the password is wrong, or nobody has the account', async () => {
    expect(await tellTo(spec(port), firing, attempt({ XMPP_PASSWORD: 'another' }))).toMatchObject({
      kind: 'gone',
    })
    expect(await tellTo(spec(port, 'nobody@localhost'), firing, attempt(secrets))).toEqual({
      kind: 'gone',
      reason: 'the message to nobody@localhost came back: service-unavailable',
    })
  })

  it('survives characters that XML cannot hold', async () => {
    const { messages, whenRead } = await reader()
    const seen = messages.length
    await tellTo(spec(port), { ...firing, title: 'a\0\u0007b\uD800' }, attempt(secrets, { key: 'odd' }))
    await whenRead(seen + 1)
    expect(messages.at(-1)?.getChildText('body')).toContain('🔴 ab\uFFFD')
  })
})

it('tries again later when nobody listens', async () => {
  expect(await tellTo(spec(await freePort()), firing, attempt(secrets))).toMatchObject({ kind: 'later' })
})

it('ends with the attempt when the server says nothing', async () => {
  const connected = Promise.withResolvers<Socket>()
  const silent = createServer((socket) => connected.resolve(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const ending = new AbortController()
  const { port } = silent.address() as AddressInfo
  const told = tellTo(spec(port), firing, attempt(secrets, { signal: ending.signal }))
  const socket = await connected.promise
  socket.on('error', () => {})
  ending.abort(new Error('timed out after 30s'))
  expect(await told).toMatchObject({ kind: 'later', reason: expect.stringContaining('timed out after 30s') })
  socket.destroy()
})

it.each([
  [
    { jid: 'hub', password: secret('P'), to: ['me@example.org'] },
    "jid: expected an account such as 'hub@example.org'",
  ],
  [{ jid: 'hub@example.org', password: 'w0rd', to: ['me@example.org'] }, 'password: is a secret'],
  [
    { jid: 'hub@example.org', password: secret('P'), to: 'me@example.org' },
    'to: expected an array of accounts',
  ],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => xmpp(options as never)).toThrow(sentence)
})
