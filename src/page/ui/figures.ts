// Figures as people read them: ages, rates, counts, sizes. All have the same few digits, so that columns stand.

/** How long ago, in the largest unit that is not zero: `3 s`, `12 min`, `5 h`, `3 d`. */
export function age(at: number, now: number): string {
  if (at === 0) return ''
  const seconds = Math.max(0, Math.round((now - at) / 1_000))
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** Messages a second: empty when there are practically none. */
export function rate(perSecond: number): string {
  if (perSecond < 0.05) return ''
  if (perSecond < 10) return `${perSecond.toFixed(1)}/s`
  return `${count(perSecond)}/s`
}

/** `950`, `1,234`, `12.3k`, `4.5M` */
export function count(value: number): string {
  if (value < 10_000) return Math.round(value).toLocaleString('en')
  if (value < 1_000_000) return `${short(value / 1_000)}k`
  return `${short(value / 1_000_000)}M`
}

/** `950 B`, `1.2 KiB`, `3.4 MiB` */
export function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < 1_048_576) return `${short(bytes / 1_024)} KiB`
  return `${short(bytes / 1_048_576)} MiB`
}

const short = (value: number): string => (value < 100 ? value.toFixed(1) : String(Math.floor(value)))

/** The time of day, to the millisecond, in the zone of the browser. */
export function timeOfDay(at: number): string {
  const moment = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const thousandths = String(moment.getMilliseconds()).padStart(3, '0')
  return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}.${thousandths}`
}
