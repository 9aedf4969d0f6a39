import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { virtualCalendar } from '../../../src/engine/time/calendar.ts'

const at = (date: string): number => Date.parse(date)
const iso = (moment: number): string => new Date(moment).toISOString().slice(0, 16)

test('in virtual time every moment of a schedule comes once, however time goes on', () => {
  const clock = new ManualClock(at('2026-03-28T23:10:00Z'))
  const ticks: number[] = []
  virtualCalendar({ expression: '30 */6 * * *', timezone: 'Europe/Paris' }, clock).start((tick) =>
    ticks.push(tick),
  )
  clock.advance(20 * 60_000)
  clock.advance(23 * 3_600_000)
  // The clocks of Paris are put forward in that night.
  expect(ticks.map(iso)).toEqual([
    '2026-03-28T23:30',
    '2026-03-29T04:30',
    '2026-03-29T10:30',
    '2026-03-29T16:30',
    '2026-03-29T22:30',
  ])
})

test('a schedule that is stopped says no more', async () => {
  const clock = new ManualClock(at('2026-01-01T00:00:00Z'))
  const ticks: number[] = []
  const calendar = virtualCalendar({ expression: '* * * * *' }, clock)
  calendar.start((tick) => ticks.push(tick))
  clock.advance(60_000)
  await calendar.stop()
  clock.advance(3_600_000)
  expect(ticks).toHaveLength(1)
})
