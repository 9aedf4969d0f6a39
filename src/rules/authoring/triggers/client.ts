// `client('sensor-*', 'offline')` fires when a client connects or disconnects. It reads the presence that the
// broker retains under `<root>/clients/<id>`.

import type { Event } from '../../../model/event.ts'
import { textOfLevel } from '../../../topics/escape.ts'
import { jsonOrText, textOf } from '../../context/payload.ts'
import { TRIGGER } from './trigger.ts'
import type { Refusal, Trigger } from './trigger.ts'

export interface Presence {
  readonly state: 'online' | 'offline'
  /**
   * Why the client connected or disconnected: `connect`, `clean`, `keepalive`, `socket`, `takeover`,
   * `kicked`, `will`, …
   */
  readonly reason: string
  readonly [detail: string]: unknown
}

/**
 * Fires when a client connects or disconnects.
 * @param id the client id; `*` stands for any characters
 * @param state by default both
 */
export function client(id: string, state?: 'online' | 'offline'): Trigger<{ readonly id: string }, Presence> {
  const wanted = globPattern(id)
  return {
    [TRIGGER]: {
      text: `client(${[id, state]
        .filter(Boolean)
        .map((each) => JSON.stringify(each))
        .join(', ')})`,
      filter: ({ root }) => `${root}/clients/#id`,
      params: ({ id: level = '' }) => {
        const seen = textOfLevel(level)
        return wanted.test(seen) ? { id: seen } : undefined
      },
      refuses: (event) => refusal(event, state),
    },
  }
}

function refusal(event: Event, wanted: string | undefined): Refusal | undefined {
  const presence = jsonOrText(textOf(event.payload)) as Partial<Presence> | null
  const state = presence?.state
  if (state !== 'online' && state !== 'offline')
    return { stage: 'trigger', reason: 'the message is no presence' }
  if (wanted === undefined || state === wanted) return undefined
  return { stage: 'trigger', reason: `the client is ${state}; the rule waits for ${wanted}` }
}

const globPattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`, 's')
