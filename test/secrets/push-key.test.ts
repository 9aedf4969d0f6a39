import { createECDH } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPushKey } from '../../src/secrets/push-key.ts'
import { temporaryFolder } from '../support/hub.ts'

test('a key is made once, and both halves of it belong together', () => {
  const folder = temporaryFolder()
  const { privateKey, publicKey } = openPushKey(folder)
  expect(openPushKey(folder)).toEqual({ privateKey, publicKey })
  expect([privateKey.length, publicKey.length, publicKey[0]]).toEqual([32, 65, 4])
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(privateKey)
  expect(curve.getPublicKey()).toEqual(publicKey)
  expect(statSync(join(folder, 'push.key')).mode & 0o777).toBe(0o600)
})

test('a file that holds no key is refused, with what a new one brings about', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'push.key'), 'x')
  expect(() => openPushKey(folder)).toThrow('every browser has to subscribe again')
})
