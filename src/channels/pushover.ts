// Pushover: a push message. A critical alert is an emergency there: it rings again every minute until
// somebody acknowledges it in the app, or an hour has passed. Its receipt is the handle: `ask` reads it,
// and each later telling ends the ringing first. All emergencies of a notification have its key as a tag,
// so that also those are ended whose receipt was lost in a crash.
// https://pushover.net/api
// https://pushover.net/api/receipts

import { z } from 'zod'
import type { AnswerClass } from '../http-client/answer.ts'
import type { Json } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Ask, Tell } from './channel.ts'
import { callService } from './http.ts'
import type { Manners, Reply } from './http.ts'
import { address, constructorOf, flag, joined, secretOnly, secretText, text } from './settings.ts'
import { buttonsOf, cut, keyOf, toneOf } from './words.ts'
import type { Button, Tone } from './words.ts'

const TITLE_LENGTH = 250
const MESSAGE_LENGTH = 1_024
const URL_LENGTH = 512
const EMERGENCY = 2
const RINGS_EVERY_SECONDS = 60
const RINGS_FOR_SECONDS = 3_600
/** Faster than every 5 s is not allowed. */
const ASK_EVERY_MS = 15_000

const settings = z.strictObject({
  /** The token of an application. */
  token: secretOnly,
  /** The key of a user or a group. */
  user: secretText,
  /** One device of the user; by default all. */
  device: text.optional(),
  sound: text.optional(),
  /** Whether a critical alert rings until it is acknowledged; by default it does. */
  emergency: flag.default(true),
  server: address.default('https://api.pushover.net'),
})
type Settings = z.output<typeof settings>

/** Tells over Pushover. */
export const pushover = constructorOf('pushover', settings)

const PRIORITY: Readonly<Record<Tone, number>> = {
  critical: 1,
  warning: 0,
  info: -1,
  acknowledged: -1,
  resolved: 0,
}

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const { token, user, device, sound, server } = channel
  const { title, body } = notification
  const { disclosure } = telling
  const tag = keyOf(notification.id)
  if (receiptIn(telling.handle) !== undefined) {
    const ended = await callService(
      {
        url: `${server}/1/receipts/cancel_by_tag/${tag}.json`,
        body: { form: { token: disclosure.resolve(token) } },
      },
      telling,
      MANNERS,
    )
    if (ended.kind === 'failed' && ended.untold.kind === 'later') return ended.untold
  }
  const tone = toneOf(notification)
  const isEmergency = channel.emergency && tone === 'critical' && notification.occasion !== 'test'
  const link = linkOf(notification, isEmergency)
  const reply = await callService(
    {
      url: `${server}/1/messages.json`,
      body: {
        form: {
          token: disclosure.resolve(token),
          user: disclosure.resolve(user),
          title: cut(title, { limit: TITLE_LENGTH, in: 'characters' }),
          // A message without a text is refused.
          message: cut(body || title, { limit: MESSAGE_LENGTH, in: 'characters' }),
          timestamp: String(Math.floor(notification.at / 1_000)),
          ...(device !== undefined && { device }),
          ...(sound !== undefined && { sound }),
          ...(link && { url: link.url, url_title: link.label }),
          ...(isEmergency
            ? {
                priority: String(EMERGENCY),
                retry: String(RINGS_EVERY_SECONDS),
                expire: String(RINGS_FOR_SECONDS),
                tags: tag,
              }
            : { priority: String(PRIORITY[tone]) }),
        },
      },
    },
    telling,
    MANNERS,
  )
  if (reply.kind === 'failed') return reply.untold
  const { receipt } = reply.json
  return {
    kind: 'told',
    handle: typeof receipt === 'string' ? { receipt } : null,
    isUpdate: false,
    result: { request: reply.json['request'] },
  }
}

/**
 * A message has one link: to acknowledge, on a page that shows the alert too, or else to show it. An emergency
 * is acknowledged in the app.
 */
function linkOf(notification: Notification, isEmergency: boolean): Button | undefined {
  const fitting = buttonsOf(notification).filter(({ url }) => url.length <= URL_LENGTH)
  const acknowledging = fitting.find(({ url }) => url === notification.links.acknowledge)
  return (isEmergency ? undefined : acknowledging) ?? fitting.find(({ acts }) => !acts)
}

export const ask: Ask<Settings> = async ({ token, server }, handle, asking) => {
  const receipt = receiptIn(handle)
  if (receipt === undefined) return { kind: 'closed' }
  const reply = await callService(
    {
      method: 'GET',
      url: joined(`${server}/1/receipts/${encodeURIComponent(receipt)}.json?token=`, token),
    },
    asking,
    MANNERS,
  )
  if (reply.kind === 'failed') return reply.untold
  const { acknowledged, acknowledged_at: at, acknowledged_by_device: device, expired } = reply.json
  if (acknowledged !== 1) return expired === 1 ? { kind: 'closed' } : { kind: 'open', afterMs: ASK_EVERY_MS }
  return {
    kind: 'acknowledged',
    ...(typeof device === 'string' && device !== '' && { by: device }),
    ...(typeof at === 'number' && at > 0 && { at: at * 1_000 }),
  }
}

const receiptIn = (handle: Json | null): string | undefined => {
  const { receipt } = (handle ?? {}) as { receipt?: unknown }
  return typeof receipt === 'string' ? receipt : undefined
}

/** A wrong token or user is answered with 400, and with the name of what is invalid. */
const MANNERS: Manners = {
  isOurs: ({ json }) => json['status'] === 1,
  judge: ({ status, json }: Reply): AnswerClass | undefined =>
    status === 400 && (json['token'] === 'invalid' || json['user'] === 'invalid')
      ? { kind: 'gone' }
      : undefined,
}
