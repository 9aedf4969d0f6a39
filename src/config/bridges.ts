// Bridges to other brokers, and the shared subscription of one, as people set them.

import { z } from 'zod'
import { topicFilterProblem, topicNameProblem } from '../topics/names.ts'
import { filtersOverlap } from '../topics/overlap.ts'
import { count, duration } from './quantities.ts'
import { secret } from './secret.ts'

const MOST_UNDER_WAY = 65_535
const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:']
const ADDRESS = "must be an address such as 'mqtts://broker.example:8883' (mqtt, mqtts, ws or wss)"

const address = z.string().superRefine((text, context) => {
  const complain = (message: string): void => context.addIssue({ code: 'custom', message })
  const url = URL.parse(text)
  if (url === null || !PROTOCOLS.includes(url.protocol) || url.hostname === '') return complain(ADDRESS)
  // The address shows in messages and logs.
  if (url.username !== '' || url.password !== '')
    complain("holds a user or a password; write user: '…' and password: secret('NAME') beside it")
})

const prefix = z
  .string()
  .regex(/^[^+#\0]*$/, 'is a prefix of topics and holds no wildcard')
  .default('')

const topic = z
  .strictObject({
    /** Which topics, without the prefixes; '' stands for the one topic that the prefixes spell. */
    filter: z.string().default('#'),
    direction: z.enum(['in', 'out', 'both']).default('out'),
    /** Prefix that is taken off on the side from where the message comes; of this hub, for `both`. */
    from: prefix,
    /** Prefix that is put on for the other side. */
    to: prefix,
    /** The highest QoS of messages; what was published at a lower one keeps it. */
    qos: z.literal([0, 1, 2]).default(1),
  })
  .superRefine(({ filter, from, to }, context) => {
    for (const each of new Set([from, to])) {
      const problem = topicFilterProblem(each + filter)
      if (problem === undefined) continue
      context.addIssue({ code: 'custom', path: ['filter'], message: problem })
      return
    }
  })

/** What a connection to another broker needs. */
const connection = {
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

const checkConnection = (
  { url, tls }: { readonly url: string | readonly string[]; readonly tls?: object | undefined },
  context: z.RefinementCtx,
): void => {
  const plain = addressesOf(url).find((each) => /^(mqtt|ws):/.test(each))
  if (tls === undefined || plain === undefined) return
  const secure = plain.replace(/^(mqtt|ws):/, '$1s:')
  context.addIssue({
    code: 'custom',
    path: ['tls'],
    message: `is for encrypted connections, and ${plain} is none; write ${secure}`,
  })
}

const bridge = z
  .strictObject({
    ...connection,
    topics: z.array(topic).min(1, 'lists no topic; say what goes over the bridge'),
    /** Forget the session at the far side with each connection. */
    clean: z.boolean().default(false),
    /** Whether what is retained here is retained there. */
    retain: z.boolean().default(true),
    /** A topic at the far side on which it retains '1' while the bridge is up, and '0' otherwise. */
    status: z
      .string()
      .superRefine((text, context) => {
        const problem = topicNameProblem(text)
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
      })
      .optional(),
    /** Connects when there is something to send, and disconnects when there was nothing for so long. */
    onDemand: duration().optional(),
    /** Which topics the far side cannot have: RabbitMQ turns '.' into '/', NATS refuses spaces. */
    broker: z.enum(['mqtt', 'rabbitmq', 'nats']).default('mqtt'),
  })
  .superRefine((settings, context) => {
    checkConnection(settings, context)
    const { onDemand, topics, version } = settings
    const incoming = topics.findIndex(({ direction }) => direction !== 'out')
    if (onDemand !== undefined && incoming >= 0)
      context.addIssue({
        code: 'custom',
        path: ['onDemand'],
        message: `is for what goes out, and topics[${incoming}] comes in; without a connection nothing does`,
      })
    const problem = version === '3.1.1' ? echoProblem(topics) : undefined
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['topics'], message: problem })
  })

export const bridgesSchema = z.record(
  z
    .string()
    .regex(
      /^(?!attach$)[\w.-]+$/,
      "cannot be the name of a bridge: use letters, digits, '.', '_' and '-', and not 'attach'",
    ),
  bridge,
)

export const attachSchema = z
  .strictObject({
    ...connection,
    /** The members of a group share its messages. */
    group: z.string().regex(/^[^/+#\0]+$/, "must be one topic level, without '/', '+' and '#'"),
    filters: z
      .array(
        z.string().superRefine((text, context) => {
          const problem = topicFilterProblem(text)
          if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
        }),
      )
      .min(1, 'lists no filter'),
    qos: z.literal([0, 1, 2]).default(1),
    /** `by-topic`: all messages of a topic come to one member of the group. */
    dispatch: z.enum(['any', 'by-topic']).default('any'),
  })
  .superRefine(checkConnection)

export type BridgeTopic = z.output<typeof topic>
export type BridgeConfig = z.output<typeof bridge>
export type AttachConfig = z.output<typeof attachSchema>

/**
 * Why these topics cannot go over MQTT 3.1.1, where a broker sends everything back that it has a subscription
 * for; `undefined` when they can.
 */
export function echoProblem(topics: readonly BridgeTopic[]): string | undefined {
  for (const [index, one] of topics.entries()) {
    if (one.direction === 'both')
      return (
        `topics[${index}] goes both ways, and MQTT 3.1.1 cannot keep a broker from sending back what ` +
        "it was sent; write one entry with direction 'out' and one with 'in', with prefixes " +
        'that have no topic in common'
      )
    if (one.direction !== 'out') continue
    const out = one.to + one.filter
    const echo = topics.findIndex(
      ({ direction, from, filter }) => direction === 'in' && filtersOverlap(out, from + filter),
    )
    if (echo >= 0)
      return (
        `topics[${index}] goes out to '${out}', and topics[${echo}] would bring it back over MQTT 3.1.1; ` +
        'give them prefixes that have no topic in common'
      )
  }
  return undefined
}
