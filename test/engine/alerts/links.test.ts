import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { grantIn } from '../../../src/alerts/signed-link.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openLinks } from '../../../src/engine/alerts/links.ts'
import { openLinkKey } from '../../../src/secrets/link-key.ts'
import { temporaryFolder } from '../../support/hub.ts'

const ALERT = { key: 'nas/a b#1', incident: 1, state: 'firing' } as const
const ONE = { notification: 'n1', alerts: [ALERT] }

test('links are signed with the key of the data folder, which the HTTP server reads', () => {
  const folder = temporaryFolder()
  const { show = '' } = openLinks('https://hub.example', folder, silentLog)(ONE, 1_000)
  const query = Object.fromEntries(new URL(show).searchParams)
  expect(grantIn(query, openLinkKey(folder), 1_000)).toMatchObject({ key: 'nas/a b#1', action: 'show' })
})

test('links about several alerts name the notification, and about one its alert', () => {
  const linksOf = openLinks('https://hub.example', temporaryFolder(), silentLog)
  const several = linksOf({ notification: 'n1', alerts: [ALERT, { ...ALERT, key: 'nas/b' }] }, 1_000)
  expect(Object.keys(several)).toEqual(['show', 'acknowledge', 'silence'])
  expect(new URL(several.show ?? '').searchParams.get('notification')).toBe('n1')
  expect(new URL(linksOf(ONE, 1_000).show ?? '').searchParams.has('notification')).toBe(false)
})

test('without an address of the hub there are none', () => {
  expect(openLinks(null, '/nowhere', silentLog)(ONE, 1_000)).toEqual({})
})

test('a key that is damaged costs the links, not the notification, and is logged once', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'link.key'), 'half a key')
  const logged: unknown[] = []
  const linksOf = openLinks('https://hub.example', folder, {
    error: (...said: unknown[]) => void logged.push(said),
  })
  expect([linksOf(ONE, 1_000), linksOf(ONE, 2_000)]).toEqual([{}, {}])
  expect(logged).toEqual([[expect.stringMatching(/no links.*link\.key is to hold 32 bytes, and holds 10/)]])
})
