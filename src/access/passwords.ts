// Passwords as they are kept: a scrypt hash, and for SCRAM two keys. Neither tells the password, and what is
// compared is compared in a time that does not depend on what is right.

import { createHash, createHmac, pbkdf2, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { keysFrom, prepared } from './scram.ts'
import type { Digest, UserRecord } from './users-file.ts'

/** 16 MiB and some 50 ms for each guess on a small machine. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const
const HASH_BYTES = 32
/** Length of a SHA-512 hash, in bytes. */
export const DIGEST_BYTES = 64
/**
 * Each login costs the client as much: a small device counts to this in about a second. // RFC 7677, section
 * 4
 */
export const SCRAM_ITERATIONS = 15_000

const hashIterated = promisify(pbkdf2)

/**
 * @param scram whether clients may log in by SCRAM-SHA-256 too; its keys are easier to guess from than
 *   scrypt's hash
 */
export async function hashPassword(password: string, scram: boolean): Promise<UserRecord> {
  const record = await hashed(Buffer.from(password))
  return scram ? { ...record, scram: await scramKeys(password) } : record
}

/**
 * A user whose password is known to nobody here: scrypt is put over the hash that another broker kept of it.
 */
export async function takeOverHash(digest: Digest, hash: Uint8Array): Promise<UserRecord> {
  return { ...(await hashed(hash)), digest }
}

export async function verifyPassword(
  { scrypt: kept, digest }: UserRecord,
  password: Uint8Array,
): Promise<boolean> {
  const hash = Buffer.from(kept.hash, 'base64')
  const secret = digest ? await digestOf(password, digest) : password
  const found = await derive(secret, Buffer.from(kept.salt, 'base64'), kept, hash.length)
  return timingSafeEqual(found, hash)
}

/**
 * A record that no password fits, and that takes as long to check as one of the others: for users that do not
 * exist.
 */
export function decoyRecord(like: UserRecord | undefined): UserRecord {
  const { N, r, p } = like?.scrypt ?? SCRYPT
  const random = (bytes: number): string => randomBytes(bytes).toString('base64')
  return { scrypt: { N, r, p, salt: random(16), hash: random(HASH_BYTES) }, digest: like?.digest }
}

/**
 * Returns the salt that SCRAM sends for a user that does not exist. It is the same each time, so that the
 * user looks like one that exists.
 */
export const decoySalt = (secret: Uint8Array, user: string): string =>
  createHmac('sha256', secret).update(user).digest().subarray(0, 16).toString('base64')

async function hashed(secret: Uint8Array): Promise<UserRecord> {
  const salt = randomBytes(16)
  const hash = await derive(secret, salt, SCRYPT, HASH_BYTES)
  return { scrypt: { ...SCRYPT, salt: salt.toString('base64'), hash: hash.toString('base64') } }
}

export async function digestOf(password: Uint8Array, digest: Digest): Promise<Buffer> {
  const salt = Buffer.from(digest.salt, 'base64')
  if (digest.kind === 'sha512') return createHash('sha512').update(password).update(salt).digest()
  return hashIterated(password, salt, digest.iterations, DIGEST_BYTES, 'sha512')
}

async function scramKeys(password: string): Promise<NonNullable<UserRecord['scram']>> {
  const salt = randomBytes(16)
  const salted = await hashIterated(prepared(password), salt, SCRAM_ITERATIONS, 32, 'sha256')
  const { storedKey, serverKey } = keysFrom(salted)
  return {
    iterations: SCRAM_ITERATIONS,
    salt: salt.toString('base64'),
    storedKey: storedKey.toString('base64'),
    serverKey: serverKey.toString('base64'),
  }
}

function derive(
  password: Uint8Array,
  salt: Uint8Array,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
  bytes: number,
): Promise<Buffer> {
  // OpenSSL wants a little more than the 128·N·r bytes that the algorithm fills.
  const maxmem = 128 * r * (N + p + 8)
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N, r, p, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
