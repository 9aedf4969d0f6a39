// Measures the start of a hub with the starter rules and an empty data folder: the time from exec to "Ready",
// and the CPU time from exec to the end, hub and engine together. A hub of another checkout, such as an
// earlier one, is started in turn with this one. The first round, which fills the cache of compiled code, is
// not counted.
//
//   node bench/start.ts [rounds, by default 15] [another checkout]

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { median } from './report.ts'

const [rounds = '15', other] = process.argv.slice(2)
const HERE = join(import.meta.dirname, '..')

interface Start {
  readonly readyMs: number
  readonly cpuMs: number
}

const checkouts = [HERE, ...(other === undefined ? [] : [resolve(other)])]
const taken = checkouts.map((): Start[] => [])
for (let round = 0; round <= Number(rounds); round++)
  for (const [index, checkout] of checkouts.entries()) {
    const each = await start(checkout)
    if (round > 0) taken[index]!.push(each)
  }
for (const [index, checkout] of checkouts.entries()) {
  const readyMs = taken[index]!.map((each) => each.readyMs)
  const cpuMs = taken[index]!.map((each) => each.cpuMs)
  console.log(
    `${checkout === HERE ? 'this checkout' : checkout}: ready in ${median(readyMs).toFixed(0)} ms ` +
      `(fastest ${Math.min(...readyMs).toFixed(0)}), CPU ${median(cpuMs).toFixed(0)} ms ` +
      `(least ${Math.min(...cpuMs).toFixed(0)})`,
  )
}

/** Uses bash, which measures the CPU time of its descendants; Node measures only itself. */
async function start(checkout: string): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
  const options = ['--mqtt', '0', '--http', '0', '--data', 'data', '--rules', join(HERE, 'rules')]
  const begunAt = performance.now()
  const shell = spawn(
    'bash',
    [
      '-c',
      `TIMEFORMAT='%U %S'; time "$@"`,
      'bash',
      process.execPath,
      join(checkout, 'src', 'bin.js'),
      'start',
      ...options,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const said = text(shell.stderr)
  const exited = once(shell, 'exit')
  let readyMs = NaN
  for await (const line of createInterface({ input: shell.stdout })) {
    if (!line.includes('"Ready.')) continue
    readyMs = performance.now() - begunAt
    process.kill(Number(readFileSync(join(folder, 'data', 'hub.pid'), 'utf8')), 'SIGTERM')
  }
  await exited
  rmSync(folder, { recursive: true, force: true })
  const [user = 0, system = 0] = (await said).trim().split('\n').at(-1)!.split(' ').map(Number)
  return { readyMs, cpuMs: (user + system) * 1_000 }
}
