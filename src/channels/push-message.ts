// What a push service is sent: a message that only the browser can read (RFC 8291, with the encoding
// `aes128gcm` of RFC 8188), and who sends it (VAPID, RFC 8292).

import { createCipheriv, createECDH, createPrivateKey, hkdfSync, randomBytes, sign } from 'node:crypto'

/** The public key of a browser (the uncompressed point), and its secret. */
export interface Receiver {
  readonly publicKey: Buffer
  readonly auth: Buffer
}

/** Of one message: whoever sees two of them learns nothing from the second. */
export interface Fresh {
  /** The private key of the sender for this message. */
  readonly privateKey: Buffer
  readonly salt: Buffer
}

/** All of a message is one record. [RFC 8291, 4] */
const RECORD_BYTES = 4_096
const KEY_BYTES = 65
const TAG_BYTES = 16
/** Salt, size of the record, length of the key, key. [RFC 8188, 2.1] */
const HEADER_BYTES = 16 + 4 + 1 + KEY_BYTES
/** The longest text that fits; services take no message of more than 4,096 bytes. [RFC 8030, 7.2] */
export const LONGEST_PUSH = RECORD_BYTES - HEADER_BYTES - TAG_BYTES - 1

/** @throws when the key of the browser is no point on the curve */
export function encryptPush(text: Buffer, { publicKey, auth }: Receiver, fresh: Fresh = makeFresh()): Buffer {
  const sender = createECDH('prime256v1')
  sender.setPrivateKey(fresh.privateKey)
  const own = sender.getPublicKey()
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, own])
  const secret = derive(sender.computeSecret(publicKey), auth, info, 32)
  const key = derive(secret, fresh.salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(secret, fresh.salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const header = Buffer.alloc(5)
  header.writeUInt32BE(RECORD_BYTES)
  header.writeUInt8(own.length, 4)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  // The delimiter of the last record. [RFC 8188, 2]
  const body = Buffer.concat([cipher.update(text), cipher.update(Buffer.of(2)), cipher.final()])
  return Buffer.concat([fresh.salt, header, own, body, cipher.getAuthTag()])
}

function makeFresh(): Fresh {
  const curve = createECDH('prime256v1')
  curve.generateKeys()
  return { privateKey: curve.getPrivateKey(), salt: randomBytes(16) }
}

const derive = (secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, bytes))

/** The key by which services know a sender. */
export interface SenderKey {
  readonly privateKey: Buffer
  readonly publicKey: Buffer
}

/**
 * The value of the header `Authorization`. [RFC 8292, 2 and 3]
 * @param endpoint the address of the subscription; the token is for its origin alone
 * @param contact `mailto:…` or `https://…`: whom the service may ask
 * @param expiresAt Unix ms, at most 24 hours from now
 */
export function vapid(endpoint: string, contact: string, expiresAt: number, key: SenderKey): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { aud: new URL(endpoint).origin, exp: Math.floor(expiresAt / 1_000), sub: contact }
  const content = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(content), { key: keyOf(key), dsaEncoding: 'ieee-p1363' })
  return `vapid t=${content}.${signature.toString('base64url')}, k=${key.publicKey.toString('base64url')}`
}

function keyOf({ privateKey, publicKey }: SenderKey) {
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)]
  const jwk = { kty: 'EC', crv: 'P-256', x: text(x), y: text(y), d: text(privateKey) }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}
