// The tokens of a hub, kept up to date while it runs. Whoever shows a wrong one is slowed down by address, as
// whoever guesses passwords is; a right one is never made to wait, because nobody can guess it.
//
// Always: a file that is broken, or gone, changes nothing: the last good one stays in force, and the log says
// what is wrong.

import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { pause } from '../base/pause.ts'
import { printable } from '../base/printable.ts'
import { watchFiles } from '../base/watch-files.ts'
import type { Caller, KnownToken, Pass, Refusal, TokenAdmission, TokenDoor } from '../model/access.ts'
import { addressKey } from './login.ts'
import { isReadableByOthers } from './replace-file.ts'
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
  #file: TokensFile
  #unwatch: (() => void) | undefined

  /** @throws TokensFileError when there is a file and it is broken */
  constructor(options: TokensOptions) {
    this.#options = options
    this.#file = readTokens(options.file)
    this.#slowdown = new Slowdown({
      clock: options.clock,
      free: FREE,
      maxKeys: MOST_KEYS,
      countsUnderway: false,
    })
  }

  get count(): number {
    return Object.keys(this.#file.tokens).length
  }

  start(): void {
    this.#unwatch ??= watchFiles([this.#options.file], () => this.reload())
    // The file may have changed since it was read.
    this.reload()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  /** Takes the file as it is now. */
  reload(): void {
    const { file, log } = this.#options
    let next: TokensFile
    try {
      next = readTokens(file)
    } catch (error) {
      if (!(error instanceof TokensFileError)) throw error
      log.error(`${error.message}\nThe previous tokens stay in force.`)
      return
    }
    if (next === NO_TOKENS && this.#file !== NO_TOKENS) {
      log.error(
        `${file} is gone. The previous tokens stay in force. If there are to be none, write {"tokens": {}} to the file.`,
      )
      return
    }
    if (isReadableByOthers(file))
      log.warn(`Other users of this machine can read ${file}. To prevent that: chmod 600 ${file}`)
    if (JSON.stringify(next) === JSON.stringify(this.#file)) return
    this.#file = next
    log.info(`The hub read ${file} again: ${this.count} tokens.`)
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
    for (const [name, { sha256, scopes, user, expiresAt }] of Object.entries(this.#file.tokens)) {
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
