// The tokens file: who may ask over HTTP with a token, and for what. A token is 256 random bits, so its
// SHA-256 hash is enough to know it again and tells nothing of it. JSON, written by `vigie token` alone.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { OperatorError } from '../base/operator-error.ts'
import { messageOf, printable } from '../base/printable.ts'
import { systemReason } from '../base/system-reason.ts'
import { SCOPES } from '../model/access.ts'
import { replaceFile } from './replace-file.ts'

/**
 * What every token begins with, so that people and programs that look for leaked secrets know one when they
 * see it.
 */
const TOKEN_PREFIX = 'vigie_'
const TOKEN_BYTES = 32

const record = z.strictObject({
  /** The SHA-256 hash of the token's text. */
  sha256: z.base64().length(44),
  scopes: z.array(z.enum(SCOPES)).min(1),
  /** A user of the users file, whose permissions hold for whoever has the token. */
  user: z.string().min(1).optional(),
  createdAt: z.iso.datetime(),
  /** When it ends; absent: never. */
  expiresAt: z.iso.datetime().optional(),
})

const schema = z.strictObject({ tokens: z.record(z.string().min(1), record).default({}) })

export type TokenRecord = z.output<typeof record>
export type TokensFile = z.output<typeof schema>

export const NO_TOKENS: TokensFile = { tokens: {} }

/** The tokens file is wrong; the message is for the operator. */
export class TokensFileError extends OperatorError {
  override name = 'TokensFileError'
}

/** The tokens stand beside the users. */
export const tokensFileOf = (usersFile: string): string => join(dirname(usersFile), 'tokens.json')

export const newToken = (): string => TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')

export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * An absent file has no tokens.
 * @throws TokensFileError with one line per problem
 */
export function readTokens(file: string): TokensFile {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_TOKENS
    if (error instanceof SyntaxError)
      throw new TokensFileError(`${file} is not JSON: ${printable(messageOf(error))}`)
    throw new TokensFileError(`${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${z.core.toDotPath(path) || '(the whole)'}: ${printable(message)}`,
  )
  throw new TokensFileError(`${file} is not a valid tokens file:\n${problems.join('\n')}`)
}

export const changeTokens = (file: string, change: (before: TokensFile) => TokensFile): void =>
  replaceFile(file, 'vigie token', () => change(readTokens(file)))

/** Returns why a token cannot have this name, as a sentence; undefined when it can. */
export function tokenNameProblem(name: string): string | undefined {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name)) return undefined
  return (
    `The name of a token has 1 to 64 letters, digits, dots, hyphens and underscores, ` +
    `and begins with a letter or a digit; ${JSON.stringify(name)} does not.`
  )
}
