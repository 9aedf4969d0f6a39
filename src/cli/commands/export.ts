// `vigie export`: the history as a file, oldest first.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { recordLine } from '../../model/event-record.ts'
import type { Event } from '../../model/event.ts'
import { MOST_ROWS } from '../../model/questions.ts'
import { type Command, type CommandInput, EXIT } from '../frame/command.ts'
import { eventConditions, eventOptions } from '../frame/event-filter.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { withQuestions } from '../frame/questions.ts'
import { CSV_HEADER, csvLine } from '../show/event-lines.ts'
import { progressOn } from '../show/progress.ts'

/** Bytes of payloads that are in memory at one time. */
const PAGE_BYTES = 4 * 2 ** 20

export const exported: Command = {
  options: [
    ...eventOptions(),
    new Option('--format <format>', 'jsonl comes back exactly, csv is for spreadsheets')
      .choices(['jsonl', 'csv'])
      .default('jsonl'),
    new Option('-o, --output <file>', 'write this file, whole or not at all (default: the standard output)'),
    ...whereOptions(),
  ],
  help: `Writes messages oldest first, up to the newest one at the beginning. "vigie replay" publishes a file again.
Example: vigie export 'sensors/#' --since 30d -o sensors.jsonl`,
  async run(input) {
    const { options, terminal } = input
    const isCsv = options['format'] === 'csv'
    const lineOf = isCsv ? csvLine : recordLine
    const header = isCsv ? `${CSV_HEADER}\n` : ''
    const file = options['output'] as string | undefined
    if (file === undefined) {
      if (header) terminal.out(header)
      await pagesOf(input, (page) => page.length > 0 && terminal.out(textOf(page, lineOf)))
      return EXIT.ok
    }
    const path = resolve(terminal.cwd, file)
    let count = 0
    await writeWhole(path, async (write) => {
      write(header)
      await pagesOf(input, (page) => {
        write(textOf(page, lineOf))
        count += page.length
      })
    })
    terminal.error(`Wrote ${count.toLocaleString('en')} message${count === 1 ? '' : 's'} to ${path}.\n`)
    return EXIT.ok
  },
}

const textOf = (page: readonly Event[], lineOf: (event: Event) => string): string =>
  page.map((event) => `${lineOf(event)}\n`).join('')

async function pagesOf(input: CommandInput, take: (page: readonly Event[]) => unknown): Promise<void> {
  const conditions = eventConditions(input)
  const progress = progressOn(input.terminal, 'events')
  await withQuestions(input, async (ask) => {
    const { reached: last } = await ask.historyPage({ limit: 1 })
    for (let after = 0, isAll = false; !isAll && after < last;) {
      const page = await ask.historyPage({ ...conditions, after, limit: MOST_ROWS, bytes: PAGE_BYTES })
      take(page.events.filter(({ id }) => id <= last))
      ;({ reached: after, isAll } = page)
      progress.show(Math.min(after, last), last)
    }
  }).finally(progress.end)
}

/** The file appears when all is written. */
async function writeWhole(
  path: string,
  fill: (write: (text: string) => void) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${process.pid}.partial`
  const file = openSync(draft, 'w', 0o600)
  try {
    await fill((text) => void writeSync(file, text))
    fsyncSync(file)
    renameSync(draft, path)
  } finally {
    closeSync(file)
    rmSync(draft, { force: true })
  }
}
