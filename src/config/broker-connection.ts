// What a connection to another broker needs, as people set it.

import { z } from 'zod'
import { count, duration } from './quantities.ts'
import { secret } from './secret.ts'

const MOST_UNDER_WAY = 65_535

/** An address with one of these protocols. */
export const addressOf = (protocols: readonly string[], example: string) =>
  z.string().superRefine((text, context) => {
    const complain = (message: string): void => context.addIssue({ code: 'custom', message })
    const url = URL.parse(text)
    const names = protocols.map((protocol) => protocol.slice(0, -1))
    if (url === null || !protocols.includes(url.protocol) || url.hostname === '')
      return complain(
        `must be an address such as '${example}' (${names.slice(0, -1).join(', ')} or ${names.at(-1)})`,
      )
    // The address shows in messages and logs.
    if (url.username !== '' || url.password !== '')
      complain("holds a user or a password; write user: '…' and password: secret('NAME') beside it")
  })

const address = addressOf(['mqtt:', 'mqtts:', 'ws:', 'wss:'], 'mqtts://broker.example:8883')

export const prefix = z
  .string()
  .regex(/^[^+#\0]*$/, 'is a prefix of topics and holds no wildcard')
  .default('')

/** What a connection to another broker needs. */
export const connectionSettings = {
  /** Several are tried in this order. */
  url: z.union([address, z.array(address).min(1, 'lists no address')]),
  /** Where an attempt begins: at the first address, or at the one after the last that was tried. */
  prefer: z.enum(['first', 'any']).default('first'),
  user: z.string().min(1).optional(),
  password: secret.optional(),
  /** Default: made of the hub's id and the name. */
  clientId: z.string().min(1).optional(),
  /** `auto`: 5.0, and 3.1.1 where the other broker does not speak it. */
  version: z.enum(['auto', '5.0', '3.1.1']).default('auto'),
  /** 0s turns it off. */
  keepAlive: duration()
    .pipe(z.number().max(MOST_UNDER_WAY * 1_000, 'can be 65535 seconds at most'))
    .prefault('60s'),
  /** Pauses between attempts: from the first to the longest, by chance. */
  reconnect: z
    .strictObject({ first: duration().prefault('1s'), longest: duration().prefault('1m') })
    .prefault({}),
  /** Files in PEM, relative to the configuration file; read again at each attempt. */
  tls: z
    .strictObject({
      ca: z.string().min(1).optional(),
      cert: z.string().min(1).optional(),
      key: z.string().min(1).optional(),
      /** `false` takes any certificate. */
      verify: z.boolean().default(true),
      /** Names of application protocols, as some clouds ask for on port 443. */
      alpn: z.array(z.string().min(1)).min(1).optional(),
    })
    .optional(),
  /** QoS 1 and 2 messages under way in each direction. */
  window: count().max(MOST_UNDER_WAY).default(200),
  /** How long it may be down before an alert says so. */
  alertAfter: duration().prefault('1m'),
}

const isList = (value: string | readonly string[]): value is readonly string[] => Array.isArray(value)
const addressesOf = (url: string | readonly string[]): readonly string[] => (isList(url) ? url : [url])

/** Whether the addresses are encrypted where TLS is set. */
export const checkConnection = (
  { url, tls }: { readonly url: string | readonly string[]; readonly tls?: object | undefined },
  context: z.RefinementCtx,
): void => {
  const plain = addressesOf(url).find((each) => /^(mqtt|ws|amqp):/.test(each))
  if (tls === undefined || plain === undefined) return
  const secure = plain.replace(/^(mqtt|ws|amqp):/, '$1s:')
  context.addIssue({
    code: 'custom',
    path: ['tls'],
    message: `is for encrypted connections, and ${plain} is none; write ${secure}`,
  })
}
