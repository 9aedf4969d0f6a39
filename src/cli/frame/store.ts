// Commands that read open the database themselves, read-only: they work while the hub runs and while it does
// not.

import { existsSync, lstatSync, statSync } from 'node:fs'
import { messageOf } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { DATABASE_FILE, explained } from '../../journal/database/open.ts'
import { openQueries } from '../../journal/queries/queries.ts'
import type { Queries } from '../../model/queries.ts'
import { join } from 'node:path'
import { type CommandInput, UserError } from './command.ts'
import { dataFolder } from './settings.ts'

/** Asks the store that the command's `--config` and `--data` point to. */
export async function withStore<T>(
  input: CommandInput,
  ask: (queries: Queries) => T | Promise<T>,
): Promise<T> {
  const data = await dataFolder(input.options, input.terminal.cwd)
  requireFolder(data)
  if (!existsSync(join(data, DATABASE_FILE))) {
    throw new UserError(
      `There is no history in ${data} yet. Start the hub there ("vigie start"), or name its folder with --data.`,
    )
  }
  const queries = openQueries(data)
  try {
    return await ask(queries)
  } catch (error) {
    return explained(join(data, DATABASE_FILE), () => {
      throw error
    })
  } finally {
    queries.close()
  }
}

/** A data folder that is not there yet is none that is wrong. */
function requireFolder(data: string): void {
  try {
    if (statSync(data).isDirectory()) return
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && lstatSync(data, { throwIfNoEntry: false }) === undefined) return
    const reason = code === 'ENOENT' ? 'it is a link that leads nowhere' : systemReason(error)
    throw new UserError(`The data folder ${data} cannot be read: ${reason ?? messageOf(error)}.`)
  }
  throw new UserError(`${data} is a file; name the data folder with --data.`)
}
