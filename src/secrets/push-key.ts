// The key by which push services know the hub (VAPID, RFC 8292): a private key on the curve P-256. A browser
// subscribes to the public half of it, so that nobody else can push to that subscription.

import { createECDH } from 'node:crypto'
import { openKeyFile } from './key-file.ts'

const BYTES = 32

export interface PushKey {
  /** 32 bytes. */
  readonly privateKey: Buffer
  /** The uncompressed point, 65 bytes. */
  readonly publicKey: Buffer
}

/** @throws OperatorError when the file holds no key */
export function openPushKey(dataDir: string): PushKey {
  const privateKey = openKeyFile(dataDir, {
    name: 'push.key',
    bytes: BYTES,
    make: makeKey,
    loses: 'every browser has to subscribe again',
  })
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(privateKey)
  return { privateKey, publicKey: curve.getPublicKey() }
}

/** A number that begins with zeros is given without them. */
function makeKey(): Buffer {
  const curve = createECDH('prime256v1')
  curve.generateKeys()
  const number = curve.getPrivateKey()
  return Buffer.concat([Buffer.alloc(BYTES - number.length), number])
}
