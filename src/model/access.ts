// The port of access: what the broker asks about a client before it lets it in, and what it may do from then
// on. Nothing outside of `access/` knows where users and permissions are kept.

/**
 * The rights of one client. The broker asks once for each topic and session, and keeps the answers until they
 * may have changed.
 */
export interface Rights {
  mayPublish(topic: string): boolean
  /** Asked for each topic when a message is on its way to the client, whichever filter matched it. */
  mayReceive(topic: string): boolean
  /**
   * Decides the return code in the SUBACK. For a shared subscription, the filter is given without its group.
   */
  /** Whether all topics of a filter may be received. */
  mayReceiveAll(filter: string): boolean
  maySubscribe(filter: string): boolean
}

/** The identity and the rights with which a client was admitted. */
export interface Pass {
  /** `null`: the client is not known as a user. */
  readonly user: string | null
  /**
   * `null`: the client may do everything, except publish under the hub's own topics; if it is no user, it may
   * publish there what commands and agents do (`<root>/commands/…`, `<root>/hosts/…`).
   */
  readonly rights: Rights | null
  /**
   * The credential that the client proved, in a form that only the door reads: `renew` compares it with the
   * present one.
   */
  readonly proof: string | null
  /**
   * The place where the user is known, or the kind of door if there is no user. Two clients may own the same
   * session only if their realms are equal. `null` where everybody may come in.
   */
  readonly realm: string | null
}

/** A client that asks to be admitted. */
export interface Caller {
  readonly clientId: string
  /** The host from which the client connects, or the path of the Unix socket. */
  readonly address: string
  /** Common name of its certificate, if it has shown one that was verified. */
  readonly certificateName: string | undefined
  /** Whether the client is still connected. The door does no work for one that is not. */
  readonly isWaiting: () => boolean
}

export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
}

/**
 * `credentials`: unknown user or wrong password; the two are not told apart. `stranger`: only known users may
 * connect. `too-often`: after failed attempts, the client came back before its pause was over. `busy`: more
 * clients log in at this time than the hub can check.
 */
export type Refusal = 'credentials' | 'stranger' | 'too-often' | 'busy'

export type Admission =
  | { readonly kind: 'admitted'; readonly pass: Pass }
  /** The sentence is for the operator, not for the client. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly sentence: string }

/** An enhanced authentication under way: the hub answers each message of the client with one of its own. */
export interface Exchange {
  next(word: Uint8Array): Promise<ExchangeStep>
}

export type ExchangeStep =
  | { readonly kind: 'continue'; readonly word: Uint8Array }
  | { readonly kind: 'admitted'; readonly word: Uint8Array; readonly pass: Pass }
  | Extract<Admission, { kind: 'refused' }>

/** The access of one listener. */
export interface Door {
  /** Answers synchronously where no password has to be hashed. */
  admit(caller: Caller, credentials: Credentials): Admission | Promise<Admission>
  /** Begins an enhanced authentication; undefined when the method is not offered. */
  begin(method: string, caller: Caller): Exchange | undefined
  /** The pass under the present users and permissions; `null` when the client has to be disconnected. */
  renew(pass: Pass, clientId: string): Pass | null
  /** Calls back when passes should be renewed. */
  onChanged(listener: () => void): void
}

/**
 * What a token may be used for over HTTP: `read` looks at things, `publish` publishes messages, `write`
 * changes things in the hub and gives commands.
 */
export const SCOPES = ['read', 'publish', 'write'] as const
export type Scope = (typeof SCOPES)[number]

export interface KnownToken {
  readonly kind: 'admitted'
  /** The name of the token, as `vigie token list` shows it. */
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  readonly pass: Pass
}

export type TokenAdmission = KnownToken | Extract<Admission, { kind: 'refused' }>

/** The access of whoever shows a token. */
export interface TokenDoor {
  admit(token: string, caller: Caller): Promise<TokenAdmission>
  /**
   * The token as it is now; undefined when it is not known, has expired, or belongs to a user who is gone.
   */
  find(token: string): KnownToken | undefined
}
