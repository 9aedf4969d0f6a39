import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { grantIn } from '../../../src/alerts/signed-link.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openLinks } from '../../../src/engine/alerts/links.ts'
import { openLinkKey } from '../../../src/secrets/link-key.ts'
import { temporaryFolder } from '../../support/hub.ts'

const ALERT = { key: 'nas/a b#1', incident: 1, state: 'firing' } as const

test('links are signed with the key of the data folder, which the HTTP server reads', () => {
  const folder = temporaryFolder()
  const { show = '' } = openLinks('https://hub.example', folder, silentLog)(ALERT, 1_000)
  const query = Object.fromEntries(new URL(show).searchParams)
  expect(grantIn(query, openLinkKey(folder), 1_000)).toMatchObject({ key: 'nas/a b#1', action: 'show' })
})

test('without an address of the hub there are none', () => {
  expect(openLinks(null, '/nowhere', silentLog)(ALERT, 1_000)).toEqual({})
})

test('a key that is damaged costs the links, not the notification, and is logged once', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'link.key'), 'half a key')
  const logged: unknown[] = []
  const linksOf = openLinks('https://hub.example', folder, {
    error: (...said: unknown[]) => void logged.push(said),
  })
  expect([linksOf(ALERT, 1_000), linksOf(ALERT, 2_000)]).toEqual([{}, {}])
  expect(logged).toEqual([[expect.stringMatching(/no links.*link\.key is to hold 32 bytes, and holds 10/)]])
})
