// IRC: a few lines to a channel or a person, by the optional package irc-framework. The connection lasts for
// one telling. A ping behind the lines is answered when the server has taken them.

import type { Client } from 'irc-framework'
import { z } from 'zod'
import { messageOf, printable } from '../base/printable.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling, Untold } from './channel.ts'
import { loadPeer, whileAlive } from './peer.ts'
import { constructorOf, leaf, secretOnly, text, unshown } from './settings.ts'
import { cut, headline } from './words.ts'

/** A line may have 512 bytes with all that a server puts before it. */
const LINE_BYTES = 400
/** More lines at once are a flood to most servers. */
const MOST_LINES = 4
const PEER = 'irc-framework@4'
const PORT = { 'irc:': 6667, 'ircs:': 6697 } as const

const settings = z
  .strictObject({
    /** `ircs://irc.libera.chat`; `irc://` is without TLS. */
    server: unshown(
      "a server such as 'ircs://irc.libera.chat', without a password",
      (value) => serverIn(value) !== undefined,
    ),
    nick: text.default('vigie'),
    /** A channel or a nick. */
    to: leaf<string>("a channel such as '#alerts', or a nick", (value) => /^[^\s,:]+$/.test(String(value))),
    /** The name of an account of the network, for SASL. */
    account: text.optional(),
    password: secretOnly.optional(),
  })
  .refine(({ account, password }) => (account === undefined) === (password === undefined), {
    path: ['account'],
    message: 'and password belong together',
  })
type Settings = z.output<typeof settings>

/** Tells over IRC; needs the package `irc-framework`. */
export const irc = constructorOf('irc', settings)

function serverIn(
  value: string,
): { readonly host: string; readonly port: number; readonly tls: boolean } | undefined {
  const url = URL.parse(value)
  const isIrc = url?.protocol === 'irc:' || url?.protocol === 'ircs:'
  if (!url || !isIrc || url.hostname === '' || url.username !== '' || url.password !== '') return undefined
  const { protocol } = url as URL & { protocol: keyof typeof PORT }
  return { host: url.hostname, port: Number(url.port) || PORT[protocol], tls: protocol === 'ircs:' }
}

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const loaded = await loadPeer(PEER, () => import('irc-framework'))
  if (loaded.kind !== 'loaded') return loaded
  const { Client } = loaded.peer
  const client = new Client()
  const trouble = troubleOf(client)
  try {
    await whileAlive(telling.signal, () => say(client, channel, notification, telling), trouble)
  } catch (error) {
    return untold(error, channel, telling)
  } finally {
    client.quit('told')
  }
  return { kind: 'told', handle: null, isUpdate: false }
}

async function say(
  client: Client,
  channel: Settings,
  notification: Notification,
  telling: Telling,
): Promise<void> {
  const { nick, to, account, password } = channel
  const registered = first(client, 'registered')
  client.on('nick in use', () => client.changeNick(otherNick(nick)))
  const server = serverIn(channel.server)
  if (server === undefined) throw new Refused(`${channel.server} is no address of a server`)
  client.connect({
    ...server,
    rejectUnauthorized: true,
    nick,
    username: 'vigie',
    gecos: 'vigie',
    auto_reconnect: false,
    sasl_disconnect_on_fail: true,
    message_max_length: LINE_BYTES,
    ...(account !== undefined &&
      password !== undefined && { account: { account, password: telling.disclosure.resolve(password) } }),
  })
  await registered
  if (/^[#&+!]/.test(to)) {
    const joined = first(client, 'join')
    client.join(to)
    await joined
  }
  for (const line of linesOf(notification)) client.say(to, line)
  const answered = first(client, 'pong')
  client.ping('told')
  await answered
}

/** Old servers take nine characters. */
const otherNick = (nick: string): string => `${nick.slice(0, 6)}${Math.floor(100 + Math.random() * 900)}`

function linesOf(notification: Notification): string[] {
  const { body, links } = notification
  const lines = body.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '')
  const room = MOST_LINES - 1 - (links.show === undefined ? 0 : 1)
  const shown = lines.length > room ? [...lines.slice(0, room - 1), `${lines[room - 1]} …`] : lines
  return [headline(notification), ...shown, ...(links.show === undefined ? [] : [links.show])].map((line) =>
    cut(line.replaceAll(/\p{Cc}/gu, ' '), { limit: LINE_BYTES, in: 'bytes' }),
  )
}

/** A refusal by the server, in its words. */
class Refused extends Error {}

const first = (client: Client, event: string): Promise<void> =>
  new Promise((resolve) => client.once(event, () => resolve()))

/** Rejects when the server refuses something, or the connection ends. */
function troubleOf(client: Client): Promise<never> {
  const trouble = Promise.withResolvers<never>()
  trouble.promise.catch(() => {})
  client.on('irc error', ({ error, reason }: { readonly error: string; readonly reason?: string }) =>
    trouble.reject(new Refused(reason ?? error)),
  )
  client.on('nick invalid', ({ nick, reason }: { readonly nick: string; readonly reason: string }) =>
    trouble.reject(new Refused(`the nick ${nick}: ${reason}`)),
  )
  client.on('sasl failed', ({ reason }: { readonly reason: string }) =>
    trouble.reject(new Refused(`the login failed: ${reason}`)),
  )
  client.on('socket close', (error: unknown) =>
    trouble.reject(error instanceof Error ? error : new Error('the connection was closed')),
  )
  return trouble.promise
}

function untold(error: unknown, { server }: Settings, { signal, disclosure }: Telling): Untold {
  const what = `the IRC server ${URL.parse(server)?.host}`
  if (signal.aborted) return { kind: 'later', reason: `${what} ${messageOf(signal.reason)}` }
  const reason = `${what}: ${printable(disclosure.redact(messageOf(error)))}`
  return { kind: error instanceof Refused ? 'gone' : 'later', reason }
}
