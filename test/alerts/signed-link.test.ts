import { describe, expect, test } from 'vitest'
import { grantIn, LINK_LIFE_MS, signedLinks, signedQuery } from '../../src/alerts/signed-link.ts'
import type { LinkGrant } from '../../src/alerts/signed-link.ts'

const SECRET = Buffer.alloc(32, 7)
const NOW = 1_764_500_000_000
const GRANT: LinkGrant = { key: 'nas/../a b#1&é', action: 'ack', incident: 3, expiresAt: NOW + 60_000 }

const read = (query: string, secret = SECRET, now = NOW) =>
  grantIn(Object.fromEntries(new URLSearchParams(query)), secret, now)

describe('a signed link', () => {
  test('allows what was signed, whatever the key holds', () => {
    expect(read(signedQuery(GRANT, SECRET))).toEqual(GRANT)
  })

  test.each([
    ['another key', { key: 'nas' }],
    ['another action', { action: 'silence' }],
    ['another incident', { incident: '4' }],
    ['a later end', { expires: String((NOW + 120_000) / 1_000) }],
    ['an action that does not exist', { action: 'raise' }],
    ['no number', { incident: 'x' }],
    ['a token that is too short', { token: 'AAAA' }],
    ['no token', { token: '' }],
  ])('allows nothing with %s', (_what, change) => {
    const query = new URLSearchParams(signedQuery(GRANT, SECRET))
    for (const [name, value] of Object.entries(change)) query.set(name, value)
    expect(read(query.toString())).toBe('wrong')
  })

  test('allows nothing that another hub has signed', () => {
    expect(read(signedQuery(GRANT, Buffer.alloc(32, 8)))).toBe('wrong')
  })

  test('ends', () => {
    const query = signedQuery(GRANT, SECRET)
    expect(read(query, SECRET, GRANT.expiresAt - 1)).toEqual(GRANT)
    expect(read(query, SECRET, GRANT.expiresAt)).toBe('expired')
  })

  test('is not said to have ended when it was never signed', () => {
    expect(read(signedQuery(GRANT, Buffer.alloc(32, 8)), SECRET, GRANT.expiresAt)).toBe('wrong')
  })
})

describe('the links of a notification', () => {
  const linksIn = (state: 'firing' | 'acknowledged' | 'resolved') =>
    signedLinks('https://hub.example', SECRET, { key: 'nas', incident: 2, state }, NOW)

  test('are those that make sense in the state of the alert', () => {
    expect(Object.keys(linksIn('firing'))).toEqual(['show', 'acknowledge', 'silence'])
    expect(Object.keys(linksIn('acknowledged'))).toEqual(['show', 'silence'])
    expect(Object.keys(linksIn('resolved'))).toEqual(['show'])
  })

  test.each(['#', 'nas/#', '+/disk'])('silence no other alerts than one, whose key is %s', (key) => {
    const links = signedLinks('https://hub.example', SECRET, { key, incident: 1, state: 'firing' }, NOW)
    expect(Object.keys(links)).toEqual(['show', 'acknowledge'])
  })

  test('lead to the hub, for the incident at hand, and for a week', () => {
    const url = new URL(linksIn('firing').acknowledge ?? '')
    expect(url.origin + url.pathname).toBe('https://hub.example/alert')
    const expiresAt = NOW + LINK_LIFE_MS
    expect(read(url.search)).toEqual({ key: 'nas', action: 'ack', incident: 2, expiresAt })
  })
})
