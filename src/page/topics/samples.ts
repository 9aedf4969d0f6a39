// The last messages of one topic, oldest first: those of the history, then those that come. Never more than a
// budget of bytes, whatever comes.

import type { LiveMessage, SentPayload } from '../../http/live/views.ts'
import type { EventAnswer } from '../api/answers.ts'
import { bytesOf } from './payload.ts'

export interface Sample {
  /** Unix ms. */
  readonly at: number
  /** 0: not recorded. */
  readonly event: number
  readonly qos: number
  readonly retain: boolean
  readonly client: string | null
  readonly origin: string
  readonly payload: SentPayload
  /** Length of the whole payload. */
  readonly bytes: number
}

const MOST_SAMPLES = 1_000
const MOST_BYTES = 2 * 2 ** 20

export function sampleOf({ id, at, payload, encoding, qos, retain, client, origin }: EventAnswer): Sample {
  const sent: SentPayload =
    encoding === 'base64'
      ? { base64: String(payload) }
      : { text: encoding === 'json' ? JSON.stringify(payload) : String(payload) }
  const bytes = bytesOf(sent).length
  return { at: Date.parse(at), event: id, qos, retain, client, origin, payload: sent, bytes }
}

/** Puts what came behind what was there; a message that is there already is not taken again. */
export function withSamples(before: readonly Sample[], more: readonly (Sample | LiveMessage)[]): Sample[] {
  const known = new Set(before.flatMap(({ event }) => (event === 0 ? [] : event)))
  const fresh = more.filter(({ event }) => event === 0 || !known.has(event))
  const all = [...before, ...fresh].toSorted((a, b) => a.at - b.at || a.event - b.event)
  let bytes = 0
  let first = all.length
  while (first > 0 && all.length - first < MOST_SAMPLES) {
    bytes += weight(all[first - 1]!)
    if (bytes > MOST_BYTES && first < all.length) break
    first--
  }
  return all.slice(first)
}

const weight = ({ payload: { text = '', base64 = '' } }: Sample | LiveMessage): number =>
  2 * (text.length + base64.length) + 200
