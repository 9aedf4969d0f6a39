// One attempt at telling a notification over its channel. What is told is made when the attempt begins: a
// channel that was away for an hour tells what is true then, or nothing.

import { createHash } from 'node:crypto'
import type { Attempt, HubPorts } from '../../actions/context.ts'
import { causeOf } from '../../actions/publish.ts'
import type { Content } from '../../alerts/notifications.ts'
import { wordsOf } from '../../alerts/words.ts'
import type { LinksOf } from '../../alerts/words.ts'
import type { Channel } from '../../channels/open.ts'
import type { NotifySpec } from '../../model/action.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { AlertBook } from './alert-book.ts'

export interface TellingPorts {
  readonly channels: ReadonlyMap<string, Pick<Channel, 'tell'>>
  readonly content: AlertBook['content']
  readonly linksOf: LinksOf
  readonly dataDir: string
}

export const openTelling =
  ({ channels, content: contentOf, linksOf, dataDir }: TellingPorts): HubPorts['notify'] =>
  async (spec, attempt) => {
    const channel = channels.get(spec.channel)
    if (channel === undefined)
      return { kind: 'give-up', reason: `there is no alert channel "${spec.channel}" any more` }
    const content = contentOf(spec, attempt.run, attempt.wasCutOff)
    if (content === null) return { kind: 'done', result: { channel: spec.channel, told: null } }
    return tellOver(channel, content, spec, attempt, { linksOf, dataDir })
  }

async function tellOver(
  channel: Pick<Channel, 'tell'>,
  content: Content,
  { channel: name }: NotifySpec,
  attempt: Attempt,
  { linksOf, dataDir }: Pick<TellingPorts, 'linksOf' | 'dataDir'>,
): Promise<Outcome> {
  const { hub, signal, disclosure, event, run } = attempt
  const now = hub.clock.now()
  const notification = wordsOf(content, now, linksOf)
  const told = await channel.tell(notification, {
    handle: content.notification.handle,
    key: keyOf(content),
    signal,
    disclosure,
    clock: hub.clock,
    dataDir,
    publish: (message) => hub.publish({ ...message, origin: 'hub', cause: causeOf(event, run) }),
    started: (process) => attempt.started(process),
  })
  switch (told.kind) {
    case 'told': {
      const { occasion, title } = notification
      const result: JsonObject = {
        channel: name,
        occasion,
        title,
        isUpdate: told.isUpdate,
        ...told.result,
        told: { at: now, alerts: content.alerts },
        handle: told.handle,
      }
      return { kind: 'done', result }
    }
    case 'later': {
      const { reason, afterMs } = told
      return { kind: 'retry', reason: reasonOf(name, reason), ...(afterMs !== undefined && { afterMs }) }
    }
    case 'bad':
    case 'gone':
      return { kind: 'give-up', reason: reasonOf(name, told.reason) }
  }
  return told satisfies never
}

const reasonOf = (name: string, reason: string): string => `the alert channel "${name}": ${reason}`

/**
 * The same for all attempts that tell the same. An attempt that a crash cut off may be made again when
 * something else is true: a service that knows the key would drop that.
 */
function keyOf({ notification: { id, tellings }, occasion, alerts }: Content): string {
  const told = createHash('sha256')
    .update(`${occasion} ${JSON.stringify(alerts)}`)
    .digest('hex')
  return `${id}-${tellings}-${told.slice(0, 8)}`
}
