// Covers `src/secrets/key-file.ts`.

import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLinkKey } from '../../src/secrets/link-key.ts'
import { temporaryFolder } from '../support/hub.ts'

test('a key is made once, and nobody else can read it', () => {
  const folder = temporaryFolder()
  const key = openLinkKey(folder)
  expect(key).toHaveLength(32)
  expect(openLinkKey(folder)).toEqual(key)
  expect(readdirSync(folder)).toEqual(['link.key'])
  expect(statSync(join(folder, 'link.key')).mode & 0o777).toBe(0o600)
})

test('each hub has its own', () => {
  expect(openLinkKey(temporaryFolder())).not.toEqual(openLinkKey(temporaryFolder()))
})

test('a file that holds no key signs nothing', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'link.key'), 'short')
  expect(() => openLinkKey(folder)).toThrow(/link\.key is to hold 32 bytes, and holds 5\. Remove it/)
})
