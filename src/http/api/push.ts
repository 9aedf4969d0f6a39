// Browsers that subscribe to push messages (Web Push), and the key to which they subscribe.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'

export interface PushPorts {
  /** Absent: the configuration has no channel `webPush`. */
  readonly push?: PushDoor
}

export interface PushDoor {
  /** The public key of the hub, base64url. */
  key(): string
  /** `false`: there are too many. */
  add(given: Subscription): boolean
  remove(endpoint: string): void
}

interface Subscription {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** On the curve P-256, uncompressed. */
const POINT_BYTES = 65
const AUTH_BYTES = 16

const bytes = (count: number) =>
  z
    .base64url()
    .refine((text) => Buffer.from(text, 'base64url').length === count, `must be ${count} bytes, as base64url`)
const endpoint = z
  .url({ protocol: /^https?$/, error: 'must be the address of a push service' })
  .max(2_048)
  .refine(isSafe, 'must begin with https://')

/** Any push service speaks TLS; one on this machine need not. */
function isSafe(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

const subscription = z
  .object({
    endpoint: endpoint.describe('The address at the push service.'),
    keys: z.object({ p256dh: bytes(POINT_BYTES), auth: bytes(AUTH_BYTES) }),
  })
  .describe('What `PushSubscription.toJSON()` gives in the browser.')

const DONE = { 200: { says: 'It is done.', schema: z.object({ ok: z.literal(true) }) } } as const
const NO_CHANNEL = 'The configuration has no channel of the kind webPush.'

export function pushRoutes({ push }: PushPorts): Resource {
  const door = (): PushDoor => {
    if (push === undefined) throw new HTTPException(404, { message: NO_CHANNEL })
    return push
  }
  return {
    name: 'Push messages',
    about: 'Browsers that are told of alerts by Web Push.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/push',
          summary: 'Show the key to which a browser subscribes',
          needs: 'read',
          looksAt: 'alerts',
          answers: {
            200: {
              says: '`applicationServerKey` of the Push API; `null` without a channel of the kind webPush.',
              schema: z.object({ key: z.string().nullable() }),
            },
          },
        },
        () => ({ key: push?.key() ?? null }),
      ),
      route(
        {
          method: 'POST',
          path: '/api/push/subscribe',
          summary: 'Tell a browser of alerts from now on',
          needs: 'act',
          body: subscription,
          answers: { ...DONE, 404: NO_CHANNEL, 409: 'Too many browsers have subscribed.' },
        },
        ({ body }) =>
          door().add(body)
            ? { ok: true }
            : new Reply(409, { error: 'Too many browsers have subscribed; unsubscribe one first.' }),
      ),
      route(
        {
          method: 'POST',
          path: '/api/push/unsubscribe',
          summary: 'Tell a browser no more',
          needs: 'act',
          body: z.object({ endpoint }),
          answers: { ...DONE, 404: NO_CHANNEL },
        },
        ({ body }) => {
          door().remove(body.endpoint)
          return { ok: true }
        },
      ),
    ],
  }
}
