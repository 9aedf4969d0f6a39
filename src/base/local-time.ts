// Moments for a person.

/** Local time to the millisecond: `2026-11-22 14:03:07.042`. */
export function localTime(at: number): string {
  const date = new Date(at)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** Local time to the second: `2026-11-22 14:03:07`. */
export const localSecond = (at: number): string => localTime(at).slice(0, -'.042'.length)
