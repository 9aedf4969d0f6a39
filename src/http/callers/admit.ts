// Whether a caller may do what a route needs. See `caller.ts` for what permissions mean over HTTP.

import { HTTPException } from 'hono/http-exception'
import type { Pass } from '../../model/access.ts'
import { topicLevel } from '../../topics/escape.ts'
import { quote } from '../../topics/names.ts'
import { refuseCommand, refuseLook, refuseWithoutScope } from '../caller.ts'
import { SCOPE_FOR } from '../route.ts'
import type { HttpContext, Route } from '../route.ts'
import type { Callers } from './callers.ts'
import { refuseForms, refuseOtherPages } from './origins.ts'

/** Throws an HTTPException unless the caller may do what a route needs. */
export const admitBy =
  (callers: Callers) =>
  async (
    context: HttpContext,
    { needs, looksAt, path, commandTopic = topicOfPath(path) }: Route,
  ): Promise<void> => {
    if (needs === 'open') return
    const caller = await callers.of(context)
    context.set('caller', caller)
    refuseWithoutScope(caller, SCOPE_FOR[needs])
    if (looksAt !== undefined) refuseLook(caller, looksAt)
    if (needs === 'act') {
      refuseForms(context)
      refuseCommand(caller, commandTopic(caller.root, context))
    }
    if (needs === 'publish' && caller.isAmbient) refuseOtherPages(context)
  }

/**
 * The topic on which a change would be a command: `/api/runs/{id}/retry` is `vigie/commands/runs/3/retry`.
 * Commands of rules have this very topic; the others are names for permissions alone.
 */
const topicOfPath =
  (path: string): NonNullable<Route['commandTopic']> =>
  (root, { req }) => {
    const levels = path.replace(/^\/api\/(?:commands\/)?/, '').split('/')
    const named = levels.map((level) =>
      level.startsWith('{') ? topicLevel(req.param(level.slice(1, -1)) ?? '') : level,
    )
    return `${root}/commands/${named.join('/')}`
  }

export interface PublishRights {
  /**
   * Whether a client with this pass may publish on a topic, and be answered on the other one. A refusal is
   * counted like that of an MQTT client.
   */
  mayPublish(this: void, pass: Pass, topic: string, responseTopic?: string): boolean
}

/** Refuses with 403 what the permissions do not let the caller publish. */
export function refuseDenied(
  { mayPublish }: PublishRights,
  context: HttpContext,
  topic: string,
  responseTopic?: string,
): void {
  const caller = context.get('caller')
  // A command changes something, whichever way it is given.
  if (topic.startsWith(`${caller.root}/commands/`)) refuseWithoutScope(caller, 'write')
  if (mayPublish(caller.pass, topic, responseTopic)) return
  const answered = responseTopic === undefined ? '' : ` with an answer on ${quote(responseTopic)}`
  const who = caller.user === null ? 'Without a user name' : `For the user "${caller.user}"`
  throw new HTTPException(403, {
    message: `${who}, the permissions do not allow publishing to ${quote(topic)}${answered}.`,
  })
}
