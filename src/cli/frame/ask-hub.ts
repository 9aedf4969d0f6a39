// Commands that ask the hub which runs on the data folder: for what only it knows, or to change something,
// since nobody else may write there.

import { messageOf } from '../../base/printable.ts'
import { findHub } from '../../config/hub-file.ts'
import { type CommandInput, UserError } from './command.ts'
import { dataFolder } from './settings.ts'

const LIMIT_MS = 10_000

/** Asks the hub's HTTP API. What it refuses is a UserError with its reason. */
export async function askHub(
  input: CommandInput,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const data = await dataFolder(input.options, input.terminal.cwd)
  const hub = findHub(data)
  if (hub === undefined)
    throw new UserError(`No hub runs on ${data}. Start it ("vigie start"), or name its folder with --data.`)
  const answer = await fetch(hub.http + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    const { cause = error } = error as Error
    throw new UserError(
      `The hub on ${data} does not answer at ${hub.http} (${messageOf(cause)}). If it was killed, start it again.`,
    )
  })
  const said: unknown = await answer.json().catch(() => ({}))
  if (answer.ok) return said
  throw new UserError((said as { error?: string }).error ?? `The hub answered with status ${answer.status}.`)
}
