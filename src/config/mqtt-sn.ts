// The listener for MQTT-SN in the configuration.

import { z } from 'zod'
import { topicNameProblem } from '../topics/names.ts'
import { count, duration, size } from './quantities.ts'

const name = z.string().superRefine((text, context) => {
  const problem = topicNameProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** Above this one, and 0, the specification reserves them. */
const LAST_TOPIC_ID = 0xfffe

const predefinedTopic = z.strictObject({
  topic: name,
  id: z.int().min(1).max(LAST_TOPIC_ID),
  /** The client that knows the id; `'*'` for all of them. */
  client: z.string().min(1).default('*'),
})

export const mqttSnSettings = {
  /** Names this gateway to clients that look for one. */
  gatewayId: z.int().min(1).max(255).default(1),
  /** Says to the network that the gateway is there. Left out: it does not. */
  advertise: z
    .strictObject({
      /** An address for broadcast or multicast, such as '225.0.18.83'. */
      to: z.union([z.ipv4(), z.ipv6()]),
      port: z.int().min(1).max(65_535).default(1884),
      /** The specification asks for more than 15 minutes. */
      every: duration().prefault('15m'),
    })
    .optional(),
  /** All clients are this user: MQTT-SN has neither user names nor passwords. */
  user: z.string().min(1).optional(),
  /** Topics whose ids are known beforehand. */
  predefined: z.array(predefinedTopic).default([]),
  /** A file with further ones, in the form of Paho's gateway: `client,topic,id`. */
  predefinedFile: z.string().min(1).optional(),
  /** Whether messages of QoS −1 are taken, from senders that are not connected. */
  connectionless: z.boolean().default(true),
  /** How long an answer of a client is waited for. */
  retryAfter: duration().prefault('10s'),
  /** How often a message is sent again. */
  retries: count(0).default(4),
  /** The longest message that a client is sent. */
  messageSize: size().pipe(z.int().min(64).max(65_000)).prefault('1400B'),
  /** Clients at one time. */
  clients: count().default(20_000),
  /** Topic ids of one client. */
  topicIds: count().max(LAST_TOPIC_ID).default(1_000),
  /** Messages of QoS 0 that wait for one client. */
  queueMessages: count(0).default(256),
}
