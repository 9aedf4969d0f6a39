// A command to the engine, as any client may give it by a message: published, and answered with what the engine
// has made of it. The answer is read from the store, where it is committed together with what the command
// changes.

import type { Remote } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { Queries } from '../../model/queries.ts'
import { CommitWatch } from '../commit-watch.ts'
import type { OnCommit } from '../commit-watch.ts'

export interface EngineCommandPorts {
  /** The first level of the hub's own topics. */
  readonly root: string
  publish(this: void, publication: Publication): Promise<number>
  readonly queries: Remote<Pick<Queries, 'runsOf' | 'run'>>
  readonly onCommit: OnCommit
  readonly clock: Pick<Clock, 'after' | 'steady'>
}

export interface Commanded<Answer> {
  readonly event: number
  /** `null`: no engine has taken the command yet. It stands in the journal, and one will. */
  readonly answer: Answer | null
}

const GAP_MS = 10
/** Shorter than the patience of the command line. */
const PATIENCE_MS = 8_000

/** @param rule in whose name the engine answers */
export async function commandEngine<Answer>(
  topic: string,
  order: object,
  rule: string,
  { publish, queries, onCommit, clock }: EngineCommandPorts,
): Promise<Commanded<Answer>> {
  const watch = new CommitWatch({ onCommit, clock, gapMs: GAP_MS })
  try {
    const event = await publish({ ...hubMessage(topic, order), origin: 'http' })
    const end = clock.steady() + PATIENCE_MS
    for (let leftMs = PATIENCE_MS; leftMs > 0; leftMs = end - clock.steady()) {
      const answer = await answerTo(event, rule, queries)
      if (answer) return { event, answer: answer as Answer }
      await watch.next(leftMs)
    }
    return { event, answer: null }
  } finally {
    watch.stop()
  }
}

/** Says that a command was given, and has no answer yet. */
export const notTaken = (event: number): string =>
  `The command is in the journal, as event ${event}, but no engine has taken it yet: one will as soon as it can.`

/** The answer is a message that a run of the hub's own publishes. */
async function answerTo(
  event: number,
  rule: string,
  queries: EngineCommandPorts['queries'],
): Promise<object | null> {
  const runs = await queries.runsOf(event)
  const answering = runs.find((run) => run.rule === rule && run.key === `answer/${event}`)
  if (answering === undefined) return null
  const spec = (await queries.run(answering.id))?.steps[0]?.spec
  return spec?.kind === 'publish' && 'text' in spec.payload ? (JSON.parse(spec.payload.text) as object) : null
}
