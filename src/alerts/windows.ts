// Maintenance windows: times of planned work, in which alerts that match are silenced.

import { lastTick } from '../calendar/calendar.ts'
import { cronCalendar } from '../calendar/cron.ts'
import type { MaintenanceWindow } from '../model/alert-settings.ts'
import { matches } from './match.ts'
import type { Matched } from './match.ts'

export interface Windows {
  /** What silences the alert at a moment, as words: `the window "backup"`; `null` for none. */
  readonly covering: (alert: Matched, at: number) => string | null
  /** When a window next begins or ends after a moment; `null` for never. */
  readonly nextEdge: (after: number) => number | null
}

/** @throws RangeError when an expression or a time zone is wrong */
export function openWindows(windows: readonly MaintenanceWindow[]): Windows {
  const opened = windows.map(({ cron, timezone, ...window }) => {
    const calendar = cronCalendar(cron, timezone)
    /** When it began last, if it goes on at a moment. One that begins again goes on for so much longer. */
    const beganAt = (at: number): number | null => lastTick(calendar, at - window.forMs, at)
    return { ...window, calendar, beganAt }
  })
  return {
    covering(alert, at) {
      const window = opened.find(({ match, beganAt }) => matches(match, alert) && beganAt(at) !== null)
      return window === undefined ? null : `the window ${JSON.stringify(window.name)}`
    },
    nextEdge(after) {
      const edges = opened.flatMap(({ calendar, beganAt, forMs }) => {
        const began = beganAt(after)
        return [calendar.next(after), began === null ? null : began + forMs]
      })
      const next = Math.min(...edges.map((edge) => edge ?? Infinity))
      return next === Infinity ? null : next
    },
  }
}
