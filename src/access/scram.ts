// SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677): the client proves that it knows the password without
// saying it, and the server that it knows the client. Pure: texts in, texts out; whoever calls knows where
// keys are kept.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const SCRAM_METHOD = 'SCRAM-SHA-256'

/** The SCRAM keys that the hub stores for a user. */
export interface ScramKeys {
  readonly iterations: number
  /** Base 64, as it goes over the wire. */
  readonly salt: string
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export interface ClientFirst {
  readonly user: string
  readonly nonce: string
  /** The text that both sides sign, as the client wrote it. */
  readonly bare: string
  readonly header: string
}

/**
 * Undefined when the text is no first message that we can answer: malformed, or bound to a channel, which we
 * do not offer.
 */
export function readClientFirst(text: string): ClientFirst | undefined {
  const found = /^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(text)
  if (found === null) return undefined
  const [, header = '', authorisedAs, bare = '', name = '', nonce = ''] = found
  const user = decodeName(name)
  // Nobody acts for somebody else.
  if (user === undefined || (authorisedAs !== undefined && decodeName(authorisedAs) !== user))
    return undefined
  return { user, nonce, bare, header }
}

export const serverFirst = (first: ClientFirst, ownNonce: string, keys: ScramKeys): string =>
  `r=${first.nonce}${ownNonce},s=${keys.salt},i=${keys.iterations}`

/** The server's last message, which proves it to the client; undefined when the client's proof is wrong. */
export function serverFinal(
  first: ClientFirst,
  challenge: string,
  clientFinal: string,
  keys: ScramKeys,
): string | undefined {
  const found = /^(c=([^,]+),r=([^,]+)(?:,.*)?),p=([^,]+)$/.exec(clientFinal)
  if (found === null) return undefined
  const [, withoutProof = '', binding = '', nonce = '', proofText = ''] = found
  const isOurs = challenge.startsWith(`r=${nonce},`)
  if (!isOurs || Buffer.from(binding, 'base64').toString() !== first.header) return undefined
  const proof = Buffer.from(proofText, 'base64')
  if (proof.length !== keys.storedKey.length) return undefined

  const signed = `${first.bare},${challenge},${withoutProof}`
  const signature = hmac(keys.storedKey, signed)
  const clientKey = Buffer.from(proof.map((byte, index) => byte ^ signature[index]!))
  if (!timingSafeEqual(sha256(clientKey), keys.storedKey)) return undefined
  return `v=${hmac(keys.serverKey, signed).toString('base64')}`
}

/** @param salted the password, salted and iterated */
export const keysFrom = (salted: Uint8Array): { storedKey: Buffer; serverKey: Buffer } => ({
  storedKey: sha256(hmac(salted, 'Client Key')),
  serverKey: hmac(salted, 'Server Key'),
})

/**
 * A password in the one form that both sides hash: the parts of SASLprep (RFC 4013) that concern what people
 * type.
 */
export const prepared = (password: string): string =>
  password
    .replaceAll(/(?! )\p{Zs}/gu, ' ')
    .replaceAll(/\u00AD|\u034F|[\u180B-\u180D]|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/g, '')
    .normalize('NFKC')

/** `=2C` is a comma, `=3D` an equals sign, and any other `=` a fault. */
function decodeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
