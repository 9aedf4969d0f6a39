// The port of access: what the broker asks about a client before it lets it in, and what it may do from then
// on. Nothing outside of `access/` knows where users and permissions are kept.

/**
 * What one client may do. Asked once for each topic and session: the broker keeps the answers until they may
 * have changed.
 */
export interface Rights {
  mayPublish(topic: string): boolean
  /**
   * Asked for each topic when a message is on its way to the client, whatever filter the client got it by.
   */
  mayReceive(topic: string): boolean
  /** Decides the SUBACK. Of a shared subscription the filter without its group. */
  maySubscribe(filter: string): boolean
}

/** What a client was admitted as. */
export interface Pass {
  /** `null`: nobody knows who it is. */
  readonly user: string | null
  /** `null`: everything, but that the hub's own topics are only read. */
  readonly rights: Rights | null
  /** What was proved, in the door's own words: it tells whether that still holds. */
  readonly proof: string | null
  /**
   * Where the user is known, or the kind of door if there is no user: two clients are one owner of a session
   * only if this is the same. `null` where everybody may come in.
   */
  readonly realm: string | null
}

/** A client that asks to be let in. */
export interface Caller {
  readonly clientId: string
  /** The host that it calls from, or the path of the Unix socket that it came through. */
  readonly address: string
  /** Common name of its certificate, if it has shown one that was verified. */
  readonly certificateName: string | undefined
  /** Whether it is still there: for one that is not, no work is done. */
  readonly isWaiting: () => boolean
}

export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
}

/**
 * `credentials`: unknown user or wrong password, which are not told apart. `stranger`: only known users may
 * come in. `too-often`: after failures, before its next turn. `busy`: more log in at one time than the hub
 * can check.
 */
export type Refusal = 'credentials' | 'stranger' | 'too-often' | 'busy'

export type Admission =
  | { readonly kind: 'admitted'; readonly pass: Pass }
  /** The sentence is for the operator, not for the client. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly sentence: string }

/** An enhanced authentication under way: each word of the client is answered by one of ours. */
export interface Exchange {
  next(word: Uint8Array): Promise<ExchangeStep>
}

export type ExchangeStep =
  | { readonly kind: 'continue'; readonly word: Uint8Array }
  | { readonly kind: 'admitted'; readonly word: Uint8Array; readonly pass: Pass }
  | Extract<Admission, { kind: 'refused' }>

/** The access of one listener. */
export interface Door {
  /** Answers at once where nothing has to be worked out. */
  admit(caller: Caller, credentials: Credentials): Admission | Promise<Admission>
  /** Begins an enhanced authentication; undefined when the method is not offered. */
  begin(method: string, caller: Caller): Exchange | undefined
  /** The pass as it is now that users or permissions have changed; `null` when the client has to go. */
  renew(pass: Pass, clientId: string): Pass | null
  /** Calls back when passes should be renewed. */
  onChanged(listener: () => void): void
}
