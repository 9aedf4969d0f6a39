// A command about an alert, as any client may give it by a message: published, and answered with what the
// engine has made of it. The answer is read from the store, where it is committed together with what the
// command changes.

import type { Remote } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import type { AlertAnswer, AlertChange } from '../../model/alert-change.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import { ALERT_RULE } from '../../model/run.ts'
import type { Queries } from '../../model/queries.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'
import { CommitWatch } from '../commit-watch.ts'
import type { OnCommit } from '../commit-watch.ts'

export interface AlertCommandPorts {
  /** The first level of the hub's own topics. */
  readonly root: string
  publish(this: void, publication: Publication): Promise<number>
  readonly queries: Remote<Pick<Queries, 'runsOf' | 'run'>>
  readonly onCommit: OnCommit
  readonly clock: Pick<Clock, 'after' | 'steady'>
}

export interface CommandedAlert {
  readonly event: number
  /** `null`: no engine has taken the command yet. It stands in the journal, and one will. */
  readonly answer: AlertAnswer | null
}

export type CommandAlert = (key: string, change: AlertChange, order: object) => Promise<CommandedAlert>

const GAP_MS = 10
/** Shorter than the patience of the command line. */
const PATIENCE_MS = 8_000

export const openAlertCommands =
  ({ root, publish, queries, onCommit, clock }: AlertCommandPorts): CommandAlert =>
  async (key, change, order) => {
    const watch = new CommitWatch({ onCommit, clock, gapMs: GAP_MS })
    try {
      const command = hubMessage(alertCommandTopic(key, change, root), order)
      const event = await publish({ ...command, origin: 'http' })
      const end = clock.steady() + PATIENCE_MS
      for (let leftMs = PATIENCE_MS; leftMs > 0; leftMs = end - clock.steady()) {
        const answer = await answerTo(event, queries)
        if (answer) return { event, answer }
        await watch.next(leftMs)
      }
      return { event, answer: null }
    } finally {
      watch.stop()
    }
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
