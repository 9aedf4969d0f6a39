// Access: one users file, kept up to date while the hub runs, and a door for each listener that it is the
// file of.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { printable } from '../base/printable.ts'
import type { Admission, Caller, Credentials, Door, Pass, Rights } from '../model/access.ts'
import { readUsers } from './change-users.ts'
import { KeptFile } from './kept-file.ts'
import { Login, type Verdict } from './login.ts'
import { compileRights, isSameForAllClients } from './permissions.ts'
import { SCRAM_METHOD } from './scram.ts'
import { beginScram } from './scram-login.ts'
import { NO_USERS, type UsersFile, UsersFileError } from './users-file.ts'

export interface AccessOptions {
  /** May be absent: then there are no users. */
  readonly file: string
  /** Tells the users of this file from those of others; none for the users of the hub as a whole. */
  readonly realm?: string
  /** First level of the hub's own topics. */
  readonly root: string
  readonly clock: Clock
  readonly log: Log
}

/** Options of one listener's access. */
export interface DoorOptions {
  /** `true` when only this machine can reach the listener. */
  readonly local: boolean
  /** Clients without a user name may come in. */
  readonly anonymous: boolean
  /** The common name of a client's certificate is its user name, and enough. */
  readonly userFromCertificate: boolean
}

export class Access {
  readonly #options: AccessOptions
  readonly #login: Login
  readonly #secret = randomBytes(32)
  readonly #listeners: (() => void)[] = []
  readonly #file: KeptFile<UsersFile>
  /** Rights that all clients of a user share; for users that come from this machine and for others. */
  readonly #shared = new Map<string, Rights | null>()

  /** @throws UsersFileError when there is a file and it is broken */
  constructor(options: AccessOptions) {
    this.#options = options
    this.#file = new KeptFile({
      file: options.file,
      log: options.log,
      read: readUsers,
      none: NO_USERS,
      Problem: UsersFileError,
      what: 'users and permissions',
      empty: '{"users": {}}',
      count: ({ users, permissions }) =>
        `${Object.keys(users).length} users, ${permissions?.length ?? 'no'} permissions`,
      onChanged: () => {
        this.#shared.clear()
        for (const listener of this.#listeners) listener()
      },
    })
    this.#login = new Login(options.clock, () => this.#users)
  }

  get userCount(): number {
    return Object.keys(this.#users).length
  }

  get #users(): UsersFile['users'] {
    return this.#file.contents.users
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

  door(options: DoorOptions): Door {
    return {
      admit: (caller, credentials) => this.#admit(options, caller, credentials),
      begin: (method, caller) => {
        if (method !== SCRAM_METHOD) return undefined
        return beginScram(caller, {
          login: this.#login,
          users: () => this.#file.contents,
          secret: this.#secret,
          passOf: (user) => this.#passOf(options, user, caller.clientId, this.#proofOf(user)),
        })
      },
      renew: (pass, clientId) => this.#renew(options, pass, clientId),
      onChanged: (listener) => void this.#listeners.push(listener),
    }
  }

  /** The pass of a user for whom a token vouches; `null` when there is no such user. */
  passOf(user: string): Pass | null {
    if (!Object.hasOwn(this.#users, user)) return null
    return this.#passOf(REMOTE, user, '', this.#proofOf(user))
  }

  #admit(options: DoorOptions, caller: Caller, credentials: Credentials): Admission | Promise<Admission> {
    const { username, password } = credentials
    const { clientId, certificateName } = caller
    const admitted = (user: string | null, proof: string | null): Admission => ({
      kind: 'admitted',
      pass: this.#passOf(options, user, clientId, proof),
    })
    if (options.userFromCertificate && certificateName !== undefined) return admitted(certificateName, null)
    // Without users, and where everybody may come in, a name proves nothing and is not looked at.
    const nameless = username === undefined && password === undefined
    if ((nameless || this.userCount === 0) && options.anonymous) return admitted(null, null)
    if (nameless) return stranger(caller)

    const user = username ?? ''
    const proof = this.#proofOf(user)
    const answer = (verdict: Verdict): Admission => {
      if (!verdict.ok) return { kind: 'refused', ...verdict }
      // The users may have changed while the password was checked.
      return proof === this.#proofOf(user) ? admitted(user, proof) : stranger(caller)
    }
    const verdict = this.#login.check(user, password ?? NO_PASSWORD, caller)
    return 'ok' in verdict ? answer(verdict) : verdict.then(answer)
  }

  #renew(options: DoorOptions, { user, proof }: Pass, clientId: string): Pass | null {
    const stays = user === null ? options.anonymous : proof === null || proof === this.#proofOf(user)
    return stays ? this.#passOf(options, user, clientId, proof) : null
  }

  #passOf({ local }: DoorOptions, user: string | null, client: string, proof: string | null): Pass {
    const { realm = '' } = this.#options
    // Nothing but the door tells clients without a user apart.
    const owner = user === null ? `${local ? 'local' : 'remote'} ${realm}` : realm
    return { user, proof, realm: owner, rights: this.#rightsOf(user, client, local) }
  }

  #rightsOf(user: string | null, client: string, local: boolean): Rights | null {
    const { permissions } = this.#file.contents
    const compile = (): Rights | null =>
      compileRights(permissions, this.#options.root, { user, client, local })
    // Callers over HTTP have no client id, so that all of one user share these rights, too.
    if (client !== '' && !isSameForAllClients(permissions)) return compile()
    const key = `${local ? 'here' : 'there'} ${user === null ? '' : `"${user}"`}`
    let rights = this.#shared.get(key)
    if (rights === undefined) {
      rights = compile()
      this.#shared.set(key, rights)
    }
    return rights
  }

  /** Changes with the password: whoever came in with an earlier one has to log in again. */
  #proofOf(user: string): string {
    const users = this.#users
    return (Object.hasOwn(users, user) ? users[user]?.scrypt.hash : undefined) ?? 'gone'
  }
}

const REMOTE: DoorOptions = { local: false, anonymous: false, userFromCertificate: false }

const NO_PASSWORD = Buffer.alloc(0)

const stranger = ({ clientId, address }: Caller): Admission => ({
  kind: 'refused',
  refusal: 'stranger',
  sentence: `Client "${printable(clientId)}" at ${printable(address)} was refused: only known users may connect here.`,
})
