// `vigie backup`: a copy of the journal, made while the hub goes on, and checked.

import { resolve } from 'node:path'
import { Option } from 'commander'
import { formatSize } from '../../base/quantities.ts'
import { backUp } from '../../journal/database/backup.ts'
import { type Command, EXIT, UserError } from '../frame/command.ts'
import { configOption, dataOption } from '../frame/options.ts'
import { dataFolder } from '../frame/settings.ts'
import { progressOn } from '../show/progress.ts'

export const backup: Command = {
  options: [new Option('--force', 'replace the file if it exists'), dataOption(), configOption()],
  help: `The copy holds all that the hub remembers at one moment: history, retained messages, sessions, runs, states of
rules, alerts. It is checked before it gets its name. To restore it, stop the hub, move journal.db, journal.db-wal,
journal.db-shm and journal.acknowledged out of the data folder, copy the backup there as journal.db, and start the hub.
Example: vigie backup /mnt/backup/vigie.db --force`,
  async run({ args: [name = ''], options, terminal }) {
    if (name === '') throw new UserError('Name the file: vigie backup FILE')
    const file = resolve(terminal.cwd, name)
    const data = await dataFolder(options, terminal.cwd)
    const progress = progressOn(terminal, 'pages')
    const isReplacing = options['force'] === true
    const made = await backUp(data, file, { isReplacing, progress: progress.show }).finally(progress.end)
    const events = `${made.events.toLocaleString('en')} event${made.events === 1 ? '' : 's'}`
    terminal.out(`Wrote ${file}: ${events} up to #${made.lastEventId}, ${formatSize(made.bytes)}, checked.\n`)
    return EXIT.ok
  },
}
