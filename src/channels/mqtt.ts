// A topic of the hub's own broker: subscribers get the notification as JSON. Retained, the topic always
// shows what was told last.

import { z } from 'zod'
import { topicNameProblem } from '../topics/names.ts'
import type { Tell } from './channel.ts'
import { notificationJson } from './notification-json.ts'
import { constructorOf, flag, leaf } from './settings.ts'

const settings = z.strictObject({
  topic: leaf<string>(
    'the name of a topic, without wildcards',
    (value) => typeof value === 'string' && topicNameProblem(value) === undefined,
  ),
  qos: leaf<0 | 1 | 2>('0, 1 or 2', (value) => value === 0 || value === 1 || value === 2).default(1),
  retain: flag.default(false),
})

/** Tells by a message on a topic of the hub. */
export const mqtt = constructorOf('mqtt', settings)

export const tell: Tell<z.output<typeof settings>> = async (
  { topic, qos, retain },
  notification,
  { publish },
) => {
  const payload = Buffer.from(JSON.stringify(notificationJson(notification)))
  const event = await publish({ topic, payload, qos, retain })
  return { kind: 'told', handle: null, isUpdate: false, result: { topic, event } }
}
