// Bridges to other brokers, and the shared subscription of one, as people set them.

import { z } from 'zod'
import { topicFilterProblem, topicNameProblem } from '../topics/names.ts'
import { filtersOverlap } from '../topics/overlap.ts'
import { amqpBridge, type AmqpConfig } from './amqp.ts'
import { checkConnection, connectionSettings, prefix } from './broker-connection.ts'
import { duration } from './quantities.ts'

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

const bridge = z
  .strictObject({
    type: z.literal('mqtt').optional(),
    ...connectionSettings,
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
  z.discriminatedUnion('type', [bridge, amqpBridge], { error: 'must have the type "mqtt" or "amqp"' }),
)

export const attachSchema = z
  .strictObject({
    ...connectionSettings,
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
type BridgeConfig = z.output<typeof bridge>
export type AnyBridgeConfig = BridgeConfig | AmqpConfig
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
