// The tokens of a hub, kept up to date while it runs. Whoever shows a wrong one is slowed down by address, as
// whoever guesses passwords is; a right one is never made to wait, because nobody can guess it.

import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { pause } from '../base/pause.ts'
import { printable } from '../base/printable.ts'
import type { Caller, KnownToken, Pass, Refusal, TokenAdmission, TokenDoor } from '../model/access.ts'
import { KeptFile } from './kept-file.ts'
import { addressKey } from './login.ts'
import { Slowdown } from './slowdown.ts'
import { hashOfToken, NO_TOKENS, readTokens, type TokensFile, TokensFileError } from './tokens-file.ts'

const MOST_KEYS = 10_000
/** Wrong tokens from one address that cost no pause. */
const FREE = 10

export interface TokensOptions {
  /** May be absent: then there are no tokens. */
  readonly file: string
  readonly clock: Clock
  readonly log: Log
  /** The pass of a user of the users file; `null` when there is none of this name. */
  readonly passOf: (user: string) => Pass | null
}

/** What whoever has a token without a user may do is said by its scopes alone. */
const UNBOUND: Pass = { user: null, rights: null, proof: null, realm: null }

export class Tokens implements TokenDoor {
  readonly #options: TokensOptions
  readonly #slowdown: Slowdown
  readonly #file: KeptFile<TokensFile>

  /** @throws TokensFileError when there is a file and it is broken */
  constructor(options: TokensOptions) {
    this.#options = options
    this.#file = new KeptFile({
      file: options.file,
      log: options.log,
      read: readTokens,
      none: NO_TOKENS,
      Problem: TokensFileError,
      what: 'tokens',
      empty: '{"tokens": {}}',
      count: ({ tokens }) => `${Object.keys(tokens).length} tokens`,
    })
    this.#slowdown = new Slowdown({
      clock: options.clock,
      free: FREE,
      maxKeys: MOST_KEYS,
      countsUnderway: false,
    })
  }

  get count(): number {
    return Object.keys(this.#file.contents.tokens).length
  }

  start(): void {
    this.#file.start()
  }

  stop(): void {
    this.#file.stop()
  }

  /** Takes the file as it is now. */
  reload(): void {
    this.#file.reload()
  }

  async admit(token: string, caller: Caller): Promise<TokenAdmission> {
    const known = this.find(token)
    if (known !== undefined) return known
    const key = addressKey(caller.address)
    const waitMs = this.#slowdown.take(key)
    if (waitMs === null) return refused('too-often', caller, 'it has shown too many wrong tokens')
    if (waitMs > 0) await pause(this.#options.clock, waitMs)
    this.#slowdown.failed(key)
    return refused('credentials', caller, 'it shows a token that is not known, has expired, or lost its user')
  }

  /** The time that this takes tells nothing of the tokens: each is compared as a whole. */
  find(token: string): KnownToken | undefined {
    const hash = hashOfToken(token)
    const now = this.#options.clock.now()
    for (const [name, { sha256, scopes, user, expiresAt }] of Object.entries(this.#file.contents.tokens)) {
      if (!timingSafeEqual(Buffer.from(sha256, 'base64'), hash)) continue
      const pass = user === undefined ? UNBOUND : this.#options.passOf(user)
      if (pass === null || (expiresAt !== undefined && Date.parse(expiresAt) <= now)) return undefined
      return { kind: 'admitted', name, scopes: new Set(scopes), pass }
    }
    return undefined
  }
}

const refused = (refusal: Refusal, { address }: Caller, why: string): TokenAdmission => ({
  kind: 'refused',
  refusal,
  sentence: `A caller at ${printable(address)} was refused: ${why}.`,
})
