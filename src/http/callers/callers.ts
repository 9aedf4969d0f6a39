// Who asks. Two doors lead in: a program of this machine may read and change everything, unless the
// configuration asks for a login there, too; everybody else shows a password (Basic), a token (Bearer), or
// the session of the page.

import { getCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import type { Admission, Caller, Door, Pass, Refusal, Scope, TokenDoor } from '../../model/access.ts'
import { SCOPES } from '../../model/access.ts'
import type { HttpCaller } from '../caller.ts'
import type { HttpContext } from '../route.ts'
import { addressOf, isBrowser, isOfThisMachine } from './origins.ts'
import { Sessions } from './sessions.ts'

export interface CallerPorts {
  /** Admits what publishes without a user name, from this machine. */
  readonly door: Pick<Door, 'admit' | 'renew'>
  /** Admits users by their passwords. */
  readonly users: Pick<Door, 'admit' | 'renew'>
  readonly tokens: TokenDoor
  /**
   * Whether a login is asked for: by default from other machines; `false`: everywhere; `true`: nobody reads
   * without.
   */
  readonly anonymous?: boolean | undefined
  /** First level of the hub's own topics. */
  readonly root: string
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/** The caller did not say who they are, or not rightly. */
export class LoginNeeded extends HTTPException {
  readonly challenges: readonly string[]

  constructor(status: 401 | 429 | 503, message: string, challenges: readonly string[]) {
    super(status, { message })
    this.challenges = challenges
  }
}

const ALL: ReadonlySet<Scope> = new Set(SCOPES)
const READ: ReadonlySet<Scope> = new Set(['read'])

export class Callers {
  readonly #ports: CallerPorts
  readonly #sessions: Sessions

  constructor(ports: CallerPorts) {
    this.#ports = ports
    this.#sessions = new Sessions(ports.clock)
  }

  /** @throws LoginNeeded unless the caller is known, or need not be */
  async of(context: HttpContext): Promise<HttpCaller> {
    const { anonymous } = this.#ports
    const authorization = context.req.header('authorization')
    if (authorization !== undefined) return this.#byHeader(authorization, context)
    if (anonymous !== false && isOfThisMachine(context)) return this.#here(context)
    const session = this.#bySession(context)
    if (session !== undefined) return session
    if (anonymous === true) return this.#anybody(context)
    throw new LoginNeeded(
      401,
      'The hub wants to know who asks: a user with a password, or a token.',
      challenges(context),
    )
  }

  /** Logs a person in. @returns the secret of the session */
  async begin(user: string, password: string, context: HttpContext): Promise<string> {
    return this.#sessions.begin(await this.#passOf(user, Buffer.from(password), context, []))
  }

  end(context: HttpContext): void {
    const secret = getCookie(context, cookieName(context))
    if (secret !== undefined) this.#sessions.end(secret)
  }

  async #byHeader(authorization: string, context: HttpContext): Promise<HttpCaller> {
    const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? []
    if (/^bearer$/i.test(scheme)) return this.#byToken(value, context)
    if (!/^basic$/i.test(scheme))
      throw new LoginNeeded(401, 'The hub takes a password (Basic) or a token (Bearer).', challenges(context))
    const text = Buffer.from(value, 'base64')
    const colon = text.indexOf(':')
    const user = text.subarray(0, colon === -1 ? text.length : colon).toString()
    const password = text.subarray(colon === -1 ? text.length : colon + 1)
    const pass = await this.#passOf(user, password, context, challenges(context))
    return this.#user(pass, false, () => this.#ports.users.renew(pass, ''))
  }

  #bySession(context: HttpContext): HttpCaller | undefined {
    const secret = getCookie(context, cookieName(context))
    if (secret === undefined) return undefined
    const now = (): Pass | null => {
      const pass = this.#sessions.use(secret)
      return pass === undefined ? null : this.#ports.users.renew(pass, '')
    }
    const pass = now()
    return pass === null ? undefined : this.#user(pass, true, now)
  }

  async #byToken(token: string, context: HttpContext): Promise<HttpCaller> {
    const { tokens, root } = this.#ports
    const admission = await tokens.admit(token, this.#caller(context))
    if (admission.kind === 'refused')
      throw this.#refused(admission, context, challenges(context), 'The token is not known, or has expired.')
    const { name, scopes, pass } = admission
    return {
      name: `The token "${name}"`,
      signature: pass.user ?? name,
      user: pass.user,
      scopes,
      pass,
      sees: pass.rights,
      mayCommandAll: pass.user === null,
      isAmbient: false,
      isSession: false,
      root,
      isStill: () => {
        const now = tokens.find(token)
        return now !== undefined && now.pass.rights === pass.rights
      },
    }
  }

  async #here(context: HttpContext): Promise<HttpCaller> {
    const pass = await this.#nobody(context)
    return {
      name: 'Without a user name, this machine',
      signature: null,
      user: null,
      scopes: ALL,
      pass,
      sees: null,
      mayCommandAll: true,
      isAmbient: true,
      isSession: false,
      root: this.#ports.root,
      isStill: () => true,
    }
  }

  async #anybody(context: HttpContext): Promise<HttpCaller> {
    const pass = await this.#nobody(context)
    return {
      name: `Somebody at ${addressOf(context)} who has not logged in`,
      signature: null,
      user: null,
      scopes: READ,
      pass,
      sees: pass.rights,
      mayCommandAll: false,
      isAmbient: true,
      isSession: false,
      root: this.#ports.root,
      isStill: () => this.#ports.door.renew(pass, '')?.rights === pass.rights,
    }
  }

  #user(pass: Pass, isSession: boolean, now: () => Pass | null): HttpCaller {
    return {
      name: `The user "${pass.user}"`,
      signature: pass.user,
      user: pass.user,
      scopes: ALL,
      pass,
      sees: pass.rights,
      mayCommandAll: false,
      isAmbient: true,
      isSession,
      root: this.#ports.root,
      isStill: () => {
        const renewed = now()
        return renewed !== null && renewed.rights === pass.rights
      },
    }
  }

  async #nobody(context: HttpContext): Promise<Pass> {
    const nameless = { username: undefined, password: undefined }
    const admission = await this.#ports.door.admit(this.#caller(context), nameless)
    if (admission.kind === 'admitted') return admission.pass
    throw this.#refused(admission, context, challenges(context))
  }

  async #passOf(
    username: string,
    password: Buffer,
    context: HttpContext,
    challenge: readonly string[],
  ): Promise<Pass> {
    const admission = await this.#ports.users.admit(this.#caller(context), { username, password })
    if (admission.kind === 'admitted') return admission.pass
    throw this.#refused(admission, context, challenge)
  }

  #refused(
    { refusal, sentence }: Extract<Admission, { kind: 'refused' }>,
    { req }: HttpContext,
    challenge: readonly string[],
    wrong?: string,
  ): LoginNeeded {
    this.#ports.log.warn(`${sentence} It asked for ${req.method} ${printable(req.path)}.`)
    const [status, message] = REFUSALS[refusal]
    const says = refusal === 'credentials' && wrong !== undefined ? wrong : message
    return new LoginNeeded(status, says, challenge)
  }

  #caller(context: HttpContext): Caller {
    return {
      // A request has no client id.
      clientId: '',
      address: addressOf(context),
      certificateName: undefined,
      isWaiting: () => !context.req.raw.signal.aborted,
    }
  }
}

const REFUSALS: Readonly<Record<Refusal, readonly [401 | 429 | 503, string]>> = {
  credentials: [401, 'The user name or the password is wrong.'],
  stranger: [401, 'The hub wants to know who asks: a user with a password, or a token.'],
  'too-often': [429, 'There were too many wrong passwords or tokens from there; try again in a few seconds.'],
  busy: [503, 'Too many people log in at this moment; try again in a few seconds.'],
}

/**
 * What a caller may show. A browser is not asked for a password: its own dialog would stand in front of the
 * page, which has a view to log in.
 */
const challenges = (context: HttpContext): readonly string[] =>
  isBrowser(context) ? [BEARER] : [BASIC, BEARER]

const BASIC = 'Basic realm="vigie", charset="UTF-8"'
const BEARER = 'Bearer realm="vigie"'

/**
 * Browsers keep cookies by host name whatever the port: two hubs of one machine must not take each other's.
 */
export const cookieName = ({ env }: HttpContext): string =>
  `vigie_session_${env.incoming.socket.localPort ?? 0}`
