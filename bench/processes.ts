// Measures a look at the processes of this machine, beside many that sleep: wall clock and processor time of
// one look, for watches that ask for ever more.
//
//   node bench/processes.ts [processes]

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isSelectedBy } from '../src/process/select.ts'
import { thisMachine } from '../src/process/table.ts'
import type { ProcessSelector } from '../src/model/action.ts'
import { matchesOf } from '../src/watch/processes/hold.ts'
import { median } from './report.ts'

const COUNT = Number(process.argv[2] ?? 1_000)
const LOOKS = 20
const MEMORY = { name: 'w', select: {}, memoryAboveBytes: 2 ** 20, forMs: 0 }

const sleepers = await Promise.all(
  Array.from({ length: COUNT }, async () => {
    const child = spawn('sleep', ['3600'], { stdio: 'ignore' })
    await once(child, 'spawn')
    return child
  }),
)

/** CPU time of this thread so far, in ms. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

const row = (...cells: readonly string[]): void =>
  console.log(cells.map((cell, index) => cell.padEnd(index === 0 ? 52 : 16)).join(''))

/** The median of some looks. */
async function measure(name: string, look: () => Promise<number>): Promise<void> {
  const walls: number[] = []
  const cpus: number[] = []
  let seen = 0
  for (let turn = 0; turn < LOOKS; turn++) {
    const cpuBefore = cpuMs()
    const before = performance.now()
    seen = await look()
    walls.push(performance.now() - before)
    cpus.push(cpuMs() - cpuBefore)
  }
  row(name, `${median(walls).toFixed(1)} ms`, `${median(cpus).toFixed(1)} ms`, String(seen))
}

async function select(selector: ProcessSelector): Promise<number> {
  const table = await thisMachine.read()
  return [...table.byPid.values()].filter(isSelectedBy(selector, table)).length
}

try {
  row(`one look beside ${COUNT} sleeping processes`, 'wall clock', 'processor', 'processes')
  await measure('the table alone', async () => (await thisMachine.read()).byPid.size)
  await measure('memory above a limit, of every process', async () => {
    const table = await thisMachine.read()
    return matchesOf(MEMORY, { table, earlier: table }).length
  })
  await measure("name: 'sleep'", () => select({ name: 'sleep' }))
  await measure("name: 'ffmpeg'", () => select({ name: 'ffmpeg' }))
  await measure('commandLine: /^sleep/', () => select({ commandLine: '^sleep' }))
  await measure("user: 'nobody'", () => select({ user: 'nobody' }))
  await measure("unit: 'nginx'", () => select({ unit: 'nginx' }))
  await measure('all of these of every process', async () => {
    const table = await thisMachine.read()
    let read = 0
    for (const { commandLine, user, cgroup, files } of table.byPid.values())
      if (commandLine !== '' && user !== '' && cgroup !== '' && files !== -1) read++
    return read
  })
} finally {
  for (const child of sleepers) child.kill('SIGKILL')
}
