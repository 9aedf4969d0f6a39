import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { LONGEST_MS, Sessions } from '../../../src/http/callers/sessions.ts'
import type { Pass } from '../../../src/model/access.ts'

const HOUR_MS = 3_600_000
const ANNA: Pass = { user: 'anna', rights: null, proof: 'p', realm: '' }

it('lasts while it is used, and for a week at most', () => {
  const clock = new ManualClock(0)
  const sessions = new Sessions(clock)
  const secret = sessions.begin(ANNA)
  for (let at = 11 * HOUR_MS; at < LONGEST_MS; at += 11 * HOUR_MS) {
    clock.advance(11 * HOUR_MS)
    expect(sessions.use(secret)).toBe(ANNA)
  }
  clock.advance(11 * HOUR_MS)
  expect(sessions.use(secret)).toBeUndefined()
})

it('ends after twelve hours without a request, and when it is ended', () => {
  const clock = new ManualClock(0)
  const sessions = new Sessions(clock)
  const [idle, over] = [sessions.begin(ANNA), sessions.begin(ANNA)]
  sessions.end(over)
  expect([sessions.use(over), sessions.use('nonsense')]).toEqual([undefined, undefined])
  clock.advance(12 * HOUR_MS)
  expect(sessions.use(idle)).toBeUndefined()
})

it('gives way when there are too many, the one that was used longest ago first', () => {
  const sessions = new Sessions(new ManualClock(0))
  const first = sessions.begin(ANNA)
  const second = sessions.begin(ANNA)
  for (let more = 0; more < 998; more++) sessions.begin(ANNA)
  expect(sessions.use(first)).toBe(ANNA)
  sessions.begin(ANNA)
  expect([sessions.use(first), sessions.use(second)]).toEqual([ANNA, undefined])
})
