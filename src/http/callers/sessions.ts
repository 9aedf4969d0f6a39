// Sessions of people who logged in on the page. They are in memory, by the hash of their secret: a hub that
// is started anew asks everybody again, and nothing that is stored lets anybody in.

import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Pass } from '../../model/access.ts'

/** A session that nobody uses ends. */
const IDLE_MS = 12 * 3_600_000
/** Every session ends. */
export const LONGEST_MS = 7 * 24 * 3_600_000
/** Sessions at one time; the one that was used longest ago gives way. */
const MOST = 1_000

interface Session {
  readonly pass: Pass
  readonly endsAt: number
  usedAt: number
}

export class Sessions {
  readonly #clock: Pick<Clock, 'now'>
  /** The one that was used longest ago first. */
  readonly #byHash = new Map<string, Session>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** @returns the secret, which only the browser keeps */
  begin(pass: Pass): string {
    const now = this.#clock.now()
    const secret = randomBytes(32).toString('base64url')
    this.#byHash.set(hashOf(secret), { pass, endsAt: now + LONGEST_MS, usedAt: now })
    if (this.#byHash.size > MOST) this.#byHash.delete(this.#byHash.keys().next().value!)
    return secret
  }

  /** The pass with which a session began; `undefined` when there is no such session, or it has ended. */
  use(secret: string): Pass | undefined {
    const hash = hashOf(secret)
    const session = this.#byHash.get(hash)
    if (session === undefined) return undefined
    this.#byHash.delete(hash)
    const now = this.#clock.now()
    if (now >= session.endsAt || now >= session.usedAt + IDLE_MS) return undefined
    session.usedAt = now
    this.#byHash.set(hash, session)
    return session.pass
  }

  end(secret: string): void {
    this.#byHash.delete(hashOf(secret))
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64')
