// Web Push: a message to every browser that has subscribed at the hub, over the push service of its
// maker. A browser that is away gets the newest state alone: the topic of a message replaces what waits for
// it, and its tag replaces what the browser shows. A subscription that the service does not know goes.
// RFC 8030 (the request), RFC 8291 (the message), RFC 8292 (who sends it)

import { z } from 'zod'
import { openPushKey } from '../secrets/push-key.ts'
import { removeSubscription, subscriptionsIn } from '../secrets/push-subscriptions.ts'
import type { PushSubscription } from '../secrets/push-subscriptions.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling, Untold } from './channel.ts'
import { callService } from './http.ts'
import { encryptPush, LONGEST_PUSH, vapid } from './push-message.ts'
import type { SenderKey } from './push-message.ts'
import { constructorOf, leaf } from './settings.ts'
import { buttonsOf, cut, headline, isHeard, keyOf, toneOf } from './words.ts'
import type { Tone } from './words.ts'

/** How long a service keeps a message for a browser that is away: a day. */
const KEPT_SECONDS = 24 * 3_600
const TOKEN_MS = 12 * 3_600_000
/** What a push message holds, encrypted, in the 4,096 bytes that every service takes (RFC 8291). */
const MESSAGE_BYTES = 3_993
const TITLE_LENGTH = 200

const settings = z.strictObject({
  /** Whom a push service may ask when something is wrong: `mailto:…` or `https://…`. */
  contact: leaf<string>(
    "an address such as 'mailto:me@example.org' or 'https://example.org/contact'",
    (value) => typeof value === 'string' && /^(?:mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/.test(value),
  ),
})

/** Tells over Web Push. */
export const webPush = constructorOf('webPush', settings)

const URGENCY: Readonly<Record<Tone, string>> = {
  critical: 'high',
  warning: 'high',
  info: 'normal',
  acknowledged: 'low',
  resolved: 'normal',
}

export const tell: Tell<z.output<typeof settings>> = async ({ contact }, notification, telling) => {
  const { dataDir } = telling
  const subscriptions = subscriptionsIn(dataDir)
  if (subscriptions.length === 0) return { kind: 'gone', reason: 'no browser has subscribed' }
  const text = Buffer.from(JSON.stringify(shownAs(notification)))
  if (text.length > LONGEST_PUSH) return { kind: 'bad', reason: 'the message is too long' }
  const key = openPushKey(dataDir)
  const failures: Untold[] = []
  let taken = 0
  for (const subscription of subscriptions) {
    const failure = await push(subscription, text, { contact, key, notification, telling })
    if (failure === null) taken++
    else failures.push(failure)
  }
  // Whoever was told already sees the same once more in the same place.
  const missed = failures.find(({ kind }) => kind === 'later') ?? (taken === 0 ? failures[0] : undefined)
  if (missed !== undefined) return missed
  return {
    kind: 'told',
    handle: { shown: true },
    isUpdate: telling.handle !== null,
    result: { browsers: taken, ...(failures.length > 0 && { failed: failures.length }) },
  }
}

interface Message {
  readonly contact: string
  readonly key: SenderKey
  readonly notification: Notification
  readonly telling: Telling
}

/** Returns why it was not taken; `null` when it was. */
async function push(
  { endpoint, keys }: PushSubscription,
  text: Buffer,
  { contact, key, notification, telling }: Message,
): Promise<Untold | null> {
  const { disclosure, clock, dataDir } = telling
  // Whoever knows the address can disturb its owner.
  const path = endpoint.slice(new URL(endpoint).origin.length)
  if (path.length > 1) disclosure.conceal(path, 'push subscription')
  const receiver = {
    publicKey: Buffer.from(keys.p256dh, 'base64url'),
    auth: Buffer.from(keys.auth, 'base64url'),
  }
  const reply = await callService(
    {
      url: endpoint,
      headers: {
        Authorization: vapid(endpoint, contact, clock.now() + TOKEN_MS, key),
        'Content-Encoding': 'aes128gcm',
        TTL: String(KEPT_SECONDS),
        Urgency: URGENCY[toneOf(notification)],
        Topic: keyOf(notification.id),
      },
      body: { bytes: encryptPush(text, receiver) },
    },
    telling,
    { judge: ({ status }) => (status === 404 || status === 410 ? { kind: 'gone' } : undefined) },
  )
  if (reply.kind === 'good') return null
  if (reply.status === 404 || reply.status === 410) removeSubscription(dataDir, endpoint)
  return reply.untold
}

/** What a service worker is given to show: `tag` replaces what it shows already, unheard unless `isHeard`. */
function shownAs(notification: Notification): object {
  const { id, body, links, at, severity } = notification
  const rest = {
    tag: keyOf(id),
    title: cut(headline(notification), { limit: TITLE_LENGTH, in: 'characters' }),
    at,
    severity,
    isHeard: isHeard(notification),
    buttons: buttonsOf({ links }).map(({ label, url }) => ({ label, url })),
  }
  // JSON writes a quotation mark or the end of a line as two bytes.
  const room = (MESSAGE_BYTES - Buffer.byteLength(JSON.stringify({ ...rest, body: '' }))) / 2
  return { ...rest, body: cut(body, { limit: Math.floor(room), in: 'bytes' }) }
}
