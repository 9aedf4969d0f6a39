// Commands that change something ask the hub that runs on the data folder: nobody else may write there.

import { messageOf } from '../base/printable.ts'
import { findHub } from '../config/hub-file.ts'
import { type CommandInput, UserError } from './command.ts'
import { loadSettings } from './settings.ts'

const LIMIT_MS = 10_000

/** Posts to the hub's HTTP API. What it refuses is a UserError with its reason. */
export async function askHub(input: CommandInput, path: string): Promise<void> {
  const { data } = await loadSettings(input.options, input.terminal.cwd)
  const hub = findHub(data)
  if (hub === undefined)
    throw new UserError(`No hub runs on ${data}. Start it ("vigie start"), or name its folder with --data.`)
  const answer = await fetch(hub.http + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    const { cause = error } = error as Error
    throw new UserError(
      `The hub on ${data} does not answer at ${hub.http} (${messageOf(cause)}). If it was killed, start it again.`,
    )
  })
  if (answer.ok) return
  const { error } = (await answer.json().catch(() => ({}))) as { error?: string }
  throw new UserError(error ?? `The hub answered with status ${answer.status}.`)
}
