// A soak test: one rule file is saved and loaded again and again, and memory must stay level. The first
// tenth warms up; growth is what the last tenth takes beyond the second.
//
//   npm run soak:reloads [-- how often, by default 1,000]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { startEngine } from '../src/engine/supervise/client.ts'
import { openJournal } from '../src/journal/thread/client.ts'

const TIMES = Number(process.argv[2] ?? 1_000)
const REPORTS = 10
const log = { level: 'error', pretty: false } as const

const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
const rulesDir = join(folder, 'rules')
const dataDir = join(folder, 'data')
mkdirSync(rulesDir)
const save = (version: number): void =>
  writeFileSync(
    join(rulesDir, 'rules.ts'),
    `import { rule } from 'vigie'\nexport default rule('r', { on: 'in/${version}', do: () => [] })`,
  )

const journal = await openJournal({ dataDir, durability: 'full', log })
let interest: readonly string[] = []
save(0)
const engine = await startEngine({
  rulesDir,
  dataDir,
  root: 'vigie',
  log,
  engineEnd: () => journal.engineEnd(),
  recall: async () => {},
  ownAlerts: { open: () => [], raise() {}, resolve() {} },
  lastEventId: () => journal.eventLog.lastId,
  setInterest(filters) {
    interest = filters
  },
  publish: async (publication) =>
    journal.eventLog.append({
      ...publication,
      at: Date.now(),
      client: null,
      properties: null,
      recorded: true,
    }),
})
const GROWTH_MIB = 32
const resident: number[] = []
let began = performance.now()
for (let version = 1; version <= TIMES; version++) {
  save(version)
  await engine.reload()
  if (!interest.includes(`in/${version}`)) throw new Error(`version ${version} was not loaded`)
  if (version % Math.ceil(TIMES / REPORTS) > 0) continue
  const eachMs = (performance.now() - began) / Math.ceil(TIMES / REPORTS)
  const { rss, heapUsed } = process.memoryUsage()
  resident.push(rss / 2 ** 20)
  process.stdout.write(
    `${version} reloads: ${eachMs.toFixed(0)} ms each, ${resident.at(-1)!.toFixed(0)} MiB resident, ${(heapUsed / 2 ** 20).toFixed(0)} MiB of it on the heap of the network thread\n`,
  )
  began = performance.now()
}
await engine.stop()
await journal.stop()
rmSync(folder, { recursive: true })
const growthMiB = resident.at(-1)! - resident[1]!
process.stdout.write(`Growth since the second tenth: ${growthMiB.toFixed(0)} MiB (at most ${GROWTH_MIB}).\n`)
if (growthMiB > GROWTH_MIB) process.exitCode = 1
