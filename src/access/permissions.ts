// Permissions: who may publish, receive and subscribe to which topics, compiled for one client.
//
// Always: a denied topic is denied, whatever else allows it. Without a list of permissions, every admitted
// client may do everything, except that nobody may publish to the hub's own topics (`<root>/…`, `$SYS/…`),
// and only users and clients of this machine may receive them. Clients of this machine that are no user may give
// commands (`<root>/commands/…`), and speak as agents do (`<root>/hosts/…`). With a list, only what it allows is allowed.
// The hub's own topics are allowed only by a pattern that names them: `#` and `+/…` do not reach them.

import type { Rights } from '../model/access.ts'
import { isBridgeState } from '../topics/names.ts'
import { covers, matches, meets, namesClient, parseFilter, parsePattern, type Pattern } from './patterns.ts'

/** Patterns by what they are about. */
export interface Patterns {
  readonly publish?: readonly string[]
  readonly receive?: readonly string[]
  /** Left out of what is allowed: the patterns of `receive`. */
  readonly subscribe?: readonly string[]
}

/** One entry of the list. It applies to every client, unless it names users or clients. */
export interface Permission extends Patterns {
  readonly users?: readonly string[]
  /** `true`: applies to clients that are not known as a user. */
  readonly anonymous?: true
  /** Client ids, with `*` for any letters. */
  readonly clients?: readonly string[]
  /**
   * Patterns that are denied. Under `subscribe`, a pattern refuses the filters that it covers, but not wider
   * ones: `a/b` does not refuse `#`.
   */
  readonly deny?: Patterns
}

export interface Subject {
  readonly user: string | null
  readonly client: string
  /** Whether the client came through a listener that only this machine can reach. */
  readonly local: boolean
}

/**
 * The rights of one client. Without permissions and without a root to keep it from, there is nothing to ask:
 * `null`.
 */
export function compileRights(
  permissions: readonly Permission[] | undefined,
  root: string,
  subject: Subject,
): Rights | null {
  const isOwn = (first: string | null | undefined): boolean => first === root || first === '$SYS'
  if (permissions === undefined) return subject.local || subject.user !== null ? null : strangerRights(isOwn)

  const mine = permissions.filter((permission) => isAbout(permission, subject))
  const patternsOf = (choose: (permission: Permission) => readonly string[] | undefined): Pattern[] =>
    mine
      .flatMap((permission) => choose(permission) ?? [])
      .map((text) => parsePattern(text, subject))
      .filter((pattern) => pattern !== undefined)
  const publish = patternsOf((permission) => permission.publish)
  const receive = patternsOf((permission) => permission.receive)
  const subscribe = patternsOf((permission) => permission.subscribe ?? permission.receive)
  const noPublish = patternsOf(({ deny }) => deny?.publish)
  const noReceive = patternsOf(({ deny }) => deny?.receive)
  const noSubscribe = patternsOf(({ deny }) => deny?.subscribe)

  const allows = (topic: string, allowed: readonly Pattern[], denied: readonly Pattern[]): boolean => {
    const levels = topic.split('/')
    if (denied.some((pattern) => matches(pattern, levels))) return false
    const own = isOwn(levels[0])
    return allowed.some((pattern) => (!own || isOwn(pattern.levels[0])) && matches(pattern, levels))
  }
  const allowsAll = (filter: Pattern, allowed: readonly Pattern[]): boolean => {
    const own = isOwn(filter.levels[0])
    return allowed.some((pattern) => (!own || isOwn(pattern.levels[0])) && covers(pattern, filter))
  }
  return {
    mayPublish: (topic) => allows(topic, publish, noPublish),
    mayReceive: (topic) => allows(topic, receive, noReceive),
    mayReceiveAll(text) {
      const filter = parseFilter(text)
      return !noReceive.some((pattern) => meets(pattern, filter)) && allowsAll(filter, receive)
    },
    maySubscribe(text) {
      const filter = parseFilter(text)
      return !noSubscribe.some((pattern) => covers(pattern, filter)) && allowsAll(filter, subscribe)
    },
  }
}

/** Whether all clients of one user have the same rights, so that they can share one `Rights`. */
export const isSameForAllClients = (permissions: readonly Permission[] | undefined): boolean =>
  (permissions ?? []).every(
    ({ clients, deny = {}, ...allow }) =>
      clients === undefined &&
      [allow, deny].every(({ publish, receive, subscribe }: Patterns) =>
        [publish, receive, subscribe].every((texts) => !texts?.some((text) => namesClient(text))),
      ),
  )

/**
 * The rights of a client that is not known as a user and does not come from this machine: it cannot receive
 * the hub's own topics. It may publish the state of a bridge.
 */
function strangerRights(isOwn: (first: string | undefined) => boolean): Rights {
  const isForeign = (topic: string): boolean => !isOwn(topic.split('/', 1)[0])
  return {
    mayPublish: (topic) => isForeign(topic) || isBridgeState(topic),
    mayReceive: isForeign,
    mayReceiveAll: isForeign,
    maySubscribe: isForeign,
  }
}

function isAbout({ users, anonymous, clients }: Permission, { user, client }: Subject): boolean {
  if (users !== undefined && !(user !== null && users.includes(user))) return false
  if (anonymous === true && user !== null) return false
  return clients === undefined || clients.some((glob) => fits(glob, client))
}

function fits(glob: string, client: string): boolean {
  const [head = '', ...parts] = glob.split('*')
  if (parts.length === 0) return glob === client
  if (!client.startsWith(head)) return false
  const tail = parts.pop()!
  let at = head.length
  for (const part of parts) {
    const found = client.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return client.length - at >= tail.length && client.endsWith(tail)
}
