// Moments and amounts for a reader of the page, in the zone of the browser.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** @param at Unix ms, or an ISO date as the API gives it */
export const unixMs = (at: number | string): number => (typeof at === 'number' ? at : Date.parse(at))

const two = (part: number): string => String(part).padStart(2, '0')

/** The time of day, to the millisecond: `14:03:07.042`. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As short as it can be at the moment `now`: `14:03:07` today, `22 Nov 14:03` this year, `22 Nov 2025`. */
export function shortMoment(at: number, now: number): string {
  const date = new Date(at)
  const today = new Date(now)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (date.toDateString() === today.toDateString()) return `${time}:${two(date.getSeconds())}`
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`
  return date.getFullYear() === today.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()}`
}

/** A length in its largest unit: `45s`, `12m`, `36h`, `9d`. */
export function shortLength(lengthMs: number): string {
  if (lengthMs < MINUTE_MS) return `${Math.max(0, Math.floor(lengthMs / 1_000))}s`
  if (lengthMs < HOUR_MS) return `${Math.floor(lengthMs / MINUTE_MS)}m`
  if (lengthMs < 2 * DAY_MS) return `${Math.floor(lengthMs / HOUR_MS)}h`
  return `${Math.floor(lengthMs / DAY_MS)}d`
}

export function ago(at: number, now: number): string {
  const length = now - at
  if (length < -1_000) return `in ${shortLength(-length)}`
  return length < 1_000 ? 'now' : `${shortLength(length)} ago`
}

/** `1 client`, `2 clients`, `12,000 clients`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`

/** A count in few letters, for columns: `950`, `1,234`, `12.3k`, `4.5M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return Math.round(count).toLocaleString('en')
  return count < 1_000_000 ? `${threeDigits(count / 1_000)}k` : `${threeDigits(count / 1_000_000)}M`
}

const threeDigits = (value: number): string => (value < 100 ? value.toFixed(1) : String(Math.floor(value)))

/** A rate in few letters: `0.5/s`, `12.3k/s`; empty when there is practically none. */
export function shortRate(perSecond: number): string {
  if (perSecond < 0.05) return ''
  return `${perSecond < 10 ? perSecond.toFixed(1) : shortCount(perSecond)}/s`
}

/** Per second, with as many digits as say something: `0`, `0.2`, `3.4`, `120`, `5,200`. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0'
  if (perSecond < 10) return String(Math.max(0.1, Number(perSecond.toFixed(1))))
  return Math.round(perSecond).toLocaleString('en')
}

/** A latency in milliseconds: `0.42 ms`, `12 ms`, `3.4 s`. */
export function latencyText(latencyMs: number): string {
  if (latencyMs < 1) return `${latencyMs.toFixed(2)} ms`
  return latencyMs < 1_000 ? `${Math.round(latencyMs)} ms` : `${(latencyMs / 1_000).toFixed(1)} s`
}
