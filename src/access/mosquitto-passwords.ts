// The password file of Mosquitto, as mosquitto_passwd(1) writes it: a line for each user,
// `name:$7$ITERATIONS$SALT$HASH` (PBKDF2 with SHA-512), or `name:$6$SALT$HASH` (SHA-512 once; versions before
// 2.0).

import { printable } from '../base/printable.ts'
import { DIGEST_BYTES, digestOf } from './passwords.ts'
import { type Digest, digest, userNameProblem, UsersFileError } from './users-file.ts'

export interface MosquittoUser {
  readonly name: string
  readonly digest: Digest
  readonly hash: Buffer
}

/** Rejects with a UsersFileError with a line for each problem. */
export async function parseMosquittoPasswords(text: string, file: string): Promise<readonly MosquittoUser[]> {
  const users: MosquittoUser[] = []
  const problems: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const read = await readLine(line)
    if (typeof read === 'string') problems.push(`  line ${index + 1}: ${read}`)
    else users.push(read)
  }
  if (problems.length > 0)
    throw new UsersFileError(`${file} cannot be taken over; nothing was changed:\n${problems.join('\n')}`)
  return users
}

/** Returns a sentence where a user cannot be read. */
async function readLine(line: string): Promise<MosquittoUser | string> {
  const [, name, kept] = /^([^:]*):(.*)$/.exec(line) ?? []
  if (name === undefined || kept === undefined) return 'This is no line of name:hash.'
  const problem = userNameProblem(name)
  if (problem !== undefined) return problem
  const [, iterations, salt, hashText = ''] = /^\$(?:7\$(\d+)|6)\$([^$]+)\$([^$]+)$/.exec(kept.trim()) ?? []
  const hash = Buffer.from(hashText, 'base64')
  const how = digest.safeParse(
    iterations === undefined
      ? { kind: 'sha512', salt }
      : { kind: 'pbkdf2-sha512', iterations: Number(iterations), salt },
  )
  if (!how.success || hash.length !== DIGEST_BYTES)
    return (
      `The password of "${printable(name)}" is not kept as $7$… or $6$…; leave the line out, ` +
      'and add the user by hand.'
    )
  if (hash.equals(await digestOf(NO_PASSWORD, how.data)))
    return `The password of "${printable(name)}" is empty, and with that Mosquitto lets nobody in: leave the line out.`
  return { name, digest: how.data, hash }
}

const NO_PASSWORD = Buffer.alloc(0)
