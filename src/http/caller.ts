// Whoever asks over HTTP, and what they may do. A message is shown to whoever may receive it, as over MQTT.
// What the hub tells of itself (clients, runs, rules) is shown to whoever may receive what it publishes of
// that (`vigie/clients/#`), and whoever may publish a command (`vigie/commands/…`) may change things.

import { HTTPException } from 'hono/http-exception'
import type { Pass, Rights, Scope } from '../model/access.ts'
import type { Story } from '../model/story.ts'
import { quote } from '../topics/names.ts'

export interface HttpCaller {
  /** As sentences call the caller: `The user "anna"`. */
  readonly name: string
  /**
   * Who did something, for what is kept of it: a user, or a token; `null`: somebody on this machine, or
   * anybody.
   */
  readonly signature: string | null
  readonly user: string | null
  readonly scopes: ReadonlySet<Scope>
  /** What it publishes is held to this. */
  readonly pass: Pass
  /** What it reads is held to these rights; `null`: nothing is held back. */
  readonly sees: Rights | null
  /** Whether it gives commands without being asked for permission, as on this machine. */
  readonly mayCommandAll: boolean
  /**
   * Whether a browser sends of its own accord what lets it in, so that a page of another origin could use it.
   */
  readonly isAmbient: boolean
  /** Whether a person has logged in on the page. */
  readonly isSession: boolean
  /** First level of the hub's own topics. */
  readonly root: string
  /** Whether it would be let in at this moment with the same rights. */
  isStill(this: void): boolean
}

export const maySee = ({ sees }: Pick<HttpCaller, 'sees'>, topic: string): boolean =>
  sees === null || sees.mayReceive(topic)

/** Refuses with 403 a question about a filter as a whole, some of whose topics the caller may not receive. */
export function refuseUnseen({ name, sees, root }: HttpCaller, filter = '#'): void {
  if (sees === null) return
  const isName = !/[+#]/.test(filter)
  const isWide = filter.startsWith('#') || filter.startsWith('+')
  const all = isWide ? [filter, `${root}/#`] : [filter]
  if (isName ? sees.mayReceive(filter) : all.every((each) => maySeeAll(sees, each))) return
  throw new HTTPException(403, {
    message: `${name} may not ask about all of ${quote(filter)}: the permissions do not allow receiving it.`,
  })
}

/**
 * Refuses with 403 a story that holds a message which the caller may not receive: without it, it is no story.
 */
export function refuseUnseenStory(caller: HttpCaller, { root }: Story): void {
  const isSeen = (node: Story['root']): boolean =>
    (node.kind === 'run' || maySee(caller, node.event.topic)) && node.children.every(isSeen)
  if (isSeen(root)) return
  throw new HTTPException(403, {
    message: `${caller.name} may not see all of this story: some of its messages are on topics that the permissions do not allow receiving.`,
  })
}

/** Refuses with 403 whoever may not look at something that the hub tells of itself, such as `clients`. */
export function refuseLook(caller: HttpCaller, at: string): void {
  if (mayLook(caller, at)) return
  throw new HTTPException(403, {
    message: `${caller.name} may not look at this: the permissions do not allow receiving ${quote(`${caller.root}/${at}/#`)}.`,
  })
}

export const mayLook = ({ sees, root }: HttpCaller, at: string): boolean =>
  sees === null || maySeeAll(sees, `${root}/${at}/#`)

/** A subscription to the filter would be granted, and bring all of it. */
const maySeeAll = (sees: Rights, filter: string): boolean =>
  sees.maySubscribe(filter) && sees.mayReceiveAll(filter)

/** Refuses with 403 whoever may not give the command on this topic. */
export function refuseCommand({ name, pass, mayCommandAll }: HttpCaller, topic: string): void {
  const { rights, user } = pass
  if (mayCommandAll || (rights === null ? user === null : rights.mayPublish(topic))) return
  throw new HTTPException(403, {
    message: `${name} may not do this: the permissions have to allow publishing to ${quote(topic)}.`,
  })
}

export function refuseWithoutScope({ name, scopes }: HttpCaller, scope: Scope): void {
  if (scopes.has(scope)) return
  throw new HTTPException(403, { message: `${name} has not the scope "${scope}".` })
}

/**
 * An order with the name of whoever gives it: whoever logged in, or on this machine whoever the request names.
 */
export const signed = <T extends { readonly by?: string | undefined }>(
  { signature }: HttpCaller,
  order: T,
): T => (signature === null ? order : { ...order, by: signature })
