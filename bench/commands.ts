// Measures how soon a command of the sources answers: whole processes, from exec to exit, beside `node -e 0`, in
// turn within one run. The first round, which fills the cache of compiled code, is not counted.
//
//   node bench/commands.ts [rounds, by default 15]

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median } from './report.ts'

const ROUNDS = Number(process.argv[2] ?? 15)
const BIN = join(import.meta.dirname, '../src/bin.js')

interface Taken {
  readonly wallMs: number
  /** CPU time, user and system. */
  readonly cpuMs: number
}

const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
try {
  mkdirSync(join(folder, 'rules'))
  await makeSmallStore()
  /** The most times `node -e 0` that a command may take. */
  const targets = new Map([
    ['--help', 3],
    ['history', 5],
  ])
  const commands: readonly (readonly string[])[] = [
    ['-e', '0'],
    [BIN, '--help'],
    [BIN, '--version'],
    [BIN, 'history', '--help'],
    [BIN, 'history'],
    [BIN, 'runs'],
    [BIN, 'check', '--no-types'],
  ]
  const taken = commands.map((): Taken[] => [])
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, args] of commands.entries()) {
      const each = take(args)
      if (round > 0) taken[index]!.push(each)
    }
  const [bare, ...others] = taken.map((all) => ({
    wallMs: median(all.map(({ wallMs }) => wallMs)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }))
  tell('node -e 0', bare!, bare!)
  for (const [index, each] of others.entries()) {
    const command = commands[index + 1]!.slice(1).join(' ')
    tell(`vigie ${command}`, each, bare!, targets.get(command))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function tell(name: string, { wallMs, cpuMs }: Taken, bare: Taken, target?: number): void {
  const times = (part: number, of: number): string => `${(part / of).toFixed(1)} ×`
  console.log(
    `${name.padEnd(24)} CPU ${cpuMs.toFixed(0).padStart(5)} ms (${times(cpuMs, bare.cpuMs)}), ` +
      `wall ${wallMs.toFixed(0).padStart(5)} ms (${times(wallMs, bare.wallMs)})` +
      (target === undefined
        ? ''
        : `; target ${target} ×: ${wallMs < target * bare.wallMs ? 'met' : 'missed'}`),
  )
}

/** Uses bash, which measures a child to the millisecond; Node measures only itself. */
function take(args: readonly string[]): Taken {
  const begunAt = performance.now()
  const { stderr } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1`, 'bash', process.execPath, ...args],
    { cwd: folder, encoding: 'utf8' },
  )
  const wallMs = performance.now() - begunAt
  const [user = 0, system = 0] = stderr.trim().split(' ').map(Number)
  return { wallMs, cpuMs: (user + system) * 1_000 }
}

/** A data folder as a hub leaves it that starts and stops: a handful of events. */
async function makeSmallStore(): Promise<void> {
  const hub = spawn(process.execPath, [BIN, 'start', '--mqtt', '0', '--http', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(hub, 'exit')
  for await (const line of createInterface({ input: hub.stdout }))
    if (line.includes('"Ready.')) hub.kill('SIGTERM')
  await exited
}
