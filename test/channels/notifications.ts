// Notifications that the tests of all channels tell, and what a channel may use while it tells them.

import { systemClock } from '../../src/base/clock.ts'
import type { Telling } from '../../src/channels/channel.ts'
import type { Publication } from '../../src/model/event.ts'
import type { NotifiedAlert, Notification } from '../../src/model/notification.ts'
import { Disclosure, openSecrets } from '../../src/secrets/secrets.ts'

const since = Date.UTC(2026, 0, 2, 3, 4, 5)

const nas: NotifiedAlert = {
  key: 'nas',
  state: 'firing',
  severity: 'critical',
  title: 'nas is down',
  body: 'No answer for <2 min> & more.',
  labels: { room: 'cellar' },
  since,
  count: 1,
  rule: 'nas-down',
  cause: { event: 7, topic: 'vigie/pings/nas' },
  acknowledgedBy: null,
}

export const firing: Notification = {
  id: 'vigie/alerts/nas#1',
  occasion: 'news',
  state: 'firing',
  severity: 'critical',
  title: 'nas is down',
  body: 'No answer for <2 min> & more.',
  since,
  at: since,
  alerts: [nas],
  links: {
    show: 'https://hub.example.org/alerts/nas',
    acknowledge: 'https://hub.example.org/do/ack-1',
    silence: 'https://hub.example.org/do/silence-1',
  },
}

export const reminder: Notification = {
  ...firing,
  occasion: 'reminder',
  title: 'Still firing, for 3 h: nas is down',
  at: since + 3 * 3_600_000,
}

export const acknowledged: Notification = {
  ...firing,
  occasion: 'acknowledged',
  state: 'acknowledged',
  title: 'Acknowledged by ada: nas is down',
  at: since + 60_000,
  alerts: [{ ...nas, state: 'acknowledged', acknowledgedBy: 'ada' }],
  links: { show: 'https://hub.example.org/alerts/nas' },
}

export const resolved: Notification = {
  ...firing,
  occasion: 'resolved',
  state: 'resolved',
  title: 'Resolved after 3 h: nas is down',
  body: '',
  at: since + 3 * 3_600_000,
  alerts: [{ ...nas, state: 'resolved' }],
  links: { show: 'https://hub.example.org/alerts/nas' },
}

/** Longer than any service takes. */
export const endless: Notification = { ...firing, body: `${'äöü🔥 '.repeat(20_000)}END` }

export interface Attempt extends Telling {
  readonly published: Parameters<Telling['publish']>[0][]
}

export function attempt(
  secrets: Readonly<Record<string, string>>,
  given: Partial<Pick<Telling, 'handle' | 'key' | 'signal' | 'clock' | 'dataDir'>> = {},
): Attempt {
  const published: Pick<Publication, 'topic' | 'payload' | 'qos' | 'retain'>[] = []
  return {
    handle: null,
    key: 'telling-1',
    signal: new AbortController().signal,
    disclosure: new Disclosure(openSecrets(secrets, null)),
    clock: systemClock,
    dataDir: '/nowhere',
    publish: async (message) => 100 + published.push(message),
    started: () => {},
    ...given,
    published,
  }
}
