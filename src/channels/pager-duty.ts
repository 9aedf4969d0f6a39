// PagerDuty, Events API v2: an event for the incident of a key. A repeated trigger joins the incident, an
// acknowledgement and a resolution change it, so that doubles do nothing.
// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/

import { z } from 'zod'
import type { AnswerClass } from '../http-client/answer.ts'
import type { JsonObject } from '../model/json.ts'
import type { Notification, NotifiedState } from '../model/notification.ts'
import type { Tell, Telling } from './channel.ts'
import { callService } from './http.ts'
import type { Manners, Reply } from './http.ts'
import { address, constructorOf, secretOnly } from './settings.ts'
import { buttonsOf, cut, keyOf } from './words.ts'

const SUMMARY_LENGTH = 1_024
const KEY_LENGTH = 255
/** An event may have 512 KB. */
const BODY_LENGTH = 16_384
const MOST_ALERTS = 50

const settings = z.strictObject({
  /** The integration key of a service, made for Events API v2. */
  key: secretOnly,
  /** In Europe `'https://events.eu.pagerduty.com'`. */
  server: address.default('https://events.pagerduty.com'),
})
type Settings = z.output<typeof settings>

/** Tells over PagerDuty. */
export const pagerDuty = constructorOf('pagerDuty', settings)

const ACTION: Readonly<Record<NotifiedState, string>> = {
  firing: 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
}

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const sent = await send(ACTION[notification.state], notification, channel, telling)
  if (sent.kind === 'failed') return sent.untold
  if (notification.occasion === 'test' && notification.state === 'firing') {
    // A test leaves no incident behind.
    const ended = await send('resolve', notification, channel, telling)
    if (ended.kind === 'failed') return ended.untold
  }
  return {
    kind: 'told',
    handle: { incident: incidentOf(notification) },
    isUpdate: telling.handle !== null,
    result: { incident: incidentOf(notification) },
  }
}

const incidentOf = ({ id }: Notification): string => (id.length <= KEY_LENGTH ? id : keyOf(id))

const send = (action: string, notification: Notification, { key, server }: Settings, telling: Telling) =>
  callService(
    {
      url: `${server}/v2/enqueue`,
      body: {
        json: {
          routing_key: telling.disclosure.resolve(key),
          event_action: action,
          dedup_key: incidentOf(notification),
          ...(action === 'trigger' && triggerOf(notification)),
        },
      },
    },
    telling,
    MANNERS,
  )

function triggerOf(notification: Notification): JsonObject {
  const { title, body, severity, since, alerts, links } = notification
  const [first] = alerts
  return {
    client: 'vigie',
    ...(links.show !== undefined && { client_url: links.show }),
    links: buttonsOf(notification).map(({ label, url }) => ({ href: url, text: label })),
    payload: {
      summary: cut(title, { limit: SUMMARY_LENGTH, in: 'characters' }),
      source: first?.key ?? 'vigie',
      severity,
      timestamp: new Date(since).toISOString(),
      ...(first?.rule !== null && { class: first?.rule }),
      custom_details: {
        ...(body !== '' && { body: cut(body, { limit: BODY_LENGTH, in: 'characters', link: links.show }) }),
        alerts: alerts.slice(0, MOST_ALERTS).map(({ key, state, labels }) => ({ key, state, labels })),
      },
    },
  }
}

const MANNERS: Manners = {
  isOurs: ({ json }) => json['status'] === 'success',
  // A key that nobody knows is a bad request there.
  judge: ({ status, json }: Reply): AnswerClass | undefined =>
    status === 400 && /routing[_ ]key/i.test(JSON.stringify([json['message'], json['errors']]))
      ? { kind: 'gone' }
      : undefined,
}
