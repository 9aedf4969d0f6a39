// Ends the processes that a watch finds: gives the command, as any client may, and waits for what came of it.

import { describeResult } from '../../model/result-words.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'
import { getJson, postJson } from '../api/client.ts'

const LOOK_EVERY_MS = 300
/** A kill takes its grace period, and a minute at the most. */
const PATIENCE_MS = 90_000

interface Answered {
  readonly verdicts: readonly Verdict[]
  readonly runs: readonly Run[]
}

export interface Order {
  readonly dryRun?: true
  readonly by?: string
}

/**
 * Resolves with a sentence that says what came of it.
 * @throws an error whose message says why it was refused, or has failed
 */
export async function endProcesses(watch: string, order: Order): Promise<string> {
  const { event } = await postJson<{ event: number }>(
    `/api/commands/${encodeURIComponent(watch)}/kill`,
    order,
  )
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end) {
    const { verdicts, runs } = await getJson<Answered>(`/api/events/${event}`)
    const refused = verdicts.find(({ stage }) => stage === 'refused')
    if (refused) throw new Error(`The hub refused: ${refused.reason}.`)
    const run = runs.find(({ endedAt }) => endedAt !== null)
    if (run) return `${await cameOf(run.id)} (event #${event})`
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  throw new Error(`The hub has not finished yet; event #${event} shows how far it is.`)
}

async function cameOf(run: number): Promise<string> {
  const { steps } = await getJson<{ readonly steps: readonly Step[] }>(`/api/runs/${run}`)
  const outcome = steps[0]?.outcome
  if (!outcome) return 'Nothing was done.'
  if (outcome.kind !== 'done') throw new Error(outcome.reason)
  const said = describeResult('kill', outcome.result)
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}
