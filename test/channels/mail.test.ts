import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { expect, it, onTestFinished } from 'vitest'
import { mail } from '../../src/channels/mail.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { Authority } from '../support/certificates.ts'
import { temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'
import { tellTo } from './http-channel.ts'
import { acknowledged, attempt, endless, firing, resolved } from './notifications.ts'

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const secrets = { MAIL_PASSWORD: 'w0rd' }

const refusing = (responseCode: number): Error => Object.assign(new Error('Not today'), { responseCode })

/**
 * A real SMTP server on loopback, and what it was sent.
 * @param refusal what it says to the text of a mail
 */
async function smtp(options: SMTPServerOptions = {}, refusal?: number) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'ada' && password === 'w0rd'
        ? done(null, { user: 'ada' })
        : done(Object.assign(new Error('Who are you?'), { responseCode: 535 })),
    onData: (stream, { envelope }, done) => {
      const { mailFrom, rcptTo } = envelope
      const take = async (): Promise<void> => {
        mails.push(asMail(await text(stream), mailFrom ? mailFrom.address : '', rcptTo))
        done(refusal === undefined ? null : refusing(refusal))
      }
      void take()
    },
    ...options,
  })
  // A client that distrusts it closes the connection.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, mails }
}

function asMail(whole: string, from: string, to: readonly { readonly address: string }[]): Mail {
  const [head = '', ...parts] = whole.split('\r\n\r\n')
  const headers = head
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => /^([^:]+): (.*)$/.exec(line)?.slice(1) ?? [])
  return {
    from,
    to: to.map(({ address }) => address),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: parts.join('\n\n').replaceAll('\r\n', '\n').trim(),
  }
}

const post = (port: number, more: Partial<Parameters<typeof mail>[0]> = {}) =>
  mail({
    server: `smtp://127.0.0.1:${port}`,
    to: ['me@example.org', 'you@example.org'],
    from: 'hub@example.org',
    user: 'ada',
    password: secret('MAIL_PASSWORD'),
    ...more,
  })

it('sends a mail that nobody answers by a machine', async () => {
  const { port, mails } = await smtp()
  const told = await tellTo(post(port), firing, attempt(secrets))
  const id = '<KcscqrkaRJXkAoxnFva1NUnYXV5HXqzZ@example.org>'
  expect(told).toEqual({ kind: 'told', handle: { thread: id }, isUpdate: false, result: { messageId: id } })
  expect(mails).toMatchObject([
    {
      from: 'hub@example.org',
      to: ['me@example.org', 'you@example.org'],
      headers: {
        From: 'vigie <hub@example.org>',
        To: 'me@example.org, you@example.org',
        Subject: '=?UTF-8?Q?=F0=9F=94=B4_nas_is_down?=',
        'Message-ID': id,
        'Auto-Submitted': 'auto-generated',
        'X-Priority': '1 (Highest)',
        'Content-Type': 'text/plain; charset=utf-8',
      },
      body: [
        'No answer for <2 min> & more.',
        '',
        'Show: https://hub.example.org/alerts/nas',
        'Acknowledge: https://hub.example.org/do/ack-1',
        'Silence: https://hub.example.org/do/silence-1',
      ].join('\n'),
    },
  ])
})

it('keeps what follows in the conversation of the first mail', async () => {
  const { port, mails } = await smtp()
  const handle = { thread: '<first@example.org>' }
  for (const notification of [acknowledged, resolved]) {
    const told = await tellTo(post(port), notification, attempt(secrets, { handle, key: notification.state }))
    expect(told).toMatchObject({ kind: 'told', handle, isUpdate: true })
  }
  const thread = { References: '<first@example.org>', 'In-Reply-To': '<first@example.org>' }
  expect(mails).toMatchObject([{ headers: thread }, { headers: thread }])
  expect(new Set(mails.map(({ headers }) => headers['Message-ID'])).size).toBe(2)
})

it('has the same id when the server dies with the mail, and another for what is told next', async () => {
  const broken = await smtp({}, 421)
  const { port, mails } = await smtp()
  expect(await tellTo(post(broken.port), firing, attempt(secrets))).toMatchObject({ kind: 'later' })
  await tellTo(post(port), firing, attempt(secrets))
  await tellTo(post(port), resolved, attempt(secrets, { key: 'telling-2' }))
  const [again, other] = mails.map(({ headers }) => headers['Message-ID'])
  expect(again).toBe(broken.mails[0]?.headers['Message-ID'])
  expect(other).not.toBe(again)
})

