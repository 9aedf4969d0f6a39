import { describe, expect, test } from 'vitest'
import { countMarked, groupGrantIn, groupLinks, meantBy, MOST_MARKED } from '../../src/alerts/group-link.ts'
import type { GroupGrant, Told } from '../../src/alerts/group-link.ts'
import { grantIn, LINK_LIFE_MS } from '../../src/alerts/signed-link.ts'

const SECRET = Buffer.alloc(32, 7)
const NOW = 1_764_500_000_000
const NOTIFICATION = '0123456789abcdef01234567'

const told = (key: string, rest: Partial<Told> = {}): Told => ({ key, incident: 1, state: 'firing', ...rest })
const linksOf = (alerts: readonly Told[]) =>
  groupLinks('https://hub.example', SECRET, { notification: NOTIFICATION, alerts }, NOW)
const queryOf = (link: string | undefined) => Object.fromEntries(new URL(link ?? '').searchParams)
const grantOf = (link: string | undefined): GroupGrant => {
  const grant = groupGrantIn(queryOf(link), SECRET, NOW)
  if (typeof grant === 'string') throw new Error(grant)
  return grant
}

describe('the links of a notification about several alerts', () => {
  test('are those that make sense for one of them at least', () => {
    const names = (...states: Told['state'][]) =>
      Object.keys(linksOf(states.map((state, index) => told(`nas/${index}`, { state }))))
    expect(names('resolved', 'firing')).toEqual(['show', 'acknowledge', 'silence'])
    expect(names('resolved', 'acknowledged')).toEqual(['show', 'silence'])
    expect(names('resolved', 'resolved')).toEqual(['show'])
  })

  test('mean the alerts that were told, of the incident that was told, and no others', () => {
    const alerts = [
      told('a'),
      told('b', { incident: 3 }),
      told('c', { state: 'acknowledged' }),
      told('x/#'),
      told('d', { state: 'resolved' }),
    ]
    const { acknowledge, silence, show } = linksOf(alerts)
    const later = [told('a'), told('b', { incident: 4 }), ...alerts.slice(2), told('new')]
    expect(meantBy(grantOf(acknowledge), later).map(({ key }) => key)).toEqual(['a', 'x/#'])
    expect(meantBy(grantOf(silence), later).map(({ key }) => key)).toEqual(['a', 'c'])
    expect([acknowledge, silence, show].map((link) => countMarked(grantOf(link)))).toEqual([3, 3, 0])
  })

  test('fit into what services take, and are left out where they could not', () => {
    const group = (length: number) =>
      linksOf(Array.from({ length }, (_, index) => told(`house/room/${index}`)))
    expect(group(70).acknowledge?.length).toBeLessThan(512)
    expect(group(MOST_MARKED).acknowledge?.length).toBeLessThan(640)
    expect(Object.keys(group(MOST_MARKED + 1))).toEqual(['show'])
  })

  test.each([
    ['another notification', { notification: 'f'.repeat(24) }],
    ['other alerts', { told: 'AAAABBBB' }],
    ['another action', { action: 'silence' }],
    ['a later end', { expires: String((NOW + 2 * LINK_LIFE_MS) / 1_000) }],
    ['no token', { token: '' }],
  ])('allow nothing with %s', (_what, change) => {
    const query = queryOf(linksOf([told('a'), told('b')]).acknowledge)
    expect(groupGrantIn(query, SECRET, NOW)).toMatchObject({ notification: NOTIFICATION, action: 'ack' })
    expect(groupGrantIn({ ...query, ...change }, SECRET, NOW)).toBe('wrong')
  })

  test('end after a week, and are no links about one alert', () => {
    const query = queryOf(linksOf([told('a'), told('b')]).acknowledge)
    expect(groupGrantIn(query, SECRET, NOW + LINK_LIFE_MS + 1_000)).toBe('expired')
    expect(grantIn({ ...query, key: 'a', incident: '1' }, SECRET, NOW)).toBe('wrong')
  })
})
