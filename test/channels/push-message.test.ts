// Against the examples of the specifications: RFC 8291, 5 and appendix A; RFC 8292, 2.4.

import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto'
import { expect, it } from 'vitest'
import { encryptPush, LONGEST_PUSH, vapid } from '../../src/channels/push-message.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

const BROWSER = {
  privateKey: bytes('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
  publicKey: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
  auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
}

it('encrypts the example of RFC 8291', () => {
  const fresh = {
    privateKey: bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
    salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
  }
  const text = Buffer.from('When I grow up, I want to be a watermelon')
  expect(encryptPush(text, BROWSER, fresh).toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6' +
      'PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

it('is read by the browser alone, also at full length, and never looks the same', () => {
  const text = Buffer.alloc(LONGEST_PUSH, 'x')
  const [one, other] = [encryptPush(text, BROWSER), encryptPush(text, BROWSER)]
  expect(one).toHaveLength(4_096)
  expect(one.equals(other)).toBe(false)
  expect(decrypt(one).equals(text)).toBe(true)
})

/** As a browser does it. */
function decrypt(message: Buffer): Buffer {
  const [salt, key] = [message.subarray(0, 16), message.subarray(21, 86)]
  const browser = createECDH('prime256v1')
  browser.setPrivateKey(BROWSER.privateKey)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), BROWSER.publicKey, key])
  const secret = Buffer.from(hkdfSync('sha256', browser.computeSecret(key), BROWSER.auth, info, 32))
  const part = (name: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${name}\0`), length))
  const decipher = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12))
  decipher.setAuthTag(message.subarray(-16))
  const text = Buffer.concat([decipher.update(message.subarray(86, -16)), decipher.final()])
  expect(text.at(-1)).toBe(2)
  return text.subarray(0, -1)
}

it('says who sends it as the example of RFC 8292 does, signed anew', () => {
  const example =
    'vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3N' +
    'jgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmy' +
    'sazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmC' +
    'lBPs'
  const made = vapid(
    'https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
    'mailto:push@example.com',
    1_453_523_768_000,
    BROWSER,
  )
  expect(isSigned(example)).toBe(true)
  expect(isSigned(made)).toBe(true)
  const contentOf = (header: string): string => header.slice(0, header.lastIndexOf('.'))
  expect(contentOf(made)).toBe(contentOf(example))
  expect(isSigned(made.replace('https', 'x').replace(/\.[\w-]+, k/, '.AAAA, k'))).toBe(false)
})

function isSigned(header: string): boolean {
  const [, content = '', signature = '', key = ''] =
    /^vapid t=([\w-]+\.[\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? []
  const [x, y] = [bytes(key).subarray(1, 33), bytes(key).subarray(33)]
  const jwk = { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  return verify(
    'sha256',
    Buffer.from(content),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    bytes(signature),
  )
}