it.each([
  ['a recipient for now', { onRcptTo: (_a, _s, done) => done(refusing(450)) }, 'later'],
  ['a recipient for good', { onRcptTo: (_a, _s, done) => done(refusing(550)) }, 'gone'],
  ['the sender', { onMailFrom: (_a, _s, done) => done(refusing(553)) }, 'gone'],
] satisfies [string, SMTPServerOptions, string][])(
  'takes it for what it is that a server refuses %s',
  async (_, options, kind) => {
    const { port } = await smtp(options)
    expect(await tellTo(post(port), firing, attempt(secrets))).toMatchObject({
      kind,
      reason: expect.stringContaining(`the mail server 127.0.0.1:${port}: `),
    })
  },
)

it('tells once more, shortened, when a server refuses the text', async () => {
  const { port, mails } = await smtp({}, 554)
  expect(await tellTo(post(port), firing, attempt(secrets))).toMatchObject({ kind: 'bad' })
  expect(mails.map(({ body }) => body.split('\n')[0])).toEqual([
    'No answer for <2 min> & more.',
    'nas is down',
  ])
})

itWith('openssl').each(['smtps', 'smtp'])('trusts whom the authority names, over %s', async (protocol) => {
  const authority = new Authority(temporaryFolder())
  const pair = authority.sign('localhost')
  const { port, mails } = await smtp({
    secure: protocol === 'smtps',
    disabledCommands: [],
    allowInsecureAuth: false,
    key: readFileSync(pair.key),
    cert: readFileSync(pair.cert),
  })
  const server = `${protocol}://127.0.0.1:${port}`
  const told = await tellTo(post(port, { server, tls: { caFile: authority.cert } }), firing, attempt(secrets))
  expect(told).toMatchObject({ kind: 'told' })
  expect(await tellTo(post(port, { server }), firing, attempt(secrets))).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('certificate'),
  })
  expect(mails).toHaveLength(1)
})

it('gives up when the password is wrong, and does not tell it', async () => {
  const { port } = await smtp()
  const told = await tellTo(post(port), firing, attempt({ MAIL_PASSWORD: 'another' }))
  expect(told).toEqual({ kind: 'gone', reason: expect.stringContaining('Who are you?') })
  expect(JSON.stringify(told)).not.toContain('another')
})

it('says which secret is missing', async () => {
  const told = await tellTo(post(9), firing, attempt({}))
  expect(told).toEqual({ kind: 'gone', reason: expect.stringContaining('Secret MAIL_PASSWORD is not set') })
})

it('ends with the attempt when the server says nothing, and leaves no connection', async () => {
  const connected = Promise.withResolvers<Socket>()
  const silent = createServer((socket) => connected.resolve(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const ending = new AbortController()
  const { port } = silent.address() as AddressInfo
  const told = tellTo(post(port), firing, attempt(secrets, { signal: ending.signal }))
  const socket = await connected.promise
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve))
  socket.resume()
  ending.abort(new Error('timed out after 30s'))
  expect(await told).toMatchObject({ kind: 'later', reason: expect.stringContaining('timed out after 30s') })
  await closed
})

it('tries again later when nobody listens', async () => {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => free.close(resolve))
  expect(await tellTo(post(port), firing, attempt(secrets))).toMatchObject({ kind: 'later' })
})

it('cuts what is too long, and links to the whole', async () => {
  const { port, mails } = await smtp()
  await tellTo(post(port), endless, attempt(secrets))
  expect(mails[0]?.body.length).toBeLessThan(800_000)
  expect(mails[0]?.body).not.toContain('END')
})

it.each([
  [
    { to: 'me@example.org', server: 'smtps://ada:w0rd@mail.example.org' },
    'server: expected a server such as',
  ],
  [{ to: 'me@example.org', server: 'mail.example.org' }, 'server: expected a server such as'],
  [{ to: 'me', server: 'smtps://mail.example.org' }, "to: expected an address such as 'me@example.org'"],
  [{ to: 'me@example.org', server: 'smtps://mail.example.org', user: 'ada' }, 'user: and password belong'],
  [
    { to: 'me@example.org', server: 'smtps://mail.example.org', user: 'ada', password: 'w0rd' },
    "password: is a secret: write secret('NAME')",
  ],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => mail(options as never)).toThrow(sentence)
  expect(() => mail(options as never)).not.toThrow('w0rd')
})
