// Covers `src/page/clients/stays.ts`.

import { expect, it } from 'vitest'
import { departureWords, isLost } from '../../../src/page/clients/departures.ts'
import { staysOf } from '../../../src/page/clients/stays.ts'

it.each([
  ['socket', true],
  ['keepalive', true],
  ['clean', false],
  ['kicked', false],
  ['stopped', false],
])('calls a client that left by %s lost: %s', (reason, lost) => {
  expect(isLost({ state: 'offline', reason })).toBe(lost)
})

it('calls no client lost that is here', () => {
  expect(isLost({ state: 'online', reason: null })).toBe(false)
})

it('says how a client left, also in a way that the page does not know', () => {
  expect([departureWords('keepalive'), departureWords('new'), departureWords(null)]).toEqual([
    'it fell silent',
    'new',
    '',
  ])
})

it('tells how long it stayed, and was away', () => {
  const change = (event: number, state: 'online' | 'offline') => ({
    event,
    at: event * 10,
    state,
    reason: null,
  })
  expect(staysOf([change(9, 'online'), change(5, 'offline'), change(1, 'online')])).toMatchObject([
    { event: 9, lengthMs: null },
    { event: 5, lengthMs: 40 },
    { event: 1, lengthMs: 40 },
  ])
})
