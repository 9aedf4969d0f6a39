// A request of the user's own. Its body is the notification as JSON, or made from a template. The header
// `Idempotency-Key` is the same over all attempts.

import { z } from 'zod'
import { nearMiss } from '../base/near-miss.ts'
import { isTooDeep } from '../model/json.ts'
import type { Json } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { RequestBody } from '../model/request.ts'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { notificationJson } from './notification-json.ts'
import { auth, tls } from './request-settings.ts'
import { constructorOf, leaf, record, secretText, text, whole } from './settings.ts'
import { filled, filledJson, PLACEHOLDERS, textsIn, unknownPlaceholders } from './template.ts'

/** A secret refuses to become JSON. */
function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined && !isTooDeep(plain(value as Json))
  } catch {
    return false
  }
}

const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json

const template = z
  .union(
    [
      z.strictObject({
        json: leaf<Json>('JSON, without secrets', isJson).transform(plain),
      }),
      z.strictObject({ form: record(text) }),
      z.strictObject({ text }),
    ],
    'expected { json: … }, { form: { … } } or { text: … }',
  )
  .superRefine((body, context) => {
    for (const unknown of Object.values(body)
      .flatMap((part) => textsIn(part))
      .flatMap(unknownPlaceholders)) {
      const meant = nearMiss(unknown, PLACEHOLDERS)
      const hint = meant === undefined ? `there are: ${PLACEHOLDERS.join(', ')}` : `did you mean {${meant}}?`
      context.addIssue({ code: 'custom', message: `there is no placeholder {${unknown}}; ${hint}` })
    }
  })

const settings = z.strictObject({
  url: secretText,
  method: text.default('POST'),
  /** A text, or what holds a secret: `['Key ', secret('KEY')]`. */
  headers: record(secretText).default({}),
  auth: auth.optional(),
  tls: tls.optional(),
  /** How many redirects are followed; by default none. */
  redirects: whole(0, 20).optional(),
  /** By default the notification as JSON. Placeholders such as `{title}` stand for its parts. */
  body: template.optional(),
})

/** Tells by a request of your own. */
export const webhook = constructorOf('webhook', settings)

export const tell: Tell<z.output<typeof settings>> = async (
  { body, headers, ...request },
  notification,
  telling,
) => {
  const reply = await callService(
    {
      ...request,
      method: request.method.toUpperCase(),
      headers: { 'Idempotency-Key': telling.key, ...headers },
      body: bodyOf(body, notification),
    },
    telling,
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false, result: { status: reply.status } }
}

type TextBody = Exclude<RequestBody, { readonly bytes: Uint8Array }>

function bodyOf(body: TextBody | undefined, notification: Notification): RequestBody {
  if (body === undefined) return { json: notificationJson(notification) }
  if ('json' in body) return { json: filledJson(body.json, notification) }
  if ('text' in body) return { text: filled(body.text, notification) }
  const form = Object.entries(body.form).map(([name, value]) => [name, filled(value, notification)])
  return { form: Object.fromEntries(form) as Record<string, string> }
}
