// Mail, over SMTP by nodemailer. The first mail of a notification has an id that is derived from it; later
// ones refer to it, so that mail programs show them as one conversation. A second attempt has the id of the
// first.

import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { z } from 'zod'
import { messageOf, printable } from '../base/printable.ts'
import type { Json } from '../model/json.ts'
import { readTls } from '../http-client/tls.ts'
import { Unsendable } from '../http-client/unsendable.ts'
import type { Tell, Telling, Untold } from './channel.ts'
import { tls } from './request-settings.ts'
import { constructorOf, leaf, secretOnly, secretText, unshown } from './settings.ts'
import { cut, headline, keyOf, plainBody, toneOf } from './words.ts'

const SUBJECT_LENGTH = 200
const BODY_LENGTH = 100_000
const PORT = { 'smtp:': 587, 'smtps:': 465 } as const

const isAddress = (value: unknown): boolean => typeof value === 'string' && /^[^@]+@[^@]+$/.test(value)
const addressee = leaf<string>("an address such as 'me@example.org'", isAddress)

const settings = z
  .strictObject({
    /** `smtps://mail.example.org` for TLS from the start, `smtp://…` for STARTTLS where there is that. */
    server: unshown(
      "a server such as 'smtps://mail.example.org', without user and password",
      (value) => serverIn(value) !== undefined,
    ),
    to: z.union(
      [addressee, z.array(addressee).min(1)],
      "expected an address such as 'me@example.org', or an array of addresses",
    ),
    /** By default the first address of `to`. */
    from: addressee.optional(),
    user: secretText.optional(),
    password: secretOnly.optional(),
    tls: tls.optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['user'],
    message: 'and password belong together',
  })
type Settings = z.output<typeof settings>

/** Tells by mail. */
export const mail = constructorOf('mail', settings)

function serverIn(
  text: string,
): { readonly secure: boolean; readonly host: string; readonly port: number } | undefined {
  const url = URL.parse(text)
  const isMail = url?.protocol === 'smtp:' || url?.protocol === 'smtps:'
  if (!url || !isMail || url.hostname === '' || url.username !== '' || url.password !== '') return undefined
  const { protocol } = url as URL & { protocol: keyof typeof PORT }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { secure: protocol === 'smtps:', host, port: Number(url.port) || PORT[protocol] }
}

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const { server, to, user, password } = channel
  const recipients = typeof to === 'string' ? [to] : to
  const from = channel.from ?? recipients[0] ?? ''
  const first = threadIn(telling.handle)
  const messageId = `<${keyOf(telling.key)}@${from.split('@').at(-1)}>`
  const bound = { limit: BODY_LENGTH, in: 'characters', link: notification.links.show } as const
  const login = user !== undefined &&
    password !== undefined && {
      user: telling.disclosure.resolve(user),
      pass: telling.disclosure.resolve(password),
    }
  try {
    // Many files, which a hub that sends no mail need not load.
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      ...serverIn(server),
      ...(login && { auth: login }),
      ...(channel.tls && { tls: tlsOf(channel.tls) }),
      getSocket: (at, done) => openSocket(at, telling.signal, done),
    })
    const sent = await transport.sendMail({
      from: { name: 'vigie', address: from },
      to: [...recipients],
      subject: cut(headline(notification), { limit: SUBJECT_LENGTH, in: 'characters' }),
      text: cut(plainBody(notification) || notification.title, bound),
      messageId,
      ...(first !== undefined && { inReplyTo: first, references: first }),
      ...(toneOf(notification) === 'critical' && { priority: 'high' as const }),
      // [RFC 3834, 5]: nobody's absence is answered to it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    return {
      kind: 'told',
      handle: { thread: first ?? messageId },
      isUpdate: first !== undefined,
      result: { messageId, ...(sent.rejected.length > 0 && { rejected: sent.rejected }) },
    }
  } catch (error) {
    return untold(error, server, telling)
  }
}

const threadIn = (handle: Json | null): string | undefined =>
  (handle as { readonly thread: string } | null)?.thread

const tlsOf = (files: NonNullable<Settings['tls']>) => {
  const { verify, ...rest } = readTls(files)
  return { ...rest, ...(verify !== undefined && { rejectUnauthorized: verify }) }
}

/** A connection that ends with the attempt: nodemailer's own knows only its timeouts. */
function openSocket(
  { host, port }: { readonly host?: string; readonly port?: number | string },
  signal: AbortSignal,
  done: (error: Error | null, socket?: { connection: Socket }) => void,
): void {
  const socket = connect({ host, port: Number(port), signal })
  socket.once('error', done)
  socket.once('connect', () => {
    socket.off('error', done)
    done(null, { connection: socket })
  })
}

/** Replies of 4xx may pass [RFC 5321, 4.2.1]. Of the others, those to the text speak of this mail alone. */
function untold(error: unknown, server: string, { signal, disclosure }: Telling): Untold {
  if (error instanceof Unsendable) return { kind: 'gone', reason: error.message }
  const {
    responseCode = 0,
    command = '',
    code = '',
  } = error as {
    responseCode?: number
    command?: string
    code?: string
  }
  const what = `the mail server ${URL.parse(server)?.host}`
  if (signal.aborted) return { kind: 'later', reason: `${what} ${messageOf(signal.reason)}` }
  const reason = `${what}: ${printable(disclosure.redact(messageOf(error)))}`
  if (responseCode >= 500) return { kind: command === 'DATA' ? 'bad' : 'gone', reason }
  return { kind: code === 'EAUTH' && responseCode === 0 ? 'gone' : 'later', reason }
}
