// The context of an action under test: a hub of the imagination that writes down what is published.

import { OUTPUT_BYTES } from '../../src/actions/context.ts'
import type { ActionContext, HubPorts } from '../../src/actions/context.ts'
import { openSecrets } from '../../src/secrets/secrets.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ProcessIdentity } from '../../src/model/action.ts'
import { PACKET_BYTES } from '../../src/model/publication-size.ts'
import type { Event, Publication } from '../../src/model/event.ts'

export const doorEvent: Event = {
  id: 7,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  topic: 'home/door',
  payload: Buffer.from('{"open":true}'),
  qos: 1,
  retain: false,
  origin: 'live',
  client: 'sensor-1',
  properties: null,
  cause: null,
  recorded: true,
}

/** What every step of the tests carries. */
export const manner = { timeoutMs: 10_000, retry: { attempts: 1, minMs: 1, maxMs: 1 } } as const

export interface Desk {
  readonly context: ActionContext
  readonly published: Publication[]
  readonly started: ProcessIdentity[]
}

export function desk(
  more: Partial<Omit<ActionContext, 'hub'>> = {},
  hub: Partial<HubPorts> & { readonly environment?: Record<string, string> } = {},
): Desk {
  const published: Publication[] = []
  const started: ProcessIdentity[] = []
  const context: ActionContext = {
    event: doorEvent,
    params: { room: 'hall' },
    rule: 'door-open',
    run: 3,
    step: '0',
    attempt: 1,
    wasCutOff: false,
    ending: new AbortController(),
    within: (code) => code(),
    started: (identity) => void started.push(identity),
    ...more,
    hub: {
      root: 'vigie',
      clock: systemClock,
      secrets: openSecrets(hub.environment ?? {}, null),
      alerts: { mayBeOpen: () => true, raising: () => {} },
      notify: async () => ({ kind: 'done', result: {} }),
      outputBytes: OUTPUT_BYTES,
      packetBytes: PACKET_BYTES,
      publish: async (publication) => 100 + published.push(publication),
      foundBy: async () => [],
      last: (topic) => published.findLast((publication) => publication.topic === topic)?.payload,
      ...hub,
    },
  }
  return { context, published, started }
}
