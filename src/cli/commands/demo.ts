// `vigie demo`: a hub in a folder of its own, with a small house and a build server that publish to it, so that the
// page and every command have something to show. The folder is gone afterwards.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, Option } from 'commander'
import { PACKAGE } from '../../base/package.ts'
import { type Command, type Terminal } from '../frame/command.ts'
import { portOption } from '../frame/options.ts'
import { loadSettings } from '../frame/settings.ts'
import { paintFor } from '../show/paint.ts'
import { runHub } from './start.ts'

/** Settings and rules of the demonstration. */
const CONTENT = fileURLToPath(new URL('demo', PACKAGE))

export const demo: Command = {
  options: [
    new Option('--seed <number>', 'what happens: the same seed, the same house')
      .default(1)
      .argParser(readNumber),
    new Option('--speed <factor>', 'how many times faster than a clock it goes')
      .default(60)
      .argParser(readNumber),
    new Option('--keep', 'keep the folder with the rules and the data'),
    portOption('--mqtt <port>', 'port of the MQTT listener (default: 1883, or a free one)'),
    portOption('--http <port>', 'port of the HTTP listener (default: 7883, or a free one)'),
  ],
  help: `Nothing of your own hub is touched: the folder is a temporary one, and ports that are taken are left alone.
Its rules may be edited while it runs. Ctrl-C ends it and removes the folder.`,
  async run({ options, terminal }) {
    const { seed, speed, keep } = options as { seed: number; speed: number; keep?: boolean }
    const folder = mkdtempSync(join(tmpdir(), 'vigie-demo-'))
    try {
      cpSync(CONTENT, folder, { recursive: true })
      const mqtt = (options['mqtt'] as number | undefined) || (await freePort(1883))
      const http = (options['http'] as number | undefined) || (await freePort(7883))
      // A rule pings the broker, and its process inherits this.
      process.env['VIGIE_DEMO_MQTT'] = `${mqtt}`
      const config = await loadSettings({ mqtt, http }, folder)
      const { play } = await import('../demo/players.ts')
      return await runHub(config, terminal, async () => {
        const played = await play({ hub: `mqtt://127.0.0.1:${mqtt}`, seed, speed })
        introduce(folder, { mqtt, http, speed }, terminal)
        return played
      })
    } finally {
      if (keep) terminal.out(`The folder is kept: ${folder}\n`)
      else rmSync(folder, { recursive: true, force: true })
    }
  },
}

function introduce(
  folder: string,
  { mqtt, http, speed }: { readonly mqtt: number; readonly http: number; readonly speed: number },
  terminal: Terminal,
): void {
  const { bold, dim } = paintFor(terminal)
  const data = join(folder, 'data')
  terminal.out(`A small house and a build server live here, ${speed} times as fast as you.

  ${bold(`http://127.0.0.1:${http}/`)}  the page
  ${bold(`mqtt://127.0.0.1:${mqtt}`)}   the broker
  ${bold(join(folder, 'rules'))}  the rules: edit them, the hub loads them at once

In another terminal:
  vigie status --data ${data}
  vigie history 'house/#' --data ${data}
  vigie runs --data ${data}
  vigie alert list --data ${data}

${dim(ENDING)}
`)
}

const ENDING = 'Ctrl-C ends it.'

/** The wanted port of loopback, or any other one where that is taken. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as { readonly port: number }).port
  } catch (error) {
    if (wanted === 0) throw error
    return await freePort(0)
  } finally {
    server.close()
  }
}

function readNumber(text: string): number {
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(number > 0 && number <= 1e9)) throw new InvalidArgumentError('It must be a number above 0.')
  return number
}
