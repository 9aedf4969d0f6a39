import { expect, test } from 'vitest'
import { grantIn } from '../../../src/alerts/signed-link.ts'
import { openLinks } from '../../../src/engine/alerts/links.ts'
import { openLinkKey } from '../../../src/secrets/link-key.ts'
import { temporaryFolder } from '../../support/hub.ts'

const ALERT = { key: 'nas/a b#1', incident: 1, state: 'firing' } as const

test('links are signed with the key of the data folder, which the HTTP server reads', () => {
  const folder = temporaryFolder()
  const { show = '' } = openLinks('https://hub.example', folder)(ALERT, 1_000)
  const query = Object.fromEntries(new URL(show).searchParams)
  expect(grantIn(query, openLinkKey(folder), 1_000)).toMatchObject({ key: 'nas/a b#1', action: 'show' })
})

test('without an address of the hub there are none', () => {
  expect(openLinks(null, '/nowhere')(ALERT, 1_000)).toEqual({})
})
