// Moments for a person: in the zone of this machine, or in UTC where the person asks for that.

export type Zone = 'local' | 'UTC'

let zone: Zone = 'local'

/** Sets the zone in which this thread shows moments, and reads those that name no zone. */
export function useZone(wanted: Zone): void {
  zone = wanted
}

/** The time to the millisecond: `2026-11-22 14:03:07.042`, in UTC `2026-11-22 14:03:07.042Z`. */
export function localTime(at: number): string {
  const date = inZone(at)
  return `${secondOf(date)}.${String(date.getUTCMilliseconds()).padStart(3, '0')}${mark()}`
}

/** The time to the second: `2026-11-22 14:03:07`, in UTC `2026-11-22 14:03:07Z`. */
export const localSecond = (at: number): string => `${secondOf(inZone(at))}${mark()}`

/** Unix ms of a year, a month from 0, a day, an hour and so on in the zone. */
export function momentAt(parts: readonly [number, ...number[]]): number {
  const [year, month = 0, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = parts
  return zone === 'UTC'
    ? Date.UTC(year, month, day, hour, minute, second, ms)
    : new Date(year, month, day, hour, minute, second, ms).getTime()
}

/** The year, the month from 0, and the day of a moment in the zone. */
export function dayOf(at: number): [year: number, month: number, day: number] {
  const date = inZone(at)
  return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
}

/** A date whose parts in UTC are those that `at` has in the zone. */
function inZone(at: number): Date {
  const date = new Date(at)
  return zone === 'UTC' ? date : new Date(at - date.getTimezoneOffset() * 60_000)
}

function secondOf(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
}

const mark = (): string => (zone === 'UTC' ? 'Z' : '')
