// Tests `src/watch/probes/smtp.ts`, and `src/watch/probes/dial.ts` through it.

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { TLSSocket, createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { Authority } from '../../support/certificates.ts'
import type { KeyPair } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'
import { check, checkUntil, CLOSED, failed, good, host, serve, unable } from './probing.ts'

interface Mail {
  readonly greeting?: string
  readonly ehlo?: string
  readonly startTls?: string
  /** Shown after STARTTLS. */
  readonly pair?: KeyPair
}

/** A mail server on the loopback that answers what it is told to, and notes what it is told. */
async function mailServer(mail: Mail = {}): Promise<{ readonly port: number; readonly heard: string[] }> {
  const {
    greeting = '220 mail.example ESMTP',
    ehlo = '250-mail.example\r\n250 STARTTLS',
    startTls = '220 go on',
    pair,
  } = mail
  const heard: string[] = []
  const port = await serve((socket: Socket) => {
    socket.write(`${greeting}\r\n`)
    socket.on('data', (chunk) => {
      const command = String(chunk).trim()
      heard.push(command.replace(/^(EHLO) .+$/, '$1'))
      if (command.startsWith('EHLO')) socket.write(`${ehlo}\r\n`)
      if (command !== 'STARTTLS') return
      socket.write(`${startTls}\r\n`)
      if (!pair) return
      const secureContext = createSecureContext({
        cert: readFileSync(pair.cert),
        key: readFileSync(pair.key),
      })
      socket.removeAllListeners('data')
      new TLSSocket(socket, { isServer: true, secureContext })
        .on('error', () => {})
        .on('data', (text) => heard.push(`encrypted ${String(text).trim()}`))
    })
  })
  return { port, heard }
}

test.each<[string, Mail, boolean, object]>([
  ['is good when it greets and answers EHLO', {}, false, good],
  ['takes a greeting of several lines', { greeting: '220-welcome\r\n220 mail.example' }, false, good],
  [
    'fails when it is busy',
    { greeting: '421 too many connections' },
    false,
    failed('it greets with "421 too many'),
  ],
  [
    'fails when it refuses EHLO',
    { ehlo: '550 go away' },
    false,
    failed('it answers EHLO with "550 go away"'),
  ],
  [
    'fails when something else answers',
    { greeting: 'SSH-2.0-OpenSSH_9' },
    false,
    failed('no answer within 5s'),
  ],
  [
    'fails when it does not offer to encrypt',
    { ehlo: '250 mail.example' },
    true,
    failed('it does not offer STARTTLS'),
  ],
  [
    'fails when it offers to encrypt and does not',
    { startTls: '454 not now' },
    true,
    failed('it answers STARTTLS with "454 not now"'),
  ],
])('an smtp ping %s', async (_title, mail, startTls, outcome) => {
  const { port } = await mailServer(mail)
  const signal = mail.greeting?.startsWith('SSH') ? late() : undefined
  expect(await check({ kind: 'smtp', host, port, startTls }, signal && { signal })).toEqual(outcome)
})

/** Aborts when what was said has come. */
function late(): AbortSignal {
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('no answer within 5s')), 100)
  return stop.signal
}

itWith('openssl')(
  'an smtp ping encrypts by STARTTLS, and holds the certificate against what it is to be',
  async () => {
    const authority = new Authority(temporaryFolder())
    const { port, heard } = await mailServer({ pair: authority.sign('mail') })
    const target = { kind: 'smtp', host, port, startTls: true } as const
    expect(await check(target)).toEqual(failed('unable to verify the first certificate (name the authority'))
    const tls = { caFile: authority.cert }
    expect(await check({ ...target, tls })).toEqual(good)
    await expect.poll(() => heard).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'STARTTLS', 'encrypted QUIT'])
    const dayMs = 86_400_000
    expect(await check({ ...target, tls, certificateMs: dayMs })).toEqual(good)
    expect(await check({ ...target, tls, certificateMs: 14 * dayMs })).toEqual(
      failed('its certificate is valid for'),
    )
    expect(await check({ ...target, tls: { caFile: '/nowhere' } })).toEqual(
      unable('tls.caFile /nowhere cannot be read'),
    )
  },
)

test('an smtp ping fails when nothing listens, it closes at once, or says nothing in time', async () => {
  expect(await check({ kind: 'smtp', ...CLOSED, startTls: false })).toEqual(failed('nothing listens there'))
  const rude = await serve((socket) => socket.end())
  expect(await check({ kind: 'smtp', host, port: rude, startTls: false })).toEqual(
    failed('it closed the connection'),
  )
  const connected = Promise.withResolvers<void>()
  const port = await serve(() => connected.resolve())
  expect(await checkUntil({ kind: 'smtp', host, port, startTls: false }, connected.promise)).toEqual(
    failed('no answer within 5s'),
  )
})
