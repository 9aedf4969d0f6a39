// A notification in the words and signs that services share, cut to what each of them takes.

import { createHash } from 'node:crypto'
import type { Notification } from '../model/notification.ts'

/**
 * A key for a service against doubles, the same for all tellings of a notification: letters, digits, `-` and
 * `_`.
 */
export const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 32)

export interface Bound {
  readonly limit: number
  /** What the service counts: bytes of UTF-8, or characters (UTF-16 units, never fewer than code points). */
  readonly in: 'bytes' | 'characters'
  /** Stands behind what was cut, such as the address that shows the whole. */
  readonly link?: string | undefined
}

/** The text, or as much of its beginning as fits, with "…" and the link. */
export function cut(content: string, { limit, in: unit, link }: Bound): string {
  const lengthOf = (some: string): number => (unit === 'bytes' ? Buffer.byteLength(some) : some.length)
  if (lengthOf(content) <= limit) return content
  const tail = link === undefined || lengthOf(link) > limit / 2 ? '…' : `…\n${link}`
  const room = Math.max(0, limit - lengthOf(tail))
  return `${unit === 'bytes' ? firstBytes(content, room) : firstUnits(content, room)}${tail}`
}

/** A decoder that is told of more to come leaves out the character that was cut in two. */
const firstBytes = (content: string, count: number): string =>
  new TextDecoder().decode(Buffer.from(content).subarray(0, count), { stream: true })

const firstUnits = (content: string, count: number): string =>
  content.slice(0, count).replace(/[\uD800-\uDBFF]$/, '')

/** The links of a notification as the labels and addresses of buttons, in this order. */
export function buttonsOf({ links }: Pick<Notification, 'links'>): readonly Button[] {
  const { show, acknowledge, silence } = links
  return [
    ...(show === undefined ? [] : [{ label: 'Show', url: show, acts: false }]),
    ...(acknowledge === undefined ? [] : [{ label: 'Acknowledge', url: acknowledge, acts: true }]),
    ...(silence === undefined ? [] : [{ label: 'Silence', url: silence, acts: true }]),
  ]
}

export interface Button {
  readonly label: string
  readonly url: string
  /** A POST to the address acts at once; otherwise the address only shows something. */
  readonly acts: boolean
}

/** What is to be seen at a glance. */
export type Tone = 'critical' | 'warning' | 'info' | 'acknowledged' | 'resolved'

export const toneOf = ({ state, severity }: Pick<Notification, 'state' | 'severity'>): Tone =>
  state === 'firing' ? severity : state
