// Enhanced authentication by SCRAM-SHA-256: two words of the client, answered by two of ours. A user that
// does not exist, or has no keys for it, gets the same first answer as any other, and fails at the second.

import { randomBytes } from 'node:crypto'
import { printable } from '../base/printable.ts'
import type { Caller, Exchange, ExchangeStep, Pass } from '../model/access.ts'
import type { Login } from './login.ts'
import { decoySalt, SCRAM_ITERATIONS } from './passwords.ts'
import { type ClientFirst, readClientFirst, type ScramKeys, serverFinal, serverFirst } from './scram.ts'
import type { UserRecord, UsersFile } from './users-file.ts'

export interface ScramLoginOptions {
  readonly login: Login
  readonly users: () => UsersFile
  /** Used while the users file has no secret of its own. */
  readonly secret: Uint8Array
  readonly passOf: (user: string) => Pass
}

export function beginScram(caller: Caller, { login, users, secret, passOf }: ScramLoginOptions): Exchange {
  let asked: Asked | undefined

  function challenge(word: string): ExchangeStep {
    const first = readClientFirst(word)
    if (first === undefined) return malformed(caller)
    const record = recordOf(first.user)
    const keys = keysOf(first.user, record)
    const text = serverFirst(first, randomBytes(18).toString('base64'), keys)
    asked = { first, record, keys, challenge: text }
    return { kind: 'continue', word: Buffer.from(text) }
  }

  async function finish(
    word: string,
    { first, record, keys, challenge: text }: Asked,
  ): Promise<ExchangeStep> {
    const { user } = first
    let answer: string | undefined
    const verdict = await login.inTurn(user, caller, async () => {
      answer = serverFinal(first, text, word, keys)
      // The users may have changed since the first word.
      return answer !== undefined && record !== undefined && record === recordOf(user)
    })
    if (!verdict.ok) return { kind: 'refused', ...verdict }
    return { kind: 'admitted', word: Buffer.from(answer ?? ''), pass: passOf(user) }
  }

  function recordOf(user: string): UserRecord | undefined {
    const file = users()
    return Object.hasOwn(file.users, user) ? file.users[user] : undefined
  }

  function keysOf(user: string, record: UserRecord | undefined): ScramKeys {
    if (record?.scram !== undefined) {
      const { iterations, salt, storedKey, serverKey } = record.scram
      return {
        iterations,
        salt,
        storedKey: Buffer.from(storedKey, 'base64'),
        serverKey: Buffer.from(serverKey, 'base64'),
      }
    }
    const kept = users().secret
    const salt = decoySalt(kept === undefined ? secret : Buffer.from(kept, 'base64'), user)
    // Keys that nobody knows a password for.
    return { iterations: SCRAM_ITERATIONS, salt, storedKey: randomBytes(32), serverKey: randomBytes(32) }
  }

  return {
    async next(bytes) {
      const word = Buffer.from(bytes).toString()
      const earlier = asked
      asked = undefined
      return earlier === undefined ? challenge(word) : await finish(word, earlier)
    },
  }
}

interface Asked {
  readonly first: ClientFirst
  readonly challenge: string
  readonly record: UserRecord | undefined
  readonly keys: ScramKeys
}

const malformed = ({ clientId, address }: Caller): ExchangeStep => ({
  kind: 'refused',
  refusal: 'credentials',
  sentence:
    `Client "${printable(clientId)}" at ${printable(address)} was refused: its first message ` +
    'of SCRAM-SHA-256 is malformed, or asks for something that the hub does not offer.',
})
