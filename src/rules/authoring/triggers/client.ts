// `client('sensor-*', 'offline')` fires when a client connects or disconnects; with `grace` or `flapping`, when
// it is lost or back. Both read the presence that the broker retains under `<root>/clients/<id>`.

import { isHere, PRESENCE_STATES, type PresenceState } from '../../../model/client.ts'
import type { Event } from '../../../model/event.ts'
import { textOfLevel } from '../../../topics/escape.ts'
import { jsonOrText, textOf } from '../../context/payload.ts'
import { isFollowing, presenceWatch } from './presence.ts'
import type { PresenceOptions, Said } from './presence.ts'
import { TRIGGER } from './trigger.ts'
import type { Refusal, Trigger } from './trigger.ts'

export interface Presence {
  /** `lost` is what a client of MQTT-SN is that stayed away for longer than it said. */
  readonly state: 'online' | 'offline' | 'lost'
  /**
   * Why the client disconnected: `clean`, `will`, `socket`, `keepalive`, `takeover`, `kicked`, or `stopped`
   * (the hub stopped).
   */
  readonly reason: string
  readonly [detail: string]: unknown
}

export interface ClientOptions extends PresenceOptions {
  /** `'offline'`: fires when a client is lost or flapping; `'online'`: when it is back or steady. By default both. */
  readonly state?: 'online' | 'offline'
}

/**
 * Fires when a client connects or disconnects; not when one of MQTT-SN falls asleep or wakes. With `grace` or `flapping`, fires when a client is lost, back,
 * flapping or steady again, and `change` says which.
 * @param id the client id; `*` stands for any characters
 * @param wanted `'online'`, `'offline'` (also of one that is `lost`), or options; by default both states, and each message
 */
export function client(
  id: string,
  wanted: 'online' | 'offline' | ClientOptions = {},
): Trigger<{ readonly id: string }, Presence> {
  const pattern = globPattern(id)
  const options = typeof wanted === 'string' ? { state: wanted } : wanted
  const { state } = options
  const following = isFollowing(options)
  return {
    [TRIGGER]: {
      text: textOfTrigger(id, wanted),
      filter: ({ root }) => `${root}/clients/#id`,
      params: ({ id: level = '' }) => {
        const seen = textOfLevel(level)
        return pattern.test(seen) ? { id: seen } : undefined
      },
      refuses: (event) =>
        following && isCleared(event) ? undefined : refusal(event, following ? undefined : state),
      ...(following && {
        presence: {
          watch: () => presenceWatch(options, state && (state === 'online' ? 'here' : 'gone')),
          says,
        },
      }),
    },
  }
}

/** Somebody cleared the presence: nobody waits for the client any more. */
const isCleared = (event: Event): boolean => event.payload.length === 0

const presenceIn = (event: Event): { readonly state?: PresenceState; readonly reason?: string } | null =>
  jsonOrText(textOf(event.payload)) as { readonly state?: PresenceState; readonly reason?: string } | null

function says(event: Event): Said {
  const { state, reason } = presenceIn(event) ?? {}
  if (state === undefined || isHere(state)) return 'here'
  return reason === 'stopped' ? 'interrupted' : 'gone'
}

function refusal(event: Event, wanted: string | undefined): Refusal | undefined {
  const state = presenceIn(event)?.state
  if (state === undefined || !PRESENCE_STATES.includes(state))
    return { stage: 'trigger', reason: 'the message is no presence' }
  if (state === 'asleep' || state === 'awake')
    return { stage: 'trigger', reason: `the client is ${state}, and neither came nor went` }
  if (wanted === undefined || wanted === (isHere(state) ? 'online' : 'offline')) return undefined
  return { stage: 'trigger', reason: `the client is ${state}; the rule waits for ${wanted}` }
}

function textOfTrigger(id: string, wanted: 'online' | 'offline' | ClientOptions): string {
  const isPlain = typeof wanted === 'object' && Object.keys(wanted).length === 0
  return `client(${[id, ...(isPlain ? [] : [wanted])].map((each) => JSON.stringify(each)).join(', ')})`
}

const globPattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`, 's')
