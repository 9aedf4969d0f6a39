import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'irc-framework'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { irc } from '../../src/channels/irc.ts'
import { describeWith } from '../support/tools.ts'
import { tellTo } from './http-channel.ts'
import { attempt, endless, firing, resolved } from './notifications.ts'
import { freePort, startServer } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

describeWith('ngircd')('the channel irc', () => {
  let port: number
  let server: ServerProcess

  beforeAll(async () => {
    server = await startServer((folder, at) => {
      const config = join(folder, 'ngircd.conf')
      const options = ['[Options]', 'Ident = no', 'DNS = no', 'PAM = no']
      const limits = ['[Limits]', 'MaxConnectionsIP = 0', 'MaxPenaltyTime = 0']
      const closed = ['[Channel]', 'Name = #closed', 'Modes = tni']
      const global = ['[Global]', 'Name = irc.example.net', 'Listen = 127.0.0.1', `Ports = ${at}`]
      writeFileSync(config, [...global, ...limits, ...options, ...closed, ''].join('\n'))
      chmodSync(folder, 0o755)
      return ['ngircd', '-n', '-f', config]
    })
    port = server.port
  })
  afterAll(() => server.stop())

  const channel = (to = '#alerts', nick = 'vigie') => irc({ server: `irc://127.0.0.1:${port}`, to, nick })

  /** Somebody who reads the channel. */
  async function reader(name: string, nick: string) {
    const client = new Client()
    onTestFinished(() => client.quit('bye'))
    const lines: string[] = []
    const waiting = new Set<() => void>()
    client.on('message', ({ message }: { message: string }) => {
      lines.push(message)
      for (const look of waiting) look()
    })
    const joined = new Promise((resolve) => client.once('join', resolve))
    client.once('registered', () => client.join(name))
    client.connect({
      host: '127.0.0.1',
      port,
      tls: false,
      rejectUnauthorized: true,
      nick,
      username: nick,
      gecos: nick,
      auto_reconnect: false,
      sasl_disconnect_on_fail: false,
      message_max_length: 400,
    })
    await joined
    return {
      lines,
      whenRead: (count: number) =>
        new Promise<void>((resolve) => {
          const look = (): void => void (lines.length >= count && resolve())
          waiting.add(look)
          look()
        }),
    }
  }

  it('says in a channel what has happened', async () => {
    const { lines, whenRead } = await reader('#alerts', 'ada')
    expect(await tellTo(channel(), firing, attempt({}))).toEqual({
      kind: 'told',
      handle: null,
      isUpdate: false,
    })
    expect(await tellTo(channel(), resolved, attempt({}))).toMatchObject({ kind: 'told' })
    await whenRead(5)
    expect(lines).toEqual([
      '🔴 nas is down',
      'No answer for <2 min> & more.',
      'https://hub.example.org/alerts/nas',
      '✅ Resolved after 3 h: nas is down',
      'https://hub.example.org/alerts/nas',
    ])
  })

  it('takes another nick when its own is in use', async () => {
    const { lines, whenRead } = await reader('#other', 'vigie2')
    expect(await tellTo(channel('#other', 'vigie2'), firing, attempt({}))).toMatchObject({ kind: 'told' })
    await whenRead(3)
    expect(lines).toHaveLength(3)
  })

  it('keeps to a few lines of a bearable length', async () => {
    const { lines, whenRead } = await reader('#long', 'eve')
    const body = `${endless.body}\ntwo\nthree\nfour\nfive`
    expect(await tellTo(channel('#long'), { ...endless, body }, attempt({}))).toMatchObject({ kind: 'told' })
    await whenRead(4)
    expect(lines.every((line) => Buffer.byteLength(line) <= 400 && line.isWellFormed())).toBe(true)
    expect(lines.at(-1)).toBe('https://hub.example.org/alerts/nas')
  })

  it.each([
    ['#closed', /invite|Cannot join/i],
    ['nobody', /no such nick/i],
  ])('gives up when the server refuses %s', async (to, words) => {
    expect(await tellTo(channel(to, 'vigie3'), firing, attempt({}))).toEqual({
      kind: 'gone',
      reason: expect.stringMatching(words),
    })
  })
})

it('tries again later when nobody listens', async () => {
  const spec = irc({ server: `irc://127.0.0.1:${await freePort()}`, to: '#alerts' })
  expect(await tellTo(spec, firing, attempt({}))).toMatchObject({ kind: 'later' })
})

it('ends with the attempt when the server says nothing, and leaves no connection', async () => {
  const connected = Promise.withResolvers<Socket>()
  const silent = createServer((socket) => connected.resolve(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const ending = new AbortController()
  const spec = irc({ server: `irc://127.0.0.1:${(silent.address() as AddressInfo).port}`, to: '#alerts' })
  const told = tellTo(spec, firing, attempt({}, { signal: ending.signal }))
  const socket = await connected.promise
  socket.on('error', () => {}).resume()
  const closed = new Promise((resolve) => socket.once('end', resolve).once('close', resolve))
  ending.abort(new Error('timed out after 30s'))
  expect(await told).toMatchObject({ kind: 'later', reason: expect.stringContaining('timed out after 30s') })
  await closed
  socket.destroy()
})

it.each([
  [{ server: 'irc.example.org', to: '#a' }, "server: expected a server such as 'ircs://irc.libera.chat'"],
  [{ server: 'ircs://me:w0rd@irc.example.org', to: '#a' }, 'server: expected a server such as'],
  [{ server: 'ircs://irc.example.org', to: '#a b' }, "to: expected a channel such as '#alerts', or a nick"],
  [{ server: 'ircs://irc.example.org', to: '#a', account: 'hub' }, 'account: and password belong together'],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => irc(options)).toThrow(sentence)
  expect(() => irc(options)).not.toThrow('w0rd')
})
