// `vigie pub --wait`: publishes over HTTP, and waits for the runs that the rules make of the message at once.

import { printable } from '../../base/printable.ts'
import type { Run, Step } from '../../model/run.ts'
import { requestOf } from '../frame/ask-hub.ts'
import { type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { hubAddress } from '../frame/hub-address.ts'
import { readLength } from '../frame/options.ts'
import { paintFor } from '../show/paint.ts'
import { runLines } from '../show/run-lines.ts'

/** What the hub answers to `POST /publish/<topic>?wait=…`. */
interface Waited {
  readonly event: number | null
  readonly runs: readonly (Run & { readonly steps: readonly Step[] })[]
  /** The time was over before all had ended. */
  readonly error?: string
}

/** How much longer than the rules the hub itself may take, in ms. */
const PATIENCE_MS = 10_000

/** @returns the status: failed when a run has, and when the time was over */
export async function publishAndWait(topic: string, payload: Buffer, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const waitMs = readLength('--wait', options['wait'])
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(topic))
    throw new UserError('With --wait no level of the topic may be "." or "..": an address cannot hold it.')
  const path = topic.split('/').map(encodeURIComponent).join('/')
  const answer = await requestOf(await hubAddress(input), `/publish/${path}?${queryOf(options).toString()}`, {
    method: 'POST',
    headers: { 'content-type': '' },
    body: new Uint8Array(payload),
    limitMs: waitMs + PATIENCE_MS,
    alsoTaken: [504],
  })
  const { runs, error, event } = JSON.parse(answer) as Waited
  if (options['json'] === true) terminal.out(`${answer}\n`)
  else {
    const paint = paintFor(terminal)
    for (const { steps, ...run } of runs)
      for (const line of runLines(run, steps, paint)) terminal.out(`${line}\n`)
    if (runs.length === 0 && error === undefined)
      terminal.out(event === null ? 'No rule waits for it.\n' : `Event #${event} has fired no rule.\n`)
  }
  if (error !== undefined) throw new UserError(printable(error, 1_000))
  return runs.every(({ state }) => state === 'done' || state === 'dry') ? EXIT.ok : EXIT.failed
}

function queryOf(options: CommandInput['options']): URLSearchParams {
  const query = new URLSearchParams({ wait: String(options['wait']), qos: String(options['qos']) })
  if (options['retain'] === true) query.set('retain', '')
  const named = { expiry: 'expiry', contentType: 'content-type', responseTopic: 'response-topic' } as const
  for (const [key, name] of Object.entries({ ...named, correlation: 'correlation' }))
    if (typeof options[key] === 'string') query.set(name, options[key])
  for (const pair of options['userProperty'] as readonly string[]) query.append('user-property', pair)
  return query
}
