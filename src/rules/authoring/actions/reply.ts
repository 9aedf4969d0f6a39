// `reply(payload)` answers an MQTT 5 request: it is published to the response topic with the correlation
// data. The step is left out when the event has no response topic.

import { action } from './action.ts'
import type { Action, ActionOptions, BareSpec, PayloadSpec } from './action.ts'
import type { SeenEvent } from '../../context/seen-event.ts'
import { payloadSpec } from './content.ts'
import { requireOptions } from './options.ts'
import { PUBLISH_DEFAULTS } from './publish.ts'

/**
 * Answers an MQTT 5 request on its response topic. The step is left out when the event asks for no answer.
 * @param payload text and bytes are sent as they are, anything else as JSON
 */
export function reply(payload?: unknown, options: ActionOptions = {}): Action {
  requireOptions('reply', options)
  return action('reply', { kind: 'reply', payload: payloadSpec('reply', payload) }, options, PUBLISH_DEFAULTS)
}

/** The publish that answers this event, if it asks for an answer. */
export function replyTo(event: SeenEvent, payload: PayloadSpec): BareSpec | undefined {
  const { responseTopic, correlationData, qos } = event
  if (responseTopic === undefined) return undefined
  return {
    kind: 'publish',
    topic: responseTopic,
    payload,
    qos,
    retain: false,
    isReply: true,
    ...(correlationData && {
      properties: { correlationData: Buffer.from(correlationData).toString('base64') },
    }),
  }
}
