// XMPP: a chat message to people, by the optional package @xmpp/client. A later telling corrects the first
// message [XEP-0308]; since that makes no sound, what is to be heard is also said in a message of its own.
// The connection lasts for one telling. A ping behind the messages is answered when the server has taken
// them.

import type { Element, XmppClient } from '@xmpp/client'
import { z } from 'zod'
import { messageOf, printable } from '../base/printable.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling, Told, Untold } from './channel.ts'
import { loadPeer, whileAlive } from './peer.ts'
import { constructorOf, leaf, secretOnly, unshown } from './settings.ts'
import { cut, headline, isHeard, keyOf, plainText } from './words.ts'

const BODY_LENGTH = 5_000
const PEER = '@xmpp/client@0.14'

const isJid = (value: unknown): boolean => typeof value === 'string' && /^[^@/\s]+@[^@/\s]+$/.test(value)

const settings = z.strictObject({
  /** The account of the hub: `hub@example.org`. */
  jid: leaf<string>("an account such as 'hub@example.org'", isJid),
  password: secretOnly,
  /** Who is told: `['me@example.org']`. */
  to: leaf<readonly string[]>(
    "an array of accounts such as 'me@example.org'",
    (value) => Array.isArray(value) && value.length > 0 && value.every(isJid),
  ),
  /** By default the server that the domain of the account names in DNS. */
  server: unshown("a server such as 'xmpp://chat.example.org:5222'", (value) =>
    /^xmpps?:\/\/[^\s@/]+$/.test(value),
  ).optional(),
})
type Settings = z.output<typeof settings>

/** Tells over XMPP; needs the package `@xmpp/client`. */
export const xmpp = constructorOf('xmpp', settings)

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const loaded = await loadPeer(PEER, () => import('@xmpp/client'))
  if (loaded.kind !== 'loaded') return loaded
  const { client, xml } = loaded.peer
  const [username = '', domain = ''] = channel.jid.split('@')
  const password = telling.disclosure.resolve(channel.password)
  const entity = client({
    service: channel.server ?? domain,
    domain,
    // What the package reckons for SCRAM holds up the thread; behind TLS, the plain password will do.
    async credentials(authenticate, mechanisms) {
      const isPlain = entity.isSecure() && mechanisms.includes('PLAIN')
      const mechanism = isPlain ? 'PLAIN' : mechanisms.find(isNotPlain)
      await authenticate({ username, password }, mechanism)
    },
  })
  entity.reconnect.stop()
  const broken = breakOf(entity)
  const bounced = bouncesOf(entity)
  const first = (telling.handle as { readonly message: string } | null)?.message
  const id = keyOf(telling.key)
  const say = async (): Promise<void> => {
    await goOnline(entity, channel.server ?? domain, domain)
    for (const to of channel.to)
      for (const message of messagesOf(xml, to, id, first, notification)) await entity.send(message)
    const ping = xml('ping', { xmlns: 'urn:xmpp:ping' })
    await taken(entity, xml('iq', { type: 'get', to: domain, id: `${id}-ping` }, ping))
  }
  try {
    await whileAlive(telling.signal, () => say(), broken)
  } catch (error) {
    return untold(error, domain, telling)
  } finally {
    void leave(entity)
  }
  return bounced() ?? toldAs(first ?? id, first !== undefined)
}

const isNotPlain = (mechanism: string): boolean => mechanism !== 'PLAIN'

const toldAs = (message: string, isUpdate: boolean): Told => ({
  kind: 'told',
  handle: { message },
  isUpdate,
  result: { message },
})

type Xml = (typeof import('@xmpp/client'))['xml']

function messagesOf(
  xml: Xml,
  to: string,
  id: string,
  first: string | undefined,
  notification: Notification,
): Element[] {
  const whole = plainText(notification, { limit: BODY_LENGTH, in: 'characters' })
  const chat = (name: string, body: string, correction?: Element): Element =>
    xml('message', { type: 'chat', to, id: name }, xml('body', {}, speakable(body)), correction)
  if (first === undefined) return [chat(id, whole)]
  const correction = xml('replace', { id: first, xmlns: 'urn:xmpp:message-correct:0' })
  const line = cut(headline(notification), { limit: BODY_LENGTH, in: 'characters' })
  return [chat(`${id}-new`, whole, correction), ...(isHeard(notification) ? [chat(id, line)] : [])]
}

/** XML has no way to write most control characters. */
const speakable = (body: string): string => body.replaceAll(/[^\P{Cc}\n\t]/gu, '').toWellFormed()

/** The client's own `start` leaves a promise behind that nobody handles when the connection breaks. */
async function goOnline(entity: XmppClient, service: string, domain: string): Promise<void> {
  const online = new Promise((resolve) => entity.once('online', resolve))
  await entity.connect(service)
  await entity.open({ domain })
  await online
}

/** A server that says nothing does not say goodbye either. */
async function leave(entity: XmppClient): Promise<void> {
  const { socket } = entity
  try {
    await entity.stop()
  } catch {
    // The connection is gone already.
  } finally {
    socket?.destroy()
  }
}

function breakOf(entity: XmppClient): Promise<never> {
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {})
  entity.on('error', broken.reject)
  return broken.promise
}

/** Resolves when the server has answered, if only that it knows no pings. */
async function taken(entity: XmppClient, ping: Element): Promise<void> {
  try {
    await entity.iqCaller.request(ping)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StanzaError') throw error
  }
}

/** What has come back until it is called. */
function bouncesOf(entity: XmppClient): () => Untold | undefined {
  let bounce: Untold | undefined
  entity.on('stanza', (stanza: Element) => {
    if (!stanza.is('message') || stanza.attrs['type'] !== 'error') return
    const condition = stanza.getChild('error')?.getChildElements()[0]?.name ?? 'an unknown error'
    const isOfNow = stanza.getChild('error')?.attrs['type'] === 'wait'
    const { from = '' } = stanza.attrs
    const reason = `the message to ${printable(from)} came back: ${printable(condition)}`
    bounce = { kind: isOfNow ? 'later' : 'gone', reason }
  })
  return () => bounce
}

function untold(error: unknown, domain: string, { signal, disclosure }: Telling): Untold {
  const what = `the XMPP server of ${domain}`
  if (signal.aborted) return { kind: 'later', reason: `${what} ${messageOf(signal.reason)}` }
  const { name } = error as Error
  const reason = `${what}: ${printable(disclosure.redact(messageOf(error)))}`
  return { kind: name === 'SASLError' ? 'gone' : 'later', reason }
}
