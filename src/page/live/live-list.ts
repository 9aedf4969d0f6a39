// The messages of the view Live: the newest first, a bounded number of them; while it is paused, what comes is
// counted and kept aside within the same bounds.

import type { LiveMessage, MessagesFrame } from '../../http/live/views.ts'

const MOST_SHOWN = 300
/** Of payloads together, in characters. */
const MOST_CHARACTERS = 1_000_000
/** Figures are told for so long a time. */
const FIGURES_MS = 2_000

export interface Listed extends LiveMessage {
  /** Counts the messages of this list. */
  readonly number: number
}

interface Figures {
  readonly at: number
  readonly seen: number
  readonly shown: number
  readonly unsearched: number
}

export interface LiveList {
  /** Newest first. */
  readonly shown: readonly Listed[]
  /** What came while paused, newest first. */
  readonly aside: readonly Listed[]
  /** How many came while paused, also those that were not sent. */
  readonly waiting: number
  readonly next: number
  readonly figures: readonly Figures[]
}

export const EMPTY: LiveList = { shown: [], aside: [], waiting: 0, next: 1, figures: [] }

export function take(list: LiveList, frame: MessagesFrame, isPaused: boolean, now: number): LiveList {
  const fresh = frame.messages
    .map((message, index): Listed => ({ ...message, number: list.next + index }))
    .toReversed()
  const figures = [
    ...list.figures.filter(({ at }) => now - at < FIGURES_MS),
    { at: now, seen: frame.seen, shown: fresh.length, unsearched: frame.unsearched },
  ]
  const next = list.next + fresh.length
  if (isPaused)
    return {
      ...list,
      figures,
      next,
      aside: bounded([...fresh, ...list.aside]),
      waiting: list.waiting + frame.seen,
    }
  return { ...list, figures, next, shown: bounded([...fresh, ...list.shown]) }
}

/** Goes on: what was kept aside is shown. */
export const resume = (list: LiveList): LiveList => ({
  ...list,
  shown: bounded([...list.aside, ...list.shown]),
  aside: [],
  waiting: 0,
})

export const clear = (list: LiveList): LiveList => ({ ...list, shown: [], aside: [], waiting: 0 })

/** What is shown of what comes, in words: `Showing 60 of 5,000 a second`. */
export function sampling({ figures }: LiveList, now: number): string {
  const recent = figures.filter(({ at }) => now - at < FIGURES_MS)
  const perSecond = (of: (each: Figures) => number): number =>
    Math.round((recent.reduce((sum, each) => sum + of(each), 0) * 1_000) / FIGURES_MS)
  const [seen, shown, unsearched] = [
    perSecond((f) => f.seen),
    perSecond((f) => f.shown),
    perSecond((f) => f.unsearched),
  ]
  if (seen === 0 && unsearched === 0) return 'Quiet'
  const rest = unsearched > 0 ? `; ${number(unsearched)} a second were not searched` : ''
  if (shown >= seen) return `Showing all, ${number(seen)} a second${rest}`
  return `Showing ${number(shown)} of ${number(seen)} a second${rest}`
}

const number = (value: number): string => value.toLocaleString('en')

function bounded(messages: readonly Listed[]): Listed[] {
  const kept: Listed[] = []
  let characters = 0
  for (const message of messages) {
    characters += (message.payload.text ?? message.payload.base64 ?? '').length
    if (kept.length === MOST_SHOWN || (characters > MOST_CHARACTERS && kept.length > 0)) break
    kept.push(message)
  }
  return kept
}
