// The users file: who may log in, and the permissions. JSON, so that `vigie user` can change the users and
// leave alone what a person has written beside them.

import { z } from 'zod'
import { nearMiss } from '../base/near-miss.ts'
import { OperatorError } from '../base/operator-error.ts'
import { messageOf, printable } from '../base/printable.ts'
import { topicFilterProblem } from '../topics/names.ts'

const base64 = z.base64().min(1)

/** A password hash that was imported from another broker. */
export const digest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pbkdf2-sha512'),
    iterations: z.int().min(1).max(10_000_000),
    salt: base64,
  }),
  /** The SHA-512 hash of the password followed by the salt. */
  z.strictObject({ kind: z.literal('sha512'), salt: base64 }),
])

const user = z.strictObject({
  /** The password's hash; made again from what a client sends, with these numbers. */
  scrypt: z.strictObject({
    /** A power of two; with r and p it says how much work a guess is. */
    N: z
      .int()
      .min(2)
      .max(2 ** 20)
      .refine((number) => (number & (number - 1)) === 0, { message: 'is no power of two' }),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: base64,
    hash: base64,
  }),
  /** Set when the hash was imported: then scrypt was computed over this hash of the password. */
  digest: digest.optional(),
  /** The keys of SCRAM-SHA-256; neither is enough to log in with. */
  scram: z
    .strictObject({ iterations: z.int().min(4_096), salt: base64, storedKey: base64, serverKey: base64 })
    .optional(),
})

const pattern = z.string().superRefine((text, context) => {
  const problem = topicFilterProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})
const patterns = {
  publish: z.array(pattern).optional(),
  receive: z.array(pattern).optional(),
  subscribe: z.array(pattern).optional(),
}
const permission = z
  .strictObject({
    users: z.array(z.string().min(1)).optional(),
    anonymous: z.literal(true).optional(),
    clients: z.array(z.string().min(1)).optional(),
    ...patterns,
    deny: z.strictObject(patterns).optional(),
  })
  .refine(({ users, anonymous }) => users === undefined || anonymous === undefined, {
    message: 'is about users or about those without a user name, not both: make two entries of it',
  })

const schema = z.strictObject({
  /** Makes answers for users that do not exist look like those for users that do. */
  secret: base64.optional(),
  users: z.record(z.string().min(1), user).default({}),
  permissions: z.array(permission).optional(),
})

export type UserRecord = z.output<typeof user>
export type Digest = z.output<typeof digest>
export type UsersFile = z.output<typeof schema>

export const NO_USERS: UsersFile = { users: {} }

/** The users file is wrong; the message is for the operator. */
export class UsersFileError extends OperatorError {
  override name = 'UsersFileError'
}

/** @throws UsersFileError with one line per problem */
export function parseUsersFile(text: string, file: string): UsersFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsersFileError(`${file} is not JSON: ${printable(messageOf(error))}`)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `  ${describe(issue)}`)
  throw new UsersFileError(`${file} is not a valid users file:\n${problems.join('\n')}`)
}

/** Returns why a user cannot have this name, as a sentence; undefined when it can. */
export function userNameProblem(name: string): string | undefined {
  if (name === '') return 'A user name needs at least one character.'
  if (Buffer.byteLength(name) > 256) return 'A user name may have at most 256 bytes.'
  // A topic level cannot contain these characters, so %u would never match.
  if (/[/+#]/.test(name))
    return `The user name "${printable(name)}" holds /, + or #, which no topic level can.`
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return `The user name "${printable(name)}" holds a control character.`
  return undefined
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(schema.shape),
  users: Object.keys(user.shape),
  permissions: Object.keys(permission.shape),
  deny: Object.keys(patterns),
}

function describe(issue: z.core.$ZodIssue): string {
  const place = z.core.toDotPath(issue.path)
  if (issue.code !== 'unrecognized_keys') return `${place || '(the whole)'}: ${issue.message}`
  const known = KEYS[issue.path.includes('deny') ? 'deny' : String(issue.path[0] ?? '')] ?? []
  return issue.keys
    .map((key) => {
      const meant = nearMiss(key, known)
      const hint = meant === undefined ? ` (there are: ${known.join(', ')})` : `; did you mean "${meant}"?`
      return `${place ? `${place}.` : ''}${printable(key)}: there is no such setting${hint}`
    })
    .join('\n  ')
}
