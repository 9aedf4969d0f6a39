// `vigie import`: the configuration of another program becomes files of a vigie folder; what is left to do is
// told.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Option } from 'commander'
import { messageOf, printable } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { type Imported, ImportError } from '../../import/imported.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { paintFor } from '../show/paint.ts'

const SOURCES = ['mosquitto', 'mqttwarn', 'node-red'] as const

export const imported: Command = {
  argument: ([from]) => (from === undefined ? SOURCES : 'file'),
  options: [
    new Option('--dir <dir>', 'the folder to write into (default: the current one)'),
    new Option('--report', 'with node-red: tell what each flow would become; nothing is written'),
  ],
  help: `Reads mosquitto.conf, mqttwarn.ini or the flows of Node-RED, and writes a configuration and rules. A file
that exists is not touched. What cannot be taken over is listed, with its line; passwords are not copied.
Example: vigie import mosquitto /etc/mosquitto/mosquitto.conf --dir house`,
  async run({ args, options, terminal }) {
    const [from = '', name = ''] = args
    if (!SOURCES.some((each) => each === from))
      throw new UserError(`"vigie import" knows ${SOURCES.join(', ')}, not ${JSON.stringify(from)}.`)
    if (name === '') throw new UserError(`Name the file: vigie import ${from} FILE`)
    const file = resolve(terminal.cwd, name)
    const text = readText(file)
    try {
      if (from === 'node-red') return await report(text, options['report'] === true, terminal)
      const result = await convert(from, text, name)
      const dir = resolve(terminal.cwd, typeof options['dir'] === 'string' ? options['dir'] : '.')
      write(result, dir, terminal)
      return EXIT.ok
    } catch (error) {
      if (error instanceof ImportError) throw new UserError(`${file} cannot be imported: ${error.message}.`)
      throw error
    }
  },
}

async function convert(from: string, text: string, file: string): Promise<Imported> {
  if (from === 'mosquitto')
    return (await import('../../import/mosquitto/mosquitto.ts')).importMosquitto(text, file)
  return (await import('../../import/mqttwarn/mqttwarn.ts')).importMqttwarn(text, file)
}

async function report(text: string, isAsked: boolean, { out }: Terminal): Promise<number> {
  if (!isAsked)
    throw new UserError(
      'Flows of Node-RED are not converted: much of them is JavaScript and nodes of other authors. ' +
        '--report tells what each flow would become.',
    )
  const { reportOf } = await import('../../import/node-red/report.ts')
  out(reportOf(text))
  return EXIT.ok
}

function write({ files, notes, next }: Imported, dir: string, terminal: Terminal): void {
  const there = files.filter(({ name }) => existsSync(join(dir, name))).map(({ name }) => name)
  if (there.length > 0)
    throw new UserError(
      `${dir} has ${there.join(', ')} already, and nothing is written. Name another folder with --dir, and ` +
        'join them by hand.',
    )
  const { bold, warn, dim } = paintFor(terminal)
  for (const { name, text } of files) {
    const target = join(dir, name)
    try {
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, text, { flag: 'wx' })
    } catch (error) {
      throw new UserError(`${target} cannot be written: ${systemReason(error) ?? messageOf(error)}.`)
    }
  }
  terminal.out(`Wrote into ${dir}: ${files.map(({ name }) => bold(name)).join(', ')}.\n`)
  for (const note of notes) terminal.out(`${warn('note')} ${printable(note, 500)}\n`)
  terminal.out('Next:\n')
  for (const command of [...next, 'vigie check']) terminal.out(`  ${bold(command)}\n`)
  terminal.out(dim('"vigie init" adds what an editor needs.\n'))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
}
