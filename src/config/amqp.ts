// Bridges to AMQP 0-9-1 brokers, as people set them.

import { z } from 'zod'
import { topicFilterProblem, topicNameProblem } from '../topics/names.ts'
import { addressOf, checkConnection, connectionSettings, prefix } from './broker-connection.ts'

/** [AMQP 0-9-1, 3.1.3.1]: names are short strings. */
const shortText = z.string().max(255, 'is longer than 255 characters')

const out = z
  .strictObject({
    /** Which local topics, without the prefix. */
    filter: z.string().default('#'),
    /** Prefix that is taken off before the routing key is made of the topic. */
    from: prefix,
    /** The exchange, which must be there; `''` is the default exchange, whose keys are names of queues. */
    exchange: shortText,
    /** The routing key of all these messages; by default the topic with `.` for `/`. */
    key: shortText.optional(),
  })
  .superRefine(({ filter, from, exchange, key }, context) => {
    const problem = topicFilterProblem(from + filter)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['filter'], message: problem })
    if (exchange === '' && key === undefined)
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: "is missing: exchange '' is the default one, and its key is the name of a queue",
      })
  })

const incoming = z
  .strictObject({
    /** The queue, which must be there. */
    queue: shortText.min(1),
    /** Prefix of the topics that are made of the routing keys. */
    to: prefix,
    /** The topic of all messages of the queue, in place of one that is made of the key. */
    topic: z
      .string()
      .superRefine((text, context) => {
        const problem = topicNameProblem(text)
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
      })
      .optional(),
  })
  .refine(({ to, topic }) => topic === undefined || to === '', {
    path: ['to'],
    message: 'cannot stand beside topic, which says the whole name',
  })

const { clientId: _, version: __, url: ___, tls, ...settings } = connectionSettings
const address = addressOf(['amqp:', 'amqps:'], 'amqps://rabbit.example/vhost')

export const amqpBridge = z
  .strictObject({
    type: z.literal('amqp'),
    ...settings,
    /** Several are tried in this order. The path is the virtual host; by default `/`. */
    url: z.union([address, z.array(address).min(1, 'lists no address')]),
    tls: tls.unwrap().omit({ alpn: true }).optional(),
    out: z.array(out).default([]),
    in: z.array(incoming).default([]),
  })
  .superRefine((bridge, context) => {
    checkConnection(bridge, context)
    if (bridge.out.length === 0 && bridge.in.length === 0)
      context.addIssue({
        code: 'custom',
        message: 'names no exchange (out) and no queue (in); say what goes over the bridge',
      })
    const queues = bridge.in.map(({ queue }) => queue)
    const twice = queues.findIndex((queue, index) => queues.indexOf(queue) !== index)
    if (twice >= 0)
      context.addIssue({ code: 'custom', path: ['in', twice, 'queue'], message: 'is listed twice' })
  })

export type AmqpConfig = z.output<typeof amqpBridge>
