// Measures the start of a hub with the starter rules and an empty data folder: the time from exec to "Ready",
// and the CPU time from exec to the end, hub and engine together, beside `node -e 0`. What is published, built
// before, and the sources are started in turn, and the sources of another checkout, such as an earlier one. The
// first round, which fills the cache of compiled code, is not counted.
//
//   node bench/start.ts [rounds, by default 15] [another checkout]

import { execFileSync, spawn } from 'node:child_process'
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

/** For what is published. */
const TARGET_MS = 500

execFileSync('npm', ['run', '--silent', 'build'], { cwd: HERE, stdio: 'inherit' })
const hubs = [
  { name: 'published', bin: join(HERE, 'dist/bin.js') },
  { name: 'sources', bin: join(HERE, 'src/bin.js') },
  ...(other === undefined ? [] : [{ name: other, bin: resolve(other, 'src/bin.js') }]),
]
const taken = hubs.map((): Start[] => [])
const bare: number[] = []
for (let round = 0; round <= Number(rounds); round++) {
  for (const [index, { bin }] of hubs.entries()) {
    const each = await start(bin)
    if (round > 0) taken[index]!.push(each)
  }
  bare.push(bareMs())
}
console.log(`node -e 0: ${median(bare).toFixed(0)} ms (fastest ${Math.min(...bare).toFixed(0)})`)
for (const [index, { name }] of hubs.entries()) {
  const readyMs = taken[index]!.map((each) => each.readyMs)
  const cpuMs = taken[index]!.map((each) => each.cpuMs)
  const verdict = median(readyMs) < TARGET_MS ? 'met' : 'missed'
  console.log(
    `${name}: ready in ${median(readyMs).toFixed(0)} ms (fastest ${Math.min(...readyMs).toFixed(0)}), ` +
      `CPU ${median(cpuMs).toFixed(0)} ms (least ${Math.min(...cpuMs).toFixed(0)})` +
      (index === 0 ? `; target ${TARGET_MS} ms: ${verdict}` : ''),
  )
}

/** What Node itself takes; a hub is two processes of it, with a thread each beside the main one. */
function bareMs(): number {
  const begunAt = performance.now()
  execFileSync(process.execPath, ['-e', '0'])
  return performance.now() - begunAt
}

/** Uses bash, which measures the CPU time of its descendants; Node measures only itself. */
async function start(bin: string): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
  const options = ['--mqtt', '0', '--http', '0', '--data', 'data', '--rules', join(HERE, 'rules')]
  const begunAt = performance.now()
  const shell = spawn(
    'bash',
    ['-c', `TIMEFORMAT='%U %S'; time "$@"`, 'bash', process.execPath, bin, 'start', ...options],
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
