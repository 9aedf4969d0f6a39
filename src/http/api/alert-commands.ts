// A command about an alert, as any client may give it by a message: published, and answered with what the
// engine has made of it. The answer is read from the store, where it is committed together with what the
// command changes.

import { setTimeout } from 'node:timers/promises'
import type { Remote } from '../../base/calls.ts'
import type { AlertAnswer, AlertChange } from '../../model/alert-change.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import { ALERT_RULE } from '../../model/run.ts'
import type { Queries } from '../../model/queries.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'

export interface AlertCommandPorts {
  /** The first level of the hub's own topics. */
  readonly root: string
  publish(this: void, publication: Publication): Promise<number>
  readonly queries: Remote<Pick<Queries, 'runsOf' | 'run'>>
}

export interface CommandedAlert {
  readonly event: number
  /** `null`: no engine has taken the command yet. It stands in the journal, and one will. */
  readonly answer: AlertAnswer | null
}

export type CommandAlert = (key: string, change: AlertChange, order: object) => Promise<CommandedAlert>

const LOOK_EVERY_MS = 25
/** Shorter than the patience of the command line. */
const PATIENCE_MS = 8_000

export const openAlertCommands =
  ({ root, publish, queries }: AlertCommandPorts): CommandAlert =>
  async (key, change, order) => {
    const command = hubMessage(alertCommandTopic(key, change, root), order)
    const event = await publish({ ...command, origin: 'http' })
    const end = performance.now() + PATIENCE_MS
    do {
      const answer = await answerTo(event, queries)
      if (answer) return { event, answer }
      await setTimeout(LOOK_EVERY_MS)
    } while (performance.now() < end)
    return { event, answer: null }
  }

/** The answer is a message that a run of the hub's own publishes. */
async function answerTo(event: number, queries: AlertCommandPorts['queries']): Promise<AlertAnswer | null> {
  const runs = await queries.runsOf(event)
  const answering = runs.find(({ rule, key }) => rule === ALERT_RULE && key === `answer/${event}`)
  if (answering === undefined) return null
  const spec = (await queries.run(answering.id))?.steps[0]?.spec
  return spec?.kind === 'publish' && 'text' in spec.payload
    ? (JSON.parse(spec.payload.text) as AlertAnswer)
    : null
}
