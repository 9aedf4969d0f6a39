// Checks passwords. A guess is costly by intent, so it is made off this thread, a few at a time; a password
// that was right once is known again by a keyed digest, so that a thousand clients that come back together
// cost next to nothing. Whoever fails is slowed down: each user at an address (a seat), so that nobody is
// kept out because somebody else guesses from elsewhere; and each address, so that trying many names gains
// nothing. The slowness of an address does not reach a seat that has logged in before: guesses for other
// names, from the same router, do not keep its user out.
//
// Always: an unknown user takes as long as a wrong password, and gets the same answer.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { pause } from '../base/pause.ts'
import { printable } from '../base/printable.ts'
import type { Caller, Refusal } from '../model/access.ts'
import { Jobs } from './jobs.ts'
import { decoyRecord, verifyPassword } from './passwords.ts'
import { Slowdown } from './slowdown.ts'
import type { UserRecord } from './users-file.ts'

export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: Refusal; readonly sentence: string }

/** The users as they are now. */
export type Users = Readonly<Record<string, UserRecord>>

const CHECKS_AT_ONCE = 2
const MOST_WAITING = 1_000
const MOST_KEYS = 10_000
const MOST_KNOWN = 100_000

export class Login {
  readonly #clock: Clock
  readonly #users: () => Users
  readonly #key = randomBytes(32)
  readonly #jobs = new Jobs(CHECKS_AT_ONCE, MOST_WAITING)
  readonly #seats: Slowdown
  readonly #addresses: Slowdown
  /** Seats that have logged in, the one that did so longest ago first. */
  readonly #proven = new Set<string>()
  /** The digest of each user's password, once it was right. */
  readonly #known = new Map<string, string>()
  readonly #underway = new Map<string, { readonly callers: Caller[]; readonly verdict: Promise<Verdict> }>()

  constructor(clock: Clock, users: () => Users) {
    this.#clock = clock
    this.#users = users
    this.#seats = new Slowdown({ clock, free: 3, maxKeys: MOST_KEYS, countsUnderway: true })
    this.#addresses = new Slowdown({ clock, free: 10, maxKeys: MOST_KEYS, countsUnderway: false })
  }

  check(user: string, password: Uint8Array, caller: Caller): Verdict | Promise<Verdict> {
    const record = this.#recordOf(user)
    const digest = this.#digest(user, record, password)
    const known = this.#known.get(user) === digest
    const seat = seatOf(user, caller)
    if (known && this.#seats.isClear(seat)) {
      this.#prove(seat)
      return OK
    }
    const key = `${addressKey(caller.address)} ${digest}`
    const same = this.#underway.get(key)
    if (same !== undefined) {
      same.callers.push(caller)
      return same.verdict
    }
    const callers = [caller]
    const verdict = this.inTurn(user, caller, async () => {
      if (known) return true
      if (!callers.some(({ isWaiting }) => isWaiting())) return false
      const right = await this.#jobs.run(() => verifyPassword(record ?? this.#decoy(), password))
      if (right === null) return 'busy'
      if (right && record !== undefined) this.#learn(user, digest)
      return right && record !== undefined
    }).finally(() => this.#underway.delete(key))
    this.#underway.set(key, { callers, verdict })
    return verdict
  }

  /** Lets an attempt wait for its turn, and remembers how it ended. */
  async inTurn(user: string, caller: Caller, attempt: () => Promise<boolean | 'busy'>): Promise<Verdict> {
    const address = addressKey(caller.address)
    const seat = seatOf(user, caller)
    const ofSeat = { slowdown: this.#seats, key: seat, waitMs: this.#seats.take(seat), forgiving: true }
    const turns = this.#proven.has(seat)
      ? [ofSeat]
      : [
          {
            slowdown: this.#addresses,
            key: address,
            waitMs: this.#addresses.take(address),
            forgiving: false,
          },
          ofSeat,
        ]
    const end = (how: 'right' | 'wrong' | 'not told'): void => {
      for (const { slowdown, key, waitMs, forgiving } of turns) {
        if (waitMs === null) continue
        if (how === 'wrong') slowdown.failed(key)
        else slowdown.passed(key, forgiving && how === 'right')
      }
    }
    if (turns.some(({ waitMs }) => waitMs === null)) {
      end('not told')
      return refused('too-often', user, caller, 'it has failed too often, and tries again too soon')
    }
    const waitMs = Math.max(...turns.map((turn) => turn.waitMs ?? 0))
    if (waitMs > 0) await pause(this.#clock, waitMs)
    let right: boolean | 'busy'
    try {
      right = await attempt()
    } catch (error) {
      end('not told')
      throw error
    }
    if (right === 'busy') {
      end('not told')
      return refused(
        'busy',
        user,
        caller,
        `${MOST_WAITING} other clients wait for their passwords to be checked`,
      )
    }
    end(right ? 'right' : 'wrong')
    if (right) this.#prove(seat)
    return right
      ? OK
      : refused('credentials', user, caller, 'the password is wrong, or there is no such user')
  }

  #prove(seat: string): void {
    this.#proven.delete(seat)
    this.#proven.add(seat)
    if (this.#proven.size > MOST_KEYS) this.#proven.delete(this.#proven.values().next().value!)
  }

  #recordOf(user: string): UserRecord | undefined {
    const users = this.#users()
    return Object.hasOwn(users, user) ? users[user] : undefined
  }

  #decoy(): UserRecord {
    return decoyRecord(Object.values(this.#users())[0])
  }

  /**
   * The digest also covers the stored hash: when the password is changed, the digest of the old one is
   * worthless.
   */
  #digest(user: string, record: UserRecord | undefined, password: Uint8Array): string {
    const hmac = createHmac('sha256', this.#key).update(`${user}\0${record?.scrypt.hash ?? ''}\0`)
    return hmac.update(password).digest('base64')
  }

  #learn(user: string, digest: string): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(user, digest)
  }
}

const OK: Verdict = { ok: true }

const refused = (refusal: Refusal, user: string, caller: Caller, why: string): Verdict => ({
  ok: false,
  refusal,
  sentence:
    `User "${printable(user)}"${caller.clientId === '' ? '' : ` as client "${printable(caller.clientId)}"`} at ` +
    `${printable(caller.address)} was refused: ${why}.`,
})

/** Names that are long by intent fill no memory. */
const seatOf = (user: string, { address }: Caller): string =>
  `${addressKey(address)} ${user.length > 100 ? createHash('sha256').update(user).digest('base64') : user}`

/**
 * Returns the key by which failures are counted. An IPv6 address is counted by its /64, the network of one
 * household.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  if (!address.includes(':') || address.startsWith('/')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  if (tail !== undefined) {
    const after = tail.split(':').filter(Boolean)
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups.slice(0, 4).join(':')
}
