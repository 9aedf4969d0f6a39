// The door of a channel. Each kind is one file of this folder; it exports
//   its constructor, named as the kind: `ntfy({ topic: 'home' })` checks the settings and returns plain data;
//   `tell`, which tells one notification once;
//   `ask`, where people can acknowledge in the service itself.
//
// Always: `tell` is told what is true now. A channel whose service can change what it shows keeps the
// service's name for it in the handle, and updates it; every other channel tells again.

import type { Clock } from '../base/clock.ts'
import type { ProcessIdentity } from '../model/action.ts'
import type { Publication } from '../model/event.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Disclosure } from '../secrets/secrets.ts'

/** One attempt at telling, and what it may use. */
export interface Telling {
  /** What the last telling of this notification left; `null` for the first. */
  readonly handle: Json | null
  /**
   * The same over all attempts that tell the same, and of no other telling: the key against doubles, for a
   * service that takes what has one key once.
   */
  readonly key: string
  /** Ends the attempt; its reason is an Error that says why. */
  readonly signal: AbortSignal
  readonly disclosure: Disclosure
  readonly clock: Clock
  /** The data folder, for what a channel keeps there. */
  readonly dataDir: string
  /** Publishes in the hub's name; resolves with the event's id when it is committed. */
  readonly publish: (message: Pick<Publication, 'topic' | 'payload' | 'qos' | 'retain'>) => Promise<number>
  /** Told as soon as a process runs for this telling, so that it is found again should it outlive the hub. */
  readonly started: (process: ProcessIdentity) => void
}

export type Told =
  | {
      readonly kind: 'told'
      /** What the service needs to update this notification; never holds a secret. */
      readonly handle: Json | null
      /** Whether what people see was changed in place. */
      readonly isUpdate: boolean
      /** Kept with the step, for those who look. */
      readonly result?: JsonObject
    }
  | Untold

/** Three classes of failure; `reason` is the end of a sentence. */
export type Untold =
  /** What may pass: no answer, 408, 425, 429, 5xx. Not before `afterMs` if the service says so. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }
  /** The service takes this notification in no way: 400, 413, 422. A shorter one may do. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** The channel itself is wrong: 401, 403, 404, 410, a missing secret or program. */
  | { readonly kind: 'gone'; readonly reason: string }

export type Tell<Settings> = (
  settings: Settings,
  notification: Notification,
  telling: Telling,
) => Promise<Told>

/** What the service knows of an acknowledgement that people give there. */
export type Asked =
  | { readonly kind: 'acknowledged'; readonly by?: string; readonly at?: number }
  /** Not yet: ask again, not before `afterMs`. */
  | { readonly kind: 'open'; readonly afterMs: number }
  /** Nobody can acknowledge it there any more, or ever could. */
  | { readonly kind: 'closed' }
  | Untold

export type Ask<Settings> = (
  settings: Settings,
  handle: Json | null,
  asking: Pick<Telling, 'signal' | 'disclosure' | 'clock'>,
) => Promise<Asked>

/** A kind of channel: what its file exports besides the constructor. */
export interface ChannelKind<Settings> {
  readonly tell: Tell<Settings>
  readonly ask?: Ask<Settings>
}
